import Architecture

// SDM 3C, 27.3.1.4 "Checks on Guest RIP, RFLAGS, and SSP".

extension EntryChecks {
    private static let section = Citation.checksOnGuestRIPRFLAGSAndSSP

    static let guestFlagChecks: [EntryCheck] = pointerChecks + flagChecks + shadowStackChecks

    private static let codeMode: [VMCSField] = [.entryControls, .guestCSAccessRights]

    private static let pointerChecks: [EntryCheck] = [
        .init(
            "guest.rip.high", "bits 63:32 of RIP are 0 unless the guest is in 64-bit mode",
            [.guestRIP] + codeMode, section
        ) { $0.is64BitGuest || $0.fits32Bits(.guestRIP) },
        .init(
            "guest.rip.unused",
            """
            the bits of RIP beyond the linear-address width are all the same in 64-bit mode; it \
            need not be canonical
            """, [.guestRIP] + codeMode, section
        ) { !$0.is64BitGuest || $0.hasUniformUnusedBits(.guestRIP) },
    ]

    private static let flagChecks: [EntryCheck] = [
        .init(
            "guest.rflags.reserved", "bits 63:22, 15, 5 and 3 of RFLAGS are 0", [.guestRFLAGS],
            section
        ) { $0[.guestRFLAGS] & 0xFFFF_FFFF_FFC0_8028 == 0 },
        .init("guest.rflags.fixed", "bit 1 of RFLAGS is 1", [.guestRFLAGS], section) {
            $0[.guestRFLAGS] & 2 == 2
        },
        .init(
            "guest.rflags.vm-excludes-ia32e", "VM is 0 if the guest is in IA-32e mode",
            [.guestRFLAGS, .entryControls], section
        ) { !$0.isVirtual8086 || !$0.isIA32eGuest },
        .init(
            "guest.rflags.vm-needs-pe", "VM is 1 only if CR0.PE is 1", [.guestRFLAGS, .guestCR0],
            section
        ) { !$0.isVirtual8086 || $0.guestHas(CR0Bit.pe) },
        .init(
            "guest.rflags.if-for-interrupt", "IF is 1 if an external interrupt is injected",
            [.guestRFLAGS, .entryInterruptionInformation], section
        ) { !$0.injects(.externalInterrupt) || $0.guestHas(FlagBit.if) },
    ]

    private static let shadowStackChecks: [EntryCheck] = [
        shadowStack("aligned", "bits 1:0 of SSP are 0") { $0[.guestSSP] & 3 == 0 },
        shadowStack("high", "bits 63:32 of SSP are 0 unless the guest is in 64-bit mode") {
            $0.is64BitGuest || $0.fits32Bits(.guestSSP)
        },
        shadowStack(
            "unused", "the bits of SSP beyond the linear-address width are all the same"
        ) { !$0.is64BitGuest || $0.hasUniformUnusedBits(.guestSSP) },
    ]

    private static func shadowStack(
        _ id: String, _ text: String, holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init(
            "guest.ssp.\(id)", "\(text), if \"load CET state\" is 1", [.guestSSP] + codeMode,
            section
        ) { !$0.has(EntryControl.loadCETState) || holds($0) }
    }
}
