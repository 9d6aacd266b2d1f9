// Volume 3A: registers, segments, paging, interrupts, tasks, the APIC.

extension Citation {
    public static let modesOfOperation = Citation(
        .sdm3A, "2.2", "Modes of Operation")
    public static let extendedFeatureEnableRegister = Citation(
        .sdm3A, "2.2.1", "Extended Feature Enable Register")
    public static let systemFlagsAndFieldsInEFLAGS = Citation(
        .sdm3A, "2.3", "System Flags and Fields in the EFLAGS Register")
    public static let memoryManagementRegisters = Citation(
        .sdm3A, "2.4", "Memory-Management Registers")
    public static let controlRegisters = Citation(
        .sdm3A, "2.5", "Control Registers")
    public static let extendedControlRegisters = Citation(
        .sdm3A, "2.6", "Extended Control Registers (Including XCR0)")
    public static let systemInstructionSummary = Citation(
        .sdm3A, "2.8", "System Instruction Summary")
    public static let logicalAndLinearAddresses = Citation(
        .sdm3A, "3.4", "Logical and Linear Addresses")
    public static let segmentSelectors = Citation(
        .sdm3A, "3.4.2", "Segment Selectors")
    public static let segmentRegisters = Citation(
        .sdm3A, "3.4.3", "Segment Registers")
    public static let segmentDescriptors = Citation(
        .sdm3A, "3.4.5", "Segment Descriptors")
    public static let codeAndDataSegmentDescriptorTypes = Citation(
        .sdm3A, "3.4.5.1", "Code- and Data-Segment Descriptor Types")
    public static let systemDescriptorTypes = Citation(
        .sdm3A, "3.5", "System Descriptor Types")
    public static let pagingModesAndControlBits = Citation(
        .sdm3A, "4.1", "Paging Modes and Control Bits")
    public static let thirtyTwoBitPaging = Citation(
        .sdm3A, "4.3", "32-Bit Paging")
    public static let paePaging = Citation(
        .sdm3A, "4.4", "PAE Paging")
    public static let pdpteRegisters = Citation(
        .sdm3A, "4.4.1", "PDPTE Registers")
    public static let fourLevelPaging = Citation(
        .sdm3A, "4.5", "4-Level Paging and 5-Level Paging")
    public static let accessRightsOfPaging = Citation(
        .sdm3A, "4.6", "Access Rights")
    public static let pageFaultExceptions = Citation(
        .sdm3A, "4.7", "Page-Fault Exceptions")
    public static let accessedAndDirtyFlags = Citation(
        .sdm3A, "4.8", "Accessed and Dirty Flags")
    public static let pagingAndMemoryTyping = Citation(
        .sdm3A, "4.9", "Paging and Memory Typing")
    public static let cachingTranslationInformation = Citation(
        .sdm3A, "4.10", "Caching Translation Information")
    public static let processContextIdentifiers = Citation(
        .sdm3A, "4.10.1", "Process-Context Identifiers (PCIDs)")
    public static let invalidationOfTLBs = Citation(
        .sdm3A, "4.10.4", "Invalidation of TLBs and Paging-Structure Caches")
    public static let limitChecking = Citation(
        .sdm3A, "5.3", "Limit Checking")
    public static let typeChecking = Citation(
        .sdm3A, "5.4", "Type Checking")
    public static let privilegeLevels = Citation(
        .sdm3A, "5.5", "Privilege Levels")
    public static let privilegeCheckingDataSegments = Citation(
        .sdm3A, "5.6", "Privilege Level Checking When Accessing Data Segments")
    public static let privilegeCheckingSS = Citation(
        .sdm3A, "5.7", "Privilege Level Checking When Loading the SS Register")
    public static let privilegeCheckingTransfers = Citation(
        .sdm3A, "5.8",
        "Privilege Level Checking When Transferring Program Control Between Code Segments")
    public static let callGates = Citation(
        .sdm3A, "5.8.3", "Call Gates")
    public static let fastSystemCalls = Citation(
        .sdm3A, "5.8.7",
        "Performing Fast Calls to System Procedures with the SYSENTER and SYSEXIT Instructions")
    public static let fastSystemCallsSYSCALL = Citation(
        .sdm3A, "5.8.8", "Fast System Calls in 64-Bit Mode")
    public static let privilegedInstructions = Citation(
        .sdm3A, "5.9", "Privileged Instructions")
    public static let pageLevelProtection = Citation(
        .sdm3A, "5.11", "Page-Level Protection")
    public static let exceptionClassifications = Citation(
        .sdm3A, "6.5", "Exception Classifications")
    public static let enablingAndDisablingInterrupts = Citation(
        .sdm3A, "6.8", "Enabling and Disabling Interrupts")
    public static let maskingMaskableHardwareInterrupts = Citation(
        .sdm3A, "6.8.1", "Masking Maskable Hardware Interrupts")
    public static let maskingInstructionBreakpoints = Citation(
        .sdm3A, "6.8.2", "Masking Instruction Breakpoints")
    public static let maskingWhenSwitchingStacks = Citation(
        .sdm3A, "6.8.3", "Masking Exceptions and Interrupts When Switching Stacks")
    public static let prioritizationOfConcurrentEvents = Citation(
        .sdm3A, "6.9", "Prioritization of Concurrent Events")
    public static let interruptDescriptorTable = Citation(
        .sdm3A, "6.10", "Interrupt Descriptor Table (IDT)")
    public static let idtDescriptors = Citation(
        .sdm3A, "6.11", "IDT Descriptors")
    public static let exceptionAndInterruptHandling = Citation(
        .sdm3A, "6.12", "Exception and Interrupt Handling")
    public static let exceptionErrorCode = Citation(
        .sdm3A, "6.13", "Error Code")
    public static let interruptHandlingIn64BitMode = Citation(
        .sdm3A, "6.14", "Exception and Interrupt Handling in 64-Bit Mode")
    public static let interruptStackTable = Citation(
        .sdm3A, "6.14.5", "Interrupt Stack Table")
    public static let exceptionAndInterruptReference = Citation(
        .sdm3A, "6.15", "Exception and Interrupt Reference")
    public static let doubleFaultException = Citation(
        .sdm3A, nil, "Interrupt 8—Double Fault Exception (#DF)")
    public static let taskManagementStructures = Citation(
        .sdm3A, "8.2", "Task Management Data Structures")
    public static let taskStateSegment = Citation(
        .sdm3A, "8.2.1", "Task-State Segment (TSS)")
    public static let taskSwitching = Citation(
        .sdm3A, "8.3", "Task Switching")
    public static let taskLinking = Citation(
        .sdm3A, "8.4", "Task Linking")
    public static let localAPIC = Citation(
        .sdm3A, "11.4", "Local APIC")
    public static let handlingInterrupts = Citation(
        .sdm3A, "11.8", "Handling Interrupts")
    public static let processorStateAfterReset = Citation(
        .sdm3A, nil, "Processor State After Reset")
    public static let interruptTaskAndProcessorPriority = Citation(
        .sdm3A, "11.8.3", "Interrupt, Task, and Processor Priority")
    public static let x2apic = Citation(
        .sdm3A, "11.12", "Extended XAPIC (x2APIC)")
    public static let memoryTypeRangeRegisters = Citation(
        .sdm3A, "12.11", "Memory Type Range Registers (MTRRs)")
    public static let pageAttributeTable = Citation(
        .sdm3A, "12.12", "Page Attribute Table (PAT)")

