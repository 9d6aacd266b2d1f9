import CKVM
import Glibc

/// The kernel's KVM subsystem: an open /dev/kvm.
public struct System: ~Copyable {
    /// The version of the interface, the same since Linux 2.6.22 and final.
    public static let apiVersion: Int32 = 12

    let descriptor: Descriptor

    /// Opens KVM and checks that it has what this module needs.
    ///
    /// - Throws: ``KVMError/unavailable(_:)`` with what is missing.
    public init() throws(KVMError) {
        try self.init(device: "/dev/kvm")
    }

    /// Opens another file in KVM's place: what a test of the errors does.
    init(device: String) throws(KVMError) {
        let number = open(device, O_RDWR | O_CLOEXEC)
        guard number >= 0 else { throw .unavailable(Self.reason(ofOpening: errno)) }
        let descriptor = Descriptor(owning: number)

        // A file that is no KVM device answers ENOTTY.
        let version = ckvm_ioctl_value(descriptor.number, KVMRequest.getAPIVersion.number, 0)
        guard version >= 0 else { throw .unavailable(.notOpened(errno: -version)) }
        guard version == Self.apiVersion else {
            throw .unavailable(.version(found: version))
        }
        let needed: [(name: String, number: Int32)] = [
            ("KVM_CAP_USER_MEMORY", KVM_CAP_USER_MEMORY),
            ("KVM_CAP_EXT_CPUID", KVM_CAP_EXT_CPUID),
            ("KVM_CAP_IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT),
        ]
        for capability in needed where try !descriptor.has(capability.number) {
            throw .unavailable(.missingCapability(capability.name))
        }
        self.descriptor = descriptor
    }

    /// Why KVM cannot be used here, or nil if it can.
    public static var unavailability: KVMUnavailability? {
        do throws(KVMError) {
            _ = try System()
            return nil
        } catch {
            guard case .unavailable(let reason) = error else { return nil }
            return reason
        }
    }

    /// What CPUID can tell a guest on this processor and kernel.
    public func supportedCPUID() throws(KVMError) -> [CPUIDEntry] {
        var table = ckvm_cpuid()
        table.nent = UInt32(CKVM_CPUID_ENTRIES)
        try descriptor.request(.getSupportedCPUID, &table)
        return table.values
    }

    /// What a failed open of the device says.
    static func reason(ofOpening errno: Int32) -> KVMUnavailability {
        switch errno {
        case ENOENT: .noDevice
        case EACCES, EPERM: .notPermitted(errno: errno)
        default: .notOpened(errno: errno)
        }
    }
}

extension Descriptor {
    /// Whether the kernel, or a virtual machine, has a capability (a KVM_CAP_… number).
    func has(_ capability: Int32) throws(KVMError) -> Bool {
        try request(.checkExtension, UInt(bitPattern: Int(capability))) > 0
    }
}
