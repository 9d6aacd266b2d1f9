// The appendices on VMX.

extension Citation {
    public static let vmxCapabilityReporting = Citation(
        .sdm3D, "A", "VMX Capability Reporting Facility")
    public static let basicVMXInformation = Citation(
        .sdm3D, "A.1", "Basic VMX Information")
    public static let reservedControlsAndDefaultSettings = Citation(
        .sdm3D, "A.2", "Reserved Controls and Default Settings")
    public static let vmExecutionControlCapabilities = Citation(
        .sdm3D, "A.3", "VM-Execution Controls")
    public static let pinBasedControlCapabilities = Citation(
        .sdm3D, "A.3.1", "Pin-Based VM-Execution Controls")
    public static let primaryControlCapabilities = Citation(
        .sdm3D, "A.3.2", "Primary Processor-Based VM-Execution Controls")
    public static let secondaryControlCapabilities = Citation(
        .sdm3D, "A.3.3", "Secondary Processor-Based VM-Execution Controls")
    public static let tertiaryControlCapabilities = Citation(
        .sdm3D, "A.3.4", "Tertiary Processor-Based VM-Execution Controls")
    public static let vmExitControlCapabilities = Citation(
        .sdm3D, "A.4", "VM-Exit Controls")
    public static let vmEntryControlCapabilities = Citation(
        .sdm3D, "A.5", "VM-Entry Controls")
    public static let miscellaneousData = Citation(
        .sdm3D, "A.6", "Miscellaneous Data")
    public static let vmxFixedBitsInCR0 = Citation(
        .sdm3D, "A.7", "VMX-Fixed Bits in CR0")
    public static let vmxFixedBitsInCR4 = Citation(
        .sdm3D, "A.8", "VMX-Fixed Bits in CR4")
    public static let vmcsEnumeration = Citation(
        .sdm3D, "A.9", "VMCS Enumeration")
    public static let vpidAndEPTCapabilities = Citation(
        .sdm3D, "A.10", "VPID and EPT Capabilities")
    public static let vmFunctionCapabilities = Citation(
        .sdm3D, "A.11", "VM Functions")
    public static let fieldEncodingInVMCS = Citation(
        .sdm3D, "B", "Field Encoding in VMCS")
    public static let fieldEncoding16Bit = Citation(
        .sdm3D, "B.1", "16-Bit Fields")
    public static let fieldEncoding16BitControl = Citation(
        .sdm3D, "B.1.1", "16-Bit Control Fields")
    public static let fieldEncoding16BitGuestState = Citation(
        .sdm3D, "B.1.2", "16-Bit Guest-State Fields")
    public static let fieldEncoding16BitHostState = Citation(
        .sdm3D, "B.1.3", "16-Bit Host-State Fields")
    public static let fieldEncoding64Bit = Citation(
        .sdm3D, "B.2", "64-Bit Fields")
    public static let fieldEncoding64BitControl = Citation(
        .sdm3D, "B.2.1", "64-Bit Control Fields")
    public static let fieldEncoding64BitReadOnlyData = Citation(
        .sdm3D, "B.2.2", "64-Bit Read-Only Data Field")
    public static let fieldEncoding64BitGuestState = Citation(
        .sdm3D, "B.2.3", "64-Bit Guest-State Fields")
    public static let fieldEncoding64BitHostState = Citation(
        .sdm3D, "B.2.4", "64-Bit Host-State Fields")
    public static let fieldEncoding32Bit = Citation(
        .sdm3D, "B.3", "32-Bit Fields")
    public static let fieldEncoding32BitControl = Citation(
        .sdm3D, "B.3.1", "32-Bit Control Fields")
    public static let fieldEncoding32BitReadOnlyData = Citation(
        .sdm3D, "B.3.2", "32-Bit Read-Only Data Fields")
    public static let fieldEncoding32BitGuestState = Citation(
        .sdm3D, "B.3.3", "32-Bit Guest-State Fields")
    public static let fieldEncoding32BitHostState = Citation(
        .sdm3D, "B.3.4", "32-Bit Host-State Field")
    public static let fieldEncodingNaturalWidth = Citation(
        .sdm3D, "B.4", "Natural-Width Fields")
    public static let fieldEncodingNaturalWidthControl = Citation(
        .sdm3D, "B.4.1", "Natural-Width Control Fields")
    public static let fieldEncodingNaturalWidthReadOnlyData = Citation(
        .sdm3D, "B.4.2", "Natural-Width Read-Only Data Fields")
    public static let fieldEncodingNaturalWidthGuestState = Citation(
        .sdm3D, "B.4.3", "Natural-Width Guest-State Fields")
    public static let fieldEncodingNaturalWidthHostState = Citation(
        .sdm3D, "B.4.4", "Natural-Width Host-State Fields")
    public static let vmxBasicExitReasons = Citation(
        .sdm3D, "C", "VMX Basic Exit Reasons")

    static let appendicesSections: [Citation] = [
        .vmxCapabilityReporting, .basicVMXInformation, .reservedControlsAndDefaultSettings,
        .vmExecutionControlCapabilities, .pinBasedControlCapabilities,
        .primaryControlCapabilities, .secondaryControlCapabilities,
        .tertiaryControlCapabilities, .vmExitControlCapabilities, .vmEntryControlCapabilities,
        .miscellaneousData, .vmxFixedBitsInCR0, .vmxFixedBitsInCR4, .vmcsEnumeration,
        .vpidAndEPTCapabilities, .vmFunctionCapabilities, .fieldEncodingInVMCS,
        .fieldEncoding16Bit, .fieldEncoding16BitControl, .fieldEncoding16BitGuestState,
        .fieldEncoding16BitHostState, .fieldEncoding64Bit, .fieldEncoding64BitControl,
        .fieldEncoding64BitReadOnlyData, .fieldEncoding64BitGuestState,
        .fieldEncoding64BitHostState, .fieldEncoding32Bit, .fieldEncoding32BitControl,
        .fieldEncoding32BitReadOnlyData, .fieldEncoding32BitGuestState,
        .fieldEncoding32BitHostState, .fieldEncodingNaturalWidth,
        .fieldEncodingNaturalWidthControl, .fieldEncodingNaturalWidthReadOnlyData,
        .fieldEncodingNaturalWidthGuestState, .fieldEncodingNaturalWidthHostState,
        .vmxBasicExitReasons,
    ]
}
