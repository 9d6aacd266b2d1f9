import Architecture

// What the manual says of guest non-register state and PDPTEs, SDM 3C, 27.3.1.5 and 27.3.1.6.

private func inject(_ information: UInt64) -> Change {
    .set(.entryInterruptionInformation, 1 << 31 | information)
}

private let external: UInt64 = 0x20
private let nmi: UInt64 = 0x202
private let debugException: UInt64 = 0x301
private let machineCheck: UInt64 = 0x312
private let invalidOpcode: UInt64 = 0x306
private let softwareInterrupt: UInt64 = 0x480
private let pendingTrapFlag: UInt64 = 0x700

extension EntryRow {
    static let activityRows: [EntryRow] = stateRows + haltedRows + stoppedRows

    private static let stateRows: [EntryRow] = [
        .init(
            "guest.activity.supported", bad: [.set(.guestActivityState, 4)],
            good: [.set(.guestActivityState, 3)]),
        .init(
            "guest.activity.supported", on: .withoutShutdown, bad: [.set(.guestActivityState, 2)],
            good: [.set(.guestActivityState, 1)]),
        .init(
            "guest.activity.hlt-needs-dpl-0",
            given: [
                .set(.guestCSSelector, 0xB), .set(.guestCSAccessRights, 0xC0FB),
                .set(.guestSSSelector, 0x13), .set(.guestSSAccessRights, 0xC0F3),
            ], bad: [.set(.guestActivityState, 1)], good: [.set(.guestActivityState, 2)]),
        .init(
            "guest.activity.active-when-blocking",
            given: [.set(.guestInterruptibility, 1), .set(.guestRFLAGS, 0x202)],
            bad: [.set(.guestActivityState, 1)], good: [.set(.guestActivityState, 0)]),
        .init(
            "guest.activity.active-when-blocking", given: [.set(.guestInterruptibility, 2)],
            bad: [.set(.guestActivityState, 2)], good: [.set(.guestActivityState, 0)]),
    ]

    private static let allowedInHLT: [UInt64] = [
        external, nmi, debugException, machineCheck, pendingTrapFlag,
    ]

    private static let haltedRows: [EntryRow] = allowedInHLT.flatMap { good in
        [invalidOpcode, softwareInterrupt].map { bad in
            EntryRow(
                "guest.activity.hlt-injection",
                given: [
                    .set(.guestActivityState, 1), .set(.guestRFLAGS, 0x202),
                    .set(.entryInstructionLength, 2),
                ], bad: [inject(bad)], good: [inject(good)])
        }
    }

    private static let stoppedRows: [EntryRow] =
        [nmi, machineCheck].flatMap { good in
            [external, debugException, invalidOpcode, pendingTrapFlag].map { bad in
                EntryRow(
                    "guest.activity.shutdown-injection",
                    given: [.set(.guestActivityState, 2), .set(.guestRFLAGS, 0x202)],
                    bad: [inject(bad)], good: [inject(good)])
            }
        }
        + [external, nmi, machineCheck, pendingTrapFlag].map { bad in
            EntryRow(
                "guest.activity.wait-for-sipi-injection",
                given: [.set(.guestActivityState, 3), .set(.guestRFLAGS, 0x202)],
                bad: [inject(bad)], good: [.set(.entryInterruptionInformation, bad)])
        }

    static let interruptibilityRows: [EntryRow] = blockingRows + blockedRows

    private static let blockingRows: [EntryRow] = [
        .init(
            "guest.interruptibility.reserved", bad: [.set(.guestInterruptibility, 0x20)],
            good: [.set(.guestInterruptibility, 0x10)]),
        .init(
            "guest.interruptibility.reserved", bad: [.set(.guestInterruptibility, 1 << 31)],
            good: [.set(.guestInterruptibility, 8)]),
        .init(
            "guest.interruptibility.sti-excludes-mov-ss", given: [.set(.guestRFLAGS, 0x202)],
            bad: [.set(.guestInterruptibility, 3)], good: [.set(.guestInterruptibility, 1)]),
        .init(
            "guest.interruptibility.sti-needs-if", given: [.set(.guestInterruptibility, 1)],
            bad: [.set(.guestRFLAGS, 2)], good: [.set(.guestRFLAGS, 0x202)]),
        .init(
            "guest.interruptibility.smi", bad: [.set(.guestInterruptibility, 4)],
            good: [.set(.guestInterruptibility, 0)]),
        .init(
            "guest.interruptibility.enclave-excludes-mov-ss",
            bad: [.set(.guestInterruptibility, 0x12)], good: [.set(.guestInterruptibility, 0x10)]),
        .init(
            "guest.interruptibility.enclave-needs-sgx", on: .skylake,
            bad: [.set(.guestInterruptibility, 0x10)], good: [.set(.guestInterruptibility, 0)]),
    ]

