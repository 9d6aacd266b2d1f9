/// Why a VMX instruction failed with VMfailValid: the value of the VM-instruction error field.
///
/// Source: SDM 3C, "VM Instruction Error Numbers". 14, 21 and 27 are not used.
public enum VMInstructionError: UInt32, CaseIterable, Sendable {
    case vmcallInRoot = 1
    case vmclearInvalidAddress = 2
    case vmclearVMXONPointer = 3
    case vmlaunchNonClear = 4
    case vmresumeNonLaunched = 5
    case vmresumeAfterVMXOFF = 6
    case entryInvalidControls = 7
    case entryInvalidHostState = 8
    case vmptrldInvalidAddress = 9
    case vmptrldVMXONPointer = 10
    case vmptrldIncorrectRevision = 11
    case unsupportedComponent = 12
    case vmwriteReadOnly = 13
    case vmxonInRoot = 15
    case entryInvalidExecutivePointer = 16
    case entryNonLaunchedExecutive = 17
    case entryExecutivePointerNotVMXON = 18
    case vmcallNonClear = 19
    case vmcallInvalidExitControls = 20
    case vmcallIncorrectMSEGRevision = 22
    case vmxoffUnderDualMonitor = 23
    case vmcallInvalidSMMFeatures = 24
    case entryInvalidExecutiveControls = 25
    case entryBlockedByMOVSS = 26
    case invalidInvalidationOperand = 28

    /// The manual's description.
    public var title: String {
        switch self {
        case .vmcallInRoot: "VMCALL executed in VMX root operation"
        case .vmclearInvalidAddress: "VMCLEAR with invalid physical address"
        case .vmclearVMXONPointer: "VMCLEAR with VMXON pointer"
        case .vmlaunchNonClear: "VMLAUNCH with non-clear VMCS"
        case .vmresumeNonLaunched: "VMRESUME with non-launched VMCS"
        case .vmresumeAfterVMXOFF:
            "VMRESUME after VMXOFF (VMXOFF and VMXON between VMLAUNCH and VMRESUME)"
        case .entryInvalidControls: "VM entry with invalid control field(s)"
        case .entryInvalidHostState: "VM entry with invalid host-state field(s)"
        case .vmptrldInvalidAddress: "VMPTRLD with invalid physical address"
        case .vmptrldVMXONPointer: "VMPTRLD with VMXON pointer"
        case .vmptrldIncorrectRevision: "VMPTRLD with incorrect VMCS revision identifier"
        case .unsupportedComponent: "VMREAD/VMWRITE from/to unsupported VMCS component"
        case .vmwriteReadOnly: "VMWRITE to read-only VMCS component"
        case .vmxonInRoot: "VMXON executed in VMX root operation"
        case .entryInvalidExecutivePointer: "VM entry with invalid executive-VMCS pointer"
        case .entryNonLaunchedExecutive: "VM entry with non-launched executive VMCS"
        case .entryExecutivePointerNotVMXON:
            "VM entry with executive-VMCS pointer not VMXON pointer"
        case .vmcallNonClear: "VMCALL with non-clear VMCS"
        case .vmcallInvalidExitControls: "VMCALL with invalid VM-exit control fields"
        case .vmcallIncorrectMSEGRevision: "VMCALL with incorrect MSEG revision identifier"
        case .vmxoffUnderDualMonitor: "VMXOFF under dual-monitor treatment of SMIs and SMM"
        case .vmcallInvalidSMMFeatures: "VMCALL with invalid SMM-monitor features"
        case .entryInvalidExecutiveControls:
            "VM entry with invalid VM-execution control fields in executive VMCS"
        case .entryBlockedByMOVSS: "VM entry with events blocked by MOV SS"
        case .invalidInvalidationOperand: "Invalid operand to INVEPT/INVVPID"
        }
    }

    public var citation: Citation { .vmInstructionErrorNumbers }
}
