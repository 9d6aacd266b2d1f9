import CKVM
import Glibc

/// A virtual CPU. All its calls belong on the thread that made it.
public struct VirtualCPU: ~Copyable {
    /// The most entries that ``setCPUID(_:)`` takes.
    public static let mostCPUIDEntries = Int(CKVM_CPUID_ENTRIES)

    private let descriptor: Descriptor
    /// The page where the kernel says why it came back, and the port data behind it.
    private let page: Mapping

    init(owning number: Int32, runSize: Int) throws(KVMError) {
        descriptor = Descriptor(owning: number)
        guard runSize >= MemoryLayout<kvm_run>.size else {
            throw .callFailed(KVMRequest.getVCPUMapSize.rawValue, errno: EINVAL)
        }
        page = try Mapping(sharing: descriptor, count: runSize)
    }

    // MARK: State

    public func registers() throws(KVMError) -> KVMRegisters {
        var structure = kvm_regs()
        try descriptor.request(.getRegisters, &structure)
        return KVMRegisters(structure)
    }

    public func setRegisters(_ registers: KVMRegisters) throws(KVMError) {
        var structure = registers.structure
        try descriptor.request(.setRegisters, &structure)
    }

    public func specialRegisters() throws(KVMError) -> KVMSpecialRegisters {
        var structure = kvm_sregs()
        try descriptor.request(.getSpecialRegisters, &structure)
        return KVMSpecialRegisters(structure)
    }

    /// Sets them. EINVAL means that no processor has such a state (for example LMA without paging).
    public func setSpecialRegisters(_ registers: KVMSpecialRegisters) throws(KVMError) {
        var structure = registers.structure
        try descriptor.request(.setSpecialRegisters, &structure)
    }

    /// Sets what CPUID returns. KVM derives from it which modes and control bits the guest has, so
    /// it comes before the special registers.
    public func setCPUID(_ entries: [CPUIDEntry]) throws(KVMError) {
        guard var table = ckvm_cpuid(entries) else { throw .tooManyCPUIDEntries(entries.count) }
        try descriptor.request(.setCPUID, &table)
    }

    /// Makes ``run()`` come back after each instruction with ``KVMExit/debug(exception:pc:dr6:)``.
    ///
    /// A trace made with it has gaps: an OUT comes back as its port access alone and goes on to the
    /// next instruction, a HLT is stepped over like a NOP where KVM interprets the guest, and an
    /// iteration of a repeated string instruction counts as an instruction.
    public func setSingleStep(_ isOn: Bool) throws(KVMError) {
        var debug = kvm_guest_debug()
        debug.control = isOn ? UInt32(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP) : 0
        try descriptor.request(.setGuestDebug, &debug)
    }

    // MARK: Running

    /// Lets the guest run until KVM needs user space or a signal comes.
    public func run() throws(KVMError) -> KVMExit {
        let result = ckvm_ioctl_value(descriptor.number, KVMRequest.run.number, 0)
        switch -result {
        case EINTR, EAGAIN: return .interrupted
        case let errno where errno > 0: throw .requestFailed(.run, errno: errno)
        default: return runPage.pointee.exit(in: UnsafeRawBufferPointer(page.bytes))
        }
    }

    /// Gives the data that the last exit's input waits for. It reaches the guest with the next
    /// ``run()`` or ``finishAccess()``. Bytes that are too many are ignored.
    public func answer(_ bytes: [UInt8]) {
        let run = runPage.pointee
        if Int32(run.exit_reason) == KVM_EXIT_IO {
            let room = UnsafeMutableRawBufferPointer(
                rebasing: page.bytes.dropFirst(Int(run.io.data_offset))
                    .prefix(Int(run.io.size) * Int(run.io.count)))
            room.copyBytes(from: bytes.prefix(room.count))
        } else if Int32(run.exit_reason) == KVM_EXIT_MMIO {
            withUnsafeMutableBytes(of: &runPage.pointee.mmio.data) { room in
                room.copyBytes(from: bytes.prefix(room.count))
            }
        }
    }

    /// Completes the instruction of the last port or memory access without going on to the next:
    /// before that, RIP and the registers may still be those from before it.
    public func finishAccess() throws(KVMError) {
        runPage.pointee.immediate_exit = 1
        defer { runPage.pointee.immediate_exit = 0 }
        _ = try run()
    }

    /// The page is at least as large as the structure: the initializer checked it.
    private var runPage: UnsafeMutablePointer<kvm_run> {
        page.bytes.bindMemory(to: kvm_run.self).baseAddress.unsafelyUnwrapped
    }
}