    private static let blockedRows: [EntryRow] = [
        .init(
            "guest.interruptibility.sti-excludes-interrupt",
            given: [inject(external), .set(.guestRFLAGS, 0x202)],
            bad: [.set(.guestInterruptibility, 1)], good: [.set(.guestInterruptibility, 8)]),
        .init(
            "guest.interruptibility.mov-ss-excludes-interrupt",
            given: [inject(external), .set(.guestRFLAGS, 0x202)],
            bad: [.set(.guestInterruptibility, 2)], good: [.set(.guestInterruptibility, 0)]),
        .init(
            "guest.interruptibility.mov-ss-excludes-nmi", given: [inject(nmi)],
            bad: [.set(.guestInterruptibility, 2)], good: [.set(.guestInterruptibility, 0)]),
        .init(
            "guest.interruptibility.sti-excludes-nmi",
            given: [inject(nmi), .set(.guestRFLAGS, 0x202)],
            bad: [.set(.guestInterruptibility, 1)], good: [.set(.guestInterruptibility, 0)]),
        .init(
            "guest.interruptibility.nmi-excludes-nmi",
            given: [
                inject(nmi), .with(PinControl.nmiExiting), .with(PinControl.virtualNMIs),
            ], bad: [.set(.guestInterruptibility, 8)], good: [.set(.guestInterruptibility, 0)]),
        .init(
            "guest.interruptibility.nmi-excludes-nmi",
            given: [
                inject(nmi), .with(PinControl.nmiExiting), .set(.guestInterruptibility, 8),
            ], bad: [.with(PinControl.virtualNMIs)], good: []),
    ]

    /// Blocking by STI with IF, blocking by MOV SS, activity state HLT.
    private static let holdingBack: [[Change]] = [
        [.set(.guestInterruptibility, 1)], [.set(.guestInterruptibility, 2)],
        [.set(.guestActivityState, 1)],
    ]

    static let pendingDebugRows: [EntryRow] =
        reservedPendingRows + steppingRows
        + [
            .init(
                "guest.pending-debug.rtm-alone", bad: [.set(.guestPendingDebug, 1 << 16)],
                good: [.set(.guestPendingDebug, 0x1_1000)]),
            .init(
                "guest.pending-debug.rtm-alone", bad: [.set(.guestPendingDebug, 0x1_1001)],
                good: [.set(.guestPendingDebug, 0x1_1000)]),
            .init(
                "guest.pending-debug.rtm-alone", bad: [.set(.guestPendingDebug, 0x1_5000)],
                good: [.set(.guestPendingDebug, 0x5000)]),
            .init(
                "guest.pending-debug.rtm-needs-feature", on: .skylake,
                bad: [.set(.guestPendingDebug, 0x1_1000)],
                good: [.set(.guestPendingDebug, 0x1000)]),
            .init(
                "guest.pending-debug.rtm-excludes-mov-ss",
                given: [.set(.guestInterruptibility, 2)],
                bad: [.set(.guestPendingDebug, 0x1_1000)],
                good: [.set(.guestPendingDebug, 0x1000)]),
        ]

    private static let reservedPendingRows: [EntryRow] =
        [4, 10, 11, 13, 15, 17, 31, 63].map { (bit: UInt64) in
            EntryRow(
                "guest.pending-debug.reserved", bad: [.set(.guestPendingDebug, 1 << bit)],
                good: [.set(.guestPendingDebug, 0x500F)])
        }

