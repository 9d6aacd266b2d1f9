/// From mnemonics to rows of the instruction table.
struct MnemonicTable {
    struct Candidate {
        var row: Int
        var condition: UInt8
    }

    static let shared = MnemonicTable()

    private let candidates: [String: [Candidate]]

    private init() {
        var candidates: [String: [Candidate]] = [:]
        for (row, form) in InstructionTable.forms.enumerated()
        where !form.traits.contains(.decoderOnly) && form.operation != .notModelled {
            for (name, condition) in MnemonicNames.all(form.mnemonic) {
                candidates[name, default: []].append(Candidate(row: row, condition: condition))
            }
        }
        self.candidates = candidates
    }

    /// The rows of a mnemonic in lower case, or nil where there is no such instruction.
    subscript(_ name: String) -> [Candidate]? { candidates[name] }

    var names: [String] { candidates.keys.sorted() }

    /// An instruction that the processor has and the model does not.
    static func isNotModelled(_ name: String) -> Bool {
        InstructionTable.forms.contains { $0.operation == .notModelled && $0.mnemonic == name }
    }
}
