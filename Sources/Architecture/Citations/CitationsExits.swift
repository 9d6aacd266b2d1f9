// Chapter 28: VM exits.

extension Citation {
    public static let architecturalStateBeforeAnExit = Citation(
        .sdm3C, "28.1", "Architectural State Before a VM Exit")
    public static let recordingExitInformation = Citation(
        .sdm3C, "28.2", "Recording VM-Exit Information and Updating VM-Entry Control Fields")
    public static let basicVMExitInformation = Citation(
        .sdm3C, "28.2.1", "Basic VM-Exit Information")
    public static let informationForVectoredEvents = Citation(
        .sdm3C, "28.2.2", "Information for VM Exits Due to Vectored Events")
    public static let informationAboutNMIUnblocking = Citation(
        .sdm3C, "28.2.3", "Information About NMI Unblocking Due to IRET")
    public static let informationForExitsDuringEventDelivery = Citation(
        .sdm3C, "28.2.4", "Information for VM Exits During Event Delivery")
    public static let informationForExitsDueToInstructions = Citation(
        .sdm3C, "28.2.5", "Information for VM Exits Due to Instruction Execution")
    public static let savingGuestState = Citation(
        .sdm3C, "28.3", "Saving Guest State")
    public static let savingControlRegisters = Citation(
        .sdm3C, "28.3.1", "Saving Control Registers, Debug Registers, and MSRs")
    public static let savingSegmentRegisters = Citation(
        .sdm3C, "28.3.2", "Saving Segment Registers and Descriptor-Table Registers")
    public static let savingRIPRSPRFLAGSAndSSP = Citation(
        .sdm3C, "28.3.3", "Saving RIP, RSP, RFLAGS, and SSP")
    public static let savingNonRegisterState = Citation(
        .sdm3C, "28.3.4", "Saving Non-Register State")
    public static let savingMSRs = Citation(
        .sdm3C, "28.4", "Saving MSRs")
    public static let loadingHostState = Citation(
        .sdm3C, "28.5", "Loading Host State")
    public static let loadingHostControlRegisters = Citation(
        .sdm3C, "28.5.1", "Loading Host Control Registers, Debug Registers, MSRs")
    public static let loadingHostSegmentRegisters = Citation(
        .sdm3C, "28.5.2", "Loading Host Segment and Descriptor-Table Registers")
    public static let loadingHostRIPRSPRFLAGSAndSSP = Citation(
        .sdm3C, "28.5.3", "Loading Host RIP, RSP, RFLAGS, and SSP")
    public static let checkingAndLoadingHostPDPTEs = Citation(
        .sdm3C, "28.5.4", "Checking and Loading Host Page-Directory-Pointer-Table Entries")
    public static let updatingHostNonRegisterState = Citation(
        .sdm3C, "28.5.5", "Updating Non-Register State")
    public static let clearingAddressRangeMonitoringAtExit = Citation(
        .sdm3C, "28.5.6", "Clearing Address-Range Monitoring")
    public static let loadingMSRsAtExit = Citation(
        .sdm3C, "28.6", "Loading MSRs")
    public static let vmxAborts = Citation(
        .sdm3C, "28.7", "VMX Aborts")
    public static let machineCheckEventsDuringExit = Citation(
        .sdm3C, "28.8", "Machine-Check Events During VM Exit")

    static let exitsSections: [Citation] = [
        .architecturalStateBeforeAnExit, .recordingExitInformation, .basicVMExitInformation,
        .informationForVectoredEvents, .informationAboutNMIUnblocking,
        .informationForExitsDuringEventDelivery, .informationForExitsDueToInstructions,
        .savingGuestState, .savingControlRegisters, .savingSegmentRegisters,
        .savingRIPRSPRFLAGSAndSSP, .savingNonRegisterState, .savingMSRs, .loadingHostState,
        .loadingHostControlRegisters, .loadingHostSegmentRegisters,
        .loadingHostRIPRSPRFLAGSAndSSP, .checkingAndLoadingHostPDPTEs,
        .updatingHostNonRegisterState, .clearingAddressRangeMonitoringAtExit,
        .loadingMSRsAtExit, .vmxAborts, .machineCheckEventsDuringExit,
    ]
}
