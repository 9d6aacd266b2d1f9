import Workbook

/// Scenario and answer files, fed with changed ones.
public struct TextSubject: FuzzSubject {
    public enum Kind: Sendable { case scenario, answers }

    private let kind: Kind
    private let corpus: [[UInt8]]

    /// - Parameter files: valid ones.
    public init(_ kind: Kind, files: [[UInt8]] = []) {
        self.kind = kind
        corpus = files.isEmpty ? [Self.sample(kind)] : files + [Self.sample(kind)]
    }

    private static func sample(_ kind: Kind) -> [UInt8] {
        switch kind {
        case .scenario:
            Array("guest: cr0.asm\nset:\n  CR0_READ_SHADOW: 0x30\n  rax: 5\nsteps: 100\n".utf8)
        case .answers:
            Array(
                "exercise: a\nseed: 1\nanswers:\n  1: 0x10\n  2: yes\nset:\n  CR0_MASK: 0x20\n".utf8
            )
        }
    }

    private static let words: [[UInt8]] = [
        "- ", ": ", "[", "]", "{", "}", "&a ", "*a", "<<: *a\n", "!!int ", "|\n", ">\n", "---\n",
        "...\n", "\"", "'", "# ", "\t", "\n  ", "0xffffffffffffffffff", "-1", "1e9", "true", "null",
        "~", "%YAML 1.2\n", "? ", "\u{FEFF}", "\u{202E}", "set:\n", "guest: ", "reactions:\n",
        "../", "\0",
    ].map { Array($0.utf8) }

    public mutating func draw(_ generator: inout SplitMix64) -> [UInt8] {
        Mutation.draw(from: corpus, words: Self.words, most: 5, &generator)
    }

    public mutating func feed(_ input: [UInt8]) throws(FuzzFailure) -> FuzzVerdict {
        let text = String(decoding: input, as: UTF8.self)
        do {
            switch kind {
            case .scenario: _ = try ScenarioFile.parse(text, file: "f.yaml")
            case .answers: _ = try AnswerFile.parse(text, file: "f.yaml")
            }
        } catch {
            guard !error.description.isEmpty else { throw FuzzFailure("an error without a text") }
            return .refused
        }
        return .accepted
    }

    public func text(of input: [UInt8]) -> String { String(decoding: input, as: UTF8.self) }
}
