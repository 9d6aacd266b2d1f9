// The exit-information fields and the host-state area of the VMCS.

extension VMCSField {
    static let host16Rows: [Row] = [
        .init(.hostESSelector, "HOST_ES_SEL", "Host ES selector", .hostStateArea),
        .init(.hostCSSelector, "HOST_CS_SEL", "Host CS selector", .hostStateArea),
        .init(.hostSSSelector, "HOST_SS_SEL", "Host SS selector", .hostStateArea),
        .init(.hostDSSelector, "HOST_DS_SEL", "Host DS selector", .hostStateArea),
        .init(.hostFSSelector, "HOST_FS_SEL", "Host FS selector", .hostStateArea),
        .init(.hostGSSelector, "HOST_GS_SEL", "Host GS selector", .hostStateArea),
        .init(.hostTRSelector, "HOST_TR_SEL", "Host TR selector", .hostStateArea),
    ]

    static let readOnly64Rows: [Row] = [
        .init(
            .guestPhysicalAddress, "GUEST_PHYSICAL_ADDR", "Guest-physical address",
            .basicVMExitInformationFields, exists: [.secondary(.enableEPT)])
    ]

    static let host64Rows: [Row] = [
        .init(.hostPAT, "HOST_PAT", "Host IA32_PAT", .hostStateArea, exists: [.exit(.loadPAT)]),
        .init(.hostEFER, "HOST_EFER", "Host IA32_EFER", .hostStateArea, exists: [.exit(.loadEFER)]),
        .init(
            .hostPerfGlobalControl, "HOST_PERF_GLOBAL_CTRL", "Host IA32_PERF_GLOBAL_CTRL",
            .hostStateArea, exists: [.exit(.loadPerfGlobalControl)]),
        .init(.hostPKRS, "HOST_PKRS", "Host IA32_PKRS", .hostStateArea, exists: [.exit(.loadPKRS)]),
    ]

    static let readOnly32Rows: [Row] = [
        .init(
            .vmInstructionError, "VM_INSTR_ERROR", "VM-instruction error", .vmInstructionErrorField),
        .init(.exitReason, "EXIT_REASON", "Exit reason", .basicVMExitInformationFields),
        .init(
            .exitInterruptionInformation, "EXIT_INTR_INFO", "VM-exit interruption information",
            .vectoredEventInformationFields),
        .init(
            .exitInterruptionErrorCode, "EXIT_INTR_ERROR_CODE", "VM-exit interruption error code",
            .vectoredEventInformationFields),
        .init(
            .idtVectoringInformation, "IDT_VECTORING_INFO", "IDT-vectoring information field",
            .eventDeliveryInformationFields),
        .init(
            .idtVectoringErrorCode, "IDT_VECTORING_ERROR_CODE", "IDT-vectoring error code",
            .eventDeliveryInformationFields),
        .init(
            .exitInstructionLength, "EXIT_INSTR_LEN", "VM-exit instruction length",
            .instructionInformationFields),
        .init(
            .exitInstructionInformation, "EXIT_INSTR_INFO", "VM-exit instruction information",
            .instructionInformationFields),
    ]

    static let host32Rows: [Row] = [
        .init(.hostSYSENTERCS, "HOST_SYSENTER_CS", "Host IA32_SYSENTER_CS", .hostStateArea)
    ]

    static let readOnlyNaturalRows: [Row] = [
        .init(
            .exitQualification, "EXIT_QUALIFICATION", "Exit qualification",
            .basicVMExitInformationFields),
        .init(.ioRCX, "IO_RCX", "I/O RCX", .instructionInformationFields),
        .init(.ioRSI, "IO_RSI", "I/O RSI", .instructionInformationFields),
        .init(.ioRDI, "IO_RDI", "I/O RDI", .instructionInformationFields),
        .init(.ioRIP, "IO_RIP", "I/O RIP", .instructionInformationFields),
        .init(
            .guestLinearAddress, "GUEST_LINEAR_ADDR", "Guest-linear address",
            .basicVMExitInformationFields),
    ]

    static let hostNaturalRows: [Row] = [
        .init(.hostCR0, "HOST_CR0", "Host CR0", .hostStateArea),
        .init(.hostCR3, "HOST_CR3", "Host CR3", .hostStateArea),
        .init(.hostCR4, "HOST_CR4", "Host CR4", .hostStateArea),
        .init(.hostFSBase, "HOST_FS_BASE", "Host FS base", .hostStateArea),
        .init(.hostGSBase, "HOST_GS_BASE", "Host GS base", .hostStateArea),
        .init(.hostTRBase, "HOST_TR_BASE", "Host TR base", .hostStateArea),
        .init(.hostGDTRBase, "HOST_GDTR_BASE", "Host GDTR base", .hostStateArea),
        .init(.hostIDTRBase, "HOST_IDTR_BASE", "Host IDTR base", .hostStateArea),
        .init(.hostSYSENTERESP, "HOST_SYSENTER_ESP", "Host IA32_SYSENTER_ESP", .hostStateArea),
        .init(.hostSYSENTEREIP, "HOST_SYSENTER_EIP", "Host IA32_SYSENTER_EIP", .hostStateArea),
        .init(.hostRSP, "HOST_RSP", "Host RSP", .hostStateArea),
        .init(.hostRIP, "HOST_RIP", "Host RIP", .hostStateArea),
        .init(
            .hostSCET, "HOST_S_CET", "Host IA32_S_CET", .hostStateArea,
            exists: [.exit(.loadCETState)]),
        .init(.hostSSP, "HOST_SSP", "Host SSP", .hostStateArea, exists: [.exit(.loadCETState)]),
        .init(
            .hostInterruptSSPTable, "HOST_INTR_SSP_TABLE", "Host IA32_INTERRUPT_SSP_TABLE_ADDR",
            .hostStateArea, exists: [.exit(.loadCETState)]),
    ]
}
