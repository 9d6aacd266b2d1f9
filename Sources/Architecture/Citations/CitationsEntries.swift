// Chapter 27: VM entries.

extension Citation {
    public static let basicVMEntryChecks = Citation(
        .sdm3C, "27.1", "Basic VM-Entry Checks")
    public static let checksOnVMXControlsAndHostStateArea = Citation(
        .sdm3C, "27.2", "Checks on VMX Controls and Host-State Area")
    public static let checksOnVMXControls = Citation(
        .sdm3C, "27.2.1", "Checks on VMX Controls")
    public static let checksOnVMExecutionControlFields = Citation(
        .sdm3C, "27.2.1.1", "VM-Execution Control Fields")
    public static let checksOnVMExitControlFields = Citation(
        .sdm3C, "27.2.1.2", "VM-Exit Control Fields")
    public static let checksOnVMEntryControlFields = Citation(
        .sdm3C, "27.2.1.3", "VM-Entry Control Fields")
    public static let checksOnHostControlRegisters = Citation(
        .sdm3C, "27.2.2", "Checks on Host Control Registers, MSRs, and SSP")
    public static let checksOnHostSegments = Citation(
        .sdm3C, "27.2.3", "Checks on Host Segment and Descriptor-Table Registers")
    public static let checksRelatedToAddressSpaceSize = Citation(
        .sdm3C, "27.2.4", "Checks Related to Address-Space Size")
    public static let checkingAndLoadingGuestState = Citation(
        .sdm3C, "27.3", "Checking and Loading Guest State")
    public static let checksOnGuestStateArea = Citation(
        .sdm3C, "27.3.1", "Checks on the Guest State Area")
    public static let checksOnGuestControlRegisters = Citation(
        .sdm3C, "27.3.1.1", "Checks on Guest Control Registers, Debug Registers, and MSRs")
    public static let checksOnGuestSegmentRegisters = Citation(
        .sdm3C, "27.3.1.2", "Checks on Guest Segment Registers")
    public static let checksOnGuestDescriptorTableRegisters = Citation(
        .sdm3C, "27.3.1.3", "Checks on Guest Descriptor-Table Registers")
    public static let checksOnGuestRIPRFLAGSAndSSP = Citation(
        .sdm3C, "27.3.1.4", "Checks on Guest RIP, RFLAGS, and SSP")
    public static let checksOnGuestNonRegisterState = Citation(
        .sdm3C, "27.3.1.5", "Checks on Guest Non-Register State")
    public static let checksOnGuestPDPTEs = Citation(
        .sdm3C, "27.3.1.6", "Checks on Guest Page-Directory-Pointer-Table Entries")
    public static let loadingGuestState = Citation(
        .sdm3C, "27.3.2", "Loading Guest State")
    public static let loadingGuestControlRegisters = Citation(
        .sdm3C, "27.3.2.1", "Loading Guest Control Registers, Debug Registers, and MSRs")
    public static let loadingGuestSegmentRegisters = Citation(
        .sdm3C, "27.3.2.2", "Loading Guest Segment Registers and Descriptor-Table Registers")
    public static let loadingGuestRIPRSPRFLAGSAndSSP = Citation(
        .sdm3C, "27.3.2.3", "Loading Guest RIP, RSP, RFLAGS, and SSP")
    public static let loadingGuestPDPTEs = Citation(
        .sdm3C, "27.3.2.4", "Loading Page-Directory-Pointer-Table Entries")
    public static let updatingGuestNonRegisterState = Citation(
        .sdm3C, "27.3.2.5", "Updating Non-Register State")
    public static let clearingAddressRangeMonitoringAtEntry = Citation(
        .sdm3C, "27.3.3", "Clearing Address-Range Monitoring")
    public static let loadingMSRsAtEntry = Citation(
        .sdm3C, "27.4", "Loading MSRs")
    public static let traceAddressPreTranslation = Citation(
        .sdm3C, "27.5", "Trace-Address Pre-Translation (TAPT)")
    public static let eventInjection = Citation(
        .sdm3C, "27.6", "Event Injection")
    public static let vectoredEventInjection = Citation(
        .sdm3C, "27.6.1", "Vectored-Event Injection")
    public static let detailsOfVectoredEventInjection = Citation(
        .sdm3C, "27.6.1.1", "Details of Vectored-Event Injection")
    public static let exitsDuringEventInjection = Citation(
        .sdm3C, "27.6.1.2", "VM Exits During Event Injection")
    public static let eventInjectionToRealAddressMode = Citation(
        .sdm3C, "27.6.1.3", "Event Injection for VM Entries to Real-Address Mode")
    public static let injectionOfPendingMTFExits = Citation(
        .sdm3C, "27.6.2", "Injection of Pending MTF VM Exits")
    public static let specialFeaturesOfVMEntry = Citation(
        .sdm3C, "27.7", "Special Features of VM Entry")
    public static let entryInterruptibilityState = Citation(
        .sdm3C, "27.7.1", "Interruptibility State")
    public static let entryActivityState = Citation(
        .sdm3C, "27.7.2", "Activity State")
    public static let deliveryOfPendingDebugExceptions = Citation(
        .sdm3C, "27.7.3", "Delivery of Pending Debug Exceptions after VM Entry")
    public static let entryPreemptionTimer = Citation(
        .sdm3C, "27.7.4", "VMX-Preemption Timer")
    public static let interruptWindowExiting = Citation(
        .sdm3C, "27.7.5", "Interrupt-Window Exiting and Virtual-Interrupt Delivery")
    public static let nmiWindowExiting = Citation(
        .sdm3C, "27.7.6", "NMI-Window Exiting")
    public static let exitsInducedByTheTPRThreshold = Citation(
        .sdm3C, "27.7.7", "VM Exits Induced by the TPR Threshold")
    public static let pendingMTFExits = Citation(
        .sdm3C, "27.7.8", "Pending MTF VM Exits")
    public static let entryFailuresLoadingGuestState = Citation(
        .sdm3C, "27.8", "VM-Entry Failures During or After Loading Guest State")
    public static let machineCheckEventsDuringEntry = Citation(
        .sdm3C, "27.9", "Machine-Check Events During VM Entry")

