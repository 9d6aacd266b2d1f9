import Architecture
import Machine

/// Why exits happen that no ladder decides: one rule each, that holds whenever the exit is seen.
enum ExitRules {
    private struct Row {
        let text: String
        let citation: Citation

        init(_ text: String, _ citation: Citation) {
            self.text = text
            self.citation = citation
        }
    }

    /// The exit as a decision with the one rule that decides.
    static func decision(for exit: ExitEvent) -> Decision {
        guard let reason = exit.reason else {
            let step = Decision.Step(
                rule: "exit.unknown", text: "the reason has no name in the manual's revision",
                inputs: inputs(of: exit, nil), decides: true, citation: .vmxBasicExitReasons)
            return Decision(question: "Why this exit?", verdict: .proceed, steps: [step])
        }
        let row = row(of: reason)
        let id = "exit." + reason.name.lowercased().replacing("_", with: "-")
        let step = Decision.Step(
            rule: id, text: row.text, inputs: inputs(of: exit, reason), decides: true,
            citation: row.citation)
        return Decision(question: "Why this exit?", verdict: .exit(reason), steps: [step])
    }

    private static func inputs(of exit: ExitEvent, _ reason: ExitReason?) -> [Decision.Value] {
        var inputs = [
            Decision.Value(
                name: "qualification", title: "exit qualification", width: 64,
                value: exit.qualification)
        ]
        if let address = exit.guestPhysical {
            inputs.append(
                Decision.Value(
                    name: "guest-physical", title: "guest-physical address", width: 64,
                    value: address))
        }
        if let address = exit.guestLinear {
            inputs.append(
                Decision.Value(
                    name: "guest-linear", title: "guest linear address", width: 64, value: address))
        }
        return inputs
    }

    private static func row(of reason: ExitReason) -> Row {
        switch reason {
        case .eptViolation:
            Row("an EPT entry on the way does not allow the access", .eptViolations)
        case .eptMisconfiguration:
            Row("an EPT entry on the way has a combination that is reserved", .eptMisconfigurations)
        case .tripleFault:
            Row("a fault came while a double fault was delivered", .otherCausesOfExits)
        case .externalInterrupt:
            Row("an interrupt came, and external-interrupt exiting is 1", .otherCausesOfExits)
        case .interruptWindow:
            Row(
                "interrupts are not blocked, and interrupt-window exiting is 1", .otherCausesOfExits
            )
        case .nmiWindow:
            Row("NMIs are not blocked, and NMI-window exiting is 1", .otherCausesOfExits)
        case .taskSwitch:
            Row("a task switch always exits", .treatmentOfTaskSwitches)
        case .preemptionTimer:
            Row("the VMX-preemption timer counted down to 0", .vmxPreemptionTimer)
        case .monitorTrapFlag:
            Row("an instruction has completed, and the monitor trap flag is 1", .monitorTrapFlag)
        case .tprBelowThreshold, .apicAccess, .virtualizedEOI, .apicWrite:
            Row("the virtual APIC asks for it: \(reason.title)", .apicVirtualization)
        case .initSignal, .startUpIPI, .ioSMI, .otherSMI, .pmlFull, .sppEvent, .busLock,
            .instructionTimeout, .exceptionOrNMI:
            Row("an event that exits: \(reason.title)", .otherCausesOfExits)
        case .entryFailureGuestState, .entryFailureMSRLoad, .entryFailureMachineCheck:
            Row("the entry failed: \(reason.title)", .entryFailuresLoadingGuestState)
        default:
            Row("an instruction that exits: \(reason.title)", .instructionsThatCauseExits)
        }
    }
}
