// What the guest-state area is for. Source: SDM 3C, "Guest-State Area", and the sections on loading
// and saving guest state.

extension VMCSField {
    /// The fields of one segment register of the guest.
    private typealias SegmentFields = (
        name: String, selector: VMCSField, base: VMCSField, limit: VMCSField, rights: VMCSField
    )

    private static let segments: [SegmentFields] = [
        ("ES", .guestESSelector, .guestESBase, .guestESLimit, .guestESAccessRights),
        ("CS", .guestCSSelector, .guestCSBase, .guestCSLimit, .guestCSAccessRights),
        ("SS", .guestSSSelector, .guestSSBase, .guestSSLimit, .guestSSAccessRights),
        ("DS", .guestDSSelector, .guestDSBase, .guestDSLimit, .guestDSAccessRights),
        ("FS", .guestFSSelector, .guestFSBase, .guestFSLimit, .guestFSAccessRights),
        ("GS", .guestGSSelector, .guestGSBase, .guestGSLimit, .guestGSAccessRights),
        ("LDTR", .guestLDTRSelector, .guestLDTRBase, .guestLDTRLimit, .guestLDTRAccessRights),
        ("TR", .guestTRSelector, .guestTRBase, .guestTRLimit, .guestTRAccessRights),
    ]

    static let guestSegmentMeanings: [Meaning] =
        segments.flatMap { segment -> [Meaning] in
            [
                (
                    segment.selector,
                    """
                    The selector of \(segment.name): loaded by VM entries without reading a \
                    descriptor, saved by VM exits.
                    """
                ),
                (
                    segment.base,
                    "The base address of \(segment.name): loaded by VM entries, saved by VM exits."
                ),
                (
                    segment.limit,
                    """
                    The limit of \(segment.name) in bytes: loaded by VM entries, saved by VM exits.
                    """
                ),
                (
                    segment.rights,
                    """
                    The access rights of \(segment.name), loaded by VM entries and saved by VM \
                    exits: type (bits 3:0), S (4), DPL (6:5), P (7), AVL (12), L (13), D/B (14), \
                    G (15), unusable (16).
                    """
                ),
            ]
        } + tableMeanings

    private static let tableMeanings: [Meaning] = [
        (.guestGDTRBase, "The base address of GDTR: loaded by VM entries, saved by VM exits."),
        (.guestGDTRLimit, "The limit of GDTR: loaded by VM entries, saved by VM exits."),
        (.guestIDTRBase, "The base address of IDTR: loaded by VM entries, saved by VM exits."),
        (.guestIDTRLimit, "The limit of IDTR: loaded by VM entries, saved by VM exits."),
    ]

