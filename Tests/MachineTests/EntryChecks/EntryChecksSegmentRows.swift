import Architecture
import Machine

// What the manual says of guest segment registers, SDM 3C, 27.3.1.2.

/// A segment register as the rows need it: the name in the rule's id, and its fields.
private struct Register: Sendable {
    let id: String
    let selector: VMCSField
    let base: VMCSField
    let limit: VMCSField
    let access: VMCSField
    /// Access rights of a legal usable segment of 64 KiB in bytes.
    let usable: UInt64

    static let cs = Register(
        id: "cs", selector: .guestCSSelector, base: .guestCSBase, limit: .guestCSLimit,
        access: .guestCSAccessRights, usable: 0x9B)
    static let ss = Register(
        id: "ss", selector: .guestSSSelector, base: .guestSSBase, limit: .guestSSLimit,
        access: .guestSSAccessRights, usable: 0x93)
    static let ds = Register(
        id: "ds", selector: .guestDSSelector, base: .guestDSBase, limit: .guestDSLimit,
        access: .guestDSAccessRights, usable: 0x93)
    static let es = Register(
        id: "es", selector: .guestESSelector, base: .guestESBase, limit: .guestESLimit,
        access: .guestESAccessRights, usable: 0x93)
    static let fs = Register(
        id: "fs", selector: .guestFSSelector, base: .guestFSBase, limit: .guestFSLimit,
        access: .guestFSAccessRights, usable: 0x93)
    static let gs = Register(
        id: "gs", selector: .guestGSSelector, base: .guestGSBase, limit: .guestGSLimit,
        access: .guestGSAccessRights, usable: 0x93)
    static let tr = Register(
        id: "tr", selector: .guestTRSelector, base: .guestTRBase, limit: .guestTRLimit,
        access: .guestTRAccessRights, usable: 0x8B)
    static let ldtr = Register(
        id: "ldtr", selector: .guestLDTRSelector, base: .guestLDTRBase, limit: .guestLDTRLimit,
        access: .guestLDTRAccessRights, usable: 0x82)

    static let codeAndData = [cs, ss, ds, es, fs, gs]
    static let data = [ds, es, fs, gs]

    func row(
        _ rule: String, _ guest: EntryGuest = .protected32, given: [Change] = [], bad: [Change],
        good: [Change]
    ) -> EntryRow {
        EntryRow("guest.\(id).\(rule)", guest, given: given, bad: bad, good: good)
    }

    /// Access rights of a usable segment of 64 KiB.
    func rights(_ rule: String, _ bad: UInt64, _ good: UInt64) -> EntryRow {
        row(
            rule, given: [.set(limit, 0xFFFF)], bad: [.set(access, bad)],
            good: [.set(access, good)])
    }

    /// The same access rights in an unusable register, where they do not matter.
    func unusable(_ rule: String, _ bad: UInt64) -> EntryRow {
        rights(rule, bad, bad | 1 << 16)
    }
}

private let unrestricted: [Change] = [
    .with(SecondaryControl.unrestrictedGuest), .with(SecondaryControl.enableEPT),
    .set(.eptPointer, 0x401E),
]

extension EntryRow {
    static let segmentRows: [EntryRow] =
        virtual8086Rows + selectorRows + baseRows + commonRights + typeRows + privilegeRows

    private static let virtual8086Rows: [EntryRow] = Register.codeAndData.flatMap { register in
        [
            register.row(
                "v86-base", .virtual8086, bad: [.set(register.base, 0x12310)],
                good: [.set(register.base, 0x12310), .set(register.selector, 0x1231)]),
            register.row(
                "v86-limit", .virtual8086, bad: [.set(register.limit, 0x1_FFFF)],
                good: [.set(register.limit, 0xFFFF)]),
            register.row(
                "v86-limit", .virtual8086, bad: [.set(register.limit, 0xFFFE)],
                good: [.set(register.limit, 0xFFFF)]),
            register.row(
                "v86-rights", .virtual8086, bad: [.set(register.access, 0x93)],
                good: [.set(register.access, 0xF3)]),
            register.row(
                "v86-rights", .virtual8086, bad: [.set(register.access, 0x10F3)],
                good: [.set(register.access, 0xF3)]),
        ]
    }

    private static let selectorRows: [EntryRow] = [
        .init(
            "guest.tr.ti", bad: [.set(.guestTRSelector, 0x1C)],
            good: [.set(.guestTRSelector, 0x1B)]),
        .init(
            "guest.ldtr.ti", given: [.set(.guestLDTRSelector, 0x24)],
            bad: [.set(.guestLDTRAccessRights, 0x82)],
            good: [.set(.guestLDTRAccessRights, 0x1_0082)]),
        .init(
            "guest.ss.rpl",
            given: [
                .set(.guestSSSelector, 0x13), .set(.guestSSAccessRights, 0xC0F3),
                .set(.guestCSAccessRights, 0xC0FB),
            ], bad: [.set(.guestCSSelector, 8)], good: [.set(.guestCSSelector, 0xB)]),
        .init(
            "guest.ss.rpl", given: [.set(.guestCSSelector, 9)], bad: [], good: unrestricted),
    ]

