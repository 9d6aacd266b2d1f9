import Narration

/// The answers to an exercise that it says itself are right or show a mistake.
public struct ExerciseSamples: Sendable {
    public struct Sample: Sendable {
        /// `reference`, `second`, or the id of the mistake.
        public var name: String
        /// The answer's file.
        public var text: String
        /// The mistake that it shows; nil for a right answer.
        public var mistake: String?
    }

    /// The reference, a different right answer, and one for each mistake.
    public let all: [Sample]

    /// - Throws: what is wrong with the exercise's own files.
    public init(variant: ExerciseVariant, grader: Grader) throws(WorkbookError) {
        switch variant.work {
        case .table(let table):
            all = Self.samples(variant, table, try grader.key(of: table, file: variant.id))
        case .build(let build):
            all = Self.samples(variant, build)
        }
    }

    private static func samples(
        _ variant: ExerciseVariant, _ table: TableWork, _ key: [[ObservedValue]]
    ) -> [Sample] {
        func sample(_ name: String, _ cells: [[ObservedValue]], _ mistake: String?) -> Sample {
            let text = AnswerText.solution(variant, key: cells)
            return Sample(name: name, text: text, mistake: mistake)
        }
        // The right cells are the only ones; they can be written differently.
        let respelled = key.map { $0.map(\.respelled) }
        let right = [sample("reference", key, nil), sample("second", respelled, nil)]
        return right
            + variant.mistakes.map { mistake in
                let cells = zip(table.cases, key).map { row, values in
                    zip(table.columns, values).map { row.wrong[mistake.id]?[$0] ?? $1 }
                }
                return sample(mistake.id, cells, mistake.id)
            }
    }

    private static func samples(_ variant: ExerciseVariant, _ build: BuildWork) -> [Sample] {
        func sample(_ name: String, _ settings: [Setting], _ mistake: String?) -> Sample {
            let head = ["exercise: \(variant.id)", "seed: \(variant.seed)", "set:"]
            let lines = head + settings.map { "  \($0.name.value): \($0.value.hex)" }
            return Sample(
                name: name, text: lines.joined(separator: "\n") + "\n", mistake: mistake)
        }
        let right = [
            sample("reference", build.reference, nil), sample("second", build.second, nil),
        ]
        return right + build.wrong.map { sample($0.name, $0.value, $0.name) }
    }
}

extension ObservedValue {
    /// The same answer as somebody else might write it.
    fileprivate var respelled: ObservedValue {
        switch self {
        case .word(let word): .word(word.uppercased().replacing(" ", with: "-"))
        case .names(let names):
            names.isEmpty ? .word("none") : .names(names.reversed().map { $0.lowercased() })
        case .number: self
        }
    }
}
