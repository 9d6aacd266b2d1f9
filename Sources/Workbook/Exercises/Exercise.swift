/// A graded exercise of a lesson, for every seed.
public struct Exercise: Sendable {
    /// Unique in the whole workbook: the answer's file is called after it.
    public let id: String
    public let title: String
    public let kind: Kind
    /// The exercise's file, for messages.
    public let file: String
    let draws: Draws
    let root: YAMLNode
    let files: LessonFiles

    public enum Kind: String, CaseIterable, Sendable, Hashable {
        /// A table of cases; for each the outcome and what decided it.
        case table
        /// Values of registers and VMCS fields that make a stated thing true.
        case build
    }

    /// The exercise with the numbers and names that a seed gives.
    public func variant(seed: UInt64) throws(WorkbookError) -> ExerciseVariant {
        let collector = DiagnosticCollector(file: file)
        var generator = SplitMix64(seed: seed, name: id)
        let bindings = draws.draw(&generator)
        let filler = ExerciseFiller(
            exercise: self, seed: seed, bindings: bindings, collector: collector)
        let variant = filler.variant(&generator)
        try collector.throwIfAny()
        guard let variant else { throw WorkbookError(file: file, "is no exercise") }
        return variant
    }
}

/// An exercise as one student gets it.
public struct ExerciseVariant: Sendable, Hashable {
    public var id: String
    public var title: String
    public var seed: UInt64
    /// What is to be done.
    public var task: [TextElement]
    /// Three tiers, from a nudge to nearly the answer.
    public var hints: [String]
    /// The mistakes that are recognised by name.
    public var mistakes: [Mistake]
    public var work: Work

    public enum Work: Sendable, Hashable {
        case table(TableWork)
        case build(BuildWork)
    }
}

/// A mistake that people make.
public struct Mistake: Sendable, Hashable {
    /// Stable, as masked-always-exits.
    public var id: String
    /// The mistake in a few words.
    public var name: String
    /// What somebody who made it should look at.
    public var hint: String
}

/// A table to fill in.
public struct TableWork: Sendable, Hashable {
    /// The columns to answer, in order.
    public var columns: [String]
    public var cases: [Case]

    public struct Case: Sendable, Hashable {
        /// The row's facts, as the student reads them.
        public var text: String
        public var scenario: Scenario
        /// What each column asks about.
        public var subjects: [Subject]
        /// What somebody with a mistake answers, by the mistake's id and the column; a mistake that
        /// is absent leads to the right answer here.
        public var wrong: [String: [String: ObservedValue]]
    }
}

/// Values to find.
public struct BuildWork: Sendable, Hashable {
    /// The names that an answer may set.
    public var allowed: [String]
    /// What the answer's file says at first: a name and a value as YAML.
    public var starter: [Named<String>]
    /// A right answer. Grading compares with what it makes the guest do, not with its values.
    public var reference: [Setting]
    /// The same as it is written in the exercise, to be shown.
    public var referenceText: [Named<String>]
    /// A different right answer, for the tests.
    public var second: [Setting]
    /// The wrong answer that each mistake leads to, by the mistake's id.
    public var wrong: [Named<[Setting]>]
    public var probes: [Probe]

    public struct Named<Value: Sendable & Hashable>: Sendable, Hashable {
        public var name: String
        public var value: Value
    }

    /// One run that shows whether an answer does what it should.
    public struct Probe: Sendable, Hashable {
        /// What should be so, as a sentence.
        public var text: String
        public var scenario: Scenario
        /// What is compared.
        public var subjects: [Named<Subject>]
    }
}
