import Architecture

// SDM 3C, 27.3.1.1 "Checks on Guest Control Registers, Debug Registers, and MSRs".

extension EntryChecks {
    private static let section = Citation.checksOnGuestControlRegisters
    private static let modeControls: [VMCSField] = [.secondaryProcControls, .primaryProcControls]

    static let guestControlRegisterChecks: [EntryCheck] =
        controlRegisterChecks + ia32eModeChecks + addressChecks

    private static let controlRegisterChecks: [EntryCheck] = [
        .init(
            "guest.cr0.required-bits",
            """
            CR0 has every bit that VMX operation requires; PE and PG are not required with \
            "unrestricted guest"
            """, [.guestCR0] + modeControls, section
        ) {
            let exempt = $0.isUnrestricted ? CR0Bit.pe.mask | CR0Bit.pg.mask : 0
            return $0.vmx.missingInCR0($0[.guestCR0]) & ~exempt == 0
        },
        .init(
            "guest.cr0.unsupported-bits", "CR0 has no bit that VMX operation does not support",
            [.guestCR0], section
        ) { $0.vmx.excessInCR0($0[.guestCR0]) == 0 },
        .init("guest.cr0.pg-needs-pe", "CR0.PG is 1 only if CR0.PE is 1", [.guestCR0], section) {
            !$0.guestHas(CR0Bit.pg) || $0.guestHas(CR0Bit.pe)
        },
        .init(
            "guest.cr4.required-bits", "CR4 has every bit that VMX operation requires",
            [.guestCR4], section
        ) { $0.vmx.missingInCR4($0[.guestCR4]) == 0 },
        .init(
            "guest.cr4.unsupported-bits", "CR4 has no bit that VMX operation does not support",
            [.guestCR4], section
        ) { $0.vmx.excessInCR4($0[.guestCR4]) == 0 },
        .init(
            "guest.cr4.cet-needs-wp", "CR4.CET is 1 only if CR0.WP is 1", [.guestCR4, .guestCR0],
            section
        ) { !$0.guestHas(CR4Bit.cet) || $0.guestHas(CR0Bit.wp) },
        .init(
            "guest.debugctl.reserved",
            "reserved bits of IA32_DEBUGCTL are 0 if \"load debug controls\" is 1",
            [.guestDebugControl, .entryControls], section
        ) {
            !$0.has(EntryControl.loadDebugControls)
                || $0[.guestDebugControl] & ~$0.supportedDebugControl == 0
        },
    ]

    private static let ia32eModeChecks: [EntryCheck] = [
        .init(
            "guest.ia32e-needs-pg", "CR0.PG is 1 if \"IA-32e mode guest\" is 1",
            [.guestCR0, .entryControls], section
        ) { !$0.isIA32eGuest || $0.guestHas(CR0Bit.pg) },
        .init(
            "guest.ia32e-needs-pae", "CR4.PAE is 1 if \"IA-32e mode guest\" is 1",
            [.guestCR4, .entryControls], section
        ) { !$0.isIA32eGuest || $0.guestHas(CR4Bit.pae) },
        .init(
            "guest.cr4.pcide-needs-ia32e", "CR4.PCIDE is 1 only if \"IA-32e mode guest\" is 1",
            [.guestCR4, .entryControls], section
        ) { $0.isIA32eGuest || !$0.guestHas(CR4Bit.pcide) },
    ]

    private static let addressChecks: [EntryCheck] = [
        .init(
            "guest.cr3.width", "CR3 has no bit beyond the physical-address width", [.guestCR3],
            section
        ) { $0.fitsPhysicalAddress($0[.guestCR3]) },
        .init(
            "guest.dr7.high", "bits 63:32 of DR7 are 0 if \"load debug controls\" is 1",
            [.guestDR7, .entryControls], section
        ) { !$0.has(EntryControl.loadDebugControls) || $0.fits32Bits(.guestDR7) },
        .init(
            "guest.sysenter-esp.canonical", "IA32_SYSENTER_ESP is canonical",
            [.guestSYSENTERESP], section
        ) { $0.isCanonical(.guestSYSENTERESP) },
        .init(
            "guest.sysenter-eip.canonical", "IA32_SYSENTER_EIP is canonical",
            [.guestSYSENTEREIP], section
        ) { $0.isCanonical(.guestSYSENTEREIP) },
    ]

