import Architecture

// SDM 3C, 27.3.1.2 "Checks on Guest Segment Registers": the privilege levels in the access rights
// of CS, SS, DS, ES, FS and GS.

extension EntryChecks {
    private static let section = Citation.checksOnGuestSegmentRegisters
    private static let modeControls: [VMCSField] = [.secondaryProcControls, .primaryProcControls]

    static let guestPrivilegeChecks: [EntryCheck] = codeChecks + stackChecks + dataChecks

    private static let codeChecks: [EntryCheck] = [
        privilege(
            "cs.dpl-of-data", "DPL of CS is 0 if CS is a data segment (type 3)",
            [.guestCSAccessRights]
        ) {
            let code = $0.rights(.guestCSAccessRights)
            return code.type != 3 || code.dpl == 0
        },
        privilege(
            "cs.dpl-nonconforming",
            "DPL of CS equals DPL of SS if CS is a non-conforming code segment (type 9 or 11)",
            [.guestCSAccessRights, .guestSSAccessRights]
        ) {
            let code = $0.rights(.guestCSAccessRights)
            return code.type & 0xD != 9 || code.dpl == $0.rights(.guestSSAccessRights).dpl
        },
        privilege(
            "cs.dpl-conforming",
            "DPL of CS is at most DPL of SS if CS is a conforming code segment (type 13 or 15)",
            [.guestCSAccessRights, .guestSSAccessRights]
        ) {
            let code = $0.rights(.guestCSAccessRights)
            return code.type & 0xD != 13 || code.dpl <= $0.rights(.guestSSAccessRights).dpl
        },
    ]

    private static let stackChecks: [EntryCheck] = [
        privilege(
            "ss.dpl-equals-rpl",
            "DPL of SS equals RPL of its selector, unless the guest is unrestricted",
            [.guestSSAccessRights, .guestSSSelector] + modeControls
        ) {
            $0.isUnrestricted
                || UInt64($0.rights(.guestSSAccessRights).dpl) == $0[.guestSSSelector] & 3
        },
        privilege(
            "ss.dpl-of-data-code", "DPL of SS is 0 if CS is a data segment (type 3)",
            [.guestSSAccessRights, .guestCSAccessRights]
        ) {
            $0.rights(.guestCSAccessRights).type != 3 || $0.rights(.guestSSAccessRights).dpl == 0
        },
        privilege(
            "ss.dpl-real-mode", "DPL of SS is 0 if CR0.PE is 0", [.guestSSAccessRights, .guestCR0]
        ) { $0.guestHas(CR0Bit.pe) || $0.rights(.guestSSAccessRights).dpl == 0 },
    ]

    private static let dataChecks: [EntryCheck] = [GuestSegmentRow.ds, .es, .fs, .gs].map { row in
        privilege(
            "\(row.id).dpl",
            """
            DPL of \(row.name) is at least RPL of its selector if it is usable and holds data or \
            non-conforming code (type 0 to 11), unless the guest is unrestricted
            """, [row.access, row.selector] + modeControls
        ) {
            let rights = $0.rights(row.access)
            return rights.isUnusable || rights.type > 11 || $0.isUnrestricted
                || UInt64(rights.dpl) >= $0[row.selector] & 3
        }
    }

    /// A check that is made outside virtual-8086 mode.
    private static func privilege(
        _ id: String, _ text: String, _ fields: [VMCSField],
        holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init(
            "guest.\(id)", text, fields + [.guestRFLAGS], section, flags: FlagBit.vm.mask
        ) { $0.isVirtual8086 || holds($0) }
    }
}
