/// What `stepvisor grade` tells: every exercise asked for, with the grade of its answer.
public struct GradeReport: Sendable, Hashable {
    public var entries: [Entry]

    public struct Entry: Sendable, Hashable {
        /// The exercise's id.
        public var id: String
        public var title: String
        /// The lesson's id.
        public var lesson: String
        /// Where the answer is, or would be.
        public var path: String
        public var result: Result
    }

    public enum Result: Sendable, Hashable {
        case graded(Grade)
        /// There is no answer's file.
        case missing
        /// The answer's file is no answer; or, with the exercise's file named, the exercise is broken.
        case unreadable([Diagnostic])

        public var passed: Bool {
            if case .graded(let grade) = self { grade.passed } else { false }
        }
    }

    public var passed: Int { entries.count { $0.result.passed } }
    public var missing: Int { entries.count { $0.result == .missing } }
    /// Answered, and not passed.
    public var failed: Int { entries.count - passed - missing }
    /// Some answer's file is not in the form of one: the input is wrong, not the student.
    public var hasUnreadable: Bool {
        entries.contains { if case .unreadable = $0.result { true } else { false } }
    }
}

extension Library {
    /// Grades the answers in a folder.
    /// - Parameter ids: exercises or lessons; empty for all.
    /// - Throws: an id that is neither.
    public func grade(_ ids: [String] = [], in folder: AnswerFolder, runner: any ScenarioRunner)
        throws(WorkbookError) -> GradeReport
    {
        var wanted: [(lesson: Lesson, exercise: Exercise)] = []
        let all = lessons.flatMap { lesson in lesson.exercises.map { (lesson, $0) } }
        for id in ids {
            let lesson = lesson(id)
            let found = all.filter { $0.1.id == id || $0.0.id == lesson?.id }
            guard !found.isEmpty else { throw unknownExercise(id) }
            for one in found where !wanted.contains(where: { $0.exercise.id == one.1.id }) {
                wanted.append(one)
            }
        }
        if ids.isEmpty { wanted = all }
        return GradeReport(
            entries: wanted.map { lesson, exercise in
                GradeReport.Entry(
                    id: exercise.id, title: exercise.title, lesson: lesson.id,
                    path: folder.path(of: exercise.id),
                    result: Self.result(of: exercise, in: folder, runner: runner))
            })
    }

    private static func result(
        of exercise: Exercise, in folder: AnswerFolder, runner: any ScenarioRunner
    ) -> GradeReport.Result {
        guard folder.hasAnswer(to: exercise.id) else { return .missing }
        do throws(WorkbookError) {
            let answer = try folder.answer(to: exercise.id)
            return .graded(try Grader(runner: runner).grade(answer, of: exercise))
        } catch {
            return .unreadable(error.diagnostics)
        }
    }
}
