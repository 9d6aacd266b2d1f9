import Architecture

// SDM 3C, 27.3.1.5 "Checks on Guest Non-Register State": pending debug exceptions and the VMCS
// link pointer; and 27.3.1.6 "Checks on Guest Page-Directory-Pointer-Table Entries".

extension EntryChecks {
    private static let section = Citation.checksOnGuestNonRegisterState
    private static let stepFields: [VMCSField] = [
        .guestPendingDebug, .guestRFLAGS, .guestDebugControl, .guestInterruptibility,
        .guestActivityState,
    ]

    static let guestPendingDebugChecks: [EntryCheck] = [
        .init(
            "guest.pending-debug.reserved",
            "the reserved bits of the pending debug exceptions are 0: 11:4, 13, 15 and 63:17",
            [.guestPendingDebug], section
        ) { $0[.guestPendingDebug] & ~$0.supportedPendingDebug == 0 },
        .init(
            "guest.pending-debug.bs-is-1",
            """
            BS is 1 if RFLAGS.TF is 1 and IA32_DEBUGCTL.BTF 0, with blocking by STI or MOV SS or \
            in activity state HLT
            """, stepFields, section
        ) { !$0.holdsBackDebugTraps || !$0.isSingleStepping || $0.hasPendingStep },
        .init(
            "guest.pending-debug.bs-is-0",
            """
            BS is 0 if RFLAGS.TF is 0 or IA32_DEBUGCTL.BTF 1, with blocking by STI or MOV SS or \
            in activity state HLT
            """, stepFields, section
        ) { !$0.holdsBackDebugTraps || $0.isSingleStepping || !$0.hasPendingStep },
        .init(
            "guest.pending-debug.rtm-alone",
            "bits 15:13 and 11:0 are 0 and bit 12 is 1 if RTM (bit 16) is 1", [.guestPendingDebug],
            section
        ) { !$0.hasPendingRTM || $0[.guestPendingDebug] & 0xFFFF == 0x1000 },
        .init(
            "guest.pending-debug.rtm-needs-feature",
            "RTM (bit 16) is 1 only on a processor with RTM", [.guestPendingDebug], section
        ) { !$0.hasPendingRTM || $0.features.contains(.rtm) },
        .init(
            "guest.pending-debug.rtm-excludes-mov-ss",
            "there is no blocking by MOV SS if RTM (bit 16) is 1",
            [.guestPendingDebug, .guestInterruptibility], section
        ) { !$0.hasPendingRTM || !$0.guestHas(InterruptibilityBit.blockingByMOVSS) },
    ]

    static let guestLinkPointerChecks: [EntryCheck] = [
        linkPointer("aligned", "bits 11:0 of the VMCS link pointer are 0") {
            $0.isPageAligned(.vmcsLinkPointer)
        },
        linkPointer(
            "width", "the VMCS link pointer has no bit beyond the physical-address width"
        ) { $0.fitsStructureAddress($0[.vmcsLinkPointer]) },
        linkPointer("revision", "the linked VMCS has the processor's revision identifier") {
            $0.memory.linkedRevision & 0x7FFF_FFFF == UInt64($0.vmx.revision)
        },
        linkPointer(
            "shadow", "the linked VMCS is a shadow VMCS if \"VMCS shadowing\" is 1, else not",
            also: [.secondaryProcControls, .primaryProcControls]
        ) { ($0.memory.linkedRevision &>> 31 == 1) == $0.has(SecondaryControl.vmcsShadowing) },
        linkPointer("not-current", "the linked VMCS is not the current VMCS") {
            $0[.vmcsLinkPointer] != $0.memory.currentVMCS
        },
    ]

    /// A check that is made unless the VMCS link pointer is all ones.
    private static func linkPointer(
        _ id: String, _ text: String, also others: [VMCSField] = [],
        holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init(
            "guest.link-pointer.\(id)", "\(text), unless the pointer is all ones",
            [.vmcsLinkPointer] + others, section, qualification: EntryFailure.linkPointer
        ) { $0[.vmcsLinkPointer] == EntryFacts.noLink || holds($0) }
    }

    private static let pdpteFields: [VMCSField] = [
        .guestPDPTE0, .guestPDPTE1, .guestPDPTE2, .guestPDPTE3,
    ]
    private static let pagingFields: [VMCSField] = [
        .guestCR3, .guestCR0, .guestCR4, .entryControls, .secondaryProcControls,
        .primaryProcControls,
    ]

    static let guestPDPTEChecks: [EntryCheck] = pdpteFields.enumerated().map { index, field in
        .init(
            "guest.pdpte\(index).reserved",
            """
            reserved bits of PDPTE\(index) are 0 if it is present and the guest uses PAE paging; \
            without EPT it is the one in memory at CR3
            """, [field] + pagingFields, .checksOnGuestPDPTEs, qualification: EntryFailure.pdptes
        ) {
            let entry = $0.memory.pdptes[index]
            // Bits 2:1 and 8:5, and those beyond the physical-address width.
            return !entry.has(PageEntryBit.present)
                || entry & 0x1E6 == 0 && $0.fitsPhysicalAddress(entry)
        }
    }
}

extension EntryFacts {
    /// The bits that may be 1 in the pending debug exceptions.
    fileprivate var supportedPendingDebug: UInt64 {
        let busLock = features.contains(.busLockDetect) ? PendingDebugBit.busLock.mask : 0
        return 0x1_500F | busLock
    }

    /// Debug traps wait: an instruction after STI or a load of SS, or one that HLT keeps away.
    fileprivate var holdsBackDebugTraps: Bool {
        self[.guestInterruptibility] & 3 != 0 || activity == .hlt
    }

    fileprivate var isSingleStepping: Bool {
        // Bit 1 of IA32_DEBUGCTL is BTF: a trap by branch, not by instruction.
        guestHas(FlagBit.tf) && self[.guestDebugControl] & 2 == 0
    }

    fileprivate var hasPendingStep: Bool { self[.guestPendingDebug].has(PendingDebugBit.bs) }
    fileprivate var hasPendingRTM: Bool { self[.guestPendingDebug].has(PendingDebugBit.rtm) }
}
