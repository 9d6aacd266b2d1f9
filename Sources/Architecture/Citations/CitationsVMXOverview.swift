// Chapters 24 and 25: VMX operation and the VMCS.

extension Citation {
    public static let introductionToVMXOperation = Citation(
        .sdm3C, "24.3", "Introduction to VMX Operation")
    public static let lifeCycleOfVMMSoftware = Citation(
        .sdm3C, "24.4", "Life Cycle of VMM Software")
    public static let virtualMachineControlStructure = Citation(
        .sdm3C, "24.5", "Virtual-Machine Control Structure")
    public static let discoveringSupportForVMX = Citation(
        .sdm3C, "24.6", "Discovering Support for VMX")
    public static let enablingAndEnteringVMXOperation = Citation(
        .sdm3C, "24.7", "Enabling and Entering VMX Operation")
    public static let restrictionsOnVMXOperation = Citation(
        .sdm3C, "24.8", "Restrictions on VMX Operation")
    public static let vmcsOverview = Citation(
        .sdm3C, "25.1", "Overview")
    public static let formatOfTheVMCSRegion = Citation(
        .sdm3C, "25.2", "Format of the VMCS Region")
    public static let organizationOfVMCSData = Citation(
        .sdm3C, "25.3", "Organization of VMCS Data")
    public static let guestStateArea = Citation(
        .sdm3C, "25.4", "Guest-State Area")
    public static let guestRegisterState = Citation(
        .sdm3C, "25.4.1", "Guest Register State")
    public static let guestNonRegisterState = Citation(
        .sdm3C, "25.4.2", "Guest Non-Register State")
    public static let hostStateArea = Citation(
        .sdm3C, "25.5", "Host-State Area")
    public static let vmExecutionControlFields = Citation(
        .sdm3C, "25.6", "VM-Execution Control Fields")
    public static let pinBasedVMExecutionControls = Citation(
        .sdm3C, "25.6.1", "Pin-Based VM-Execution Controls")
    public static let processorBasedVMExecutionControls = Citation(
        .sdm3C, "25.6.2", "Processor-Based VM-Execution Controls")
    public static let exceptionBitmap = Citation(
        .sdm3C, "25.6.3", "Exception Bitmap")
    public static let ioBitmapAddresses = Citation(
        .sdm3C, "25.6.4", "I/O-Bitmap Addresses")
    public static let timeStampCounterOffsetAndMultiplier = Citation(
        .sdm3C, "25.6.5", "Time-Stamp Counter Offset and Multiplier")
    public static let guestHostMasksAndReadShadows = Citation(
        .sdm3C, "25.6.6", "Guest/Host Masks and Read Shadows for CR0 and CR4")
    public static let cr3TargetControls = Citation(
        .sdm3C, "25.6.7", "CR3-Target Controls")
    public static let controlsForAPICVirtualization = Citation(
        .sdm3C, "25.6.8", "Controls for APIC Virtualization")
    public static let msrBitmapAddress = Citation(
        .sdm3C, "25.6.9", "MSR-Bitmap Address")
    public static let executiveVMCSPointer = Citation(
        .sdm3C, "25.6.10", "Executive-VMCS Pointer")
    public static let extendedPageTablePointer = Citation(
        .sdm3C, "25.6.11", "Extended-Page-Table Pointer (EPTP)")
    public static let virtualProcessorIdentifier = Citation(
        .sdm3C, "25.6.12", "Virtual-Processor Identifier (VPID)")
    public static let controlsForPAUSELoopExiting = Citation(
        .sdm3C, "25.6.13", "Controls for PAUSE-Loop Exiting")
    public static let vmFunctionControls = Citation(
        .sdm3C, "25.6.14", "VM-Function Controls")
    public static let vmcsShadowingBitmapAddresses = Citation(
        .sdm3C, "25.6.15", "VMCS Shadowing Bitmap Addresses")
    public static let enclsExitingBitmap = Citation(
        .sdm3C, "25.6.16", "ENCLS-Exiting Bitmap")
    public static let enclvExitingBitmap = Citation(
        .sdm3C, "25.6.17", "ENCLV-Exiting Bitmap")
    public static let pconfigExitingBitmap = Citation(
        .sdm3C, "25.6.18", "PCONFIG-Exiting Bitmap")
    public static let controlFieldForPageModificationLogging = Citation(
        .sdm3C, "25.6.19", "Control Field for Page-Modification Logging")
    public static let controlsForVirtualizationExceptions = Citation(
        .sdm3C, "25.6.20", "Controls for Virtualization Exceptions")
    public static let xssExitingBitmap = Citation(
        .sdm3C, "25.6.21", "XSS-Exiting Bitmap")
    public static let subPagePermissionTablePointer = Citation(
        .sdm3C, "25.6.22", "Sub-Page-Permission-Table Pointer (SPPTP)")
    public static let fieldsRelatedToHLAT = Citation(
        .sdm3C, nil, "Fields Related to Hypervisor-Managed Linear-Address Translation")
    public static let fieldsRelatedToPASIDTranslation = Citation(
        .sdm3C, nil, "Fields Related to PASID Translation")
    public static let instructionTimeoutControl = Citation(
        .sdm3C, nil, "Instruction-Timeout Control")
    public static let vmExitControlFields = Citation(
        .sdm3C, "25.7", "VM-Exit Control Fields")
    public static let vmExitControls = Citation(
        .sdm3C, "25.7.1", "VM-Exit Controls")
    public static let vmExitControlsForMSRs = Citation(
        .sdm3C, "25.7.2", "VM-Exit Controls for MSRs")
    public static let vmEntryControlFields = Citation(
        .sdm3C, "25.8", "VM-Entry Control Fields")
    public static let vmEntryControls = Citation(
        .sdm3C, "25.8.1", "VM-Entry Controls")
    public static let vmEntryControlsForMSRs = Citation(
        .sdm3C, "25.8.2", "VM-Entry Controls for MSRs")
    public static let vmEntryControlsForEventInjection = Citation(
        .sdm3C, "25.8.3", "VM-Entry Controls for Event Injection")
    public static let vmExitInformationFields = Citation(
        .sdm3C, "25.9", "VM-Exit Information Fields")
    public static let basicVMExitInformationFields = Citation(
        .sdm3C, "25.9.1", "Basic VM-Exit Information")
    public static let vectoredEventInformationFields = Citation(
        .sdm3C, "25.9.2", "Information for VM Exits Due to Vectored Events")
    public static let eventDeliveryInformationFields = Citation(
        .sdm3C, "25.9.3", "Information for VM Exits That Occur During Event Delivery")
    public static let instructionInformationFields = Citation(
        .sdm3C, "25.9.4", "Information for VM Exits Due to Instruction Execution")
    public static let vmInstructionErrorField = Citation(
        .sdm3C, "25.9.5", "VM-Instruction Error Field")
    public static let vmcsTypes = Citation(
        .sdm3C, "25.10", "VMCS Types: Ordinary and Shadow")
    public static let softwareUseOfTheVMCS = Citation(
        .sdm3C, "25.11", "Software Use of the VMCS and Related Structures")
    public static let softwareUseOfVMCSs = Citation(
        .sdm3C, "25.11.1", "Software Use of Virtual-Machine Control Structures")
    public static let vmreadVMWRITEAndEncodings = Citation(
        .sdm3C, "25.11.2", "VMREAD, VMWRITE, and Encodings of VMCS Fields")
    public static let initializingAVMCS = Citation(
        .sdm3C, "25.11.3", "Initializing a VMCS")
    public static let softwareAccessToRelatedStructures = Citation(
        .sdm3C, "25.11.4", "Software Access to Related Structures")
    public static let vmxonRegion = Citation(
        .sdm3C, "25.11.5", "VMXON Region")

