import Architecture

// What the manual says of guest registers, SDM 3C, 27.3.1.1, 27.3.1.3 and 27.3.1.4.

extension EntryRow {
    static let guestRegisterRows: [EntryRow] = controlRegisterRows + modeRows + addressRows

    private static let controlRegisterRows: [EntryRow] = [
        .init(
            "guest.cr0.required-bits", bad: [.off(.guestCR0, 0x20)],
            good: [.on(.guestCR0, 0x20)]),
        .init(
            "guest.cr0.required-bits", .unpaged, bad: [.off(.guestCR0, 0x20)],
            good: [.off(.guestCR0, 1)]),
        .init(
            "guest.cr0.required-bits", bad: [.off(.guestCR0, 1 << 31)],
            good: [
                .off(.guestCR0, 1 << 31), .with(SecondaryControl.unrestrictedGuest),
                .with(SecondaryControl.enableEPT), .set(.eptPointer, 0x401E),
            ]),
        .init(
            "guest.cr0.unsupported-bits", bad: [.on(.guestCR0, 1 << 32)],
            good: [.on(.guestCR0, 0x2000_0000)]),
        .init(
            "guest.cr0.pg-needs-pe", .real, bad: [.on(.guestCR0, 1 << 31)],
            good: [.on(.guestCR0, 1 << 31 | 1)]),
        .init(
            "guest.cr4.required-bits", bad: [.off(.guestCR4, 0x2000)],
            good: [.on(.guestCR4, 0x2000)]),
        .init(
            "guest.cr4.unsupported-bits", bad: [.on(.guestCR4, 1 << 32)],
            good: [.on(.guestCR4, 1 << 18)]),
        .init(
            "guest.cr4.unsupported-bits", bad: [.on(.guestCR4, 1 << 15)],
            good: [.on(.guestCR4, 1 << 16)]),
        .init(
            "guest.cr4.cet-needs-wp", given: [.on(.guestCR4, 1 << 23)], bad: [],
            good: [.on(.guestCR0, 1 << 16)]),
        .init(
            "guest.debugctl.reserved", given: [.with(EntryControl.loadDebugControls)],
            bad: [.set(.guestDebugControl, 8)], good: [.set(.guestDebugControl, 0xDFC3)]),
        .init(
            "guest.debugctl.reserved", given: [.with(EntryControl.loadDebugControls)],
            bad: [.set(.guestDebugControl, 1 << 16)], good: [.set(.guestDebugControl, 1 << 12)]),
        .init(
            "guest.debugctl.reserved", given: [.set(.guestDebugControl, 8)],
            bad: [.with(EntryControl.loadDebugControls)],
            good: [.without(EntryControl.loadDebugControls)]),
    ]

    private static let modeRows: [EntryRow] = [
        .init(
            "guest.ia32e-needs-pg", .long64,
            given: [
                .with(SecondaryControl.unrestrictedGuest), .with(SecondaryControl.enableEPT),
                .set(.eptPointer, 0x401E),
            ], bad: [.off(.guestCR0, 1 << 31)], good: [.on(.guestCR0, 1 << 31)]),
        .init(
            "guest.ia32e-needs-pae", .long64, bad: [.off(.guestCR4, 0x20)],
            good: [.on(.guestCR4, 0x20)]),
        .init(
            "guest.cr4.pcide-needs-ia32e", bad: [.on(.guestCR4, 1 << 17)],
            good: [.off(.guestCR4, 1 << 17)]),
        .init(
            "guest.cr4.pcide-needs-ia32e", .long64, given: [.on(.guestCR4, 1 << 17)],
            bad: [
                .without(EntryControl.ia32eModeGuest), .set(.guestEFER, 0),
                .set(.guestCSAccessRights, 0xC09B),
            ], good: []),
    ]

