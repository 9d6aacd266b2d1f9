import Architecture
import InstructionSet
import Machine

/// Why a VMX instruction failed without an entry check behind it.
enum VMFailureRules {
    static func decision(for failure: VMFailure, _ operation: Operation) -> Decision {
        let name = "\(operation)".uppercased()
        let step: Decision.Step
        switch failure {
        case .invalid:
            // Outside VMX operation VMXON has no current VMCS to write an error number to; in root
            // operation it fails in the same way where there is none. The others need one.
            let isRegion = operation == .vmxon
            step = Decision.Step(
                rule: isRegion ? "vmfail.invalid-region" : "vmfail.no-current-vmcs",
                text: isRegion
                    ? """
                    the VMXON region's address or revision identifier is invalid, or VMX operation \
                    is on already
                    """
                    : "there is no current VMCS", inputs: [], decides: true,
                citation: .vmxInstructionConventions)
        case .valid(let error):
            step = Decision.Step(
                rule: "vmfail.\(error.rawValue)", text: error.title,
                inputs: [
                    Decision.Value(
                        name: "vm-instruction-error", title: "VM-instruction error", width: 32,
                        value: UInt64(error.rawValue))
                ], decides: true, citation: error.citation)
        }
        return Decision(question: "Does this \(name) succeed?", verdict: .ignored, steps: [step])
    }
}
