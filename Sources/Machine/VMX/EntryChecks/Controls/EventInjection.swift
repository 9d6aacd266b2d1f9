import Architecture

// SDM 3C, 27.2.1.3 "VM-Entry Control Fields": the event that the entry injects.

extension EntryChecks {
    private static let section = Citation.checksOnVMEntryControlFields

    static let injectionChecks: [EntryCheck] = injectionTypeChecks + injectionDataChecks

    private static let injectionTypeChecks: [EntryCheck] = [
        injection(
            "type",
            """
            the type of an injected event is not 1, and not 7 on a processor without the monitor \
            trap flag
            """
        ) { event, facts in
            switch event.type {
            case .none: false
            case .otherEvent: facts.vmx.allows(PrimaryControl.monitorTrapFlag)
            default: true
            }
        },
        injection("nmi-vector", "an injected NMI has vector 2") { event, _ in
            event.type != .nmi || event.vector == 2
        },
        injection("exception-vector", "an injected hardware exception has a vector of at most 31") {
            event, _ in event.type != .hardwareException || event.vector <= 31
        },
        injection("other-vector", "an injected other event has vector 0, a pending MTF VM exit") {
            event, _ in event.type != .otherEvent || event.vector == 0
        },
    ]

    private static let injectionDataChecks: [EntryCheck] = [
        injection(
            "error-code-missing",
            """
            an injected hardware exception that delivers an error code has one, in protected mode \
            and on a processor that checks it
            """, also: guestMode
        ) { event, facts in
            event.hasErrorCode || event.type != .hardwareException
                || !deliversErrorCode(event.vector) || facts.isEntryToRealMode
                || facts.vmx.basic.has(VMXBasicBit.anyErrorCode)
        },
        injection(
            "error-code-type", "only an injected hardware exception has an error code"
        ) { event, _ in !event.hasErrorCode || event.type == .hardwareException },
        injection(
            "error-code-real-mode",
            "an event that is injected into real-address mode has no error code", also: guestMode
        ) { event, facts in !event.hasErrorCode || !facts.isEntryToRealMode },
        injection(
            "error-code-vector",
            """
            an injected hardware exception that delivers no error code has none, on a processor \
            that checks it
            """
        ) { event, facts in
            !event.hasErrorCode || event.type != .hardwareException
                || deliversErrorCode(event.vector) || event.vector > 31
                || facts.vmx.basic.has(VMXBasicBit.anyErrorCode)
        },
        injection("reserved", "bits 30:12 of the interruption information are 0") { event, _ in
            event.reservedAtEntry == 0
        },
        injection(
            "error-code-high", "bits 31:16 of a delivered error code are 0",
            also: [.entryExceptionErrorCode]
        ) { event, facts in !event.hasErrorCode || facts[.entryExceptionErrorCode] &>> 16 == 0 },
        injection(
            "instruction-length",
            """
            the instruction length of an injected software interrupt or exception is 1 to 15; 0 \
            only on a processor that allows it
            """, also: [.entryInstructionLength]
        ) { event, facts in
            guard event.type?.hasInstructionLength == true else { return true }
            let length = facts[.entryInstructionLength]
            return length <= 15
                && (length > 0 || facts.vmx.misc.has(VMXMiscBit.zeroLengthInjection))
        },
    ]

    /// What decides whether the guest will be in real-address mode.
    private static let guestMode: [VMCSField] = [
        .guestCR0, .secondaryProcControls, .primaryProcControls,
    ]

    /// #DF, #TS, #NP, #SS, #GP, #PF and #AC; #CP came with processors that do not check it.
    private static func deliversErrorCode(_ vector: UInt8) -> Bool {
        guard let exception = ExceptionVector(rawValue: vector) else { return false }
        return exception.hasErrorCode && exception != .controlProtection
    }

    /// A check that is made only if the valid bit is 1.
    private static func injection(
        _ id: String, _ text: String, also others: [VMCSField] = [],
        holds: @escaping @Sendable (InterruptionInformation, borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init(
            "controls.injection.\(id)", text, [.entryInterruptionInformation] + others, section
        ) { facts in
            guard let event = facts.injected else { return true }
            return holds(event, facts)
        }
    }
}

extension EntryFacts {
    /// "Unrestricted guest" is 1 and CR0.PE is 0.
    fileprivate var isEntryToRealMode: Bool { isUnrestricted && !guestHas(CR0Bit.pe) }
}
