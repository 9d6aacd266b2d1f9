// The guest-state area of the VMCS.

extension VMCSField {
    static let guest16Rows: [Row] = [
        .init(.guestESSelector, "GUEST_ES_SEL", "Guest ES selector", .guestRegisterState),
        .init(.guestCSSelector, "GUEST_CS_SEL", "Guest CS selector", .guestRegisterState),
        .init(.guestSSSelector, "GUEST_SS_SEL", "Guest SS selector", .guestRegisterState),
        .init(.guestDSSelector, "GUEST_DS_SEL", "Guest DS selector", .guestRegisterState),
        .init(.guestFSSelector, "GUEST_FS_SEL", "Guest FS selector", .guestRegisterState),
        .init(.guestGSSelector, "GUEST_GS_SEL", "Guest GS selector", .guestRegisterState),
        .init(.guestLDTRSelector, "GUEST_LDTR_SEL", "Guest LDTR selector", .guestRegisterState),
        .init(.guestTRSelector, "GUEST_TR_SEL", "Guest TR selector", .guestRegisterState),
        .init(
            .guestInterruptStatus, "GUEST_INTR_STATUS", "Guest interrupt status",
            .guestNonRegisterState, exists: [.secondary(.virtualInterruptDelivery)]),
        .init(
            .pmlIndex, "PML_INDEX", "PML index", .guestNonRegisterState,
            exists: [.secondary(.enablePML)]),
        .init(
            .guestUINV, "GUEST_UINV", "Guest UINV", .guestNonRegisterState,
            exists: [.exit(.clearUINV), .entry(.loadUINV)]),
    ]

    static let guest64Rows: [Row] = [
        .init(.vmcsLinkPointer, "VMCS_LINK_PTR", "VMCS link pointer", .guestNonRegisterState),
        .init(.guestDebugControl, "GUEST_DEBUGCTL", "Guest IA32_DEBUGCTL", .guestRegisterState),
        .init(
            .guestPAT, "GUEST_PAT", "Guest IA32_PAT", .guestRegisterState,
            exists: [.entry(.loadPAT), .exit(.savePAT)]),
        .init(
            .guestEFER, "GUEST_EFER", "Guest IA32_EFER", .guestRegisterState,
            exists: [.entry(.loadEFER), .exit(.saveEFER)]),
        .init(
            .guestPerfGlobalControl, "GUEST_PERF_GLOBAL_CTRL", "Guest IA32_PERF_GLOBAL_CTRL",
            .guestRegisterState, exists: [.entry(.loadPerfGlobalControl)]),
        .init(
            .guestPDPTE0, "GUEST_PDPTE0", "Guest PDPTE0", .guestNonRegisterState,
            exists: [.secondary(.enableEPT)]),
        .init(
            .guestPDPTE1, "GUEST_PDPTE1", "Guest PDPTE1", .guestNonRegisterState,
            exists: [.secondary(.enableEPT)]),
        .init(
            .guestPDPTE2, "GUEST_PDPTE2", "Guest PDPTE2", .guestNonRegisterState,
            exists: [.secondary(.enableEPT)]),
        .init(
            .guestPDPTE3, "GUEST_PDPTE3", "Guest PDPTE3", .guestNonRegisterState,
            exists: [.secondary(.enableEPT)]),
        .init(
            .guestBNDCFGS, "GUEST_BNDCFGS", "Guest IA32_BNDCFGS", .guestRegisterState,
            exists: [.entry(.loadBNDCFGS), .exit(.clearBNDCFGS)]),
        .init(
            .guestRTITControl, "GUEST_RTIT_CTL", "Guest IA32_RTIT_CTL", .guestRegisterState,
            exists: [.entry(.loadRTITControl), .exit(.clearRTITControl)]),
        .init(
            .guestLBRControl, "GUEST_LBR_CTL", "Guest IA32_LBR_CTL", .guestRegisterState,
            exists: [.entry(.loadLBRControl), .exit(.clearLBRControl)]),
        .init(
            .guestPKRS, "GUEST_PKRS", "Guest IA32_PKRS", .guestRegisterState,
            exists: [.entry(.loadPKRS)]),
    ]

