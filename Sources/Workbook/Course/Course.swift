/// A student's way through the workbook: the lessons, the answers' folder and the record of both.
///
/// Every verb of the prompt and every command about lessons is one call here, with plain values as
/// its result:
///
///     list                   overview
///     start, present         start(_:), present(_:)         a ``LessonPlayer``
///     answer                 begin(_:), slots(of:), fill(_:of:with:)
///     hint                   hint(for:)
///     verify                 verify(_:)
///     solution               solution(of:)
///     reset                  reset(_:)
///     stepvisor grade        ``GradeReport``
///     lessons check          ``LessonChecker``
public final class Course {
    public let library: Library
    public let store: ProgressStore
    /// nil: there is no home folder to keep answers in.
    public let answers: AnswerFolder?
    private let runner: any ScenarioRunner
    private let freshSeed: () -> UInt64

    /// - Parameter freshSeed: gives the seed of a student who has none yet.
    public init(
        library: Library, store: ProgressStore, answers: AnswerFolder?,
        runner: any ScenarioRunner, freshSeed: @escaping () -> UInt64 = Seeds.fresh
    ) {
        self.library = library
        self.store = store
        self.answers = answers
        self.runner = RunCache.around(runner)
        self.freshSeed = freshSeed
    }

    // MARK: Lessons

    /// Begins a lesson, or goes on where the student left it; from its first step once it was
    /// finished.
    /// - Parameter name: an id, or a number as text.
    public func start(_ name: String) throws(WorkbookError) -> LessonPlayer {
        let lesson = try lesson(name)
        let record = store.progress.lessons[lesson.id]
        let seed = record?.seed ?? freshSeed()
        if record == nil {
            store.update { $0.reached(step: 0, of: lesson.id, seed: seed, finished: false) }
        }
        let step = record.map { $0.finished ? 0 : $0.step } ?? 0
        return LessonPlayer(
            lesson: try lesson.variant(seed: seed), exercises: lesson.exercises, runner: runner,
            store: store, step: step, exerciseSeed: { [self] in seedOfExercise($0) })
    }

    /// A lesson for an audience: from its first step, with nothing recorded.
    public func present(_ name: String, seed: UInt64 = 1) throws(WorkbookError) -> LessonPlayer {
        let lesson = try lesson(name)
        return LessonPlayer(
            lesson: try lesson.variant(seed: seed), exercises: lesson.exercises, runner: runner,
            store: nil, exerciseSeed: { _ in seed })
    }

    /// Forgets what was recorded of a lesson and sets its answers aside.
    /// - Returns: where the answers are now.
    public func reset(_ name: String) throws(WorkbookError) -> [String] {
        let lesson = try lesson(name)
        var moved: [String] = []
        for exercise in lesson.exercises {
            if let path = try answers?.setAside(exercise.id) { moved.append(path) }
        }
        store.update { progress in
            progress.lessons[lesson.id] = nil
            for exercise in lesson.exercises { progress.exercises[exercise.id] = nil }
        }
        return moved
    }

    private func lesson(_ name: String) throws(WorkbookError) -> Lesson {
        if let lesson = library.lesson(name) { return lesson }
        throw library.unknownLesson(name)
    }

    // MARK: Exercises

    /// Where an exercise's answer goes.
    public struct AnswerPlace: Sendable, Hashable {
        public var path: String
        /// Whether the starter was written just now.
        public var isNew: Bool
    }

    /// A tier of an exercise's hints.
    public struct Hint: Sendable, Hashable {
        /// From 1.
        public var number: Int
        public var count: Int
        public var text: String
    }

    public enum Solution: Sendable, Hashable {
        case shown(String)
        /// Not earned yet: tries so far, and how many it takes.
        case notYet(tries: Int, needed: Int)
    }

    /// The exercise as this student gets it.
    public func variant(of id: String) throws(WorkbookError) -> ExerciseVariant {
        try exercise(id).variant(seed: seedOfExercise(id))
    }

    /// Writes the starter of an exercise into the answers' folder, unless an answer is there.
    public func begin(_ id: String) throws(WorkbookError) -> AnswerPlace {
        let exercise = try exercise(id)
        let answers = try folder()
        let seed = seedOfExercise(id)
        let isNew = try answers.writeStarter(try exercise.variant(seed: seed))
        remember(id, seed: seed) { _ in }
        return AnswerPlace(path: answers.path(of: id), isNew: isNew)
    }

