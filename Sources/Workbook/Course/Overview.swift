/// The lessons with how far a student is, as `stepvisor list` and the prompt's `list` show them.
public struct LessonOverview: Sendable, Hashable {
    public var id: String
    public var number: Int
    public var title: String
    /// Ids of claims: C01 to C24.
    public var claims: [String]
    public var prerequisites: [String]
    public var steps: Int
    /// Steps shown so far.
    public var stepsShown: Int
    public var isFinished: Bool
    /// Predictions made, and those of them that were right.
    public var predictions: Int
    public var rightPredictions: Int
    public var exercises: [ExerciseOverview]
}

public struct ExerciseOverview: Sendable, Hashable {
    public var id: String
    public var title: String
    public var kind: Exercise.Kind
    public var tries: Int
    public var passed: Bool
}

extension Library {
    /// All lessons in order.
    /// - Parameter progress: nil where nobody's is meant.
    public func overview(progress: Progress? = nil) -> [LessonOverview] {
        lessons.map { lesson in
            let record = progress?.lessons[lesson.id]
            let predictions = record.map { Array($0.predictions.values) } ?? []
            return LessonOverview(
                id: lesson.id, number: lesson.number, title: lesson.title,
                claims: lesson.claims.map(\.claim.id),
                prerequisites: lesson.prerequisites.map(\.value), steps: lesson.stepCount,
                stepsShown: record?.step ?? 0, isFinished: record?.finished ?? false,
                predictions: predictions.count,
                rightPredictions: predictions.count { $0.right },
                exercises: lesson.exercises.map { exercise in
                    let record = progress?.exercises[exercise.id]
                    return ExerciseOverview(
                        id: exercise.id, title: exercise.title, kind: exercise.kind,
                        tries: record?.tries ?? 0, passed: record?.passed ?? false)
                })
        }
    }

    func unknownLesson(_ name: String) -> WorkbookError {
        let ids = lessons.map(\.id)
        return WorkbookError(
            file: name, "there is no such lesson\(Spelling.suggestion(for: name, among: ids))",
            expected: ids.joined(separator: ", "))
    }

    func unknownExercise(_ id: String) -> WorkbookError {
        let ids = lessons.flatMap(\.exercises).map(\.id)
        return WorkbookError(
            file: id, "there is no such exercise\(Spelling.suggestion(for: id, among: ids))",
            expected: ids.joined(separator: ", "))
    }
}
