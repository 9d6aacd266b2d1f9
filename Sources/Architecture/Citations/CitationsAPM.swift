// AMD64 APM volume 2, chapter 15: the secure virtual machine.

extension Citation {
    public static let svmOverview = Citation(
        .apm2, "15.1", "The Virtual Machine Monitor")
    public static let svmEnabling = Citation(
        .apm2, "15.4", "Enabling SVM")
    public static let vmrunInstruction = Citation(
        .apm2, "15.5", "VMRUN Instruction")
    public static let svmExit = Citation(
        .apm2, "15.6", "#VMEXIT")
    public static let interceptOperation = Citation(
        .apm2, "15.7", "Intercept Operation")
    public static let instructionIntercepts = Citation(
        .apm2, nil, "Instruction Intercepts")
    public static let exceptionIntercepts = Citation(
        .apm2, nil, "Exception Intercepts")
    public static let svmEventInjection = Citation(
        .apm2, "15.20", "Event Injection")
    public static let nestedPaging = Citation(
        .apm2, "15.25", "Nested Paging")
    public static let layoutOfVMCB = Citation(
        .apm2, nil, "Layout of VMCB")
    public static let svmInterceptExitCodes = Citation(
        .apm2, nil, "SVM Intercept Exit Codes")

    static let apmSections: [Citation] = [
        .svmOverview, .svmEnabling, .vmrunInstruction, .svmExit, .interceptOperation,
        .instructionIntercepts, .exceptionIntercepts, .svmEventInjection, .nestedPaging,
        .layoutOfVMCB, .svmInterceptExitCodes,
    ]
}
