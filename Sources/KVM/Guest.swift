/// Bytes at a physical address.
public struct MemoryBlock: Equatable, Sendable {
    public var address: UInt64
    public var bytes: [UInt8]

    public init(address: UInt64, bytes: [UInt8]) {
        self.address = address
        self.bytes = bytes
    }
}

/// What a run may use before it is ended.
public struct KVMLimits: Equatable, Sendable {
    /// Wall-clock time in milliseconds.
    public var milliseconds: Int
    /// Accesses to ports and to absent memory, a batch counted as one.
    public var accesses: Int

    public init(milliseconds: Int = 2_000, accesses: Int = 100_000) {
        self.milliseconds = milliseconds
        self.accesses = accesses
    }
}

/// The answer to a port access.
public enum PortAnswer: Equatable, Sendable {
    /// Go on; an input gets this, cut to its size, and an output ignores it.
    case value(UInt32)
    /// End the run after this access. An input gets all ones.
    case stop

    /// What a port that nobody claims gives.
    public static let allOnes = PortAnswer.value(.max)
}

/// A guest that is ready to run on KVM: its memory and the state of its one processor.
///
/// It runs without a local APIC, timer or interrupt controller in the kernel, so that HLT comes
/// back whatever RFLAGS.IF is, and nothing interrupts the guest.
public struct KVMGuest: Sendable {
    /// In bytes, from address 0; zero where ``contents`` says nothing.
    public var memorySize: UInt64
    /// Written in order before the start.
    public var contents: [MemoryBlock]
    public var registers: KVMRegisters
    public var specialRegisters: KVMSpecialRegisters
    /// What CPUID returns, or nil for all that this processor and kernel support. KVM allows the
    /// guest only the modes and control bits that these leaves announce.
    public var cpuid: [CPUIDEntry]?
    public var limits: KVMLimits

    public init(
        memorySize: UInt64, contents: [MemoryBlock],
        registers: KVMRegisters, specialRegisters: KVMSpecialRegisters,
        cpuid: [CPUIDEntry]? = nil, limits: KVMLimits = KVMLimits()
    ) {
        self.memorySize = memorySize
        self.contents = contents
        self.registers = registers
        self.specialRegisters = specialRegisters
        self.cpuid = cpuid
        self.limits = limits
    }

    /// Runs the guest in a new virtual machine until it ends.
    ///
    /// - Parameters:
    ///   - system: an open KVM.
    ///   - capture: ranges of memory to give back at the end.
    ///   - mostWrittenPages: how many of the pages that the guest wrote to are given back.
    ///   - port: asked for each datum of each port access, in order.
    ///   - isCancelled: asked at each exit and at least every ``tickMilliseconds``; true ends the
    ///     run as ``KVMRun/End/cancelled``.
    /// - Throws: ``KVMError`` when the machine cannot be made, the kernel refuses the state, or
    ///   KVM_RUN itself fails. However the guest ends, that is in the result.
    public func run(
        on system: borrowing System,
        capture: [Range<UInt64>] = [],
        mostWrittenPages: Int = 0,
        port: (PortAccess) -> PortAnswer = { _ in .allOnes },
        isCancelled: () -> Bool = { false }
    ) throws(KVMError) -> KVMRun {
        let machine = try VirtualMachine(system, memorySize: memorySize)
        for block in contents {
            try machine.write(block.bytes, at: block.address)
        }
        let processor = try machine.makeVirtualCPU()
        let cpuid: [CPUIDEntry]
        if let given = self.cpuid { cpuid = given } else { cpuid = try system.supportedCPUID() }
        try processor.setCPUID(cpuid)
        try processor.setSpecialRegisters(specialRegisters)
        try processor.setRegisters(registers)

        var loop = RunLoop(limits: limits)
        let end = try loop.run(processor, port: port, isCancelled: isCancelled)
        let memory = try machine.blocks(capture)
        let written = try machine.pagesWritten()
        let pages = written.prefix(max(0, mostWrittenPages)).map { page in
            page..<page + VirtualMachine.pageSize
        }
        return KVMRun(
            end: end, registers: try processor.registers(),
            specialRegisters: try processor.specialRegisters(),
            accesses: loop.accesses, memory: memory, writtenPages: try machine.blocks(pages),
            isEachWrittenPageGiven: pages.count == written.count, duration: loop.duration)
    }

    /// The longest time between two looks at the clock and at `isCancelled`.
    public static let tickMilliseconds = 20
}