    private static let baseRows: [EntryRow] =
        [Register.tr, .fs, .gs].map { register in
            register.row(
                "canonical-base", bad: [.set(register.base, notCanonical)],
                good: [.set(register.base, canonical)])
        }
        + [
            .init(
                "guest.ldtr.canonical-base", given: [.set(.guestLDTRAccessRights, 0x82)],
                bad: [.set(.guestLDTRBase, notCanonical)], good: [.set(.guestLDTRBase, canonical)]),
            .init(
                "guest.ldtr.canonical-base", given: [.set(.guestLDTRBase, notCanonical)],
                bad: [.set(.guestLDTRAccessRights, 0x82)],
                good: [.set(.guestLDTRAccessRights, 0x1_0000)]),
        ]
        + [Register.cs, .ss, .ds, .es].map { register in
            register.row(
                "base-high", bad: [.set(register.base, 1 << 32)],
                good: [.set(register.base, 0xFFFF_FFFF)])
        }
        + [Register.ss, .ds, .es].map { register in
            register.row(
                "base-high", given: [.set(register.base, 1 << 32)], bad: [],
                good: [.set(register.access, 0x1_0000)])
        }

    /// What holds for all of CS, SS, DS, ES, FS and GS.
    private static let commonRights: [EntryRow] = Register.codeAndData.flatMap { register in
        let usable = register.usable
        return [
            register.rights("s", usable & ~0x10, usable),
            register.rights("p", usable & ~0x80, usable),
            register.rights("reserved-11-8", usable | 0x100, usable),
            register.rights("reserved-11-8", usable | 0x800, usable | 0x1000),
            register.rights("reserved-31-17", usable | 1 << 17, usable),
            register.rights("reserved-31-17", usable | 1 << 31, usable),
            register.row(
                "g-is-0", given: [.set(register.access, usable | 0x8000)],
                bad: [.set(register.limit, 0xF_F7FF)], good: [.set(register.limit, 0xF_FFFF)]),
            register.row(
                "g-is-1", given: [.set(register.limit, 0x1F_FFFF)],
                bad: [.set(register.access, usable)],
                good: [.set(register.access, usable | 0x8000)]),
        ]
    }

    private static let typeRows: [EntryRow] =
        codeTypeRows + stackTypeRows
        + Register.data.flatMap { register in
            [
                // Not accessed; execute-only; a conforming and readable code segment is legal.
                register.rights("accessed", 0x92, 0x91),
                register.rights("accessed", 0x9A, 0x9B),
                register.rights("readable", 0x99, 0x9B),
                register.rights("readable", 0x9D, 0x9F),
                register.unusable("accessed", 0x92),
                register.unusable("readable", 0x99),
                register.unusable("s", 0x83),
                register.unusable("p", 0x13),
                register.unusable("reserved-11-8", 0x193),
                register.unusable("reserved-31-17", 0x2_0093),
                register.row(
                    "g-is-1",
                    given: [.set(register.limit, 0x1F_FFFF), .set(register.access, 0x93)],
                    bad: [], good: [.set(register.access, 0x1_0093)]),
            ]
        }

    private static let codeTypeRows: [EntryRow] =
        [0x93, 0x98, 0x9A, 0x9C, 0x9E, 0x91, 0x95, 0x97].map { bad in
            Register.cs.rights("type", bad, 0x99)
        }
        + [0x9D, 0x9F].map { good in Register.cs.rights("type", 0x9E, good) }
        + [
            .init(
                "guest.cs.type", given: [.set(.guestCSLimit, 0xFFFF)],
                bad: [.set(.guestCSAccessRights, 0x93)],
                good: [.set(.guestCSAccessRights, 0x93)] + unrestricted),
            .init(
                "guest.cs.type", .unpaged, given: [.set(.guestCSLimit, 0xFFFF)],
                bad: [.set(.guestCSAccessRights, 0x97)], good: [.set(.guestCSAccessRights, 0x93)]),
            .init(
                "guest.cs.l-excludes-d", .long64, bad: [.set(.guestCSAccessRights, 0xE09B)],
                good: [.set(.guestCSAccessRights, 0xC09B)]),
            .init(
                "guest.cs.l-excludes-d", .long64, given: [.set(.guestCSAccessRights, 0xE09B)],
                bad: [], good: [.without(EntryControl.ia32eModeGuest)]),
        ]

    private static let stackTypeRows: [EntryRow] =
        [0x92, 0x91, 0x95, 0x9B, 0x9F].map { bad in Register.ss.rights("type", bad, 0x97) }
        + [Register.ss.unusable("type", 0x9B), Register.ss.unusable("s", 0x83)]

