import CKVM

/// What a guest did that KVM showed.
public struct KVMRun: Sendable {
    /// How a run ended.
    public enum End: Equatable, Sendable {
        /// HLT. RIP is behind it.
        case hlt
        /// The port handler said so. The access is complete.
        case stopped
        /// A triple fault.
        case shutdown
        /// The time limit.
        case timeout
        /// The limit of accesses.
        case accessLimit
        /// `isCancelled` said so.
        case cancelled
        /// The processor refused to enter the guest, with its own number for the reason.
        case failEntry(hardwareReason: UInt64)
        /// KVM gave up.
        case internalError(KVMInternalError)
        /// An exit that such a guest should not make, with the kernel's KVM_EXIT_ number.
        case unexpectedExit(reason: UInt32)
    }

    /// One exit to user space that carried data.
    public enum Access: Equatable, Sendable {
        case port(PortTransfer)
        case memory(MemoryAccess)
    }

    public let end: End
    public let registers: KVMRegisters
    public let specialRegisters: KVMSpecialRegisters
    /// In the guest's order.
    public let accesses: [Access]
    /// The ranges that were to be captured, in the order asked for.
    public let memory: [MemoryBlock]
    /// The pages that the guest wrote to, by rising address, as many as were asked for.
    public let writtenPages: [MemoryBlock]
    /// Whether ``writtenPages`` has them all.
    public let isEachWrittenPageGiven: Bool
    /// From the first instruction to the end.
    public let duration: Duration

    /// The port traffic alone, one datum after the other.
    public var portAccesses: [PortAccess] {
        accesses.flatMap { access in
            if case .port(let transfer) = access { transfer.accesses } else { [PortAccess]() }
        }
    }

    /// The accesses to absent memory alone.
    public var memoryAccesses: [MemoryAccess] {
        accesses.compactMap { access in
            if case .memory(let access) = access { access } else { nil }
        }
    }
}

/// Runs a virtual CPU from exit to exit.
struct RunLoop {
    let limits: KVMLimits
    private(set) var accesses: [KVMRun.Access] = []
    private(set) var duration = Duration.zero

    init(limits: KVMLimits) {
        self.limits = limits
    }

    mutating func run(
        _ processor: borrowing VirtualCPU,
        port: (PortAccess) -> PortAnswer,
        isCancelled: () -> Bool
    ) throws(KVMError) -> KVMRun.End {
        let ticks = try Ticks(milliseconds: KVMGuest.tickMilliseconds)
        defer { ticks.stop() }
        let clock = ContinuousClock()
        let start = clock.now
        defer { duration = clock.now - start }
        let deadline = start + .milliseconds(limits.milliseconds)
        while true {
            let exit = try processor.run()
            if let end = try handle(exit, of: processor, port: port) { return end }
            if isCancelled() { return try finish(.cancelled, processor) }
            if clock.now >= deadline { return try finish(.timeout, processor) }
            if accesses.count >= limits.accesses { return try finish(.accessLimit, processor) }
        }
    }

    /// Deals with one exit: nil to go on, else how the run ended.
    private mutating func handle(
        _ exit: KVMExit, of processor: borrowing VirtualCPU, port: (PortAccess) -> PortAnswer
    ) throws(KVMError) -> KVMRun.End? {
        switch exit {
        case .port(let transfer):
            return try handle(transfer, of: processor, port: port)
        case .memory(let access):
            if access.direction == .input { processor.answer(access.bytes) }
            accesses.append(.memory(access))
            return nil
        case .interrupted: return nil
        case .hlt: return .hlt
        case .shutdown: return .shutdown
        case .failEntry(let reason): return .failEntry(hardwareReason: reason)
        case .internalError(let error): return .internalError(error)
        case .debug: return .unexpectedExit(reason: UInt32(KVM_EXIT_DEBUG))
        case .other(let reason): return .unexpectedExit(reason: reason)
        }
    }

    private mutating func handle(
        _ transfer: PortTransfer, of processor: borrowing VirtualCPU,
        port: (PortAccess) -> PortAnswer
    ) throws(KVMError) -> KVMRun.End? {
        var given = transfer
        var isStopped = false
        for (index, access) in transfer.accesses.enumerated() where !isStopped {
            switch port(access) {
            case .stop: isStopped = true
            case .value(let value) where access.direction == .input:
                given.values[index] = value & access.value
            case .value: break
            }
        }
        if transfer.direction == .input { processor.answer(given.bytes) }
        accesses.append(.port(given))
        return isStopped ? try finish(.stopped, processor) : nil
    }

    /// Completes the access that is under way, so that the registers are those behind it.
    private func finish(
        _ end: KVMRun.End, _ processor: borrowing VirtualCPU
    ) throws(KVMError) -> KVMRun.End {
        try processor.finishAccess()
        return end
    }
}

extension PortTransfer {
    /// The values as they lie in memory, the lowest byte first.
    var bytes: [UInt8] {
        values.flatMap { value in
            (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
    }
}
