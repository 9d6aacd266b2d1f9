import Architecture

// SDM 3C, 27.3.1.2 "Checks on Guest Segment Registers": the access rights of CS, SS, DS, ES, FS
// and GS, but for privilege levels.

extension EntryChecks {
    private static let section = Citation.checksOnGuestSegmentRegisters

    static let guestAccessRightsChecks: [EntryCheck] =
        virtual8086RightsChecks + typeChecks
        + codeAndDataRows.map { row in
            rights(row, "s", "S is 1") { rights, _ in rights.isCodeOrData }
        }
        + codeAndDataRows.map { row in
            rights(row, "p", "P is 1") { rights, _ in rights.isPresent }
        }
        + codeAndDataRows.map { row in
            rights(row, "reserved-11-8", "bits 11:8 are 0") { rights, _ in
                rights.reserved & 0xF00 == 0
            }
        }
        + longChecks + granularityChecks
        + codeAndDataRows.map { row in
            rights(row, "reserved-31-17", "bits 31:17 are 0") { rights, _ in
                rights.reserved &>> 17 == 0
            }
        }

    private static let virtual8086RightsChecks: [EntryCheck] = codeAndDataRows.map { row in
        .init(
            "guest.\(row.id).v86-rights",
            "the \(row.name) access rights are F3H if the guest is virtual-8086",
            [row.access, .guestRFLAGS], section, flags: FlagBit.vm.mask
        ) { !$0.isVirtual8086 || $0[row.access] == 0xF3 }
    }

    private static let typeChecks: [EntryCheck] =
        [
            rights(
                .cs, "type",
                """
                the type is that of an accessed code segment (9, 11, 13 or 15); an unrestricted \
                guest may have 3
                """, also: [.secondaryProcControls, .primaryProcControls]
            ) { rights, facts in
                rights.type & 9 == 9 || rights.type == 3 && facts.isUnrestricted
            },
            rights(
                .ss, "type", "the type is that of an accessed writable data segment (3 or 7)"
            ) { rights, _ in rights.type == 3 || rights.type == 7 },
        ] + dataRows.flatMap(dataTypeChecks)

    private static let dataRows: [GuestSegmentRow] = [.ds, .es, .fs, .gs]

    private static func dataTypeChecks(_ row: GuestSegmentRow) -> [EntryCheck] {
        [
            rights(row, "accessed", "bit 0 of the type is 1: accessed") { rights, _ in
                rights.type & 1 == 1
            },
            rights(
                row, "readable", "bit 1 of the type is 1 if bit 3 is: code is readable"
            ) { rights, _ in rights.type & 8 == 0 || rights.type & 2 == 2 },
        ]
    }

    private static let longChecks: [EntryCheck] = [
        rights(
            .cs, "l-excludes-d", "D/B is 0 if L is 1 and the guest is in IA-32e mode",
            also: [.entryControls]
        ) { rights, facts in !rights.isBig || !rights.isLong || !facts.isIA32eGuest }
    ]

    private static let granularityChecks: [EntryCheck] = codeAndDataRows.flatMap { row in
        [
            rights(
                row, "g-is-0", "G is 0 if any of bits 11:0 of the limit is 0", also: [row.limit]
            ) { rights, facts in
                GranularityRule.allowsGranular(facts[row.limit]) || !rights.isGranular
            },
            rights(
                row, "g-is-1", "G is 1 if any of bits 31:20 of the limit is 1", also: [row.limit]
            ) { rights, facts in
                GranularityRule.allowsByte(facts[row.limit]) || rights.isGranular
            },
        ]
    }

    /// A check that is made outside virtual-8086 mode if the register is usable; CS always is.
    private static func rights(
        _ row: GuestSegmentRow, _ id: String, _ text: String, also others: [VMCSField] = [],
        holds: @escaping @Sendable (AccessRights, borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        let isCS = row.access == .guestCSAccessRights
        let condition = isCS ? "" : " if \(row.name) is usable"
        return .init(
            "guest.\(row.id).\(id)", "\(row.name) access rights\(condition): \(text)",
            [row.access] + others + [.guestRFLAGS], section, flags: FlagBit.vm.mask
        ) { facts in
            let rights = facts.rights(row.access)
            return facts.isVirtual8086 || rights.isUnusable && !isCS || holds(rights, facts)
        }
    }
}

/// What a limit in bytes says about the granularity that it was made from.
enum GranularityRule {
    /// It could be a limit in units of 4 KiB: bits 11:0 are all 1.
    static func allowsGranular(_ limit: UInt64) -> Bool { limit & 0xFFF == 0xFFF }
    /// It could be a limit in bytes: bits 31:20 are all 0.
    static func allowsByte(_ limit: UInt64) -> Bool { limit & 0xFFF0_0000 == 0 }
}
