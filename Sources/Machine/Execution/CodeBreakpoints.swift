/// Where a run is to stop, by RIP.
///
/// Costs nothing where there are none, and little elsewhere: an instruction at a breakpoint is never
/// kept by the decode cache, so that each fetch of it goes the slow way, where this is asked.
struct CodeBreakpoints {
    private(set) var addresses: Set<UInt64> = []
    /// The visit that does not count: where the run begins. A REP that goes on after a pause is still
    /// the same step.
    private var passedRIP: UInt64 = 0
    private var passedSteps: UInt64?

    var isEmpty: Bool { addresses.isEmpty }
    func contains(_ rip: UInt64) -> Bool { !addresses.isEmpty && addresses.contains(rip) }

    func stops(at rip: UInt64, steps: UInt64) -> Bool {
        addresses.contains(rip) && !(passedSteps == steps && passedRIP == rip)
    }

    fileprivate mutating func set(_ addresses: Set<UInt64>) -> Bool {
        guard addresses != self.addresses else { return false }
        self.addresses = addresses
        return true
    }

    fileprivate mutating func pass(_ rip: UInt64, steps: UInt64?) {
        (passedRIP, passedSteps) = (rip, steps)
    }
}

extension Machine {
    /// At the start of a run.
    mutating func setBreakpoints(_ limits: Limits) {
        if breakpoints.set(limits.breakpoints) { decoded.forgetAll() }
        breakpoints.pass(state.rip, steps: limits.passesBreakpoint ? steps : nil)
    }
}