    /// What an exercise asks for, and what its answer says so far. ``begin(_:)`` comes first.
    public func slots(of id: String) throws(WorkbookError) -> [AnswerSlot] {
        try editor(for: id).slots
    }

    /// Puts an answer typed at the prompt into the answer's file, whose other lines stay.
    /// - Throws: if it is no answer: nothing is written then.
    public func fill(_ slot: AnswerSlot, of id: String, with text: String) throws(WorkbookError) {
        var editor = try editor(for: id)
        try editor.fill(slot, with: text)
        try FileWriting.replace(try folder().path(of: id), bytes: Array(editor.text.utf8))
    }

    private func editor(for id: String) throws(WorkbookError) -> AnswerEditor {
        let path = try folder().path(of: id)
        let file = try TextFile.read(path, limit: Limits.dataBytes)
        let answer = try AnswerFile.parse(file.text, file: path)
        let variant = try exercise(id).variant(seed: answer.seed)
        return AnswerEditor(variant: variant, answer: answer, text: file.text)
    }

    /// The next tier of hints; the last again once all were shown.
    public func hint(for id: String) throws(WorkbookError) -> Hint {
        let exercise = try exercise(id)
        let seed = seedOfExercise(id)
        let hints = try exercise.variant(seed: seed).hints
        let number = min((store.progress.exercises[id]?.hints ?? 0) + 1, hints.count)
        guard hints.indices.contains(number - 1) else {
            throw WorkbookError(file: id, "has no hints")
        }
        remember(id, seed: seed) { $0.hints = number }
        return Hint(number: number, count: hints.count, text: hints[number - 1])
    }

    /// Grades the answer to an exercise and records the try, unless nothing is answered yet.
    /// - Throws: what is wrong with the answer's file; that counts as no try.
    public func verify(_ id: String) throws(WorkbookError) -> Grade {
        let exercise = try exercise(id)
        let grade = try Grader(runner: runner).grade(try folder().answer(to: id), of: exercise)
        if !grade.isBlank { store.update { $0.graded(grade) } }
        return grade
    }

    /// Whether the reference answer is shown: after a pass or three tries.
    public func maySeeSolution(of id: String) -> Bool {
        store.progress.exercises[id]?.maySeeSolution == true
    }

    /// The reference answer, if it may be seen.
    public func solution(of id: String) throws(WorkbookError) -> Solution {
        let exercise = try exercise(id)
        let seed = seedOfExercise(id)
        let record = store.progress.exercises[id] ?? .init(seed: seed)
        guard record.maySeeSolution else {
            return .notYet(
                tries: record.tries, needed: Progress.ExerciseProgress.triesForSolution)
        }
        let text = try Grader(runner: runner).solution(of: try exercise.variant(seed: seed))
        remember(id, seed: seed) { $0.solutionShown = true }
        return .shown(text)
    }

    private func exercise(_ id: String) throws(WorkbookError) -> Exercise {
        if let found = library.exercise(id) { return found.exercise }
        throw library.unknownExercise(id)
    }

    private func folder() throws(WorkbookError) -> AnswerFolder {
        if let answers { return answers }
        throw WorkbookError(
            file: "answers", "there is no folder to keep answers in",
            expected: "HOME or STEPVISOR_ANSWERS to be set")
    }

    /// The seed in the answer's file, as that is what is graded; else the one on record; else new.
    private func seedOfExercise(_ id: String) -> UInt64 {
        if let answers, answers.hasAnswer(to: id) {
            do throws(WorkbookError) {
                return try answers.answer(to: id).seed
            } catch {
                // A file with mistakes: `verify` tells them.
            }
        }
        if let seed = store.progress.exercises[id]?.seed { return seed }
        let seed = freshSeed()
        remember(id, seed: seed) { _ in }
        return seed
    }

    private func remember(
        _ id: String, seed: UInt64, change: (inout Progress.ExerciseProgress) -> Void
    ) {
        store.update { progress in
            var record = progress.exercises[id] ?? .init(seed: seed)
            record.seed = seed
            change(&record)
            progress.exercises[id] = record
        }
    }
}
