import CKVM

/// Which way data goes, seen from the guest.
public enum AccessDirection: String, Sendable {
    /// The guest reads.
    case input = "in"
    /// The guest writes.
    case output = "out"
}

/// One datum to or from a port.
public struct PortAccess: Equatable, Sendable {
    public var port: UInt16
    public var direction: AccessDirection
    /// 1, 2 or 4 bytes.
    public var size: Int
    /// What was written, or what the guest was given; all ones before an input is answered.
    public var value: UInt32

    public init(port: UInt16, direction: AccessDirection, size: Int, value: UInt32) {
        self.port = port
        self.direction = direction
        self.size = size
        self.value = value
    }
}

/// The port traffic of one exit to user space. KVM gives several iterations of a string
/// instruction in one where it can, and does not tell a string instruction from a plain one.
public struct PortTransfer: Equatable, Sendable {
    public var port: UInt16
    public var direction: AccessDirection
    /// 1, 2 or 4 bytes.
    public var size: Int
    /// What was written, or what the guest was given, in order.
    public var values: [UInt32]

    public init(port: UInt16, direction: AccessDirection, size: Int, values: [UInt32]) {
        self.port = port
        self.direction = direction
        self.size = size
        self.values = values
    }

    /// The same one by one.
    public var accesses: [PortAccess] {
        values.map { PortAccess(port: port, direction: direction, size: size, value: $0) }
    }
}

/// An access to a physical address where the guest has no memory.
public struct MemoryAccess: Equatable, Sendable {
    public var address: UInt64
    public var direction: AccessDirection
    /// What was written, or what the guest was given: 1 to 8 bytes.
    public var bytes: [UInt8]

    public init(address: UInt64, direction: AccessDirection, bytes: [UInt8]) {
        self.address = address
        self.direction = direction
        self.bytes = bytes
    }
}

/// Why KVM gave up on a guest that did nothing wrong (KVM_EXIT_INTERNAL_ERROR).
public struct KVMInternalError: Equatable, Sendable {
    /// The kernel's number.
    public var suberror: UInt32
    /// What the kernel adds, in no stable form.
    public var data: [UInt64]

    public init(suberror: UInt32, data: [UInt64]) {
        self.suberror = suberror
        self.data = data
    }

    /// The kernel's name for the suberror.
    public var name: String {
        switch Int32(truncatingIfNeeded: suberror) {
        case KVM_INTERNAL_ERROR_EMULATION: "KVM_INTERNAL_ERROR_EMULATION"
        case KVM_INTERNAL_ERROR_SIMUL_EX: "KVM_INTERNAL_ERROR_SIMUL_EX"
        case KVM_INTERNAL_ERROR_DELIVERY_EV: "KVM_INTERNAL_ERROR_DELIVERY_EV"
        case KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON:
            "KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON"
        default: "suberror \(suberror)"
        }
    }

    /// The bytes of the instruction that KVM could not emulate, where it says them.
    public var instructionBytes: [UInt8]? {
        // The overlay that the kernel documents for this suberror: flags, a size, 15 bytes.
        let hasBytes = UInt64(KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES)
        guard suberror == UInt32(KVM_INTERNAL_ERROR_EMULATION), data.count >= 3,
            data[0] & hasBytes != 0
        else { return nil }
        let bytes = data[1...2].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        return Array(bytes.dropFirst().prefix(Int(bytes[0])))
    }
}

/// What one KVM_RUN came back with.
public enum KVMExit: Equatable, Sendable {
    /// A port was read or written; an input waits for ``VirtualCPU/answer(_:)``.
    case port(PortTransfer)
    /// Absent memory was read or written; a read waits for ``VirtualCPU/answer(_:)``.
    case memory(MemoryAccess)
    /// The guest executed HLT. RIP is behind it.
    case hlt
    /// A triple fault.
    case shutdown
    /// An instruction was single-stepped, or a breakpoint hit.
    case debug(exception: UInt32, pc: UInt64, dr6: UInt64)
    /// The processor refused to enter the guest, with its own number for the reason.
    case failEntry(hardwareReason: UInt64)
    case internalError(KVMInternalError)
    /// A signal came.
    case interrupted
    /// Another KVM_EXIT_ number.
    case other(reason: UInt32)
}

extension kvm_run {
    /// The exit that this page of the kernel's tells, with `page` as all of it.
    func exit(in page: UnsafeRawBufferPointer) -> KVMExit {
        switch Int32(truncatingIfNeeded: exit_reason) {
        case KVM_EXIT_IO: .port(portTransfer(in: page))
        case KVM_EXIT_MMIO: .memory(memoryAccess)
        case KVM_EXIT_HLT: .hlt
        case KVM_EXIT_SHUTDOWN: .shutdown
        case KVM_EXIT_DEBUG:
            .debug(exception: debug.arch.exception, pc: debug.arch.pc, dr6: debug.arch.dr6)
        case KVM_EXIT_FAIL_ENTRY:
            .failEntry(hardwareReason: fail_entry.hardware_entry_failure_reason)
        case KVM_EXIT_INTERNAL_ERROR: .internalError(internalError)
        case KVM_EXIT_INTR: .interrupted
        default: .other(reason: exit_reason)
        }
    }

    private func portTransfer(in page: UnsafeRawBufferPointer) -> PortTransfer {
        let size = Int(io.size)
        let isOutput = Int32(io.direction) == KVM_EXIT_IO_OUT
        let values = (0..<Int(io.count)).map { index in
            let data = page.slice(at: Int(io.data_offset) + index * size, count: size)
            return isOutput ? data.littleEndian : UInt32.max >> max(0, 32 - 8 * size)
        }
        return PortTransfer(
            port: io.port, direction: isOutput ? .output : .input, size: size, values: values)
    }

    private var memoryAccess: MemoryAccess {
        let count = min(Int(mmio.len), MemoryLayout.size(ofValue: mmio.data))
        let isWrite = mmio.is_write != 0
        let bytes = withUnsafeBytes(of: mmio.data) { Array($0.prefix(count)) }
        return MemoryAccess(
            address: mmio.phys_addr, direction: isWrite ? .output : .input,
            bytes: isWrite ? bytes : [UInt8](repeating: 0xFF, count: count))
    }

    private var internalError: KVMInternalError {
        let data = withUnsafeBytes(of: `internal`.data) { bytes in
            bytes.bindMemory(to: UInt64.self).prefix(Int(`internal`.ndata)).map { $0 }
        }
        return KVMInternalError(suberror: `internal`.suberror, data: data)
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes from an offset, fewer (or none) where the buffer ends.
    func slice(at offset: Int, count: Int) -> Slice<UnsafeRawBufferPointer> {
        dropFirst(offset).prefix(count)
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// The number that these bytes are, the first the lowest.
    var littleEndian: UInt32 {
        reversed().reduce(0) { $0 &<< 8 | UInt32($1) }
    }
}
