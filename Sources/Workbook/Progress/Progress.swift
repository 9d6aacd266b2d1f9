/// What a student has done so far.
public struct Progress: Codable, Sendable, Equatable {
    /// The form of this record. A later program's higher number is left alone.
    public static let currentVersion = 1

    public var version = Progress.currentVersion
    /// By lesson id.
    public var lessons: [String: LessonProgress] = [:]
    /// By exercise id.
    public var exercises: [String: ExerciseProgress] = [:]

    public init() {}

    public struct LessonProgress: Codable, Sendable, Equatable {
        /// The variant that this student reads.
        public var seed: UInt64
        /// Steps that were shown: the number of the next one, from 0.
        public var step = 0
        /// Whether the last step was shown.
        public var finished = false
        /// By question id: the first answer, which is the prediction.
        public var predictions: [String: Prediction] = [:]

        public init(seed: UInt64) {
            self.seed = seed
        }
    }

    public struct Prediction: Codable, Sendable, Equatable {
        public var given: String
        public var right: Bool

        public init(given: String, right: Bool) {
            self.given = given
            self.right = right
        }
    }

    public struct ExerciseProgress: Codable, Sendable, Equatable {
        /// The variant that this student was given.
        public var seed: UInt64
        /// Graded answers.
        public var tries = 0
        public var passed = false
        /// Hints shown, 0 to 3.
        public var hints = 0
        public var solutionShown = false

        public init(seed: UInt64) {
            self.seed = seed
        }

        /// Tries after which the solution is shown without a pass.
        public static let triesForSolution = 3

        /// A solution is for whoever passed, or tried often enough.
        public var maySeeSolution: Bool { passed || tries >= Self.triesForSolution }
    }

    /// Records that steps up to, but not including, `step` were shown. Never goes back.
    public mutating func reached(step: Int, of lesson: String, seed: UInt64, finished: Bool) {
        var record = lessons[lesson] ?? LessonProgress(seed: seed)
        record.step = max(record.step, step)
        record.finished = record.finished || finished
        lessons[lesson] = record
    }

    /// Records a prediction; only the first to a question counts.
    public mutating func predicted(
        _ prediction: Prediction, question: String, of lesson: String, seed: UInt64
    ) {
        var record = lessons[lesson] ?? LessonProgress(seed: seed)
        if record.predictions[question] == nil { record.predictions[question] = prediction }
        lessons[lesson] = record
    }

    /// Records a graded answer. A pass stays a pass.
    public mutating func graded(_ grade: Grade) {
        var record = exercises[grade.exercise] ?? ExerciseProgress(seed: grade.seed)
        record.tries += 1
        record.passed = record.passed || grade.passed
        exercises[grade.exercise] = record
    }
}
