import Narration

/// Finds every mistake of a folder of lessons, as `stepvisor lessons check` tells them.
public struct LessonChecker: Sendable {
    private let runner: (any ScenarioRunner)?
    private let seeds: ClosedRange<UInt64>

    /// - Parameter runner: with one, questions and exercises are run too: every question has an
    ///   answer among its options, every reference passes, every mistake fails.
    /// - Parameter seeds: those whose variants are looked at.
    public init(runner: (any ScenarioRunner)?, seeds: ClosedRange<UInt64> = 1...12) {
        self.runner = runner.map(RunCache.around)
        self.seeds = seeds
    }

    public func check(_ library: Library) -> [Diagnostic] {
        var found = library.diagnostics
        var ids: [String: String] = [:]
        for lesson in library.lessons {
            found += references(of: lesson, in: library)
            for id in [lesson.id] + lesson.exercises.map(\.id) {
                if let other = ids.updateValue(lesson.file, forKey: id) {
                    found.append(
                        Diagnostic(file: lesson.file, message: "\(id) is taken: see \(other)"))
                }
            }
            for seed in seeds {
                let problems = variants(of: lesson, seed: seed)
                found += problems.filter { !found.contains($0) }
                if found.count >= Limits.diagnostics { return found }
            }
        }
        return found
    }

    private func references(of lesson: Lesson, in library: Library) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let others = library.lessons.map(\.id)
        for prerequisite in lesson.prerequisites where !others.contains(prerequisite.value) {
            let suggestion = Spelling.suggestion(for: prerequisite.value, among: others)
            found.append(
                Diagnostic(
                    file: lesson.file, position: prerequisite.position,
                    message: "there is no lesson \(prerequisite.value)\(suggestion)",
                    expected: "the id of a lesson"))
        }
        if lesson.exercises.count < 2 {
            found.append(
                Diagnostic(
                    file: lesson.file, message: "has \(lesson.exercises.count) exercises",
                    expected: "at least two"))
        }
        return found
    }

    private func variants(of lesson: Lesson, seed: UInt64) -> [Diagnostic] {
        var found: [Diagnostic] = []
        do throws(WorkbookError) {
            let variant = try lesson.variant(seed: seed)
            if let runner { found += questions(of: variant, runner: runner) }
        } catch {
            found += error.diagnostics
        }
        for exercise in lesson.exercises {
            do throws(WorkbookError) {
                let variant = try exercise.variant(seed: seed)
                if let runner {
                    found += try Self.exercise(variant, exercise, Grader(runner: runner))
                }
            } catch {
                found += error.diagnostics
            }
        }
        return found
    }

    private func questions(of variant: LessonVariant, runner: any ScenarioRunner) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for question in variant.questions {
            do throws(WorkbookError) {
                let observed = try runner.run(question.run.scenario)
                _ = try question.key(in: observed, file: variant.file)
            } catch {
                found += error.diagnostics
            }
        }
        return found
    }

    /// Cases where what a mistake is said to lead to is the right answer.
    private static func rightMistakes(
        _ variant: ExerciseVariant, _ exercise: Exercise, _ grader: Grader
    ) throws(WorkbookError) -> [Diagnostic] {
        guard case .table(let table) = variant.work else { return [] }
        var found: [Diagnostic] = []
        for (row, values) in zip(table.cases, try grader.key(of: table, file: exercise.file)) {
            let key = Dictionary(zip(table.columns, values)) { first, _ in first }
            for (mistake, cells) in row.wrong.sorted(by: { $0.key < $1.key })
            where cells.allSatisfy({ key[$0.key]?.agrees(with: $0.value) ?? false }) {
                found.append(
                    Diagnostic(
                        file: exercise.file,
                        message:
                            "seed \(variant.seed), \(row.text): what \(mistake) leads to is right",
                        expected: "an answer that differs from what the run shows"))
            }
        }
        return found
    }

    /// Grades what the exercise itself says is right or wrong.
    private static func exercise(
        _ variant: ExerciseVariant, _ exercise: Exercise, _ grader: Grader
    ) throws(WorkbookError) -> [Diagnostic] {
        var found = try rightMistakes(variant, exercise, grader)
        for sample in try ExerciseSamples(variant: variant, grader: grader).all {
            let answer = try AnswerFile.parse(
                sample.text, file: "\(exercise.file) (\(sample.name))")
            let grade = try grader.grade(answer, of: exercise)
            guard grade.passed != (sample.mistake == nil) || grade.mistake?.id != sample.mistake
            else { continue }
            let outcome = grade.mistake?.id ?? (grade.passed ? "right" : "wrong, not recognised")
            found.append(
                Diagnostic(
                    file: exercise.file,
                    message:
                        "seed \(variant.seed), the answer `\(sample.name)` counts as \(outcome)",
                    expected: sample.mistake ?? "right"))
        }
        return found
    }
}
