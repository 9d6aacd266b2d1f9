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
        fileprivate func lines(_ level: NarrationLevel) -> [String] { follower.lines(level) }
        fileprivate var hasDecision: Bool { follower.hasDecision }
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
    private var steps = 0

    /// - Parameter isField: whether a VMCS field is to be changed, which counts from an entry on.
    init(_ debugger: Debugger, isField: Bool, atStart: Bool) {
        let (moment, isEntry) = Self.moment(debugger, isField: isField, atStart: atStart)
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

    // MARK: Telling

    /// What both did at the first step that differs, and the rules behind what the changed one did.
    func difference(style: TextStyle) -> [String] {
        var lines = ["As it was:"] + told(original) + ["With the change:"] + told(changed)
        if changed.hasDecision, !changed.lines(.brief).isEmpty {
            lines += [""] + changed.lines(.full)
        }
        return lines
    }

    /// Brief where that says anything.
    private func told(_ side: Side) -> [String] {
        let brief = side.lines(.brief)
        let lines = brief.isEmpty ? side.lines(.full) : brief
        return lines.isEmpty ? ["  The run ends here."] : lines
    }

    func noDifference(isEnd: Bool, style: TextStyle) -> [String] {
        let steps = "\(steps) step\(steps == 1 ? "" : "s")"
        var text =
            isEnd
            ? "The same: \(steps) to the same end, the same instructions and decisions."
            : "The same for \(steps); more are not compared."
        let pairs = zip(GuestRegisters(original.run).named, GuestRegisters(changed.run).named)
        let differing = pairs.filter { $0.value != $1.value }.map { was, now in
            "\(now.name) is \(ValueText.hexadecimal(now.value)), "
                + "not \(ValueText.hexadecimal(was.value))"
        }
        if !differing.isEmpty { text += " Then \(differing.joined(separator: "; "))." }
        return WrappedText.lines(text, width: style.width)
    }
}