    static let guestRegisterMeanings: [Meaning] = [
        (
            .guestCR0,
            """
            The real CR0 of the guest, loaded by VM entries (but for ET, NW, CD and reserved bits) \
            and saved by VM exits. What the guest reads depends on mask and read shadow.
            """
        ),
        (
            .guestCR3,
            "CR3: loaded by VM entries, saved by VM exits. With EPT it is a guest-physical address."
        ),
        (
            .guestCR4,
            """
            The real CR4 of the guest, loaded by VM entries and saved by VM exits. What the guest \
            reads depends on mask and read shadow.
            """
        ),
        (
            .guestDR7,
            """
            DR7: loaded by VM entries if "load debug controls" is 1, saved by VM exits if "save \
            debug controls" is 1.
            """
        ),
        (.guestRSP, "RSP: loaded by VM entries, saved by VM exits."),
        (
            .guestRIP,
            """
            RIP: loaded by VM entries, saved by VM exits. After an exit that an instruction caused \
            it still points at that instruction.
            """
        ),
        (.guestRFLAGS, "RFLAGS: loaded by VM entries, saved by VM exits."),
        (
            .guestDebugControl,
            """
            IA32_DEBUGCTL: loaded by VM entries if "load debug controls" is 1, saved by VM exits \
            if "save debug controls" is 1.
            """
        ),
        (.guestSYSENTERCS, "IA32_SYSENTER_CS: loaded by VM entries, saved by VM exits."),
        (.guestSYSENTERESP, "IA32_SYSENTER_ESP: loaded by VM entries, saved by VM exits."),
        (.guestSYSENTEREIP, "IA32_SYSENTER_EIP: loaded by VM entries, saved by VM exits."),
        (
            .guestPAT,
            "IA32_PAT: loaded by VM entries and saved by VM exits if their controls say so."
        ),
        (
            .guestEFER,
            """
            IA32_EFER: loaded by VM entries and saved by VM exits if their controls say so. \
            Without loading, LMA and LME follow "IA-32e mode guest".
            """
        ),
        (
            .guestPerfGlobalControl,
            """
            IA32_PERF_GLOBAL_CTRL: loaded by VM entries if "load IA32_PERF_GLOBAL_CTRL" is 1.
            """
        ),
        (
            .guestBNDCFGS,
            "IA32_BNDCFGS: loaded by VM entries if \"load IA32_BNDCFGS\" is 1, saved by VM exits."
        ),
        (
            .guestRTITControl,
            "IA32_RTIT_CTL: loaded by VM entries if \"load IA32_RTIT_CTL\" is 1, saved by VM exits."
        ),
        (
            .guestLBRControl,
            "IA32_LBR_CTL: loaded by VM entries if \"load guest IA32_LBR_CTL\" is 1, saved by VM exits."
        ),
        (.guestPKRS, "IA32_PKRS: loaded by VM entries if \"load PKRS\" is 1, saved by VM exits."),
        (
            .guestSCET,
            "IA32_S_CET: loaded by VM entries if \"load CET state\" is 1, saved by VM exits."
        ),
        (.guestSSP, "The shadow-stack pointer: loaded by VM entries if \"load CET state\" is 1."),
        (
            .guestInterruptSSPTable,
            "IA32_INTERRUPT_SSP_TABLE_ADDR: loaded by VM entries if \"load CET state\" is 1."
        ),
        (
            .guestUINV,
            """
            The user-interrupt notification vector: loaded by VM entries if "load UINV" is 1, \
            saved by VM exits.
            """
        ),
        (.guestSMBASE, "The base address of the system-management RAM, for SMM VM exits."),
    ]

    static let guestNonRegisterMeanings: [Meaning] = [
        (
            .guestActivityState,
            """
            What the processor does after the VM entry, and did at the VM exit: 0 active, 1 HLT, \
            2 shutdown, 3 wait-for-SIPI.
            """
        ),
        (
            .guestInterruptibility,
            """
            What blocks events in the guest: STI (bit 0), MOV SS (1), SMI (2), NMI (3), and \
            whether an enclave was interrupted (4).
            """
        ),
        (
            .guestPendingDebug,
            """
            Debug exceptions that have been recognized and not yet delivered, as after MOV SS: B0 \
            to B3, BS, and whether a breakpoint was enabled.
            """
        ),
        (
            .vmcsLinkPointer,
            """
            The physical address of the shadow VMCS that VMREAD and VMWRITE access with "VMCS \
            shadowing"; FFFFFFFF_FFFFFFFFH where there is none.
            """
        ),
        (
            .preemptionTimer,
            """
            Where the VMX-preemption timer begins to count down at VM entry. A VM exit saves what \
            is left if "save VMX-preemption timer value" is 1.
            """
        ),
        (.guestPDPTE0, "Entry 0 of the page-directory-pointer table, for PAE paging with EPT."),
        (.guestPDPTE1, "Entry 1 of the page-directory-pointer table, for PAE paging with EPT."),
        (.guestPDPTE2, "Entry 2 of the page-directory-pointer table, for PAE paging with EPT."),
        (.guestPDPTE3, "Entry 3 of the page-directory-pointer table, for PAE paging with EPT."),
        (
            .guestInterruptStatus,
            """
            The state of virtual interrupts: the highest vector that is requested (RVI, bits 7:0) \
            and the highest that is in service (SVI, bits 15:8).
            """
        ),
        (
            .pmlIndex,
            """
            The entry of the page-modification log that is written next, from 511 down. Above 511 \
            the log is full: the next write causes a VM exit.
            """
        ),
    ]
}