    private static let privilegeRows: [EntryRow] =
        codePrivilegeRows + stackPrivilegeRows
        + Register.data.flatMap { register in
            [
                register.row(
                    "dpl", given: [.set(register.selector, 0x13)],
                    bad: [.set(register.access, 0xC0D3)], good: [.set(register.access, 0xC0F3)]),
                register.row(
                    "dpl", given: [.set(register.selector, 0x13)],
                    bad: [.set(register.access, 0xC09B)], good: [.set(register.access, 0xC09F)]),
                register.row(
                    "dpl", given: [.set(register.selector, 0x13)], bad: [],
                    good: [.on(register.access, 1 << 16)]),
                register.row(
                    "dpl", given: [.set(register.selector, 0x13)], bad: [], good: unrestricted),
            ]
        }

    private static let codePrivilegeRows: [EntryRow] = [
        .init(
            "guest.cs.dpl-of-data", .unpaged, given: [.set(.guestCSLimit, 0xFFFF)],
            bad: [.set(.guestCSAccessRights, 0xF3)], good: [.set(.guestCSAccessRights, 0x93)]),
        .init(
            "guest.cs.dpl-nonconforming", bad: [.set(.guestCSAccessRights, 0xC0FB)],
            good: [.set(.guestCSAccessRights, 0xC09B)]),
        .init(
            "guest.cs.dpl-nonconforming", bad: [.set(.guestCSAccessRights, 0xC0F9)],
            good: [.set(.guestCSAccessRights, 0xC099)]),
        .init(
            "guest.cs.dpl-conforming",
            given: [
                .set(.guestCSSelector, 9), .set(.guestSSSelector, 0x11),
                .set(.guestSSAccessRights, 0xC0B3),
            ], bad: [.set(.guestCSAccessRights, 0xC0DF)],
            good: [.set(.guestCSAccessRights, 0xC09F)]),
        .init(
            "guest.cs.dpl-conforming", bad: [.set(.guestCSAccessRights, 0xC0BD)],
            good: [.set(.guestCSAccessRights, 0xC09D)]),
    ]

    private static let stackPrivilegeRows: [EntryRow] = [
        .init(
            "guest.ss.dpl-equals-rpl", given: [.set(.guestCSAccessRights, 0xC09F)],
            bad: [.set(.guestSSAccessRights, 0xC0F3)], good: [.set(.guestSSAccessRights, 0xC093)]),
        .init(
            "guest.ss.dpl-equals-rpl",
            given: [.set(.guestCSAccessRights, 0xC09F), .set(.guestSSAccessRights, 0xC0F3)],
            bad: [], good: unrestricted),
        .init(
            "guest.ss.dpl-of-data-code", .unpaged,
            given: [.set(.guestCSAccessRights, 0x93), .set(.guestCSLimit, 0xFFFF)],
            bad: [.set(.guestSSAccessRights, 0xC0F3)], good: [.set(.guestSSAccessRights, 0xC093)]),
        .init(
            "guest.ss.dpl-real-mode", .real, given: [.set(.guestCSAccessRights, 0xC09F)],
            bad: [.set(.guestSSAccessRights, 0xC0F3)], good: [.set(.guestSSAccessRights, 0xC093)]),
    ]

    static let systemSegmentRows: [EntryRow] =
        systemTypeRows + [Register.tr, .ldtr].flatMap(systemRights)
        + [
            Register.tr.rights("usable", 0x1_008B, 0x8B),
            Register.ldtr.unusable("s", 0x92), Register.ldtr.unusable("p", 0x02),
            Register.ldtr.unusable("reserved-11-8", 0x282),
            Register.ldtr.unusable("reserved-31-17", 0x4_0082),
        ]

    private static let systemTypeRows: [EntryRow] =
        [0x89, 0x81, 0x82, 0x8F, 0x80].map { bad in Register.tr.rights("type", bad, 0x83) }
        + [
            .init(
                "guest.tr.type", .long64, bad: [.set(.guestTRAccessRights, 0x83)],
                good: [.set(.guestTRAccessRights, 0x8B)]),
            Register.ldtr.rights("type", 0x83, 0x82),
            Register.ldtr.unusable("type", 0x8B),
        ]

    private static func systemRights(_ register: Register) -> [EntryRow] {
        let usable = register.usable
        return [
            register.rights("s", usable | 0x10, usable),
            register.rights("p", usable & ~0x80, usable),
            register.rights("reserved-11-8", usable | 0x400, usable),
            register.rights("reserved-31-17", usable | 1 << 18, usable | 1 << 12),
            register.row(
                "g-is-0", given: [.set(register.access, usable | 0x8000)],
                bad: [.set(register.limit, 0x67)], good: [.set(register.limit, 0xFFF)]),
            register.row(
                "g-is-1", given: [.set(register.limit, 0x10_0FFF)],
                bad: [.set(register.access, usable)],
                good: [.set(register.access, usable | 0x8000)]),
        ]
    }
}
