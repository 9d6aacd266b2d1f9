import Architecture
import InstructionSet
import Machine

extension NotModelled {
    /// What the model does not do, by the manual's name for it.
    public var text: String {
        switch self {
        case .instruction(let form):
            let forms = InstructionTable.forms
            guard forms.indices.contains(Int(form)) else { return "an instruction" }
            return "instruction \(forms[Int(form)].mnemonic.uppercased())"
        case .control(let field, let bit): return "\(field.name) bit \(bit)"
        case .msr(let number): return "MSR \(number.hex)"
        case .feature(let feature): return feature.rawValue
        }
    }
}
