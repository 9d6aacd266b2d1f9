import Architecture

// What the manual says of the host-state area, SDM 3C, 27.2.2 to 27.2.4.

/// The lowest address that is not canonical, and the highest of the lower half.
let notCanonical: UInt64 = 0x8000_0000_0000
let canonical: UInt64 = 0x7FFF_FFFF_FFFF

/// Bytes that IA32_PAT may hold: 0, 1, 4, 5, 6, 7; the rows try 2, 3, 8 and 80H in some entry.
func patRows(_ id: String, _ field: VMCSField, given: [Change]) -> [EntryRow] {
    [
        (0x0007_0406_0502_0100, 0x0007_0406_0501_0100), (0x03 << 56, 0x04 << 56), (8, 7),
        (0x80 << 32, 6 << 32),
    ].map { bad, good in
        EntryRow(id, given: given, bad: [.set(field, bad)], good: [.set(field, good)])
    }
}

extension EntryRow {
    static let hostRows: [EntryRow] =
        hostRegisterRows + hostLoadedRows
        + patRows("host.pat.types", .hostPAT, given: [.with(ExitControl.loadPAT)])
        + hostCETRows + hostSelectorRows + hostBaseRows

    private static let hostRegisterRows: [EntryRow] = [
        .init(
            "host.cr0.required-bits", bad: [.off(.hostCR0, 0x20)], good: [.on(.hostCR0, 0x20)]),
        .init(
            "host.cr0.unsupported-bits", bad: [.on(.hostCR0, 1 << 32)],
            good: [.on(.hostCR0, 0x6000_0000)]),
        .init(
            "host.cr4.required-bits", bad: [.off(.hostCR4, 0x2000)],
            good: [.on(.hostCR4, 0x2000)]),
        .init(
            "host.cr4.unsupported-bits", bad: [.on(.hostCR4, 1 << 15)],
            good: [.on(.hostCR4, 1 << 14)]),
        .init(
            "host.cr4.cet-needs-wp", given: [.on(.hostCR4, 1 << 23)], bad: [],
            good: [.on(.hostCR0, 1 << 16)]),
        .init(
            "host.cr3.width", bad: [.set(.hostCR3, 1 << 40)], good: [.set(.hostCR3, 1 << 39)]),
        .init("host.cr3.width", bad: [.set(.hostCR3, 1 << 63)], good: [.set(.hostCR3, 0xFFF)]),
        .init(
            "host.sysenter-esp.canonical", bad: [.set(.hostSYSENTERESP, notCanonical)],
            good: [.set(.hostSYSENTERESP, canonical)]),
        .init(
            "host.sysenter-eip.canonical", bad: [.set(.hostSYSENTEREIP, notCanonical)],
            good: [.set(.hostSYSENTEREIP, 0xFFFF_8000_0000_0000)]),
    ]

    private static let loadEFER: [Change] = [
        .with(ExitControl.loadEFER), .set(.hostEFER, 0x500),
    ]

    private static let hostLoadedRows: [EntryRow] = [
        .init(
            "host.perf-global-control.reserved",
            given: [.with(ExitControl.loadPerfGlobalControl)],
            bad: [.set(.hostPerfGlobalControl, 0x10)],
            good: [.set(.hostPerfGlobalControl, 0x7_0000_000F)]),
        .init(
            "host.perf-global-control.reserved",
            given: [.with(ExitControl.loadPerfGlobalControl)],
            bad: [.set(.hostPerfGlobalControl, 8 << 32)],
            good: [.set(.hostPerfGlobalControl, 4 << 32)]),
        .init(
            "host.pat.types", given: [.set(.hostPAT, 2)], bad: [.with(ExitControl.loadPAT)],
            good: []),
        .init(
            "host.efer.reserved", given: loadEFER, bad: [.on(.hostEFER, 2)],
            good: [.on(.hostEFER, 0x801)]),
        .init(
            "host.efer.lma", given: loadEFER, bad: [.set(.hostEFER, 0x100)],
            good: [.set(.hostEFER, 0x500)]),
        .init(
            "host.efer.lma", .protected32Under32, given: [.with(ExitControl.loadEFER)],
            bad: [.set(.hostEFER, 0x400)], good: [.set(.hostEFER, 0)]),
        .init(
            "host.efer.lme", given: loadEFER, bad: [.set(.hostEFER, 0x400)],
            good: [.set(.hostEFER, 0x500)]),
        .init(
            "host.efer.lme", .protected32Under32, given: [.with(ExitControl.loadEFER)],
            bad: [.set(.hostEFER, 0x100)], good: [.set(.hostEFER, 0)]),
        .init(
            "host.pkrs.reserved", given: [.with(ExitControl.loadPKRS)],
            bad: [.set(.hostPKRS, 1 << 32)], good: [.set(.hostPKRS, 0xFFFF_FFFF)]),
    ]

