// Chapter 26: VMX non-root operation.

extension Citation {
    public static let instructionsThatCauseExits = Citation(
        .sdm3C, "26.1", "Instructions That Cause VM Exits")
    public static let relativePriorityOfFaultsAndExits = Citation(
        .sdm3C, "26.1.1", "Relative Priority of Faults and VM Exits")
    public static let instructionsThatCauseExitsUnconditionally = Citation(
        .sdm3C, "26.1.2", "Instructions That Cause VM Exits Unconditionally")
    public static let instructionsThatCauseExitsConditionally = Citation(
        .sdm3C, "26.1.3", "Instructions That Cause VM Exits Conditionally")
    public static let otherCausesOfExits = Citation(
        .sdm3C, "26.2", "Other Causes of VM Exits")
    public static let changesToInstructionBehavior = Citation(
        .sdm3C, "26.3", "Changes to Instruction Behavior in VMX Non-Root Operation")
    public static let otherChangesInNonRootOperation = Citation(
        .sdm3C, "26.4", "Other Changes in VMX Non-Root Operation")
    public static let eventBlocking = Citation(
        .sdm3C, "26.4.1", "Event Blocking")
    public static let treatmentOfTaskSwitches = Citation(
        .sdm3C, "26.4.2", "Treatment of Task Switches")
    public static let featuresSpecificToNonRootOperation = Citation(
        .sdm3C, "26.5", "Features Specific to VMX Non-Root Operation")
    public static let vmxPreemptionTimer = Citation(
        .sdm3C, "26.5.1", "VMX-Preemption Timer")
    public static let monitorTrapFlag = Citation(
        .sdm3C, "26.5.2", "Monitor Trap Flag")
    public static let translationOfGuestPhysicalAddressesUsingEPT = Citation(
        .sdm3C, "26.5.3", "Translation of Guest-Physical Addresses Using EPT")
    public static let apicVirtualization = Citation(
        .sdm3C, "26.5.5", "APIC Virtualization")
    public static let vmFunctions = Citation(
        .sdm3C, "26.5.6", "VM Functions")
    public static let enablingVMFunctions = Citation(
        .sdm3C, "26.5.6.1", "Enabling VM Functions")
    public static let generalOperationOfVMFUNC = Citation(
        .sdm3C, "26.5.6.2", "General Operation of the VMFUNC Instruction")
    public static let eptpSwitching = Citation(
        .sdm3C, "26.5.6.3", "EPTP Switching")
    public static let virtualizationExceptions = Citation(
        .sdm3C, "26.5.7", "Virtualization Exceptions")
    public static let convertibleEPTViolations = Citation(
        .sdm3C, "26.5.7.1", "Convertible EPT Violations")
    public static let virtualizationExceptionInformation = Citation(
        .sdm3C, "26.5.7.2", "Virtualization-Exception Information")
    public static let deliveryOfVirtualizationExceptions = Citation(
        .sdm3C, "26.5.7.3", "Delivery of Virtualization Exceptions")
    public static let unrestrictedGuests = Citation(
        .sdm3C, "26.6", "Unrestricted Guests")

    static let nonRootSections: [Citation] = [
        .instructionsThatCauseExits, .relativePriorityOfFaultsAndExits,
        .instructionsThatCauseExitsUnconditionally, .instructionsThatCauseExitsConditionally,
        .otherCausesOfExits, .changesToInstructionBehavior, .otherChangesInNonRootOperation,
        .eventBlocking, .treatmentOfTaskSwitches, .featuresSpecificToNonRootOperation,
        .vmxPreemptionTimer, .monitorTrapFlag, .translationOfGuestPhysicalAddressesUsingEPT,
        .apicVirtualization, .vmFunctions, .enablingVMFunctions, .generalOperationOfVMFUNC,
        .eptpSwitching, .virtualizationExceptions, .convertibleEPTViolations,
        .virtualizationExceptionInformation, .deliveryOfVirtualizationExceptions,
        .unrestrictedGuests,
    ]
}
