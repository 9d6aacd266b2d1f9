// Exit qualifications that consist of single bits.
// Source: SDM 3C, "Basic VM-Exit Information", the tables of exit qualifications.

/// Bits of the exit qualification for EPT violations.
public enum EPTViolationBit: UInt8, NamedBit {
    case read = 0
    case write = 1
    case fetch = 2
    case readable = 3
    case writable = 4
    case executable = 5
    case userExecutable = 6
    case linearAddressValid = 7
    case translationOfLinearAddress = 8
    case userModeLinearAddress = 9
    case writableLinearAddress = 10
    case executeDisabledLinearAddress = 11
    case nmiUnblocking = 12
    case shadowStackAccess = 13
    case supervisorShadowStack = 14
    case guestPagingVerification = 15
    case asynchronousToInstruction = 16

    public var name: String { "bit \(rawValue)" }

    public var title: String {
        switch self {
        case .read: "the access was a data read"
        case .write: "the access was a data write"
        case .fetch: "the access was an instruction fetch"
        case .readable: "the guest-physical address was readable"
        case .writable: "the guest-physical address was writable"
        case .executable:
            "the guest-physical address was executable (in supervisor mode, if modes are told apart)"
        case .userExecutable: "the guest-physical address was executable in user mode"
        case .linearAddressValid: "the guest linear-address field is valid"
        case .translationOfLinearAddress:
            "the access was to the address itself, not to a guest paging-structure entry"
        case .userModeLinearAddress: "the linear address is a user-mode one"
        case .writableLinearAddress: "the linear address is writable"
        case .executeDisabledLinearAddress: "the linear address is execute-disabled"
        case .nmiUnblocking: "an IRET had removed blocking by NMI"
        case .shadowStackAccess: "the access was a shadow-stack access"
        case .supervisorShadowStack: "supervisor shadow-stack permission was set"
        case .guestPagingVerification: "the cause was guest-paging verification"
        case .asynchronousToInstruction: "the access was asynchronous to the instruction"
        }
    }
}

/// Bits of DR6, and of the exit qualification for debug exceptions, where BT never is.
public enum DebugExceptionBit: UInt8, NamedBit {
    case b0 = 0
    case b1 = 1
    case b2 = 2
    case b3 = 3
    case busLock = 11
    case bd = 13
    case bs = 14
    case bt = 15
    case rtm = 16

    public var name: String {
        switch self {
        case .busLock: "BLD"
        default: "\(self)".uppercased()
        }
    }

    public var title: String {
        switch self {
        case .b0, .b1, .b2, .b3: "breakpoint condition \(rawValue) was met"
        case .busLock: "a bus lock was detected"
        case .bd: "access to a debug register was detected (DR7.GD)"
        case .bs: "a single instruction or a taken branch was executed (RFLAGS.TF)"
        case .bt: "a task was entered whose TSS has the T flag set"
        case .rtm: "the exception came in an RTM region"
        }
    }
}

/// The exit qualification of a VM-entry failure due to invalid guest state.
///
/// Source: SDM 3C, "VM-Entry Failures During or After Loading Guest State". 1 is not used.
public enum EntryFailureQualification: UInt64, CaseIterable, Sendable {
    case none = 0
    case pdpteLoading = 2
    case nmiInjection = 3
    case vmcsLinkPointer = 4

    public var title: String {
        switch self {
        case .none: "not told"
        case .pdpteLoading: "loading the PDPTEs failed"
        case .nmiInjection: "an NMI would be injected while blocking by STI is in effect"
        case .vmcsLinkPointer: "the VMCS link pointer is invalid"
        }
    }
}

/// Why a VMX abort happened: the VMX-abort indicator in the VMCS region.
///
/// Source: SDM 3C, "VMX Aborts".
public enum VMXAbort: UInt32, CaseIterable, Sendable {
    case savingGuestMSRs = 1
    case hostPDPTEs = 2
    case corruptedVMCS = 3
    case loadingHostMSRs = 4
    case machineCheck = 5
    case hostAddressSpaceSize = 6

    public var title: String {
        switch self {
        case .savingGuestMSRs: "failure in saving guest MSRs"
        case .hostPDPTEs: "host checking of the page-directory-pointer-table entries failed"
        case .corruptedVMCS: "the current VMCS has been corrupted through writes to its region"
        case .loadingHostMSRs: "failure on loading host MSRs"
        case .machineCheck: "a machine-check event during the VM exit"
        case .hostAddressSpaceSize:
            "in IA-32e mode before the VM exit, \"host address-space size\" was 0"
        }
    }
}