    static let guestMSRChecks: [EntryCheck] = cetChecks + loadedMSRChecks

    private static let cetChecks: [EntryCheck] = [
        guestMSR(
            .loadCETState, "guest.s-cet.canonical", "IA32_S_CET is canonical", [.guestSCET]
        ) { $0.isCanonical(.guestSCET) },
        guestMSR(
            .loadCETState, "guest.interrupt-ssp-table.canonical",
            "IA32_INTERRUPT_SSP_TABLE_ADDR is canonical", [.guestInterruptSSPTable]
        ) { $0.isCanonical(.guestInterruptSSPTable) },
        guestMSR(
            .loadCETState, "guest.s-cet.reserved", "reserved bits of IA32_S_CET are 0",
            [.guestSCET]
        ) { $0[.guestSCET] & EntryFacts.reservedInCET == 0 },
        guestMSR(
            .loadCETState, "guest.s-cet.suppress-and-tracker",
            "SUPPRESS and TRACKER, bits 10 and 11 of IA32_S_CET, are not both 1", [.guestSCET]
        ) { $0[.guestSCET] & 0xC00 != 0xC00 },
    ]

    private static let loadedMSRChecks: [EntryCheck] = [
        guestMSR(
            .loadPerfGlobalControl, "guest.perf-global-control.reserved",
            "bits of counters that there are not are 0 in IA32_PERF_GLOBAL_CTRL",
            [.guestPerfGlobalControl]
        ) { $0[.guestPerfGlobalControl] & ~$0.perfGlobalControlMask == 0 },
        guestMSR(
            .loadPAT, "guest.pat.types",
            "each byte of IA32_PAT is a memory type: 0, 1, 4, 5, 6 or 7", [.guestPAT]
        ) { $0.isPAT(.guestPAT) },
        guestMSR(
            .loadEFER, "guest.efer.reserved", "reserved bits of IA32_EFER are 0", [.guestEFER]
        ) { $0[.guestEFER] & ~$0.supportedEFER == 0 },
        guestMSR(
            .loadEFER, "guest.efer.lma", "LMA of IA32_EFER equals \"IA-32e mode guest\"",
            [.guestEFER]
        ) { $0[.guestEFER].has(EFERBit.lma) == $0.isIA32eGuest },
        guestMSR(
            .loadEFER, "guest.efer.lme", "LME of IA32_EFER equals LMA if CR0.PG is 1",
            [.guestEFER, .guestCR0]
        ) {
            !$0.guestHas(CR0Bit.pg)
                || $0[.guestEFER].has(EFERBit.lme) == $0[.guestEFER].has(EFERBit.lma)
        },
        guestMSR(
            .loadBNDCFGS, "guest.bndcfgs.reserved", "bits 11:2 of IA32_BNDCFGS are 0",
            [.guestBNDCFGS]
        ) { $0[.guestBNDCFGS] & 0xFFC == 0 },
        guestMSR(
            .loadBNDCFGS, "guest.bndcfgs.canonical",
            "the linear address in IA32_BNDCFGS is canonical", [.guestBNDCFGS]
        ) { $0.isCanonical(.guestBNDCFGS) },
        guestMSR(
            .loadPKRS, "guest.pkrs.reserved", "bits 63:32 of IA32_PKRS are 0", [.guestPKRS]
        ) { $0.fits32Bits(.guestPKRS) },
        guestMSR(.loadUINV, "guest.uinv.reserved", "bits 15:8 of UINV are 0", [.guestUINV]) {
            $0[.guestUINV] <= 0xFF
        },
    ]

    /// A check that is made only if the VM entry will load the MSR.
    private static func guestMSR(
        _ control: EntryControl, _ id: String, _ text: String, _ fields: [VMCSField],
        holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init(id, "\(text), if \"\(control.name)\" is 1", fields + [.entryControls], section) {
            !$0.has(control) || holds($0)
        }
    }
}

extension EntryFacts {
    /// The bits that may be 1 in IA32_DEBUGCTL: LBR, BTF, bits 12:6 and 14, bus-lock detection
    /// and RTM where the processor has them. SDM 3B, "IA32_DEBUGCTL MSR".
    var supportedDebugControl: UInt64 {
        var bits: UInt64 = 0x5FC3
        if features.contains(.busLockDetect) { bits |= 1 << 2 }
        if features.contains(.rtm) { bits |= 1 << 15 }
        return bits
    }
}
