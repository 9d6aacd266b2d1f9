import Architecture
import Machine

/// A VM exit, a decision without one, and what they leave behind, as text.
struct ExitText {
    let style: TextStyle

    /// Below the rules: the exit as the VMCS has it.
    func exit(_ exit: ExitEvent, _ explanation: Explanation) -> [String] {
        let text = DecisionText(explanation, style)
        var page = TextPage(style)
        let number = UInt16(truncatingIfNeeded: exit.reasonField)
        page.add(Self.head(number, exit.reason, text.decidingNames), as: .decisive)
        var facts = "qualification \(HexText.prose(exit.qualification))"
        let meaning = QualificationText.text(exit)
        if !meaning.isEmpty { facts += ": \(meaning)" }
        if exit.instructionLength > 0 {
            facts += " · instruction length \(exit.instructionLength)"
        }
        page.add(facts, indent: 2, hanging: 4)
        let event = InterruptionInformation(rawValue: exit.interruption)
        if event.isValid {
            page.add("event \(HexText.register(UInt64(event.rawValue))): \(event.text)", indent: 2)
        }
        if let address = exit.guestPhysical {
            page.add("guest-physical address \(HexText.register(address))", indent: 2)
        }
        if let address = exit.guestLinear {
            page.add("guest linear address \(HexText.register(address))", indent: 2)
        }
        page.add(state(exit, explanation), indent: 2)
        page.add(text.alternatives)
        page.add(text.citation)
        return page.lines
    }

    /// "VM exit 28, control-register accesses. EM decided."
    static func head(_ number: UInt16, _ reason: ExitReason?, _ deciding: [String]) -> String {
        let name = Wording.lowercasedStart(reason?.title ?? "of no name")
        let head = "VM exit \(number), \(name)."
        return deciding.isEmpty
            ? head : head + " \(Wording.uppercasedStart(Wording.list(deciding))) decided."
    }

    /// Where the guest stands after the exit.
    private func state(_ exit: ExitEvent, _ explanation: Explanation) -> String {
        let rip = HexText.register(exit.rip)
        guard let instruction = explanation.instruction, instruction.rip == exit.rip else {
            return "Guest RIP is \(rip)."
        }
        if case .controlRegister(let access) = explanation.subject, access.kind != .moveFrom {
            let real = HexText.register(access.real)
            return "CR\(access.number) is unchanged (\(real)); RIP still points at the "
                + "instruction (\(rip))."
        }
        return "The instruction has not completed: RIP still points at it (\(rip))."
    }

    /// Below the rules: what happened instead of an exit.
    func noExit(_ explanation: Explanation) -> [String] {
        let text = DecisionText(explanation, style)
        var page = TextPage(style)
        page.add(outcome(explanation), as: .decisive)
        if case .controlRegister(let access) = explanation.subject,
            explanation.decision.verdict == .proceed, access.mask != 0,
            access.kind != .moveFrom, access.kind != .smsw
        {
            let register = "CR\(access.number)"
            let seen = (access.shadow & access.mask) | (access.result & ~access.mask)
            page.add(
                "\(register) now reads as \(HexText.register(seen)): host-owned bits from the "
                    + "shadow, the others from the register.", indent: 2)
        }
        page.add(text.alternatives)
        page.add(text.citation)
        return page.lines
    }

