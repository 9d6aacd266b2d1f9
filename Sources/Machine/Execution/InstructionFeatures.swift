import Architecture
import InstructionSet

extension Feature {
    /// A bit for each feature that the processor does not announce.
    static func missing(from processor: Processor) -> UInt64 {
        allCases.reduce(0) { mask, feature in
            guard let bit = feature.bit else { return mask }
            let leaf = processor.cpuid(leaf: bit.leaf, subleaf: bit.subleaf)
            let value =
                switch bit.register {
                case .eax: leaf.eax
                case .ebx: leaf.ebx
                case .ecx: leaf.ecx
                case .edx: leaf.edx
                }
            return value >> UInt32(bit.bit) & 1 == 1 ? mask : mask | 1 << UInt64(feature.rawValue)
        }
    }
}

extension Machine {
    /// The instruction as this processor knows it: nil where it does not, and #UD follows.
    ///
    /// What the model does not do stays what it is, whatever CPUID says: it ends the run by name.
    func known(_ instruction: Instruction) -> Instruction? {
        guard instruction.operation != .notModelled,
            instruction.form < InstructionTable.forms.count
        else { return instruction }
        let feature = InstructionTable.forms[Int(instruction.form)].feature
        guard missingFeatures >> UInt64(feature.rawValue) & 1 == 1 else { return instruction }
        var older = instruction
        switch instruction.operation {
        // The prefix that tells them from the older two is ignored then.
        case .tzcnt: older.operation = .bsf
        case .lzcnt: older.operation = .bsr
        case .prefetch: older.operation = .nop
        default: return nil
        }
        return older
    }
}
