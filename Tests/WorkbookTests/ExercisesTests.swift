import Foundation
import Testing

@testable import Workbook

/// Every exercise graded on the model: its own answers, and, where `STEPVISOR_ANSWERS` names a
/// folder, a student's.
@Suite struct Exercises {
    static let library: Library? = try? Repository.library()
    static let all: [Exercise] = library?.lessons.flatMap(\.exercises) ?? []
    static let grader = Grader(runner: MachineRunner())

    /// One exercise for one student.
    struct Case: CustomTestStringConvertible {
        let exercise: Exercise
        let seed: UInt64
        var testDescription: String { "\(exercise.id), seed \(seed)" }
    }

    static let cases: [Case] = all.flatMap { exercise in
        [1, 2, 3, 5, 8, 424_242].map { Case(exercise: exercise, seed: $0) }
    }

    static func samples(_ exercise: Exercise, seed: UInt64) throws -> [ExerciseSamples.Sample] {
        try ExerciseSamples(variant: exercise.variant(seed: seed), grader: grader).all
    }

    private func grade(_ sample: ExerciseSamples.Sample, _ exercise: Exercise) throws -> Grade {
        let answer = try AnswerFile.parse(sample.text, file: sample.name)
        return try Self.grader.grade(answer, of: exercise)
    }

    @Test("There are exercises to grade, two a lesson at least")
    func some() {
        #expect(Self.library?.lessons.allSatisfy { $0.exercises.count >= 2 } == true)
        #expect(Self.all.count >= 4)
    }

    @Test("The reference passes, and so does a second, different right answer", arguments: cases)
    func right(_ one: Case) throws {
        let samples = try Self.samples(one.exercise, seed: one.seed)
        let texts = try ["reference", "second"].map { name in
            let sample = try #require(samples.first { $0.name == name })
            let grade = try grade(sample, one.exercise)
            #expect(grade.passed, "\(name)\n\(Self.report(grade))")
            #expect(grade.mistake == nil && grade.hint == nil)
            return sample.text
        }
        #expect(texts[0] != texts[1])
    }

    @Test("Each named mistake fails, by its name and with its hint", arguments: cases)
    func mistakes(_ one: Case) throws {
        let variant = try one.exercise.variant(seed: one.seed)
        let samples = try Self.samples(one.exercise, seed: one.seed)
        #expect(!variant.mistakes.isEmpty)
        for mistake in variant.mistakes {
            let sample = try #require(samples.first { $0.mistake == mistake.id })
            let grade = try grade(sample, one.exercise)
            #expect(!grade.passed)
            #expect(grade.mistake?.id == mistake.id, "\(Self.report(grade))")
            #expect(grade.hint?.contains(mistake.name) == true)
        }
    }

    @Test("The solution that is shown is a right answer", arguments: cases)
    func solution(_ one: Case) throws {
        let variant = try one.exercise.variant(seed: one.seed)
        let text = try Self.grader.solution(of: variant)
        let answer = try AnswerFile.parse(text, file: "solution")
        #expect(try Self.grader.grade(answer, of: one.exercise).passed)
    }

    @Test("The model gives what was worked out from the manual by hand", arguments: cases)
    func byHand(_ one: Case) throws {
        let byHand = Grader(runner: ManualRunner())
        switch try one.exercise.variant(seed: one.seed).work {
        case .table(let table):
            #expect(
                try Self.grader.key(of: table, file: "") == byHand.key(of: table, file: ""))
        case .build:
            for sample in try Self.samples(one.exercise, seed: one.seed) {
                let answer = try AnswerFile.parse(sample.text, file: sample.name)
                let model = try Self.grader.grade(answer, of: one.exercise)
                let manual = try byHand.grade(answer, of: one.exercise)
                #expect(Self.outline(model) == Self.outline(manual), "\(sample.name)")
            }
        }
    }

    /// What was seen, without the name of the rule that made an entry fail.
    private static func outline(_ grade: Grade) -> [String] {
        grade.comparisons.map { comparison in
            let given = comparison.given?.split(separator: ":").first ?? ""
            return "\(comparison.place) \(comparison.what) \(comparison.expected) \(given)"
                .filter { $0 != ")" }
        }
    }

    @Test("A starter as it was written does not pass, and shows no mistake by accident")
    func starters() throws {
        for exercise in Self.all {
            let variant = try exercise.variant(seed: 4)
            let answer = try? AnswerFile.parse(AnswerText.starter(variant), file: "starter")
            let grade = try Self.grader.grade(try #require(answer), of: exercise)
            #expect(!grade.passed, "\(exercise.id)")
        }
    }

    @Test("An answer that never ends is stopped by the step budget, and told so")
    func endless() throws {
        let folder = try TemporaryFolder()
        try EndlessExercise.write(to: folder)
        let library = try Library(root: Folder(path: folder.path))
        #expect(library.diagnostics == [])
        let exercise = try #require(library.exercise("count-down")).exercise
        for (text, end) in [("rdi: 1", "hlt"), ("rdi: 0", "step-budget")] {
            let answer = try AnswerFile.parse(
                "exercise: count-down\nseed: 1\nset: {\(text)}\n", file: "answer")
            let grade = try Self.grader.grade(answer, of: exercise)
            #expect(grade.comparisons.map(\.given).last == end)
            #expect(grade.passed == (end == "hlt"))
        }
    }

    // MARK: A student's folder

    static let answers = AnswerFolder.standard(
        environment: ProcessInfo.processInfo.environment.filter { $0.key == "STEPVISOR_ANSWERS" })

    @Test(
        "An answer in the folder that STEPVISOR_ANSWERS names passes",
        .enabled(if: answers != nil, "STEPVISOR_ANSWERS names no folder"),
        arguments: all.map(\.id))
    func student(id: String) throws {
        let library = try #require(Self.library)
        let folder = try #require(Self.answers)
        let report = try library.grade([id], in: folder, runner: MachineRunner())
        let entry = try #require(report.entries.first)
        switch entry.result {
        case .missing: print("\(id): no answer at \(entry.path)")
        case .unreadable(let diagnostics):
            Issue.record("\(diagnostics.map(\.description).joined(separator: "\n"))")
        case .graded(let grade):
            if !grade.passed { Issue.record("\(Self.report(grade))") }
        }
    }

    /// What was compared, and the hint.
    static func report(_ grade: Grade) -> String {
        let compared = grade.comparisons.map { "  \($0)" }
        let hint = grade.hint.map { ["  hint: \($0)"] } ?? []
        return ([grade.exercise] + compared + hint).joined(separator: "\n")
    }
}

/// A workbook with an exercise whose wrong answer runs for ever.
private enum EndlessExercise {
    static func write(to folder: TemporaryFolder) throws {
        try folder.write(
            """
            bits 64
            org 0x10000
            start:  dec rdi
                    jnz start
            stop:   hlt
            """, to: "Guests/count.asm")
        try folder.write("guest: count.asm\n", to: "Lessons/01-count/count.yaml")
        try folder.write(exercise, to: "Lessons/01-count/down.yaml")
        try folder.write(
            """
            ---
            id: count
            title: Counting
            ---
            # Counting

            ## Down

            ```exercise
            file: down.yaml
            ```
            """, to: "Lessons/01-count/lesson.md")
    }

    private static let exercise = """
        id: count-down
        title: Counting down
        kind: build
        task: Have the guest halt.
        allows: [rdi]
        reference: {rdi: 2}
        second: {rdi: 3}
        probes:
          - text: The guest halts.
            scenario: count.yaml
            compare: {the end: end}
        hints: [One., Two., Three.]
        """
}