    static let guest32Rows: [Row] = [
        .init(.guestESLimit, "GUEST_ES_LIMIT", "Guest ES limit", .guestRegisterState),
        .init(.guestCSLimit, "GUEST_CS_LIMIT", "Guest CS limit", .guestRegisterState),
        .init(.guestSSLimit, "GUEST_SS_LIMIT", "Guest SS limit", .guestRegisterState),
        .init(.guestDSLimit, "GUEST_DS_LIMIT", "Guest DS limit", .guestRegisterState),
        .init(.guestFSLimit, "GUEST_FS_LIMIT", "Guest FS limit", .guestRegisterState),
        .init(.guestGSLimit, "GUEST_GS_LIMIT", "Guest GS limit", .guestRegisterState),
        .init(.guestLDTRLimit, "GUEST_LDTR_LIMIT", "Guest LDTR limit", .guestRegisterState),
        .init(.guestTRLimit, "GUEST_TR_LIMIT", "Guest TR limit", .guestRegisterState),
        .init(.guestGDTRLimit, "GUEST_GDTR_LIMIT", "Guest GDTR limit", .guestRegisterState),
        .init(.guestIDTRLimit, "GUEST_IDTR_LIMIT", "Guest IDTR limit", .guestRegisterState),
        .init(.guestESAccessRights, "GUEST_ES_AR", "Guest ES access rights", .guestRegisterState),
        .init(.guestCSAccessRights, "GUEST_CS_AR", "Guest CS access rights", .guestRegisterState),
        .init(.guestSSAccessRights, "GUEST_SS_AR", "Guest SS access rights", .guestRegisterState),
        .init(.guestDSAccessRights, "GUEST_DS_AR", "Guest DS access rights", .guestRegisterState),
        .init(.guestFSAccessRights, "GUEST_FS_AR", "Guest FS access rights", .guestRegisterState),
        .init(.guestGSAccessRights, "GUEST_GS_AR", "Guest GS access rights", .guestRegisterState),
        .init(
            .guestLDTRAccessRights, "GUEST_LDTR_AR", "Guest LDTR access rights", .guestRegisterState
        ),
        .init(.guestTRAccessRights, "GUEST_TR_AR", "Guest TR access rights", .guestRegisterState),
        .init(
            .guestInterruptibility, "GUEST_INTERRUPTIBILITY", "Guest interruptibility state",
            .guestNonRegisterState),
        .init(
            .guestActivityState, "GUEST_ACTIVITY", "Guest activity state", .guestNonRegisterState),
        .init(.guestSMBASE, "GUEST_SMBASE", "Guest SMBASE", .guestRegisterState),
        .init(.guestSYSENTERCS, "GUEST_SYSENTER_CS", "Guest IA32_SYSENTER_CS", .guestRegisterState),
        .init(
            .preemptionTimer, "PREEMPTION_TIMER", "VMX-preemption timer value",
            .guestNonRegisterState, exists: [.pin(.activatePreemptionTimer)]),
    ]

    static let guestNaturalRows: [Row] = [
        .init(.guestCR0, "GUEST_CR0", "Guest CR0", .guestRegisterState),
        .init(.guestCR3, "GUEST_CR3", "Guest CR3", .guestRegisterState),
        .init(.guestCR4, "GUEST_CR4", "Guest CR4", .guestRegisterState),
        .init(.guestESBase, "GUEST_ES_BASE", "Guest ES base", .guestRegisterState),
        .init(.guestCSBase, "GUEST_CS_BASE", "Guest CS base", .guestRegisterState),
        .init(.guestSSBase, "GUEST_SS_BASE", "Guest SS base", .guestRegisterState),
        .init(.guestDSBase, "GUEST_DS_BASE", "Guest DS base", .guestRegisterState),
        .init(.guestFSBase, "GUEST_FS_BASE", "Guest FS base", .guestRegisterState),
        .init(.guestGSBase, "GUEST_GS_BASE", "Guest GS base", .guestRegisterState),
        .init(.guestLDTRBase, "GUEST_LDTR_BASE", "Guest LDTR base", .guestRegisterState),
        .init(.guestTRBase, "GUEST_TR_BASE", "Guest TR base", .guestRegisterState),
        .init(.guestGDTRBase, "GUEST_GDTR_BASE", "Guest GDTR base", .guestRegisterState),
        .init(.guestIDTRBase, "GUEST_IDTR_BASE", "Guest IDTR base", .guestRegisterState),
        .init(.guestDR7, "GUEST_DR7", "Guest DR7", .guestRegisterState),
        .init(.guestRSP, "GUEST_RSP", "Guest RSP", .guestRegisterState),
        .init(.guestRIP, "GUEST_RIP", "Guest RIP", .guestRegisterState),
        .init(.guestRFLAGS, "GUEST_RFLAGS", "Guest RFLAGS", .guestRegisterState),
        .init(
            .guestPendingDebug, "GUEST_PENDING_DBG", "Guest pending debug exceptions",
            .guestNonRegisterState),
        .init(
            .guestSYSENTERESP, "GUEST_SYSENTER_ESP", "Guest IA32_SYSENTER_ESP", .guestRegisterState),
        .init(
            .guestSYSENTEREIP, "GUEST_SYSENTER_EIP", "Guest IA32_SYSENTER_EIP", .guestRegisterState),
        .init(
            .guestSCET, "GUEST_S_CET", "Guest IA32_S_CET", .guestRegisterState,
            exists: [.entry(.loadCETState)]),
        .init(
            .guestSSP, "GUEST_SSP", "Guest SSP", .guestRegisterState,
            exists: [.entry(.loadCETState)]),
        .init(
            .guestInterruptSSPTable, "GUEST_INTR_SSP_TABLE", "Guest IA32_INTERRUPT_SSP_TABLE_ADDR",
            .guestRegisterState, exists: [.entry(.loadCETState)]),
    ]
}
