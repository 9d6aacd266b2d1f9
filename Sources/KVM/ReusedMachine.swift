/// A virtual machine with its processor that runs one guest after the other: far cheaper than a
/// machine for each, as ``KVMGuest`` has it.
///
/// Between two guests only what ``run(_:_:limits:port:)`` sets is set anew: MSRs, debug registers and
/// the x87 and SSE state stay.
public struct ReusedMachine: ~Copyable {
    private let machine: VirtualMachine
    private let processor: VirtualCPU

    public init(
        _ system: borrowing System, memorySize: UInt64, cpuid: [CPUIDEntry]? = nil
    ) throws(KVMError) {
        let machine = try VirtualMachine(system, memorySize: memorySize)
        let processor = try machine.makeVirtualCPU()
        let entries: [CPUIDEntry]
        if let cpuid { entries = cpuid } else { entries = try system.supportedCPUID() }
        try processor.setCPUID(entries)
        self.machine = machine
        self.processor = processor
    }

    /// What one guest came to.
    public struct Outcome: Sendable {
        public let end: KVMRun.End
        public let registers: KVMRegisters
        public let specialRegisters: KVMSpecialRegisters
    }

    public func write(_ bytes: [UInt8], at address: UInt64) throws(KVMError) {
        try machine.write(bytes, at: address)
    }

    public func read(_ count: Int, at address: UInt64) throws(KVMError) -> [UInt8] {
        try machine.read(count, at: address)
    }

    /// The pages that guests have written to since this was last asked.
    public func pagesWritten() throws(KVMError) -> [UInt64] { try machine.pagesWritten() }

    /// Runs from this state to an end.
    public func run(
        _ registers: KVMRegisters, _ specialRegisters: KVMSpecialRegisters,
        limits: KVMLimits = KVMLimits(), port: (PortAccess) -> PortAnswer = { _ in .allOnes }
    ) throws(KVMError) -> Outcome {
        try processor.setSpecialRegisters(specialRegisters)
        try processor.setRegisters(registers)
        var loop = RunLoop(limits: limits)
        let end = try loop.run(processor, port: port, isCancelled: { false })
        return Outcome(
            end: end, registers: try processor.registers(),
            specialRegisters: try processor.specialRegisters())
    }
}
