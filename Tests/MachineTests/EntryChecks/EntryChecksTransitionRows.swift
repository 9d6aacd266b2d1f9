import Architecture

// What the manual says of VM-exit and VM-entry controls, SDM 3C, 27.2.1.2 and 27.2.1.3.

private func area(_ id: String, _ address: VMCSField, _ count: VMCSField) -> [EntryRow] {
    [
        .init(
            "\(id).aligned", given: [.set(count, 1)], bad: [.set(address, 0x7008)],
            good: [.set(address, 0x7010)]),
        .init(
            "\(id).aligned", given: [.set(address, 0x7008)], bad: [.set(count, 1)],
            good: [.set(count, 0)]),
        .init(
            "\(id).width", given: [.set(count, 1)], bad: [.set(address, 1 << 40)],
            good: [.set(address, 1 << 39)]),
        .init(
            "\(id).end", given: [.set(address, 0xFF_FFFF_FFF0)], bad: [.set(count, 2)],
            good: [.set(count, 1)]),
        .init(
            "\(id).end", on: .lowStructures, given: [.set(address, 0xFFFF_FFF0)],
            bad: [.set(count, 2)], good: [.set(count, 1)]),
    ]
}

/// Bits 10:8 of the interruption information.
private enum Kind {
    static let external: UInt64 = 0
    static let reserved: UInt64 = 1 << 8
    static let nmi: UInt64 = 2 << 8
    static let exception: UInt64 = 3 << 8
    static let software: UInt64 = 4 << 8
    static let privileged: UInt64 = 5 << 8
    static let softwareException: UInt64 = 6 << 8
    static let other: UInt64 = 7 << 8
}

private let valid: UInt64 = 1 << 31
private let withCode: UInt64 = 1 << 11

private func inject(_ information: UInt64) -> [Change] {
    [.set(.entryInterruptionInformation, valid | information)]
}

extension EntryRow {
    static let transitionRows: [EntryRow] =
        bitRows
        + area("controls.exit-msr-store", .exitMSRStoreAddress, .exitMSRStoreCount)
        + area("controls.exit-msr-load", .exitMSRLoadAddress, .exitMSRLoadCount)
        + area("controls.entry-msr-load", .entryMSRLoadAddress, .entryMSRLoadCount)

    private static let bitRows: [EntryRow] = [
        .init(
            "controls.exit.required-bits", bad: [.off(.exitControls, 1)],
            good: [.on(.exitControls, 1)]),
        .init(
            "controls.exit.unsupported-bits", bad: [.on(.exitControls, 1 << 31)],
            good: [.off(.exitControls, 1 << 31)]),
        .init(
            "controls.save-timer-needs-timer", bad: [.with(ExitControl.savePreemptionTimer)],
            good: [
                .with(ExitControl.savePreemptionTimer), .with(PinControl.activatePreemptionTimer),
            ]),
        .init(
            "controls.entry.required-bits", bad: [.off(.entryControls, 1)],
            good: [.on(.entryControls, 1)]),
        .init(
            "controls.entry.unsupported-bits", bad: [.on(.entryControls, 1 << 31)],
            good: [.off(.entryControls, 1 << 31)]),
        .init(
            "controls.entry-to-smm", bad: [.with(EntryControl.entryToSMM)],
            good: [.without(EntryControl.entryToSMM)]),
        .init(
            "controls.deactivate-dual-monitor", bad: [.with(EntryControl.deactivateDualMonitor)],
            good: [.without(EntryControl.deactivateDualMonitor)]),
    ]

    static let injectionRows: [EntryRow] =
        typeRows + errorCodeRows + lengthRows + codeVectorRows + anyCodeRows

