import Architecture

// SDM 3C, 27.2.2 "Checks on Host Control Registers, MSRs, and SSP".

extension EntryChecks {
    private static let section = Citation.checksOnHostControlRegisters

    static let hostControlRegisterChecks: [EntryCheck] = [
        .init(
            "host.cr0.required-bits", "the host's CR0 has every bit that VMX operation requires",
            [.hostCR0], section
        ) { $0.vmx.missingInCR0($0[.hostCR0]) == 0 },
        .init(
            "host.cr0.unsupported-bits",
            "the host's CR0 has no bit that VMX operation does not support", [.hostCR0], section
        ) { $0.vmx.excessInCR0($0[.hostCR0]) == 0 },
        .init(
            "host.cr4.required-bits", "the host's CR4 has every bit that VMX operation requires",
            [.hostCR4], section
        ) { $0.vmx.missingInCR4($0[.hostCR4]) == 0 },
        .init(
            "host.cr4.unsupported-bits",
            "the host's CR4 has no bit that VMX operation does not support", [.hostCR4], section
        ) { $0.vmx.excessInCR4($0[.hostCR4]) == 0 },
        .init(
            "host.cr4.cet-needs-wp", "the host's CR4.CET is 1 only if its CR0.WP is 1",
            [.hostCR4, .hostCR0], section
        ) { !$0[.hostCR4].has(CR4Bit.cet) || $0[.hostCR0].has(CR0Bit.wp) },
        .init(
            "host.cr3.width", "the host's CR3 has no bit beyond the physical-address width",
            [.hostCR3], section
        ) { $0.fitsPhysicalAddress($0[.hostCR3]) },
        .init(
            "host.sysenter-esp.canonical", "the host's IA32_SYSENTER_ESP is canonical",
            [.hostSYSENTERESP], section
        ) { $0.isCanonical(.hostSYSENTERESP) },
        .init(
            "host.sysenter-eip.canonical", "the host's IA32_SYSENTER_EIP is canonical",
            [.hostSYSENTEREIP], section
        ) { $0.isCanonical(.hostSYSENTEREIP) },
    ]

    static let hostMSRChecks: [EntryCheck] = [
        hostMSR(
            .loadPerfGlobalControl, "host.perf-global-control.reserved",
            "bits of counters that there are not are 0 in the host's IA32_PERF_GLOBAL_CTRL",
            [.hostPerfGlobalControl]
        ) { $0[.hostPerfGlobalControl] & ~$0.perfGlobalControlMask == 0 },
        hostMSR(
            .loadPAT, "host.pat.types",
            "each byte of the host's IA32_PAT is a memory type: 0, 1, 4, 5, 6 or 7", [.hostPAT]
        ) { $0.isPAT(.hostPAT) },
        hostMSR(
            .loadEFER, "host.efer.reserved", "reserved bits of the host's IA32_EFER are 0",
            [.hostEFER]
        ) { $0[.hostEFER] & ~$0.supportedEFER == 0 },
        hostMSR(
            .loadEFER, "host.efer.lma",
            "LMA of the host's IA32_EFER equals \"host address-space size\"", [.hostEFER]
        ) { $0[.hostEFER].has(EFERBit.lma) == $0.has(ExitControl.hostAddressSpaceSize) },
        hostMSR(
            .loadEFER, "host.efer.lme",
            "LME of the host's IA32_EFER equals \"host address-space size\"", [.hostEFER]
        ) { $0[.hostEFER].has(EFERBit.lme) == $0.has(ExitControl.hostAddressSpaceSize) },
        hostMSR(
            .loadCETState, "host.s-cet.reserved", "reserved bits of the host's IA32_S_CET are 0",
            [.hostSCET]
        ) { $0[.hostSCET] & EntryFacts.reservedInCET == 0 },
        hostMSR(
            .loadCETState, "host.s-cet.suppress-and-tracker",
            "SUPPRESS and TRACKER, bits 10 and 11 of the host's IA32_S_CET, are not both 1",
            [.hostSCET]
        ) { $0[.hostSCET] & 0xC00 != 0xC00 },
        hostMSR(
            .loadCETState, "host.s-cet.canonical", "the host's IA32_S_CET is canonical",
            [.hostSCET]
        ) { $0.isCanonical(.hostSCET) },
        hostMSR(
            .loadCETState, "host.ssp.aligned", "bits 1:0 of the host's SSP are 0", [.hostSSP]
        ) { $0[.hostSSP] & 3 == 0 },
        hostMSR(
            .loadCETState, "host.interrupt-ssp-table.canonical",
            "the host's IA32_INTERRUPT_SSP_TABLE_ADDR is canonical", [.hostInterruptSSPTable]
        ) { $0.isCanonical(.hostInterruptSSPTable) },
        hostMSR(
            .loadPKRS, "host.pkrs.reserved", "bits 63:32 of the host's IA32_PKRS are 0",
            [.hostPKRS]
        ) { $0.fits32Bits(.hostPKRS) },
    ]

    /// A check that is made only if the VM exit will load the MSR.
    private static func hostMSR(
        _ control: ExitControl, _ id: String, _ text: String, _ fields: [VMCSField],
        holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init(id, "\(text), if \"\(control.name)\" is 1", fields + [.exitControls], section) {
            !$0.has(control) || holds($0)
        }
    }
}

// MARK: Values of MSRs

extension EntryFacts {
    /// Whether each of the eight bytes is a memory type that IA32_PAT may hold.
    func isPAT(_ field: VMCSField) -> Bool {
        let value = self[field]
        // Bits 7:3 of each byte are 0, and bit 1 is 1 only with bit 2: no type is 2 or 3.
        let bits7To3: UInt64 = 0xF8F8_F8F8_F8F8_F8F8
        let bit1: UInt64 = 0x0202_0202_0202_0202
        return value & bits7To3 == 0 && (value & bit1) &<< 1 & ~value == 0
    }

    /// The bits that may be 1 in IA32_EFER.
    var supportedEFER: UInt64 {
        var bits: UInt64 = 0
        if features.contains(.syscall) { bits |= EFERBit.sce.mask }
        if features.contains(.longMode) { bits |= EFERBit.lme.mask | EFERBit.lma.mask }
        if features.contains(.nx) { bits |= EFERBit.nxe.mask }
        return bits
    }

    /// Bits 9:6 of IA32_U_CET and IA32_S_CET. SDM 1, "Control-Flow Enforcement Technology".
    static let reservedInCET: UInt64 = 0x3C0
}