    private func outcome(_ explanation: Explanation) -> String {
        let decision = explanation.decision
        switch decision.verdict {
        case .fail(let failure): return fails(failure)
        case .abort(let reason): return "VMX abort \(reason.rawValue), \(reason.title): shutdown."
        case .fault(let vector):
            if explanation.subject?.isOfRoot == true {
                return "The instruction raises \(vector.mnemonic)."
            }
            if case .secondFault = explanation.subject {
                return "No exit: \(vector.mnemonic) is delivered."
            }
            // The first rungs fault before an exit is asked for, the last where none came.
            return decision.steps.count == 1
                ? "No exit: \(vector.mnemonic) comes before it."
                : "No exit: the instruction raises \(vector.mnemonic)."
        case .ignored:
            return detail(explanation.subject, proceeds: false) ?? "No exit, and nothing changes."
        case .interrupt(let kind): return "No exit: the guest takes \(kind.title)."
        case .virtualized: return virtualized(explanation.subject)
        case .exit, .proceed: break
        }
        if let text = detail(explanation.subject, proceeds: true) { return text }
        switch explanation.subject {
        case .controlRegister(let access): return outcome(access)
        case .port(let access):
            return "No exit. The access goes to port \(HexText.prose(UInt64(access.port)))."
        case .msr(let access):
            let number = HexText.prose(UInt64(access.number))
            return "No exit. MSR \(number) is \(access.isWrite ? "written" : "read")."
        case .exception(let event):
            return "No exit. \(event.name) is left to the guest."
        case .instruction, nil: return "No exit. The instruction executes."
        case .ept: return "No exit. The access is made."
        case .apicPage, .apicWrite: return "No exit. The access is made."
        case .x2APIC: return "The local APIC answers, as without virtualization."
        case .vmxon, .vmx: return "The instruction executes."
        case .taskSwitch: return "No exit. The task switch is made."
        case .hostLoad: return "Host state is loaded."
        case .msrArea: return "The MSR is loaded or stored."
        case .virtualInterrupt: return "No virtual interrupt is pending."
        case .secondFault(let fault):
            return "No exit. \(ExceptionVector.name(fault.second)) is delivered."
        case .boundary, .nmiUnblocking, .nmiUnblockingRecord, .savedResumeFlag,
            .savedPendingDebug:
            return "No exit. The next instruction executes."
        }
    }

    private func fails(_ failure: VMFailure) -> String {
        switch failure {
        case .invalid: "It fails: VMfailInvalid, without an error number."
        case .valid(let error):
            "It fails: VMfailValid, error \(error.rawValue), \"\(error.title)\"."
        }
    }

    /// How a decision within something else went out.
    private func detail(_ subject: DecidedSubject?, proceeds: Bool) -> String? {
        switch subject {
        case .nmiUnblocking:
            proceeds ? "Blocking by NMI ends." : "IRET changes nothing in blocking by NMI."
        case .nmiUnblockingRecord: "Bit 12 of what the exit records is \(proceeds ? 1 : 0)."
        case .savedResumeFlag: "RF is saved as \(proceeds ? "it is, 1" : "0")."
        case .savedPendingDebug:
            proceeds
                ? "The pending debug exceptions are saved."
                : "Pending debug exceptions are saved as 0."
        default: nil
        }
    }

    /// What the virtual APIC does instead of the real one.
    private func virtualized(_ subject: DecidedSubject?) -> String {
        switch subject {
        case .controlRegister(let access) where access.kind == .moveFrom:
            return "No exit. CR8 is read from bits 7:4 of the virtual task priority."
        case .controlRegister(let access):
            let value = HexText.prose(access.value)
            return "No exit. Bits 7:4 of the virtual task priority become \(value)."
        case .apicWrite: return "No exit. The virtual APIC carries the write out."
        case .virtualInterrupt: return "A virtual interrupt is pending until the guest takes it."
        default: return "No exit. The access goes to the virtual-APIC page."
        }
    }

    private func outcome(_ access: ControlRegisterAccess) -> String {
        let register = "CR\(access.number)"
        if access.kind == .moveFrom || access.kind == .smsw {
            let isMasked = access.number == 0 || access.number == 4
            return isMasked
                ? "No exit: a read never does. \(register) reads as "
                    + "\(HexText.register(access.readsAs))."
                : "No exit. \(register) is read."
        }
        let real = access.number == 0 || access.number == 4 ? "the real \(register)" : register
        let value = HexText.register(access.result)
        guard access.result != access.real else {
            return "No exit. The value of \(real) stays \(value)."
        }
        let bits = BitNaming.bits(ofControlRegister: access.number)
        let from = HexText.register(access.real)
        guard !bits.isEmpty else { return "No exit. \(register) becomes \(value), from \(from)." }
        let becomesOne = BitNaming.names(in: access.result & ~access.real, bits)
        let becomesZero = BitNaming.names(in: access.real & ~access.result, bits)
        var parts: [String] = []
        if !becomesOne.isEmpty { parts.append(Self.becomes(becomesOne, 1)) }
        if !becomesZero.isEmpty { parts.append(Self.becomes(becomesZero, 0)) }
        return "No exit. \(Wording.list(parts)) in \(real) (\(value) from \(from))."
    }

    private static func becomes(_ names: [String], _ value: Int) -> String {
        "\(Wording.list(names)) \(names.count == 1 ? "becomes" : "become") \(value)"
    }
}
