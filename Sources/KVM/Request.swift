import CKVM

/// The KVM requests that this module makes, by the kernel's names. Each is one ioctl on the
/// system's, a virtual machine's or a virtual CPU's descriptor (Linux, "The Definitive KVM API
/// Documentation").
public enum KVMRequest: String, CaseIterable, Sendable {
    case getAPIVersion = "KVM_GET_API_VERSION"
    case checkExtension = "KVM_CHECK_EXTENSION"
    case getVCPUMapSize = "KVM_GET_VCPU_MMAP_SIZE"
    case getSupportedCPUID = "KVM_GET_SUPPORTED_CPUID"
    case createVM = "KVM_CREATE_VM"
    case setTSSAddress = "KVM_SET_TSS_ADDR"
    case setIdentityMapAddress = "KVM_SET_IDENTITY_MAP_ADDR"
    case setUserMemoryRegion = "KVM_SET_USER_MEMORY_REGION"
    case getDirtyLog = "KVM_GET_DIRTY_LOG"
    case createVCPU = "KVM_CREATE_VCPU"
    case setCPUID = "KVM_SET_CPUID2"
    case getRegisters = "KVM_GET_REGS"
    case setRegisters = "KVM_SET_REGS"
    case getSpecialRegisters = "KVM_GET_SREGS"
    case setSpecialRegisters = "KVM_SET_SREGS"
    case setGuestDebug = "KVM_SET_GUEST_DEBUG"
    case run = "KVM_RUN"

    /// The ioctl's request number.
    var number: UInt {
        switch self {
        case .getAPIVersion: CKVM_GET_API_VERSION
        case .checkExtension: CKVM_CHECK_EXTENSION
        case .getVCPUMapSize: CKVM_GET_VCPU_MMAP_SIZE
        case .getSupportedCPUID: CKVM_GET_SUPPORTED_CPUID
        case .createVM: CKVM_CREATE_VM
        case .setTSSAddress: CKVM_SET_TSS_ADDR
        case .setIdentityMapAddress: CKVM_SET_IDENTITY_MAP_ADDR
        case .setUserMemoryRegion: CKVM_SET_USER_MEMORY_REGION
        case .getDirtyLog: CKVM_GET_DIRTY_LOG
        case .createVCPU: CKVM_CREATE_VCPU
        case .setCPUID: CKVM_SET_CPUID2
        case .getRegisters: CKVM_GET_REGS
        case .setRegisters: CKVM_SET_REGS
        case .getSpecialRegisters: CKVM_GET_SREGS
        case .setSpecialRegisters: CKVM_SET_SREGS
        case .setGuestDebug: CKVM_SET_GUEST_DEBUG
        case .run: CKVM_RUN
        }
    }
}
