import Architecture
import Glibc
import Hypervisor
import Machine
import Narration

/// The commands that run the machine.
extension WorkbookSession {
    func step(count: UInt64) throws(CommandError) {
        let debugger = try startable()
        teller?.begin(.full)
        for _ in 0..<count {
            let halt = debugger.step()
            switch halt {
            case .stepped, .entered, .exited, .breakpoint, .budget, .start: break
            case .interrupted, .ended: return tell(halt)
            }
            if Interruption.isRequested { return tell(.interrupted) }
        }
        tell(.stepped)
    }

    func resume() throws(CommandError) {
        let debugger = try startable()
        teller?.begin(.brief, limits: Self.screenful)
        tell(watched { debugger.resume(watch: $0) })
    }

    func runToExit(count: UInt64) throws(CommandError) {
        let debugger = try startable()
        teller?.begin(.brief, limits: Self.screenful)
        for _ in 0..<count {
            let halt = watched { debugger.resume(toExit: true, watch: $0) }
            guard halt == .exited else { return tell(halt) }
        }
        tell(.exited)
    }

    func restart() throws(CommandError) {
        // A new narrator too: what it remembers of the run is void.
        let breakpoints = try loadedGuest().breakpoints
        use(try loadedGuest().configuration)
        debugger?.breakpoints = breakpoints
        debugger?.breakpoints.forgetHits()
        showPlace()
    }

    /// What a run that goes on until something happens may fill the screen with.
    static let screenful = RunTeller.Limits(narration: 60)

    /// The guest, unless its run has ended.
    func startable() throws(CommandError) -> Debugger {
        let debugger = try loadedGuest()
        if case .ended = debugger.run.phase {
            throw CommandError("The run has ended.", advice: "“restart” begins it anew.")
        }
        return debugger
    }

    // MARK: Breakpoints

    func setBreakpoint(at address: UInt64?) throws(CommandError) {
        let debugger = try loadedGuest()
        let address = address ?? debugger.run.guestState.rip
        let (number, isNew) = debugger.breakpoints.add(.address(address))
        let place = describe(address: address)
        show(isNew ? "Breakpoint \(number) at \(place)." : "Breakpoint \(number) is there already.")
    }

    func setBreakpoint(onExit reason: String?) throws(CommandError) {
        let debugger = try loadedGuest()
        let wanted = try reason.map { word throws(CommandError) in try Self.exitReason(word) }
        let (number, isNew) = debugger.breakpoints.add(.exit(wanted))
        let place = wanted.map { "exits for \($0.name), \($0.title)" } ?? "every exit"
        show(
            isNew
                ? "Breakpoint \(number) behind \(place)."
                : "Breakpoint \(number) is there already.")
    }

    private static func exitReason(_ word: String) throws(CommandError) -> ExitReason {
        let name = word.uppercased().replacing("-", with: "_")
        if let reason = ExitReason(name: name) { return reason }
        if let number = NumberText.parse(word), let reason = UInt16(exactly: number) {
            if let reason = ExitReason(rawValue: reason) { return reason }
        }
        throw .unknown("an exit reason", word, among: ExitReason.allCases.map(\.name))
    }

    func deleteBreakpoint(_ number: UInt64?) throws(CommandError) {
        let debugger = try loadedGuest()
        guard let number else { return debugger.breakpoints.removeAll() }
        guard debugger.breakpoints.remove(number) else {
            throw CommandError("There is no breakpoint \(number).", advice: "See “info break”.")
        }
    }

    // MARK: Telling

    /// Runs something that may take long, with its progress shown at a terminal from the first
    /// second on.
    func watched(_ work: ((UInt64) -> Void) -> Debugger.Halt) -> Debugger.Halt {
        let begin = ContinuousClock.now
        var isShown = false
        let halt = work { steps in
            guard output.isInteractive, ContinuousClock.now - begin > .seconds(1) else { return }
            isShown = true
            output.write("\r\(steps) instructions; Ctrl-C stops the guest ")
        }
        if isShown { output.write("\n") }
        return halt
    }

    /// Why the machine stands still, and where.
    ///
    /// - Parameter withPlace: whether to show the instruction that is next.
    func tell(_ halt: Debugger.Halt, withPlace: Bool = true) {
        if let debugger { teller?.finish(debugger.run) }
        switch halt {
        case .stepped, .entered, .exited: break
        case .breakpoint(let number): show("Breakpoint \(number).")
        case .interrupted: show("Interrupted.")
        case .budget:
            show("Stopped after \(budget) instructions, rounds of REP counted; “c” goes on.")
        case .start: show("The start of the run.")
        case .ended: return
        }
        if withPlace { showPlace() }
    }

    /// The instruction that is next.
    func showPlace() {
        guard let debugger else { return }
        let state = debugger.run.guestState
        switch debugger.run.phase {
        case .root: show("root      VM entry is next")
        case .exited: show("root      the exit's handler is next")
        case .guest, .ended: break
        }
        show(InstructionListing(debugger: debugger).line(at: state.rip)?.text ?? "")
    }

    /// An address with the label before it, as `0x10004 <start+4>`.
    func describe(address: UInt64) -> String {
        let number = "0x" + String(address, radix: 16)
        guard let label = debugger?.label(before: address) else { return number }
        let offset = label.offset == 0 ? "" : "+\(label.offset)"
        return "\(number) <\(EscapedText.line(label.name))\(offset)>"
    }
}
