import Architecture

// SDM 3C, 27.3.1.5 "Checks on Guest Non-Register State": activity and interruptibility. The model
// is never in system-management mode, so the checks of entries to it have no place here.

extension EntryChecks {
    private static let section = Citation.checksOnGuestNonRegisterState

    static let guestActivityChecks: [EntryCheck] = [
        .init(
            "guest.activity.supported", "the activity state is one that the processor supports",
            [.guestActivityState], section
        ) {
            switch $0.activity {
            case .none: false
            case .active: true
            case .hlt: $0.vmx.misc.has(VMXMiscBit.haltState)
            case .shutdown: $0.vmx.misc.has(VMXMiscBit.shutdownState)
            case .waitForSIPI: $0.vmx.misc.has(VMXMiscBit.waitForSIPIState)
            }
        },
        .init(
            "guest.activity.hlt-needs-dpl-0", "the activity state is HLT only if DPL of SS is 0",
            [.guestActivityState, .guestSSAccessRights], section
        ) { $0.activity != .hlt || $0.rights(.guestSSAccessRights).dpl == 0 },
        .init(
            "guest.activity.active-when-blocking",
            "the activity state is active if there is blocking by STI or by MOV SS",
            [.guestActivityState, .guestInterruptibility], section
        ) { $0.activity == .active || $0[.guestInterruptibility] & 3 == 0 },
        .init(
            "guest.activity.hlt-injection",
            """
            only an external interrupt, an NMI, #DB, #MC or a pending MTF VM exit is injected in \
            activity state HLT
            """, [.guestActivityState, .entryInterruptionInformation], section
        ) {
            guard $0.activity == .hlt, let event = $0.injected else { return true }
            return event.type == .externalInterrupt || event.type == .nmi
                || event.isException(.debug) || event.isException(.machineCheck)
                || event.type == .otherEvent
        },
        .init(
            "guest.activity.shutdown-injection",
            "only an NMI or #MC is injected in activity state shutdown",
            [.guestActivityState, .entryInterruptionInformation], section
        ) {
            guard $0.activity == .shutdown, let event = $0.injected else { return true }
            return event.type == .nmi || event.isException(.machineCheck)
        },
        .init(
            "guest.activity.wait-for-sipi-injection",
            "nothing is injected in activity state wait-for-SIPI",
            [.guestActivityState, .entryInterruptionInformation], section
        ) { $0.activity != .waitForSIPI || $0.injected == nil },
    ]

    static let guestInterruptibilityChecks: [EntryCheck] = blockingChecks + blockedEventChecks

    private static let blockingChecks: [EntryCheck] = [
        .init(
            "guest.interruptibility.reserved", "bits 31:5 of the interruptibility state are 0",
            [.guestInterruptibility], section
        ) { $0[.guestInterruptibility] &>> 5 == 0 },
        .init(
            "guest.interruptibility.sti-excludes-mov-ss",
            "there is not both blocking by STI and blocking by MOV SS",
            [.guestInterruptibility], section
        ) { $0[.guestInterruptibility] & 3 != 3 },
        .init(
            "guest.interruptibility.sti-needs-if",
            "there is blocking by STI only if RFLAGS.IF is 1",
            [.guestInterruptibility, .guestRFLAGS], section
        ) {
            !$0.guestHas(InterruptibilityBit.blockingBySTI) || $0.guestHas(FlagBit.if)
        },
        .init(
            "guest.interruptibility.smi",
            "there is no blocking by SMI outside system-management mode",
            [.guestInterruptibility], section
        ) { !$0.guestHas(InterruptibilityBit.blockingBySMI) },
        .init(
            "guest.interruptibility.enclave-excludes-mov-ss",
            "there is no blocking by MOV SS with enclave interruption",
            [.guestInterruptibility], section
        ) {
            !$0.guestHas(InterruptibilityBit.enclaveInterruption)
                || !$0.guestHas(InterruptibilityBit.blockingByMOVSS)
        },
        .init(
            "guest.interruptibility.enclave-needs-sgx",
            "there is enclave interruption only on a processor with SGX",
            [.guestInterruptibility], section
        ) {
            !$0.guestHas(InterruptibilityBit.enclaveInterruption) || $0.features.contains(.sgx)
        },
    ]

    private static let blockedEventChecks: [EntryCheck] = [
        blocking(
            .blockingBySTI, excludes: .externalInterrupt, "sti-excludes-interrupt",
            "there is no blocking by STI if an external interrupt is injected"),
        blocking(
            .blockingByMOVSS, excludes: .externalInterrupt, "mov-ss-excludes-interrupt",
            "there is no blocking by MOV SS if an external interrupt is injected"),
        blocking(
            .blockingByMOVSS, excludes: .nmi, "mov-ss-excludes-nmi",
            "there is no blocking by MOV SS if an NMI is injected"),
        // The manual leaves this one to the processor.
        blocking(
            .blockingBySTI, excludes: .nmi, "sti-excludes-nmi",
            "there is no blocking by STI if an NMI is injected",
            qualification: EntryFailure.nmiInjection),
        .init(
            "guest.interruptibility.nmi-excludes-nmi",
            "there is no virtual-NMI blocking if an NMI is injected, with \"virtual NMIs\"",
            [.guestInterruptibility, .entryInterruptionInformation, .pinControls], section
        ) {
            !$0.injects(.nmi) || !$0.has(PinControl.virtualNMIs)
                || !$0.guestHas(InterruptibilityBit.blockingByNMI)
        },
    ]

    private static func blocking(
        _ bit: InterruptibilityBit, excludes type: InterruptionType, _ id: String, _ text: String,
        qualification: UInt64 = 0
    ) -> EntryCheck {
        .init(
            "guest.interruptibility.\(id)", text,
            [.guestInterruptibility, .entryInterruptionInformation], section,
            qualification: qualification
        ) { !$0.injects(type) || !$0.guestHas(bit) }
    }
}

/// Exit qualifications of an entry that fails on guest state.
/// SDM 3C, 27.8 "VM-Entry Failures During or After Loading Guest State".
enum EntryFailure {
    static let pdptes: UInt64 = 2
    static let nmiInjection: UInt64 = 3
    static let linkPointer: UInt64 = 4
}

extension EntryFacts {
    /// nil for a number that is no activity state.
    var activity: ActivityState? {
        ActivityState(rawValue: UInt32(truncatingIfNeeded: self[.guestActivityState]))
    }
}

extension InterruptionInformation {
    fileprivate func isException(_ exception: ExceptionVector) -> Bool {
        type == .hardwareException && vector == exception.rawValue
    }
}
