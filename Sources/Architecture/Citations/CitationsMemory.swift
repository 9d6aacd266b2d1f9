// Chapters 29 and 30: address translation, APIC virtualization.

extension Citation {
    public static let virtualProcessorIdentifiers = Citation(
        .sdm3C, "29.1", "Virtual Processor Identifiers (VPIDs)")
    public static let hypervisorManagedLinearAddressTranslation = Citation(
        .sdm3C, "29.2", "Hypervisor-Managed Linear-Address Translation (HLAT)")
    public static let extendedPageTableMechanism = Citation(
        .sdm3C, "29.3", "The Extended Page Table Mechanism (EPT)")
    public static let eptOverview = Citation(
        .sdm3C, "29.3.1", "EPT Overview")
    public static let eptTranslationMechanism = Citation(
        .sdm3C, "29.3.2", "EPT Translation Mechanism")
    public static let eptInducedExits = Citation(
        .sdm3C, "29.3.3", "EPT-Induced VM Exits")
    public static let eptMisconfigurations = Citation(
        .sdm3C, "29.3.3.1", "EPT Misconfigurations")
    public static let eptViolations = Citation(
        .sdm3C, "29.3.3.2", "EPT Violations")
    public static let prioritizationOfEPTExits = Citation(
        .sdm3C, "29.3.3.3", "Prioritization of EPT Misconfigurations and EPT Violations")
    public static let subPageWritePermissions = Citation(
        .sdm3C, "29.3.4", "Sub-Page Write Permissions")
    public static let accessedAndDirtyFlagsForEPT = Citation(
        .sdm3C, "29.3.5", "Accessed and Dirty Flags for EPT")
    public static let pageModificationLogging = Citation(
        .sdm3C, "29.3.6", "Page-Modification Logging")
    public static let eptAndMemoryTyping = Citation(
        .sdm3C, "29.3.7", "EPT and Memory Typing")
    public static let memoryTypeForEPTStructures = Citation(
        .sdm3C, "29.3.7.1", "Memory Type Used for Accessing EPT Paging Structures")
    public static let memoryTypeForTranslatedAddresses = Citation(
        .sdm3C, "29.3.7.2", "Memory Type Used for Translated Guest-Physical Addresses")
    public static let cachingTranslationInformationVMX = Citation(
        .sdm3C, "29.4", "Caching Translation Information")
    public static let informationThatMayBeCached = Citation(
        .sdm3C, "29.4.1", "Information That May Be Cached")
    public static let creatingAndUsingCachedTranslations = Citation(
        .sdm3C, "29.4.2", "Creating and Using Cached Translation Information")
    public static let invalidatingCachedTranslations = Citation(
        .sdm3C, "29.4.3", "Invalidating Cached Translation Information")
    public static let operationsThatInvalidateCachedMappings = Citation(
        .sdm3C, "29.4.3.1", "Operations that Invalidate Cached Mappings")
    public static let operationsThatNeedNotInvalidate = Citation(
        .sdm3C, "29.4.3.2", "Operations that Need Not Invalidate Cached Mappings")
    public static let guidelinesForINVVPID = Citation(
        .sdm3C, "29.4.3.3", "Guidelines for Use of the INVVPID Instruction")
    public static let guidelinesForINVEPT = Citation(
        .sdm3C, "29.4.3.4", "Guidelines for Use of the INVEPT Instruction")
    public static let virtualAPICState = Citation(
        .sdm3C, "30.1", "Virtual APIC State")
    public static let virtualizedAPICRegisters = Citation(
        .sdm3C, "30.1.1", "Virtualized APIC Registers")
    public static let tprVirtualization = Citation(
        .sdm3C, "30.1.2", "TPR Virtualization")
    public static let pprVirtualization = Citation(
        .sdm3C, "30.1.3", "PPR Virtualization")
    public static let eoiVirtualization = Citation(
        .sdm3C, "30.1.4", "EOI Virtualization")
    public static let selfIPIVirtualization = Citation(
        .sdm3C, "30.1.5", "Self-IPI Virtualization")
    public static let ipiVirtualization = Citation(
        .sdm3C, nil, "IPI Virtualization")
    public static let evaluationAndDeliveryOfVirtualInterrupts = Citation(
        .sdm3C, "30.2", "Evaluation and Delivery of Virtual Interrupts")
    public static let evaluationOfPendingVirtualInterrupts = Citation(
        .sdm3C, "30.2.1", "Evaluation of Pending Virtual Interrupts")
    public static let virtualInterruptDelivery = Citation(
        .sdm3C, "30.2.2", "Virtual-Interrupt Delivery")
    public static let virtualizingCR8Accesses = Citation(
        .sdm3C, "30.3", "Virtualizing CR8-Based TPR Accesses")
    public static let virtualizingMemoryMappedAPICAccesses = Citation(
        .sdm3C, "30.4", "Virtualizing Memory-Mapped APIC Accesses")
    public static let priorityOfAPICAccessExits = Citation(
        .sdm3C, "30.4.1", "Priority of APIC-Access VM Exits")
    public static let virtualizingAPICReads = Citation(
        .sdm3C, "30.4.2", "Virtualizing Reads from the APIC-Access Page")
    public static let virtualizingAPICWrites = Citation(
        .sdm3C, "30.4.3", "Virtualizing Writes to the APIC-Access Page")
    public static let determiningWhetherAWriteIsVirtualized = Citation(
        .sdm3C, "30.4.3.1", "Determining Whether a Write Access is Virtualized")
    public static let apicWriteEmulation = Citation(
        .sdm3C, "30.4.3.2", "APIC-Write Emulation")
    public static let apicWriteExits = Citation(
        .sdm3C, "30.4.3.3", "APIC-Write VM Exits")
    public static let apicInstructionConsiderations = Citation(
        .sdm3C, "30.4.4", "Instruction-Specific Considerations")
    public static let apicPageSizeAndTLB = Citation(
        .sdm3C, "30.4.5", "Issues Pertaining to Page Size and TLB Management")
    public static let apicAccessesNotFromLinearAddresses = Citation(
        .sdm3C, "30.4.6", "APIC Accesses Not Directly Resulting From Linear Addresses")
    public static let virtualizingMSRBasedAPICAccesses = Citation(
        .sdm3C, "30.5", "Virtualizing MSR-Based APIC Accesses")
    public static let postedInterruptProcessing = Citation(
        .sdm3C, "30.6", "Posted-Interrupt Processing")