    static let vmxOverviewSections: [Citation] = [
        .introductionToVMXOperation, .lifeCycleOfVMMSoftware, .virtualMachineControlStructure,
        .discoveringSupportForVMX, .enablingAndEnteringVMXOperation,
        .restrictionsOnVMXOperation, .vmcsOverview, .formatOfTheVMCSRegion,
        .organizationOfVMCSData, .guestStateArea, .guestRegisterState, .guestNonRegisterState,
        .hostStateArea, .vmExecutionControlFields, .pinBasedVMExecutionControls,
        .processorBasedVMExecutionControls, .exceptionBitmap, .ioBitmapAddresses,
        .timeStampCounterOffsetAndMultiplier, .guestHostMasksAndReadShadows, .cr3TargetControls,
        .controlsForAPICVirtualization, .msrBitmapAddress, .executiveVMCSPointer,
        .extendedPageTablePointer, .virtualProcessorIdentifier, .controlsForPAUSELoopExiting,
        .vmFunctionControls, .vmcsShadowingBitmapAddresses, .enclsExitingBitmap,
        .enclvExitingBitmap, .pconfigExitingBitmap, .controlFieldForPageModificationLogging,
        .controlsForVirtualizationExceptions, .xssExitingBitmap, .subPagePermissionTablePointer,
        .fieldsRelatedToHLAT, .fieldsRelatedToPASIDTranslation, .instructionTimeoutControl,
        .vmExitControlFields, .vmExitControls, .vmExitControlsForMSRs, .vmEntryControlFields,
        .vmEntryControls, .vmEntryControlsForMSRs, .vmEntryControlsForEventInjection,
        .vmExitInformationFields, .basicVMExitInformationFields,
        .vectoredEventInformationFields, .eventDeliveryInformationFields,
        .instructionInformationFields, .vmInstructionErrorField, .vmcsTypes,
        .softwareUseOfTheVMCS, .softwareUseOfVMCSs, .vmreadVMWRITEAndEncodings,
        .initializingAVMCS, .softwareAccessToRelatedStructures, .vmxonRegion,
    ]
}
