import Architecture

// SDM 3C, 27.2.3 "Checks on Host Segment and Descriptor-Table Registers" and 27.2.4 "Checks
// Related to Address-Space Size".

extension EntryChecks {
    private static let section = Citation.checksOnHostSegments
    private static let sizeSection = Citation.checksRelatedToAddressSpaceSize

    private static let hostSelectors: [(String, VMCSField)] = [
        ("cs", .hostCSSelector), ("ss", .hostSSSelector), ("ds", .hostDSSelector),
        ("es", .hostESSelector), ("fs", .hostFSSelector), ("gs", .hostGSSelector),
        ("tr", .hostTRSelector),
    ]

    static let hostSelectorChecks: [EntryCheck] =
        hostSelectors.map { name, field in
            .init(
                "host.\(name).rpl-and-ti", "RPL and TI of the \(field.title) are 0", [field],
                section
            ) { $0[field] & 7 == 0 }
        } + nullSelectorChecks

    private static let nullSelectorChecks: [EntryCheck] = [
        .init("host.cs.not-null", "the host CS selector is not 0", [.hostCSSelector], section) {
            $0[.hostCSSelector] != 0
        },
        .init("host.tr.not-null", "the host TR selector is not 0", [.hostTRSelector], section) {
            $0[.hostTRSelector] != 0
        },
        .init(
            "host.ss.not-null",
            "the host SS selector is not 0 if \"host address-space size\" is 0",
            [.hostSSSelector, .exitControls], section
        ) { $0.has(ExitControl.hostAddressSpaceSize) || $0[.hostSSSelector] != 0 },
    ]

    private static let hostBases: [(String, VMCSField)] = [
        ("fs", .hostFSBase), ("gs", .hostGSBase), ("gdtr", .hostGDTRBase),
        ("idtr", .hostIDTRBase), ("tr", .hostTRBase),
    ]

    static let hostBaseChecks: [EntryCheck] = hostBases.map { name, field in
        .init("host.\(name).canonical-base", "the \(field.title) is canonical", [field], section) {
            $0.isCanonical(field)
        }
    }

    static let addressSpaceSizeChecks: [EntryCheck] = rootModeChecks + host32Checks + host64Checks

    private static let rootModeChecks: [EntryCheck] = [
        // Two sentences of the manual: neither could fail without the other check of the size.
        .init(
            "host.ia32e-guest",
            """
            "IA-32e mode guest" is 0 if the entry is made outside IA-32e mode or "host \
            address-space size" is 0
            """, [.entryControls, .exitControls], sizeSection
        ) {
            $0.memory.hostIsLongMode && $0.has(ExitControl.hostAddressSpaceSize) || !$0.isIA32eGuest
        },
        .init(
            "host.outside-ia32e.size",
            "\"host address-space size\" is 0 if the entry is made outside IA-32e mode",
            [.exitControls], sizeSection
        ) { $0.memory.hostIsLongMode || !$0.has(ExitControl.hostAddressSpaceSize) },
        .init(
            "host.inside-ia32e.size",
            "\"host address-space size\" is 1 if the entry is made in IA-32e mode",
            [.exitControls], sizeSection
        ) { !$0.memory.hostIsLongMode || $0.has(ExitControl.hostAddressSpaceSize) },
    ]

    private static let host32Checks: [EntryCheck] = [
        host32(
            "pcide", "the host's CR4.PCIDE is 0 if \"host address-space size\" is 0", [.hostCR4]
        ) { !$0[.hostCR4].has(CR4Bit.pcide) },
        host32(
            "rip", "bits 63:32 of the host's RIP are 0 if \"host address-space size\" is 0",
            [.hostRIP]
        ) { $0.fits32Bits(.hostRIP) },
        host32(
            "s-cet",
            """
            bits 63:32 of the host's IA32_S_CET are 0 if "load CET state" is 1 and "host \
            address-space size" is 0
            """, [.hostSCET]
        ) { !$0.has(ExitControl.loadCETState) || $0.fits32Bits(.hostSCET) },
        host32(
            "ssp",
            """
            bits 63:32 of the host's SSP are 0 if "load CET state" is 1 and "host address-space \
            size" is 0
            """, [.hostSSP]
        ) { !$0.has(ExitControl.loadCETState) || $0.fits32Bits(.hostSSP) },
    ]

    private static let host64Checks: [EntryCheck] = [
        host64(
            "pae", "the host's CR4.PAE is 1 if \"host address-space size\" is 1", [.hostCR4]
        ) { $0[.hostCR4].has(CR4Bit.pae) },
        host64(
            "rip", "the host's RIP is canonical if \"host address-space size\" is 1", [.hostRIP]
        ) { $0.isCanonical(.hostRIP) },
        host64(
            "ssp",
            """
            the host's SSP is canonical if "load CET state" and "host address-space size" are 1
            """, [.hostSSP]
        ) { !$0.has(ExitControl.loadCETState) || $0.isCanonical(.hostSSP) },
    ]

    private static func host32(
        _ id: String, _ text: String, _ fields: [VMCSField],
        holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init("host.size-32.\(id)", text, fields + [.exitControls], sizeSection) {
            $0.has(ExitControl.hostAddressSpaceSize) || holds($0)
        }
    }

    private static func host64(
        _ id: String, _ text: String, _ fields: [VMCSField],
        holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init("host.size-64.\(id)", text, fields + [.exitControls], sizeSection) {
            !$0.has(ExitControl.hostAddressSpaceSize) || holds($0)
        }
    }
}