    private static let loadCET: [Change] = [.with(ExitControl.loadCETState)]

    private static let hostCETRows: [EntryRow] = [
        .init(
            "host.s-cet.reserved", given: loadCET, bad: [.set(.hostSCET, 0x40)],
            good: [.set(.hostSCET, 0x3F)]),
        .init(
            "host.s-cet.suppress-and-tracker", given: loadCET, bad: [.set(.hostSCET, 0xC00)],
            good: [.set(.hostSCET, 0x800)]),
        .init(
            "host.s-cet.canonical", given: loadCET, bad: [.set(.hostSCET, notCanonical)],
            good: [.set(.hostSCET, 0x7FFF_FFFF_F000)]),
        .init(
            "host.ssp.aligned", given: loadCET, bad: [.set(.hostSSP, 2)],
            good: [.set(.hostSSP, 4)]),
        .init(
            "host.interrupt-ssp-table.canonical", given: loadCET,
            bad: [.set(.hostInterruptSSPTable, notCanonical)],
            good: [.set(.hostInterruptSSPTable, canonical)]),
    ]

    private static let hostSelectors: [(String, VMCSField)] = [
        ("cs", .hostCSSelector), ("ss", .hostSSSelector), ("ds", .hostDSSelector),
        ("es", .hostESSelector), ("fs", .hostFSSelector), ("gs", .hostGSSelector),
        ("tr", .hostTRSelector),
    ]

    private static let hostSelectorRows: [EntryRow] =
        hostSelectors.flatMap { name, field in
            // RPL 1, RPL 2, TI.
            [UInt64(1), 2, 4].map { bit in
                EntryRow(
                    "host.\(name).rpl-and-ti", bad: [.set(field, 0x18 | bit)],
                    good: [.set(field, 0x18)])
            }
        } + [
            .init(
                "host.cs.not-null", bad: [.set(.hostCSSelector, 0)],
                good: [.set(.hostCSSelector, 8)]),
            .init(
                "host.tr.not-null", bad: [.set(.hostTRSelector, 0)],
                good: [.set(.hostTRSelector, 8)]),
            .init(
                "host.ss.not-null", .protected32Under32, bad: [.set(.hostSSSelector, 0)],
                good: [.set(.hostSSSelector, 8)]),
        ]

    private static let hostBases: [(String, VMCSField)] = [
        ("fs", .hostFSBase), ("gs", .hostGSBase), ("gdtr", .hostGDTRBase),
        ("idtr", .hostIDTRBase), ("tr", .hostTRBase),
    ]

    private static let hostBaseRows: [EntryRow] = hostBases.map { name, field in
        EntryRow(
            "host.\(name).canonical-base", bad: [.set(field, notCanonical)],
            good: [.set(field, canonical)])
    }

    static let hostSizeRows: [EntryRow] = [
        .init(
            "host.ia32e-guest", .protected32Under32,
            given: [.set(.guestCR4, 0x2020)],
            bad: [.with(EntryControl.ia32eModeGuest)],
            good: [.without(EntryControl.ia32eModeGuest)]),
        .init(
            "host.outside-ia32e.size", .protected32Under32, given: [.on(.hostCR4, 0x20)],
            bad: [.with(ExitControl.hostAddressSpaceSize)], good: []),
        .init(
            "host.inside-ia32e.size", bad: [.without(ExitControl.hostAddressSpaceSize)],
            good: []),
        .init(
            "host.size-32.pcide", .protected32Under32, bad: [.on(.hostCR4, 1 << 17)], good: []),
        .init(
            "host.size-32.rip", .protected32Under32, bad: [.set(.hostRIP, 1 << 32)],
            good: [.set(.hostRIP, 0xFFFF_FFFF)]),
        .init(
            "host.size-32.s-cet", .protected32Under32, given: loadCET,
            bad: [.set(.hostSCET, 1 << 32)], good: [.set(.hostSCET, 0xFFFF_F000)]),
        .init(
            "host.size-32.ssp", .protected32Under32, given: loadCET,
            bad: [.set(.hostSSP, 1 << 32)], good: [.set(.hostSSP, 0xFFFF_FFFC)]),
        .init("host.size-64.pae", bad: [.off(.hostCR4, 0x20)], good: []),
        .init(
            "host.size-64.rip", bad: [.set(.hostRIP, notCanonical)],
            good: [.set(.hostRIP, canonical)]),
        .init(
            "host.size-64.ssp", given: loadCET, bad: [.set(.hostSSP, notCanonical)],
            good: [.set(.hostSSP, 0x7FFF_FFFF_FFFC)]),
    ]
}