    private static let steppingRows: [EntryRow] = holdingBack.flatMap { holding in
        [
            EntryRow(
                "guest.pending-debug.bs-is-1", given: holding + [.set(.guestRFLAGS, 0x302)],
                bad: [.set(.guestPendingDebug, 0)], good: [.set(.guestPendingDebug, 0x4000)]),
            EntryRow(
                "guest.pending-debug.bs-is-1", given: holding + [.set(.guestRFLAGS, 0x302)],
                bad: [], good: [.set(.guestDebugControl, 2)]),
            EntryRow(
                "guest.pending-debug.bs-is-0", given: holding + [.set(.guestRFLAGS, 0x202)],
                bad: [.set(.guestPendingDebug, 0x4000)], good: [.set(.guestPendingDebug, 0xF)]),
            EntryRow(
                "guest.pending-debug.bs-is-0",
                given: holding + [.set(.guestRFLAGS, 0x302), .set(.guestPendingDebug, 0x4000)],
                bad: [.set(.guestDebugControl, 2)], good: [.set(.guestDebugControl, 0)]),
        ]
    }

    static let linkAndPDPTERows: [EntryRow] =
        linkRows
        + [VMCSField.guestPDPTE0, .guestPDPTE1, .guestPDPTE2, .guestPDPTE3].enumerated()
        .flatMap { pdpteRows($0, $1) }

    /// The revision identifier of the built-in Skylake-like processor, SDM 3D, "Basic VMX
    /// Information": bits 30:0 of IA32_VMX_BASIC.
    private static let revision: UInt64 = 0x2B

    private static let linkRows: [EntryRow] = [
        .init(
            "guest.link-pointer.aligned",
            memory: [(Place.linked, revision), (Place.linked + 8, revision)],
            bad: [.set(.vmcsLinkPointer, Place.linked + 8)],
            good: [.set(.vmcsLinkPointer, Place.linked)]),
        .init(
            "guest.link-pointer.width",
            memory: [(Place.linked, revision), (Place.beyondWidth, revision)],
            bad: [.set(.vmcsLinkPointer, Place.beyondWidth)],
            good: [.set(.vmcsLinkPointer, Place.linked)]),
        .init(
            "guest.link-pointer.revision",
            memory: [(Place.linked, revision), (0x7000, revision ^ 1)],
            bad: [.set(.vmcsLinkPointer, 0x7000)], good: [.set(.vmcsLinkPointer, Place.linked)]),
        .init(
            "guest.link-pointer.revision", bad: [.set(.vmcsLinkPointer, 0)],
            good: [.set(.vmcsLinkPointer, .max)]),
        .init(
            "guest.link-pointer.shadow", given: [.set(.vmcsLinkPointer, Place.linked)],
            memory: [(Place.linked, revision | 1 << 31)], bad: [],
            good: [.with(SecondaryControl.vmcsShadowing)]),
        .init(
            "guest.link-pointer.shadow", given: [.set(.vmcsLinkPointer, Place.linked)],
            memory: [(Place.linked, revision)], bad: [.with(SecondaryControl.vmcsShadowing)],
            good: []),
        .init(
            "guest.link-pointer.not-current", memory: [(Place.linked, revision)],
            bad: [.set(.vmcsLinkPointer, Place.vmcs)],
            good: [.set(.vmcsLinkPointer, Place.linked)]),
    ]

    /// Reserved in a present PDPTE: bits 2:1, 8:5 and those beyond the 40 of an address.
    private static func pdpteRows(_ index: Int, _ field: VMCSField) -> [EntryRow] {
        let rule = "guest.pdpte\(index).reserved"
        let entry = Place.pageTables + UInt64(index) * 8
        return [UInt64(1), 2, 5, 6, 7, 8, 40, 62, 63].map { bit in
            EntryRow(
                rule, .paeWithEPT, bad: [.set(field, 1 << bit | 1)],
                good: [.set(field, 1 << bit)])
        } + [
            EntryRow(
                rule, .paeWithEPT, bad: [.set(field, 1 << 40 | 1)],
                good: [.set(field, 1 << 39 | 0xE19)]),
            EntryRow(
                rule, .pae, memory: [(entry, 0x21)], bad: [], good: [.set(.guestCR3, 0x8000)]),
            EntryRow(
                rule, .pae, memory: [(entry, 1), (entry + 4, 0x100)], bad: [],
                good: [.set(.guestCR4, 0x2000)]),
        ]
    }
}