    static let memorySections: [Citation] = [
        .virtualProcessorIdentifiers, .hypervisorManagedLinearAddressTranslation,
        .extendedPageTableMechanism, .eptOverview, .eptTranslationMechanism, .eptInducedExits,
        .eptMisconfigurations, .eptViolations, .prioritizationOfEPTExits,
        .subPageWritePermissions, .accessedAndDirtyFlagsForEPT, .pageModificationLogging,
        .eptAndMemoryTyping, .memoryTypeForEPTStructures, .memoryTypeForTranslatedAddresses,
        .cachingTranslationInformationVMX, .informationThatMayBeCached,
        .creatingAndUsingCachedTranslations, .invalidatingCachedTranslations,
        .operationsThatInvalidateCachedMappings, .operationsThatNeedNotInvalidate,
        .guidelinesForINVVPID, .guidelinesForINVEPT, .virtualAPICState,
        .virtualizedAPICRegisters, .tprVirtualization, .pprVirtualization, .eoiVirtualization,
        .selfIPIVirtualization, .ipiVirtualization, .evaluationAndDeliveryOfVirtualInterrupts,
        .evaluationOfPendingVirtualInterrupts, .virtualInterruptDelivery,
        .virtualizingCR8Accesses, .virtualizingMemoryMappedAPICAccesses,
        .priorityOfAPICAccessExits, .virtualizingAPICReads, .virtualizingAPICWrites,
        .determiningWhetherAWriteIsVirtualized, .apicWriteEmulation, .apicWriteExits,
        .apicInstructionConsiderations, .apicPageSizeAndTLB,
        .apicAccessesNotFromLinearAddresses, .virtualizingMSRBasedAPICAccesses,
        .postedInterruptProcessing,
    ]
}