    static let entriesSections: [Citation] = [
        .basicVMEntryChecks, .checksOnVMXControlsAndHostStateArea, .checksOnVMXControls,
        .checksOnVMExecutionControlFields, .checksOnVMExitControlFields,
        .checksOnVMEntryControlFields, .checksOnHostControlRegisters, .checksOnHostSegments,
        .checksRelatedToAddressSpaceSize, .checkingAndLoadingGuestState,
        .checksOnGuestStateArea, .checksOnGuestControlRegisters, .checksOnGuestSegmentRegisters,
        .checksOnGuestDescriptorTableRegisters, .checksOnGuestRIPRFLAGSAndSSP,
        .checksOnGuestNonRegisterState, .checksOnGuestPDPTEs, .loadingGuestState,
        .loadingGuestControlRegisters, .loadingGuestSegmentRegisters,
        .loadingGuestRIPRSPRFLAGSAndSSP, .loadingGuestPDPTEs, .updatingGuestNonRegisterState,
        .clearingAddressRangeMonitoringAtEntry, .loadingMSRsAtEntry,
        .traceAddressPreTranslation, .eventInjection, .vectoredEventInjection,
        .detailsOfVectoredEventInjection, .exitsDuringEventInjection,
        .eventInjectionToRealAddressMode, .injectionOfPendingMTFExits,
        .specialFeaturesOfVMEntry, .entryInterruptibilityState, .entryActivityState,
        .deliveryOfPendingDebugExceptions, .entryPreemptionTimer, .interruptWindowExiting,
        .nmiWindowExiting, .exitsInducedByTheTPRThreshold, .pendingMTFExits,
        .entryFailuresLoadingGuestState, .machineCheckEventsDuringEntry,
    ]
}
