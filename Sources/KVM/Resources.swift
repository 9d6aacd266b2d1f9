import CKVM
import Glibc

/// An open file descriptor, closed when its owner goes.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Takes over an open descriptor.
    init(owning number: Int32) {
        self.number = number
    }

    deinit { _ = close(number) }

    /// Makes a request with a number as its argument and gives its result, which is not negative.
    @discardableResult
    func request(_ request: KVMRequest, _ value: UInt = 0) throws(KVMError) -> Int32 {
        let result = ckvm_ioctl_value(number, request.number, value)
        guard result >= 0 else { throw .requestFailed(request, errno: -result) }
        return result
    }

    /// Makes a request that reads or writes a structure of the kernel's.
    @discardableResult
    func request<Structure>(
        _ request: KVMRequest, _ structure: inout Structure
    ) throws(KVMError) -> Int32 {
        let result = withUnsafeMutablePointer(to: &structure) { pointer in
            ckvm_ioctl_pointer(number, request.number, pointer)
        }
        guard result >= 0 else { throw .requestFailed(request, errno: -result) }
        return result
    }
}

/// A mapping of the process's memory, unmapped when its owner goes.
struct Mapping: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer

    /// Maps zeros that cost nothing until they are touched.
    init(zeros count: Int) throws(KVMError) {
        try self.init(count, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1)
    }

    /// Maps the first `count` bytes of what a descriptor stands for, shared with the kernel.
    init(sharing descriptor: borrowing Descriptor, count: Int) throws(KVMError) {
        try self.init(count, MAP_SHARED, descriptor.number)
    }

    private init(_ count: Int, _ flags: Int32, _ descriptor: Int32) throws(KVMError) {
        let start = mmap(nil, count, PROT_READ | PROT_WRITE, flags, descriptor, 0)
        // MAP_FAILED is all ones; it is a macro that Swift does not import.
        guard let start, start != UnsafeMutableRawPointer(bitPattern: -1) else {
            throw .callFailed("mmap", errno: errno)
        }
        bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit { _ = munmap(bytes.baseAddress, bytes.count) }
}

/// Signals to the thread that made it, again and again, so that a KVM_RUN on that thread comes
/// back with EINTR however the guest loops.
///
/// The ticks repeat since one alone could arrive just before KVM_RUN begins and be lost.
struct Ticks {
    private var ticks = ckvm_ticks()

    /// Begins.
    init(milliseconds: Int) throws(KVMError) {
        let result = ckvm_ticks_start(&ticks, milliseconds)
        guard result == 0 else { throw .callFailed("timer_create", errno: -result) }
    }

    /// Ends them, once, on the thread that began them.
    func stop() {
        withUnsafePointer(to: ticks) { ckvm_ticks_stop($0) }
    }
}
