import Workbook

/// Scenario and answer files, fed with changed ones.
public struct TextSubject: FuzzSubject {
    public enum Kind: Sendable { case scenario, answers }

    private let kind: Kind
    private let corpus: [[UInt8]]
    /// Exercises to grade answers by.
    private let library: Library?
    private let grader = Grader(runner: MachineRunner())

    /// - Parameters:
    ///   - files: valid ones.
    ///   - root: the folder with guests and lessons; answers to their exercises are graded.
    public init(_ kind: Kind, files: [[UInt8]] = [], root: Folder? = nil) {
        self.kind = kind
        library = root.flatMap { try? Library(root: $0) }
        corpus = files + [Self.sample(kind)] + Self.solutions(library, grader)
    }

    /// Right answers to a few variants of each exercise.
    private static func solutions(_ library: Library?, _ grader: Grader) -> [[UInt8]] {
        let exercises = (library?.lessons ?? []).flatMap(\.exercises)
        return exercises.flatMap { exercise in
            (UInt64(1)...3).compactMap { seed in
                guard let variant = try? exercise.variant(seed: seed),
                    let text = try? grader.solution(of: variant)
                else { return nil }
                return Array(text.utf8)
            }
        }
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
            case .answers:
                let answer = try AnswerFile.parse(text, file: "f.yaml")
                if let found = library?.exercise(answer.exercise.value) {
                    _ = try grader.grade(answer, of: found.exercise)
                }
            }
        } catch {
            guard !error.description.isEmpty else { throw FuzzFailure("an error without a text") }
            return .refused
        }
        return .accepted
    }

    public func text(of input: [UInt8]) -> String { String(decoding: input, as: UTF8.self) }
}