    static let systemSections: [Citation] = [
        .modesOfOperation, .extendedFeatureEnableRegister, .systemFlagsAndFieldsInEFLAGS,
        .memoryManagementRegisters, .controlRegisters, .extendedControlRegisters,
        .systemInstructionSummary, .logicalAndLinearAddresses, .segmentSelectors,
        .segmentRegisters, .segmentDescriptors, .codeAndDataSegmentDescriptorTypes,
        .systemDescriptorTypes, .pagingModesAndControlBits, .thirtyTwoBitPaging, .paePaging,
        .pdpteRegisters, .fourLevelPaging, .accessRightsOfPaging, .pageFaultExceptions,
        .accessedAndDirtyFlags, .pagingAndMemoryTyping, .cachingTranslationInformation,
        .processContextIdentifiers, .invalidationOfTLBs, .limitChecking, .typeChecking,
        .privilegeLevels, .privilegeCheckingDataSegments, .privilegeCheckingSS,
        .privilegeCheckingTransfers, .callGates, .fastSystemCalls, .fastSystemCallsSYSCALL,
        .privilegedInstructions, .pageLevelProtection, .exceptionClassifications,
        .enablingAndDisablingInterrupts, .maskingMaskableHardwareInterrupts,
        .maskingInstructionBreakpoints, .maskingWhenSwitchingStacks,
        .prioritizationOfConcurrentEvents, .interruptDescriptorTable, .idtDescriptors,
        .exceptionAndInterruptHandling, .exceptionErrorCode, .interruptHandlingIn64BitMode,
        .interruptStackTable, .exceptionAndInterruptReference, .doubleFaultException,
        .taskManagementStructures, .taskStateSegment, .taskSwitching, .taskLinking, .localAPIC,
        .handlingInterrupts, .processorStateAfterReset, .interruptTaskAndProcessorPriority,
        .x2apic, .memoryTypeRangeRegisters, .pageAttributeTable,
    ]
}