    private static let typeRows: [EntryRow] = [
        .init(
            "controls.injection.type", bad: inject(Kind.reserved),
            good: [.set(.entryInterruptionInformation, Kind.reserved)]),
        .init(
            "controls.injection.type", on: .withoutTrapFlag, bad: inject(Kind.other),
            good: inject(Kind.nmi | 2)),
        .init(
            "controls.injection.nmi-vector", bad: inject(Kind.nmi | 3),
            good: inject(Kind.nmi | 2)),
        .init(
            "controls.injection.exception-vector", bad: inject(Kind.exception | 32),
            good: inject(Kind.exception | 31)),
        .init(
            "controls.injection.other-vector", bad: inject(Kind.other | 1),
            good: inject(Kind.other)),
        .init(
            "controls.injection.reserved", bad: inject(Kind.nmi | 2 | 1 << 12),
            good: inject(Kind.nmi | 2)),
        .init(
            "controls.injection.reserved", bad: inject(Kind.nmi | 2 | 1 << 30),
            good: inject(Kind.nmi | 2)),
    ]

    private static let errorCodeRows: [EntryRow] = [
        .init(
            "controls.injection.error-code-type", given: [.set(.guestRFLAGS, 0x202)],
            bad: inject(Kind.external | withCode | 13), good: inject(Kind.external | 13)),
        .init(
            "controls.injection.error-code-type", bad: inject(Kind.nmi | withCode | 2),
            good: inject(Kind.nmi | 2)),
        .init(
            "controls.injection.error-code-real-mode", .real,
            bad: inject(Kind.exception | withCode | 13), good: inject(Kind.exception | 13)),
        .init(
            "controls.injection.error-code-real-mode",
            given: [
                .with(SecondaryControl.unrestrictedGuest), .with(SecondaryControl.enableEPT),
                .set(.eptPointer, 0x401E),
            ] + inject(Kind.exception | withCode | 13),
            bad: [.set(.guestCR0, 0x30)], good: [.set(.guestCR0, 0x31)]),
        .init(
            "controls.injection.error-code-high", given: inject(Kind.exception | withCode | 13),
            bad: [.set(.entryExceptionErrorCode, 1 << 16)],
            good: [.set(.entryExceptionErrorCode, 1 << 15)]),
    ]

    /// #DF, #TS, #NP, #SS, #GP, #PF and #AC have an error code; the other exceptions have none.
    private static let codeVectorRows: [EntryRow] =
        [8, 10, 11, 12, 13, 14, 17].map { vector in
            EntryRow(
                "controls.injection.error-code-missing", bad: inject(Kind.exception | vector),
                good: inject(Kind.exception | withCode | vector))
        }
        + [0, 1, 3, 4, 5, 6, 7, 9, 15, 16, 18, 19, 20, 21, 31].map { vector in
            EntryRow(
                "controls.injection.error-code-vector",
                bad: inject(Kind.exception | withCode | vector),
                good: inject(Kind.exception | vector))
        }

    /// IA32_VMX_BASIC[56] lifts both checks; what is left is one that it does not lift.
    private static let anyCodeRows: [EntryRow] = [
        .init(
            "controls.injection.reserved", on: .anyErrorCode,
            bad: inject(Kind.exception | 13 | 1 << 12), good: inject(Kind.exception | 13)),
        .init(
            "controls.injection.reserved", on: .anyErrorCode,
            bad: inject(Kind.exception | withCode | 6 | 1 << 12),
            good: inject(Kind.exception | withCode | 6)),
    ]

    private static let lengthRows: [EntryRow] =
        [Kind.software | 0x80, Kind.privileged | 1, Kind.softwareException | 3].flatMap { event in
            [
                EntryRow(
                    "controls.injection.instruction-length", given: inject(event),
                    bad: [.set(.entryInstructionLength, 16)],
                    good: [.set(.entryInstructionLength, 15)]),
                EntryRow(
                    "controls.injection.instruction-length", on: .withoutZeroLength,
                    given: inject(event), bad: [.set(.entryInstructionLength, 0)],
                    good: [.set(.entryInstructionLength, 1)]),
                EntryRow(
                    "controls.injection.instruction-length", given: inject(event),
                    bad: [.set(.entryInstructionLength, 16)],
                    good: [.set(.entryInstructionLength, 0)]),
            ]
        }
}
