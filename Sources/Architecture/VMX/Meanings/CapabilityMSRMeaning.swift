// What the capability MSRs of VMX tell.

extension MSR {
    /// How the register is read; nil where it tells nothing of VMX.
    public var capabilityMeaning: String? {
        switch self {
        case .vmxBasic:
            """
            Bits 30:0 are the VMCS revision identifier, 44:32 the size of VMXON region and VMCS in \
            bytes, 53:50 their memory type. Bit 55 says that the TRUE capability MSRs exist.
            """
        case .vmxPinControls, .vmxPrimaryControls, .vmxExitControls, .vmxEntryControls:
            """
            A control that is 1 in bits 31:0 must be 1, one that is 0 in bits 63:32 must be 0. The \
            default1 class counts as "must be 1" here, whatever the TRUE register allows.
            """
        case .vmxTruePinControls, .vmxTruePrimaryControls, .vmxTrueExitControls,
            .vmxTrueEntryControls:
            """
            A control that is 1 in bits 31:0 must be 1, one that is 0 in bits 63:32 must be 0. \
            Where the register exists, it decides for the default1 class too.
            """
        case .vmxSecondaryControls:
            "A control that is 0 in bits 63:32 must be 0. Bits 31:0 are 0: all may be 0."
        case .vmxTertiaryControls: "A control that is 0 here must be 0."
        case .vmxMisc:
            """
            Bits 4:0: the preemption timer counts once for each change of that bit of the \
            time-stamp counter. Bit 5: exits store IA32_EFER.LMA. Bits 8:6: activity states HLT, \
            shutdown, wait-for-SIPI. Bits 24:16: CR3-target values. Bit 29: VMWRITE reaches every \
            field. Bit 30: events without an instruction length may be injected.
            """
        case .vmxCR0Fixed0: "A bit that is 1 here must be 1 in CR0 while in VMX operation."
        case .vmxCR0Fixed1: "A bit that is 0 here must be 0 in CR0 while in VMX operation."
        case .vmxCR4Fixed0: "A bit that is 1 here must be 1 in CR4 while in VMX operation."
        case .vmxCR4Fixed1: "A bit that is 0 here must be 0 in CR4 while in VMX operation."
        case .vmxVMCSEnum: "Bits 9:1 are the highest index in the encoding of any field."
        case .vmxEPTVPIDCapabilities:
            """
            What EPT entries, EPT pointers, INVEPT and INVVPID may be: execute-only entries, page \
            sizes, memory types, accessed and dirty flags, types of invalidation.
            """
        case .vmxVMFunctions: "A VM function whose bit is 0 must not be enabled."
        default: nil
        }
    }

    /// Where the appendix describes it; nil where it tells nothing of VMX.
    public var capabilityCitation: Citation? {
        switch self {
        case .vmxBasic: .basicVMXInformation
        case .vmxPinControls, .vmxTruePinControls: .pinBasedControlCapabilities
        case .vmxPrimaryControls, .vmxTruePrimaryControls: .primaryControlCapabilities
        case .vmxSecondaryControls: .secondaryControlCapabilities
        case .vmxTertiaryControls: .tertiaryControlCapabilities
        case .vmxExitControls, .vmxTrueExitControls: .vmExitControlCapabilities
        case .vmxEntryControls, .vmxTrueEntryControls: .vmEntryControlCapabilities
        case .vmxMisc: .miscellaneousData
        case .vmxCR0Fixed0, .vmxCR0Fixed1: .vmxFixedBitsInCR0
        case .vmxCR4Fixed0, .vmxCR4Fixed1: .vmxFixedBitsInCR4
        case .vmxVMCSEnum: .vmcsEnumeration
        case .vmxEPTVPIDCapabilities: .vpidAndEPTCapabilities
        case .vmxVMFunctions: .vmFunctionCapabilities
        default: nil
        }
    }
}