    private static let addressRows: [EntryRow] = [
        .init(
            "guest.cr3.width", bad: [.set(.guestCR3, 1 << 40)], good: [.set(.guestCR3, 1 << 39)]),
        .init(
            "guest.cr3.width", .long64, bad: [.set(.guestCR3, 1 << 63)],
            good: [.set(.guestCR3, 0xFFF)]),
        .init(
            "guest.dr7.high", given: [.with(EntryControl.loadDebugControls)],
            bad: [.set(.guestDR7, 1 << 32)], good: [.set(.guestDR7, 0xFFFF_FFFF)]),
        .init(
            "guest.sysenter-esp.canonical", bad: [.set(.guestSYSENTERESP, notCanonical)],
            good: [.set(.guestSYSENTERESP, canonical)]),
        .init(
            "guest.sysenter-eip.canonical", bad: [.set(.guestSYSENTEREIP, notCanonical)],
            good: [.set(.guestSYSENTEREIP, canonical)]),
        .init(
            "guest.gdtr.canonical-base", bad: [.set(.guestGDTRBase, notCanonical)],
            good: [.set(.guestGDTRBase, canonical)]),
        .init(
            "guest.idtr.canonical-base", bad: [.set(.guestIDTRBase, notCanonical)],
            good: [.set(.guestIDTRBase, canonical)]),
        .init(
            "guest.gdtr.limit", bad: [.set(.guestGDTRLimit, 0x1_0000)],
            good: [.set(.guestGDTRLimit, 0xFFFF)]),
        .init(
            "guest.idtr.limit", bad: [.set(.guestIDTRLimit, 0x8000_0000)],
            good: [.set(.guestIDTRLimit, 0xFFFF)]),
    ]

    static let guestMSRRows: [EntryRow] =
        loadedRows + cetRows
        + patRows("guest.pat.types", .guestPAT, given: [.with(EntryControl.loadPAT)])

    private static let loadedRows: [EntryRow] = [
        .init(
            "guest.perf-global-control.reserved",
            given: [.with(EntryControl.loadPerfGlobalControl)],
            bad: [.set(.guestPerfGlobalControl, 0x10)],
            good: [.set(.guestPerfGlobalControl, 0x7_0000_000F)]),
        .init(
            "guest.efer.reserved", .long64, given: [.with(EntryControl.loadEFER)],
            bad: [.on(.guestEFER, 2)], good: [.on(.guestEFER, 0x801)]),
        .init(
            "guest.efer.lma", .unpaged, given: [.with(EntryControl.loadEFER)],
            bad: [.set(.guestEFER, 0x400)], good: [.set(.guestEFER, 0x100)]),
        .init(
            "guest.efer.lma", .long64, given: [.with(EntryControl.loadEFER)],
            bad: [.set(.guestEFER, 0)], good: [.set(.guestEFER, 0x500)]),
        .init(
            "guest.efer.lme", .long64, given: [.with(EntryControl.loadEFER)],
            bad: [.set(.guestEFER, 0x400)], good: [.set(.guestEFER, 0x500)]),
        .init(
            "guest.bndcfgs.reserved", given: [.with(EntryControl.loadBNDCFGS)],
            bad: [.set(.guestBNDCFGS, 4)], good: [.set(.guestBNDCFGS, 0x1003)]),
        .init(
            "guest.bndcfgs.canonical", given: [.with(EntryControl.loadBNDCFGS)],
            bad: [.set(.guestBNDCFGS, notCanonical)],
            good: [.set(.guestBNDCFGS, 0x7FFF_FFFF_F000)]),
        .init(
            "guest.pkrs.reserved", given: [.with(EntryControl.loadPKRS)],
            bad: [.set(.guestPKRS, 1 << 32)], good: [.set(.guestPKRS, 0xFFFF_FFFF)]),
        .init(
            "guest.uinv.reserved", given: [.with(EntryControl.loadUINV)],
            bad: [.set(.guestUINV, 0x100)], good: [.set(.guestUINV, 0xFF)]),
    ]

