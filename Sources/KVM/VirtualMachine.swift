import CKVM
import Glibc

/// A virtual machine of the kernel's: physical memory from address 0, and what runs in it.
public struct VirtualMachine: ~Copyable {
    /// The most memory, in bytes: up to the pages below 4 GiB that KVM itself needs on Intel
    /// processors (see ``reserveHelperPages(of:_:)``).
    public static let largestMemory: UInt64 = identityMapAddress

    /// The unit of ``pagesWritten()``, in bytes.
    public static let pageSize: UInt64 = 0x1000

    private let descriptor: Descriptor
    private let memory: Mapping
    private let runSize: Int

    /// Makes a machine with zeros as its memory.
    ///
    /// - Parameter memorySize: in bytes, 1 to ``largestMemory``, rounded up to whole pages.
    public init(_ system: borrowing System, memorySize: UInt64) throws(KVMError) {
        guard memorySize > 0, memorySize <= Self.largestMemory else {
            throw .memorySize(memorySize)
        }
        let size = (memorySize + Self.pageSize - 1) & ~(Self.pageSize - 1)
        let machine = Descriptor(owning: try system.descriptor.request(.createVM))
        let memory = try Mapping(zeros: Int(size))
        try Self.reserveHelperPages(of: machine, system)
        try Self.attach(memory, to: machine)
        runSize = Int(try system.descriptor.request(.getVCPUMapSize))
        descriptor = machine
        self.memory = memory
    }

    /// The virtual CPU of this machine: it has one, and a second call fails with EEXIST. It can
    /// run only as long as the machine is there: the memory is the machine's.
    public func makeVirtualCPU() throws(KVMError) -> VirtualCPU {
        try VirtualCPU(owning: try descriptor.request(.createVCPU, 0), runSize: runSize)
    }

    /// The size of the memory in bytes.
    public var memorySize: UInt64 { UInt64(memory.bytes.count) }

    /// Writes bytes to physical memory.
    public func write(_ bytes: [UInt8], at address: UInt64) throws(KVMError) {
        let start = try offset(address, count: bytes.count)
        memory.bytes[start..<start + bytes.count].copyBytes(from: bytes)
    }

    /// Reads physical memory.
    public func read(_ count: Int, at address: UInt64) throws(KVMError) -> [UInt8] {
        let start = try offset(address, count: count)
        return Array(memory.bytes[start..<start + count])
    }

    func blocks(_ ranges: [Range<UInt64>]) throws(KVMError) -> [MemoryBlock] {
        var blocks: [MemoryBlock] = []
        for range in ranges {
            let count = Int(clamping: range.upperBound - range.lowerBound)
            let bytes = try read(count, at: range.lowerBound)
            blocks.append(MemoryBlock(address: range.lowerBound, bytes: bytes))
        }
        return blocks
    }

    /// The pages that the guest has written to since the machine was made or was last asked this,
    /// by their addresses in rising order. What ``write(_:at:)`` wrote does not count.
    public func pagesWritten() throws(KVMError) -> [UInt64] {
        let pages = memory.bytes.count / Int(Self.pageSize)
        var bitmap = [UInt64](repeating: 0, count: (pages + 63) / 64)
        let result = bitmap.withUnsafeMutableBytes { bytes in
            var log = kvm_dirty_log()
            log.dirty_bitmap = bytes.baseAddress
            return ckvm_ioctl_pointer(descriptor.number, KVMRequest.getDirtyLog.number, &log)
        }
        guard result >= 0 else { throw .requestFailed(.getDirtyLog, errno: -result) }
        return bitmap.indices.filter { bitmap[$0] != 0 }.flatMap { word in
            (0..<64).filter { bitmap[word] >> UInt64($0) & 1 == 1 }
                .map { UInt64(word * 64 + $0) * Self.pageSize }
        }
    }

    private func offset(_ address: UInt64, count: Int) throws(KVMError) -> Int {
        guard count >= 0, address <= memorySize, UInt64(count) <= memorySize - address else {
            throw .outsideMemory(address: address, count: count)
        }
        return Int(address)
    }

    private static func attach(
        _ memory: borrowing Mapping, to machine: borrowing Descriptor
    ) throws(KVMError) {
        var region = kvm_userspace_memory_region()
        region.flags = UInt32(KVM_MEM_LOG_DIRTY_PAGES)
        region.memory_size = UInt64(memory.bytes.count)
        region.userspace_addr = UInt64(UInt(bitPattern: memory.bytes.baseAddress))
        try machine.request(.setUserMemoryRegion, &region)
    }

    /// Intel processors without "unrestricted guest" run real mode in a virtual-8086 task of
    /// KVM's: it needs one page for an identity map and three for a task-state segment, out of the
    /// guest's way.
    private static func reserveHelperPages(
        of machine: borrowing Descriptor, _ system: borrowing System
    ) throws(KVMError) {
        if try system.descriptor.has(KVM_CAP_SET_IDENTITY_MAP_ADDR) {
            var address = identityMapAddress
            try machine.request(.setIdentityMapAddress, &address)
        }
        if try system.descriptor.has(KVM_CAP_SET_TSS_ADDR) {
            try machine.request(.setTSSAddress, UInt(identityMapAddress + 0x1000))
        }
    }

    private static let identityMapAddress: UInt64 = 0xFFFB_C000
}
