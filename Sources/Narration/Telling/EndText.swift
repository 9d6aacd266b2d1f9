import Hypervisor
import Machine

/// How a run ended, in a sentence.
enum EndText {
    static func text(_ end: EndOfRun, _ run: GuestRun) -> String {
        var text = "End: \(reason(end)). \(Wording.count(run.machine.steps, "step"))"
        if run.configuration.operation == .nonRoot || run.machine.entries > 0 {
            let entries = run.machine.entries
            text += ", \(entries) entr\(entries == 1 ? "y" : "ies")"
            text += ", \(Wording.count(run.machine.exits, "exit"))"
        }
        return text + "."
    }

    private static func reason(_ end: EndOfRun) -> String {
        switch end.reason {
        case .hlt: "HLT"
        case .port: "\(HexText.prose(end.value ?? 0)) written to port F4h"
        case .stepBudget: "the step budget is used up"
        case .shutdown: "triple fault, shutdown"
        case .stopped: "stopped by the hypervisor"
        case .vmFail: "a VMX instruction failed" + (end.failure.map { ": \($0.text)" } ?? "")
        case .entryFailure: "the VM entry failed"
        case .notModelled: "not modelled: \(end.notModelled?.text ?? "")"
        case .interrupted: "interrupted"
        }
    }
}
