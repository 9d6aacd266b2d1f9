// Chapter 31: the VMX instructions, whose sections carry the instructions' own headings.

extension Citation {
    public static let vmxInstructionOverview = Citation(
        .sdm3C, "31.1", "Overview")
    public static let vmxInstructionConventions = Citation(
        .sdm3C, "31.2", "Conventions")
    public static let vmxInstructions = Citation(
        .sdm3C, "31.3", "VMX Instructions")
    public static let vmInstructionErrorNumbers = Citation(
        .sdm3C, "31.4", "VM Instruction Error Numbers")
    public static let invept = Citation(
        .sdm3C, nil, "INVEPT—Invalidate Translations Derived from EPT")
    public static let invvpid = Citation(
        .sdm3C, nil, "INVVPID—Invalidate Translations Based on VPID")
    public static let vmcall = Citation(
        .sdm3C, nil, "VMCALL—Call to VM Monitor")
    public static let vmclear = Citation(
        .sdm3C, nil, "VMCLEAR—Clear Virtual-Machine Control Structure")
    public static let vmfunc = Citation(
        .sdm3C, nil, "VMFUNC—Invoke VM function")
    public static let vmlaunchVMRESUME = Citation(
        .sdm3C, nil, "VMLAUNCH/VMRESUME—Launch/Resume Virtual Machine")
    public static let vmptrld = Citation(
        .sdm3C, nil, "VMPTRLD—Load Pointer to Virtual-Machine Control Structure")
    public static let vmptrst = Citation(
        .sdm3C, nil, "VMPTRST—Store Pointer to Virtual-Machine Control Structure")
    public static let vmread = Citation(
        .sdm3C, nil, "VMREAD—Read Field from Virtual-Machine Control Structure")
    public static let vmwrite = Citation(
        .sdm3C, nil, "VMWRITE—Write Field to Virtual-Machine Control Structure")
    public static let vmxoff = Citation(
        .sdm3C, nil, "VMXOFF—Leave VMX Operation")
    public static let vmxon = Citation(
        .sdm3C, nil, "VMXON—Enter VMX Operation")

    static let vmxInstructionsSections: [Citation] = [
        .vmxInstructionOverview, .vmxInstructionConventions, .vmxInstructions,
        .vmInstructionErrorNumbers, .invept, .invvpid, .vmcall, .vmclear, .vmfunc,
        .vmlaunchVMRESUME, .vmptrld, .vmptrst, .vmread, .vmwrite, .vmxoff, .vmxon,
    ]
}
