import Hypervisor
import Machine
import Narration

/// The commands that go back in a run, or ask how it would have gone.
extension WorkbookSession {
    func stepBack(count: UInt64) throws(CommandError) {
        let debugger = try movable()
        arrived(debugger.back(count))
    }

    func reverse() throws(CommandError) {
        let debugger = try movable()
        arrived(debugger.reverse())
    }

    func reverseToExit(count: UInt64) throws(CommandError) {
        let debugger = try movable()
        var halt = Debugger.Halt.exited
        for _ in 0..<count where halt == .exited { halt = debugger.reverse(toExit: true) }
        arrived(halt)
    }

    func go(toStep step: UInt64) throws(CommandError) {
        let debugger = try loadedGuest()
        if step > debugger.timeline.furthestStep {
            _ = try startable()
            teller?.begin(.brief, limits: Self.screenful)
        }
        arrived(watched { debugger.go(toStep: step, watch: $0) })
    }

    /// The guest, unless it stands where its run begins.
    private func movable() throws(CommandError) -> Debugger {
        let debugger = try loadedGuest()
        guard debugger.run.moment > debugger.timeline.start else {
            throw CommandError("The run stands at its start.", advice: "“si” takes a step.")
        }
        return debugger
    }

    /// Where the run stands after a leap.
    private func arrived(_ halt: Debugger.Halt) {
        if let debugger, halt != .start, debugger.run.phase != .root {
            show("Step \(debugger.run.machine.steps).")
        }
        tell(halt)
    }

    // MARK: What if

    func tryChange(_ name: String, to value: UInt64, atStart: Bool) throws(CommandError) {
        let debugger = try loadedGuest()
        let isField = try Self.isField(name, debugger)
        var trial = WhatIf(debugger, isField: isField, atStart: atStart)
        let change = try change(name, to: value, in: trial.changed.run)
        let isAsBefore = trial.changed.run.has(change)
        do {
            try trial.make(change)
        } catch { throw Self.error(error, name: name) }
        let shown = "\(EscapedText.line(name)) = \(ValueText.hexadecimal(value))"
        guard !isAsBefore else {
            return show("\(shown) is so already, \(trial.place): nothing would differ.")
        }
        show("What if \(shown), \(trial.place)?")
        switch trial.run(goesOn: { !Interruption.isRequested }) {
        case .interrupted: show("Interrupted; there was no difference so far.")
        case .none(let isEnd): show(lines: trial.noDifference(isEnd: isEnd, style: style))
        case .difference:
            show(lines: trial.difference(style: style))
            guard trial.goOnToExit(), let exit = trial.exit else { return }
            show(line: "")
            show("And at step \(exit.step), where your run has come to:")
            show(lines: trial.difference(style: style))
        }
    }

    private static func isField(_ name: String, _ debugger: Debugger) throws(CommandError) -> Bool {
        guard !name.hasPrefix("{") else { return false }
        if case .field = try GuestNames(debugger: debugger).place(name).target { return true }
        return false
    }
}
