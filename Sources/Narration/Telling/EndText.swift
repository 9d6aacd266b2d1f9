import Hypervisor
import Machine

/// How a run ended, in a sentence.
enum EndText {
    static func text(_ end: EndOfRun, _ run: GuestRun) -> String {
        var text = "End: \(reason(end, run)). \(Wording.count(run.machine.steps, "step"))"
        if run.configuration.operation == .nonRoot || run.machine.entries > 0 {
            let entries = run.machine.entries
            text += ", \(entries) entr\(entries == 1 ? "y" : "ies")"
            text += ", \(Wording.count(run.machine.exits, "exit"))"
        }
        return text + "."
    }

    private static func reason(_ end: EndOfRun, _ run: GuestRun) -> String {
        switch end.reason {
        case .hlt: "HLT"
        case .port: "\(HexText.prose(end.value ?? 0)) written to port F4h"
        case .stepBudget: "the step budget is used up"
        case .shutdown: shutdown(run.machine.shutdownCause)
        case .stopped: "stopped by the hypervisor"
        case .vmFail: "a VMX instruction failed" + (end.failure.map { ": \($0.text)" } ?? "")
        case .entryFailure: "the VM entry failed"
        case .notModelled: "not modelled: \(end.notModelled?.text ?? "")"
        case .interrupted: "interrupted"
        }
    }

    private static func shutdown(_ cause: ShutdownCause) -> String {
        switch cause {
        case .tripleFault: "triple fault, shutdown"
        case .vmxAbort(let abort): "VMX abort \(abort.rawValue), shutdown"
        case .reset: "reset by a device"
        case .initSignal: "an INIT signal, and no firmware to begin with"
        }
    }
}
