import Architecture

// SDM 3C, 27.3.1.2 "Checks on Guest Segment Registers": the access rights of TR and LDTR; and
// 27.3.1.3 "Checks on Guest Descriptor-Table Registers".

extension EntryChecks {
    private static let section = Citation.checksOnGuestSegmentRegisters
    private static let tableSection = Citation.checksOnGuestDescriptorTableRegisters

    static let guestSystemSegmentChecks: [EntryCheck] = taskChecks + localTableChecks

    private static let taskChecks: [EntryCheck] =
        [
            .init(
                "guest.tr.type",
                """
                TR is a busy TSS: type 11, or type 3 (16-bit) if the guest is not in IA-32e mode
                """, [.guestTRAccessRights, .entryControls], section
            ) {
                let type = $0.rights(.guestTRAccessRights).type
                return type == SystemDescriptorType.tss32Busy.rawValue
                    || type == SystemDescriptorType.tss16Busy.rawValue && !$0.isIA32eGuest
            }
        ] + systemRights(.tr) { _ in true }
        + [
            .init("guest.tr.usable", "TR is usable", [.guestTRAccessRights], section) {
                !$0.rights(.guestTRAccessRights).isUnusable
            }
        ]

    private static let localTableChecks: [EntryCheck] =
        [
            .init(
                "guest.ldtr.type", "LDTR is an LDT (type 2) if it is usable",
                [.guestLDTRAccessRights], section
            ) {
                let rights = $0.rights(.guestLDTRAccessRights)
                return rights.isUnusable || rights.type == SystemDescriptorType.ldt.rawValue
            }
        ] + systemRights(.ldtr) { !$0.isUnusable }

    /// What the two system segments share; made if `applies`.
    private static func systemRights(
        _ row: GuestSegmentRow, applies: @escaping @Sendable (AccessRights) -> Bool
    ) -> [EntryCheck] {
        func check(
            _ id: String, _ text: String, also others: [VMCSField] = [],
            holds: @escaping @Sendable (AccessRights, borrowing EntryFacts) -> Bool
        ) -> EntryCheck {
            .init(
                "guest.\(row.id).\(id)",
                "\(row.name) access rights if \(row.name) is usable: \(text)",
                [row.access] + others, section
            ) { facts in
                let rights = facts.rights(row.access)
                return !applies(rights) || holds(rights, facts)
            }
        }
        return [
            check("s", "S is 0") { rights, _ in !rights.isCodeOrData },
            check("p", "P is 1") { rights, _ in rights.isPresent },
            check("reserved-11-8", "bits 11:8 are 0") { rights, _ in rights.reserved & 0xF00 == 0 },
            check(
                "g-is-0", "G is 0 if any of bits 11:0 of the limit is 0", also: [row.limit]
            ) { rights, facts in
                GranularityRule.allowsGranular(facts[row.limit]) || !rights.isGranular
            },
            check(
                "g-is-1", "G is 1 if any of bits 31:20 of the limit is 1", also: [row.limit]
            ) { rights, facts in
                GranularityRule.allowsByte(facts[row.limit]) || rights.isGranular
            },
            check("reserved-31-17", "bits 31:17 are 0") { rights, _ in
                rights.reserved &>> 17 == 0
            },
        ]
    }

    static let guestDescriptorTableChecks: [EntryCheck] = [
        .init(
            "guest.gdtr.canonical-base", "the GDTR base is canonical", [.guestGDTRBase],
            tableSection
        ) { $0.isCanonical(.guestGDTRBase) },
        .init(
            "guest.idtr.canonical-base", "the IDTR base is canonical", [.guestIDTRBase],
            tableSection
        ) { $0.isCanonical(.guestIDTRBase) },
        .init(
            "guest.gdtr.limit", "bits 31:16 of the GDTR limit are 0", [.guestGDTRLimit],
            tableSection
        ) { $0[.guestGDTRLimit] <= 0xFFFF },
        .init(
            "guest.idtr.limit", "bits 31:16 of the IDTR limit are 0", [.guestIDTRLimit],
            tableSection
        ) { $0[.guestIDTRLimit] <= 0xFFFF },
    ]
}
