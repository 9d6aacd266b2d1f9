import Hypervisor
import Machine
import Narration

/// A run tried out with something changed, beside a copy of what it was: both are run step by step
/// until they differ. The run under the debugger is not touched.
struct WhatIf {
    /// One of the two runs.
    struct Side {
        let run: GuestRun
        private let follower: RunFollower
        private var past: Timeline<TextNarrator>

        /// A copy of the debugger's run, at an earlier moment of it.
        fileprivate init(_ debugger: Debugger, at moment: Moment) {
            run = GuestRun(debugger.configuration)
            past = debugger.timeline
            let narrator = past.restore(run, notAfter: moment)
            past.advance(run, to: moment)
            follower = RunFollower(run, narrator)
            for change in debugger.timeline.changes(behind: moment) {
                // It could be made in the run, a few instructions on.
                _ = try? past.change(run, change)
            }
        }

        fileprivate mutating func make(
            _ change: GuestRun.Change
        ) throws(GuestRun.ChangeFailure) {
            try past.change(run, change)
        }

        fileprivate mutating func step() -> GuestRun.Pause {
            follower.step { run in
                var stops = GuestRun.Stops()
                stops.steps = 1
                stops.atExit = true
                stops.atEntry = true
                // A long REP is one step, which Ctrl-C should not have to wait for.
                stops.work = 1 << 22
                return past.run(run, until: stops)
            }
        }

        fileprivate func isAlike(_ other: Side) -> Bool { follower.isAlike(other.follower) }

        /// Brief, or where that says nothing, in full.
        fileprivate func told(besides other: Side) -> [String] {
            let outcome = follower.outcome(besides: other.follower)
            let lines = outcome.isEmpty ? follower.difference(from: other.follower) : outcome
            return lines.isEmpty ? ["  The run has ended."] : lines
        }

        /// The rules behind what differs, if it is a decision.
        fileprivate func decision(besides other: Side) -> [String] {
            guard follower.decides(besides: other.follower) else { return [] }
            return [""] + follower.difference(from: other.follower)
        }
    }

    enum Result {
        case difference
        /// None up to the end of both, or as far as was looked.
        case none(isEnd: Bool)
        case interrupted
    }

    /// Steps that are compared at most.
    private static let mostSteps = 1_000_000

    private var original: Side
    private(set) var changed: Side
    /// Where the change is made, in words.
    let place: String
    /// The exit behind which the debugger's run stands, and its step; nil elsewhere.
    let exit: (moment: Moment, step: UInt64)?
    private var steps = 0

    /// - Parameter isField: whether a VMCS field is to be changed, which counts from an entry on.
    init(_ debugger: Debugger, isField: Bool, atStart: Bool) {
        let (moment, isEntry) = Self.moment(debugger, isField: isField, atStart: atStart)
        let run = debugger.run
        exit = run.phase == .exited ? (run.moment, run.machine.steps) : nil
        original = Side(debugger, at: moment)
        changed = Side(debugger, at: moment)
        let step = original.run.machine.steps
        if moment == debugger.timeline.start {
            place = "at the start"
        } else {
            place = isEntry ? "before the VM entry at step \(step)" : "at step \(step)"
        }
    }

    private static func moment(
        _ debugger: Debugger, isField: Bool, atStart: Bool
    ) -> (Moment, isEntry: Bool) {
        let run = debugger.run
        var past = debugger.timeline
        if case .ended = run.phase { return (past.start, true) }
        guard !atStart else { return (past.start, true) }
        guard run.phase != .root, !run.isItsOwnHypervisor else { return (run.moment, false) }
        let copy = GuestRun(debugger.configuration)
        // An exit is undone: its instruction is the one at RIP.
        let inGuest =
            run.phase == .guest ? run.moment : past.go(copy, toTick: run.tick - min(run.tick, 1))
        guard isField else { return (inGuest, false) }
        var stops = GuestRun.Stops()
        stops.atExit = true
        let exit = past.lastPause(
            copy, before: inGuest, at: stops, isWanted: { _ in true }, goesOn: { true })
        return (exit ?? past.start, true)
    }

    mutating func make(_ change: GuestRun.Change) throws(GuestRun.ChangeFailure) {
        try changed.make(change)
    }

    // MARK: Comparing

    mutating func run(goesOn: () -> Bool) -> Result {
        while steps < Self.mostSteps {
            guard goesOn() else { return .interrupted }
            let (was, now) = (original.step(), changed.step())
            steps += 1
            guard original.isAlike(changed) else { return .difference }
            switch (was, now) {
            case (.ended(let one), .ended(let other)):
                return one == other ? .none(isEnd: true) : .difference
            case (.ended, _), (_, .ended): return .difference
            default: break
            }
        }
        return .none(isEnd: false)
    }

    /// Behind a difference, goes on to the exit that the debugger's run has come to.
    ///
    /// - Returns: whether it lay ahead, and its instruction goes otherwise with the change.
    mutating func goOnToExit() -> Bool {
        guard let exit, original.run.moment < exit.moment else { return false }
        while original.run.moment < exit.moment {
            if case .ended = original.step() { return false }
        }
        for _ in 0..<Self.mostSteps {
            let run = changed.run
            let isThere = run.phase == .guest && run.machine.steps == exit.step
            let pause = changed.step()
            if isThere { return !original.isAlike(changed) }
            if case .ended = pause { return false }
        }
        return false
    }

    // MARK: Telling

    /// What both did at the first step that differs, and the rules behind what the changed one did.
    func difference(style: TextStyle) -> [String] {
        ["", "As it was:"] + original.told(besides: changed)
            + ["", "With the change:"] + changed.told(besides: original) + registers(style)
            + changed.decision(besides: original)
    }

    func noDifference(isEnd: Bool, style: TextStyle) -> [String] {
        let count = "\(steps) step\(steps == 1 ? "" : "s")"
        let text =
            isEnd
            ? "The same: \(count) to the same end, the same instructions and decisions."
            : "The same for \(count); more are not compared."
        return WrappedText.lines(text, width: style.width) + registers(style)
    }

    /// The registers that differ now.
    private func registers(_ style: TextStyle) -> [String] {
        let pairs = zip(GuestRegisters(original.run).named, GuestRegisters(changed.run).named)
        let differing = pairs.filter { $0.value != $1.value }.map { was, now in
            "\(now.name) is \(ValueText.hexadecimal(now.value)), "
                + "not \(ValueText.hexadecimal(was.value))"
        }
        guard !differing.isEmpty else { return [] }
        return WrappedText.lines("Then \(differing.joined(separator: "; ")).", width: style.width)
    }
}
