import Architecture
import Hypervisor
import InstructionSet
import KVM
import Machine

/// Runs the same sequences on KVM.
final class DifferentialKVM {
    private let system: System
    private let mode: DifferentialMode
    private let start: PhysicalMemory
    private var machine: ReusedMachine

    init(_ mode: DifferentialMode, start: PhysicalMemory) throws(KVMError) {
        self.mode = mode
        self.start = start
        system = try System()
        machine = try Self.fresh(system, start)
    }

    private static func fresh(
        _ system: borrowing System, _ start: PhysicalMemory
    ) throws(KVMError) -> ReusedMachine {
        let machine = try ReusedMachine(
            system, memorySize: DifferentialMode.Place.memorySize)
        let empty = PhysicalMemory(size: DifferentialMode.Place.memorySize)
        for address in start.pagesWritten(since: empty) {
            try machine.write(start.page(at: address), at: address)
        }
        _ = try machine.pagesWritten()
        return machine
    }

    func run(
        _ given: DifferentialCase, from state: ProcessorState
    ) throws(KVMError) -> DifferentialOutcome {
        let code = DifferentialMode.Place.code
        try machine.write(given.code, at: code)
        var registers = KVMRegisters()
        for (register, value) in zip(GeneralRegister.allCases, given.registers) {
            registers[register] = value
        }
        registers.rip = state.rip
        registers.rflags = state.rflags
        var limits = KVMLimits()
        limits.milliseconds = 10_000
        let outcome = try machine.run(registers, KVMSpecialRegisters(state), limits: limits)
        var pages: [UInt64: [UInt8]] = [:]
        for address in try machine.pagesWritten() {
            pages[address] = try machine.read(PhysicalMemory.pageSize, at: address)
        }
        let end = Self.end(outcome)
        if end == .hlt {
            // Back to what the next sequence starts from.
            for address in pages.keys { try machine.write(start.page(at: address), at: address) }
            try machine.write(start.page(at: code), at: code)
        } else {
            machine = try Self.fresh(system, start)
        }
        return DifferentialOutcome(
            end: end, registers: Self.registers(outcome), pages: pages)
    }

    private static func end(_ outcome: ReusedMachine.Outcome) -> DifferentialOutcome.End {
        switch outcome.end {
        case .hlt: .hlt
        case .shutdown: .shutdown
        case .internalError: .notEmulated(at: outcome.registers.rip)
        default: .other("\(outcome.end)")
        }
    }

    private static func registers(
        _ outcome: ReusedMachine.Outcome
    ) -> [(name: String, value: UInt64)] {
        let special = outcome.specialRegisters
        var found = GeneralRegister.allCases.map { ($0.name, outcome.registers[$0]) }
        found += [("rip", outcome.registers.rip), ("rflags", outcome.registers.rflags)]
        found += SegmentRegister.allCases.map { ($0.name, UInt64(special[$0].selector)) }
        let isPageFault = outcome.registers.rip == DifferentialOutcome.pageFaultEnd
        found.append(("cr2", isPageFault ? special.cr2 : 0))
        return found
    }
}
