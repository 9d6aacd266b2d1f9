import Architecture

// SDM 3C, 27.3.1.2 "Checks on Guest Segment Registers": selectors, base addresses, limits.

extension EntryChecks {
    private static let section = Citation.checksOnGuestSegmentRegisters

    /// The registers of code and data, in the manual's order.
    static let codeAndDataRows: [GuestSegmentRow] = [.cs, .ss, .ds, .es, .fs, .gs]

    static let guestSelectorAndBaseChecks: [EntryCheck] =
        selectorChecks + virtual8086BaseChecks + canonicalBaseChecks + highBaseChecks
        + virtual8086LimitChecks

    private static let selectorChecks: [EntryCheck] = [
        .init("guest.tr.ti", "TI of the TR selector is 0", [.guestTRSelector], section) {
            $0[.guestTRSelector] & 4 == 0
        },
        .init(
            "guest.ldtr.ti", "TI of the LDTR selector is 0 if LDTR is usable",
            [.guestLDTRSelector, .guestLDTRAccessRights], section
        ) { $0.rights(.guestLDTRAccessRights).isUnusable || $0[.guestLDTRSelector] & 4 == 0 },
        .init(
            "guest.ss.rpl",
            """
            RPL of the SS selector equals that of the CS selector, unless the guest is \
            virtual-8086 or unrestricted
            """,
            [
                .guestSSSelector, .guestCSSelector, .guestRFLAGS, .secondaryProcControls,
                .primaryProcControls,
            ], section, flags: FlagBit.vm.mask
        ) {
            $0.isVirtual8086 || $0.isUnrestricted
                || ($0[.guestSSSelector] ^ $0[.guestCSSelector]) & 3 == 0
        },
    ]

    private static let virtual8086BaseChecks: [EntryCheck] = codeAndDataRows.map { row in
        .init(
            "guest.\(row.id).v86-base",
            "the \(row.name) base is the selector times 16 if the guest is virtual-8086",
            [row.base, row.selector, .guestRFLAGS], section, flags: FlagBit.vm.mask
        ) { !$0.isVirtual8086 || $0[row.base] == $0[row.selector] &<< 4 }
    }

    private static let canonicalBaseChecks: [EntryCheck] =
        [GuestSegmentRow.tr, .fs, .gs].map { row in
            .init(
                "guest.\(row.id).canonical-base", "the \(row.name) base is canonical", [row.base],
                section
            ) { $0.isCanonical(row.base) }
        } + [
            .init(
                "guest.ldtr.canonical-base", "the LDTR base is canonical if LDTR is usable",
                [.guestLDTRBase, .guestLDTRAccessRights], section
            ) { $0.rights(.guestLDTRAccessRights).isUnusable || $0.isCanonical(.guestLDTRBase) }
        ]

    private static let highBaseChecks: [EntryCheck] =
        [
            .init(
                "guest.cs.base-high", "bits 63:32 of the CS base are 0", [.guestCSBase], section
            ) { $0.fits32Bits(.guestCSBase) }
        ]
        + [GuestSegmentRow.ss, .ds, .es].map { row in
            .init(
                "guest.\(row.id).base-high",
                "bits 63:32 of the \(row.name) base are 0 if \(row.name) is usable",
                [row.base, row.access], section
            ) { $0.rights(row.access).isUnusable || $0.fits32Bits(row.base) }
        }

    private static let virtual8086LimitChecks: [EntryCheck] = codeAndDataRows.map { row in
        .init(
            "guest.\(row.id).v86-limit",
            "the \(row.name) limit is FFFFH if the guest is virtual-8086",
            [row.limit, .guestRFLAGS], section, flags: FlagBit.vm.mask
        ) { !$0.isVirtual8086 || $0[row.limit] == 0xFFFF }
    }
}

extension GuestSegmentRow {
    /// In lower case, for the names of checks.
    var id: String { name.lowercased() }
}