    private static let loadCET: [Change] = [.with(EntryControl.loadCETState)]

    private static let cetRows: [EntryRow] = [
        .init(
            "guest.s-cet.canonical", given: loadCET, bad: [.set(.guestSCET, notCanonical)],
            good: [.set(.guestSCET, 0x7FFF_FFFF_F000)]),
        .init(
            "guest.interrupt-ssp-table.canonical", given: loadCET,
            bad: [.set(.guestInterruptSSPTable, notCanonical)],
            good: [.set(.guestInterruptSSPTable, canonical)]),
        .init(
            "guest.s-cet.reserved", given: loadCET, bad: [.set(.guestSCET, 0x200)],
            good: [.set(.guestSCET, 0x3F)]),
        .init(
            "guest.s-cet.suppress-and-tracker", given: loadCET, bad: [.set(.guestSCET, 0xC00)],
            good: [.set(.guestSCET, 0x400)]),
        .init(
            "guest.ssp.aligned", given: loadCET, bad: [.set(.guestSSP, 1)],
            good: [.set(.guestSSP, 4)]),
        .init(
            "guest.ssp.high", given: loadCET, bad: [.set(.guestSSP, 1 << 32)],
            good: [.set(.guestSSP, 0xFFFF_FFFC)]),
        .init(
            "guest.ssp.unused", .long64, given: loadCET, bad: [.set(.guestSSP, 1 << 48)],
            good: [.set(.guestSSP, 1 << 47)]),
    ]

    static let flagRows: [EntryRow] = pointerRows + reservedFlagRows + modeFlagRows

    private static let pointerRows: [EntryRow] = [
        .init(
            "guest.rip.high", bad: [.set(.guestRIP, 1 << 32)],
            good: [.set(.guestRIP, 0xFFFF_FFFF)]),
        // Compatibility mode.
        .init(
            "guest.rip.high", .long64, given: [.set(.guestRIP, 1 << 32)],
            bad: [.set(.guestCSAccessRights, 0xC09B)],
            good: [.set(.guestCSAccessRights, 0xA09B)]),
        .init(
            "guest.rip.unused", .long64, bad: [.set(.guestRIP, 1 << 48)],
            good: [.set(.guestRIP, 1 << 47)]),
        .init(
            "guest.rip.unused", .long64, bad: [.set(.guestRIP, 0xFFFE_8000_0000_0000)],
            good: [.set(.guestRIP, 0xFFFF_0000_0000_0000)]),
    ]

    private static let reservedFlagRows: [EntryRow] =
        [3, 5, 15, 22, 31, 32, 63].map { (bit: UInt64) in
            EntryRow(
                "guest.rflags.reserved", bad: [.on(.guestRFLAGS, 1 << bit)],
                good: [.set(.guestRFLAGS, 0x3D_7FD7)])
        }

    private static let modeFlagRows: [EntryRow] = [
        .init(
            "guest.rflags.fixed", bad: [.set(.guestRFLAGS, 0)], good: [.set(.guestRFLAGS, 2)]),
        .init(
            "guest.rflags.vm-excludes-ia32e", .virtual8086, given: [.set(.guestCR4, 0x2020)],
            bad: [.with(EntryControl.ia32eModeGuest)],
            good: [.without(EntryControl.ia32eModeGuest)]),
        .init(
            "guest.rflags.vm-needs-pe", .virtual8086,
            given: [
                .with(SecondaryControl.unrestrictedGuest), .with(SecondaryControl.enableEPT),
                .set(.eptPointer, 0x401E),
            ], bad: [.set(.guestCR0, 0x30)], good: [.set(.guestCR0, 0x31)]),
        .init(
            "guest.rflags.if-for-interrupt",
            given: [.set(.entryInterruptionInformation, 0x8000_0020)],
            bad: [.set(.guestRFLAGS, 2)], good: [.set(.guestRFLAGS, 0x202)]),
    ]
}
