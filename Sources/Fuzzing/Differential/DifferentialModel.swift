import Architecture
import InstructionSet
import Machine

/// Runs sequences on the model.
///
/// What the manual leaves undefined flows on: into results, memory, the path taken. So a sequence
/// with undefined flags runs again with those flags otherwise, and what differs then is not
/// compared.
final class DifferentialModel {
    let mode: DifferentialMode
    let start: PhysicalMemory
    private var machine: Machine
    private let clean: Machine.Snapshot
    private static let mostWork: UInt64 = 400

    init(_ mode: DifferentialMode) {
        self.mode = mode
        machine = Machine(processor: .skylake, memorySize: DifferentialMode.Place.memorySize)
        machine.memory = mode.startMemory
        start = machine.memory
        clean = machine.snapshot()
    }

    /// Values of the undefined flags, such that of any two flags each combination occurs.
    static let patterns: [UInt64] = {
        let flags: [FlagBit] = [.cf, .pf, .af, .zf, .sf, .of]
        let halves = [UInt64(1), 2, 4].map { digit in
            zip(UInt64(1)..., flags).reduce(0) { $1.0 & digit != 0 ? $0 | $1.1.mask : $0 }
        }
        let all = flags.reduce(0) { $0 | $1.mask }
        return halves + halves.map { all & ~$0 } + [0, all]
    }()

    struct Run {
        var outcome: DifferentialOutcome
        /// Completed or begun, in order.
        var trace: [Instruction]
        var hasUndefined = false
        /// RFLAGS had TF, AC or NT at some time: stepping and tasks are another test's.
        var isStepped = false

        /// Whether only flags, and what was stored of them, can differ.
        func isAlike(_ other: Run) -> Bool {
            trace.count == other.trace.count
                && zip(outcome.registers, other.outcome.registers).allSatisfy {
                    $0.0 == "rflags" || $0.1 == $1.1
                }
        }
    }

    /// Whether a sequence wrote to descriptors, page tables or handlers, of which the processor may
    /// keep copies.
    func hasChangedTables(_ outcome: DifferentialOutcome, _ given: DifferentialCase) -> Bool {
        outcome.pages.contains { address, bytes in
            let isTable =
                address >= DifferentialMode.Place.system
                || address == DifferentialMode.Place.handlers || mode == .real16 && address == 0
            return isTable && bytes != page(at: address, of: given)
        }
    }

    func startState(_ given: DifferentialCase) -> ProcessorState {
        var state = mode.startState
        for (register, value) in zip(GeneralRegister.allCases, given.registers) {
            state.registers[register] = value
        }
        state.rflags = given.flags
        return state
    }

    private static let special = FlagBit.tf.mask | FlagBit.ac.mask | FlagBit.nt.mask

    /// A page as it is before the first instruction.
    func page(at address: UInt64, of given: DifferentialCase) -> [UInt8] {
        let page = start.page(at: address)
        guard address == DifferentialMode.Place.code else { return page }
        return given.code + page.dropFirst(given.code.count)
    }

    /// - Parameter pattern: what undefined flags are set to; nil: what the model makes of them.
    func run(_ given: DifferentialCase, undefined pattern: UInt64? = nil) -> Run {
        machine.restore(clean)
        machine.state = startState(given)
        machine.memory.load(given.code, at: DifferentialMode.Place.code)
        let beginning = machine.work
        var trace: [Instruction] = []
        var hasUndefined = false
        var isStepped = false
        var end: DifferentialOutcome.End?
        while end == nil {
            var limits = Machine.Limits(steps: machine.steps + 1)
            limits.work = beginning + Self.mostWork
            var listener = Listener { event in
                if case .instruction(let event) = event { trace.append(event.instruction) }
            }
            let steps = machine.steps
            let stop = machine.run(limits, listener: &listener)
            if machine.state.rflags & Self.special != 0 { isStepped = true }
            switch stop {
            case .stepBudget where machine.work < beginning + Self.mostWork: break
            case .hlt: end = .hlt
            case .shutdown: end = .shutdown
            default: end = .other("\(stop)")
            }
            guard end == nil, machine.steps > steps, let last = trace.last else { continue }
            let open = last.undefinedFlags
            if open == 0 { continue }
            hasUndefined = true
            guard let pattern else { continue }
            machine.state.rflags = machine.state.rflags & ~open | pattern & open
        }
        return Run(
            outcome: outcome(end ?? .shutdown), trace: trace, hasUndefined: hasUndefined,
            isStepped: isStepped)
    }

    private func outcome(_ end: DifferentialOutcome.End) -> DifferentialOutcome {
        var pages: [UInt64: [UInt8]] = [:]
        for address in machine.memory.pagesWritten(since: start) {
            pages[address] = machine.memory.page(at: address)
        }
        let state = machine.state
        var registers = zip(GeneralRegister.allCases, state.registers.values).map {
            ($0.name, $1)
        }
        registers += [("rip", state.rip), ("rflags", state.rflags)]
        registers += SegmentRegister.allCases.map { ($0.name, UInt64(state[$0].selector)) }
        let isPageFault = state.rip == DifferentialOutcome.pageFaultEnd
        registers.append(("cr2", isPageFault ? state.cr2 : 0))
        return DifferentialOutcome(end: end, registers: registers, pages: pages)
    }
}
