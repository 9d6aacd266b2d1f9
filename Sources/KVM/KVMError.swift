import Glibc

/// Why a request to KVM did not succeed.
public enum KVMError: Error, Equatable, Sendable {
    /// This machine, or this user, has no KVM at all.
    case unavailable(KVMUnavailability)
    /// A request failed with this errno.
    case requestFailed(KVMRequest, errno: Int32)
    /// Another system call, named as the manual pages name it, failed with this errno.
    case callFailed(String, errno: Int32)
    /// The guest's memory is empty or larger than ``VirtualMachine/largestMemory``.
    case memorySize(UInt64)
    /// This range is not wholly inside the guest's memory.
    case outsideMemory(address: UInt64, count: Int)
    /// More CPUID entries than the kernel takes.
    case tooManyCPUIDEntries(Int)
}

extension KVMError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let reason):
            "\(reason.description); \(reason.remedy)"
        case .requestFailed(let request, let errno):
            "\(request.rawValue) failed: \(systemText(errno))"
        case .callFailed(let call, let errno):
            "\(call) failed: \(systemText(errno))"
        case .memorySize(let size):
            "guest memory of 0x\(String(size, radix: 16)) bytes: KVM takes 1 byte "
                + "to 0x\(String(VirtualMachine.largestMemory, radix: 16)) bytes here"
        case .outsideMemory(let address, let count):
            "\(count) bytes at 0x\(String(address, radix: 16)) are not inside the guest's memory"
        case .tooManyCPUIDEntries(let count):
            "\(count) CPUID entries: the kernel takes \(VirtualCPU.mostCPUIDEntries)"
        }
    }
}

/// Why there is no KVM here. ``description`` says what was found, ``remedy`` what to do.
public enum KVMUnavailability: Equatable, Sendable {
    /// There is no file /dev/kvm.
    case noDevice
    /// /dev/kvm is there and this user may not open it.
    case notPermitted(errno: Int32)
    /// /dev/kvm is there and cannot be opened for another reason.
    case notOpened(errno: Int32)
    /// The kernel speaks another version of the interface than the only stable one.
    case version(found: Int32)
    /// The kernel lacks something that this module needs, by the name of the capability.
    case missingCapability(String)
}

extension KVMUnavailability: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noDevice:
            "there is no /dev/kvm"
        case .notPermitted(let errno):
            "/dev/kvm is there, but this user may not open it (\(systemText(errno)))"
        case .notOpened(let errno):
            "/dev/kvm is there, but does not open (\(systemText(errno)))"
        case .version(let found):
            "the kernel's KVM has interface version \(found), not \(System.apiVersion)"
        case .missingCapability(let name):
            "the kernel's KVM has no \(name)"
        }
    }

    /// What a user can do about it, as a clause.
    public var remedy: String {
        switch self {
        case .noDevice:
            "load the module (modprobe kvm_intel or kvm_amd), enable virtualization in the "
                + "firmware, or in the outer hypervisor when this is a virtual machine"
        case .notPermitted:
            "add the user to the group that owns it (usually: sudo usermod -aG kvm $USER, then "
                + "log in again)"
        case .notOpened:
            "enable virtualization in the firmware, or in the outer hypervisor when this is a "
                + "virtual machine, and see the kernel's log for the reason"
        case .version, .missingCapability:
            "use a current Linux kernel on x86-64"
        }
    }
}

/// The system's text for an errno, with the number.
private func systemText(_ number: Int32) -> String {
    "\(String(cString: strerror(number))), errno \(number)"
}
