import Narration

/// Walks a lesson from its first step to its last: what to show next, what to ask, what to narrate.
///
/// Whoever owns the terminal drives it:
///
///     var player = try course.start("15")                // or try course.present("15")
///     while let part = try player.next() {
///         switch part {
///         case .step(let step): …                         // a heading, "3 of 9: Writing"
///         case .text(let text): …                         // prose: wrap and show it
///         case .question(let question): …                 // ask; then `predict` or `pass`
///         case .run(let run): …                           // load and narrate it: the reveal
///         case .ladder(let ladder): …                     // the decision at a place of a run, whole
///         case .verdicts(let verdicts): …                 // how the predictions came out
///         case .exercise(let exercise): …                 // its task; `course` does the rest
///         case .endOfLesson: …
///         }
///         if player.isStop(behind: part) { /* wait for `next`, Enter or an answer */ }
///     }
///
/// While a question is open, `next` gives the same question again: a prediction comes before the
/// reveal, or is passed over on purpose. Predictions are compared once the run that answers them has
/// been shown, never before. The player is a value: a copy is a place to come back to.
public struct LessonPlayer {
    public let lesson: LessonVariant
    /// The number of the step that the next part is from, from 0; the number of steps at the end.
    public private(set) var step: Int
    /// The question that waits for a prediction.
    public private(set) var openQuestion: Question?
    /// The run that the lesson is at: the one shown last, for `si`, `info` and `why`.
    public private(set) var currentRun: RunBlock?
    /// The exercise that the lesson is at: for `hint`, `verify` and `solution`.
    public private(set) var currentExercise: Exercise?
    /// Everything predicted since the player was made, in order.
    public private(set) var verdicts: [PredictionVerdict] = []

    private let exercises: [Exercise]
    private let runner: any ScenarioRunner
    /// nil: nothing is recorded.
    private let store: ProgressStore?
    private let exerciseSeed: (String) -> UInt64
    /// The index of the step's next block; nil before its heading.
    private var block: Int?
    private var isOver = false
    /// Questions whose answers have not been shown; without a prediction where one was passed over.
    private var pending: [(question: Question, given: ObservedValue?)] = []
    private var shownRuns: Set<String> = []
    private var waiting: [Part] = []

    /// What comes next in a lesson.
    public enum Part: Sendable {
        case step(StepHeading)
        case text(TextElement)
        /// Asked before the reveal. Answer with ``LessonPlayer/predict(_:)``.
        case question(Question)
        /// To be loaded and narrated, as much as ``RunBlock/narration`` says, from
        /// ``RunBlock/from`` up to and with ``RunBlock/until``. Its configuration comes from
        /// ``Scenario/configuration()``.
        case run(RunBlock)
        /// One decision of a run, to be shown in full.
        case ladder(LadderBlock)
        /// Follows the run that shows the answers; never empty.
        case verdicts([PredictionVerdict])
        case exercise(ExerciseVariant)
        case endOfLesson
    }

    public struct StepHeading: Sendable, Hashable {
        /// From 1.
        public var number: Int
        public var count: Int
        public var title: String
    }

    /// What became of a prediction that was typed.
    public enum Acceptance: Sendable, Hashable {
        case accepted(ObservedValue)
        /// None of the question's options, or nothing at all: the question stays open.
        case notAnAnswer(expected: String)
        case noQuestion
    }

    init(
        lesson: LessonVariant, exercises: [Exercise], runner: any ScenarioRunner,
        store: ProgressStore?, step: Int = 0, exerciseSeed: @escaping (String) -> UInt64
    ) {
        self.lesson = lesson
        self.exercises = exercises
        self.runner = runner
        self.store = store
        self.step = lesson.steps.indices.contains(step) ? step : 0
        self.exerciseSeed = exerciseSeed
    }

    /// Whether the step has nothing more to show: the next part is another heading, or the end.
    public var isAtEndOfStep: Bool {
        guard openQuestion == nil, waiting.isEmpty, lesson.steps.indices.contains(step) else {
            return openQuestion == nil && waiting.isEmpty
        }
        return block == lesson.steps[step].blocks.count && pending.isEmpty
    }

    /// The number of steps.
    public var count: Int { lesson.steps.count }

    /// The next part, or the open question again; nil when the lesson is over.
    /// - Throws: what is wrong with a guest or with an exercise's file. The place is kept.
    public mutating func next() throws(WorkbookError) -> Part? {
        if let openQuestion { return .question(openQuestion) }
        if !waiting.isEmpty { return waiting.removeFirst() }
        while lesson.steps.indices.contains(step) {
            guard let index = block else {
                block = 0
                return .step(
                    StepHeading(number: step + 1, count: count, title: lesson.steps[step].title))
            }
            let blocks = lesson.steps[step].blocks
            if blocks.indices.contains(index) {
                let part = try part(of: blocks[index])
                block = index + 1
                return part
            }
            // A question whose run was shown earlier has no reveal of its own behind it.
            let late = try takeVerdicts(all: true)
            endStep()
            if let late { return .verdicts(late) }
        }
        guard !isOver else { return nil }
        isOver = true
        return .endOfLesson
    }

    /// Takes a prediction for the open question: an option's number or text, or a value.
    public mutating func predict(_ text: String) -> Acceptance {
        guard let question = openQuestion else { return .noQuestion }
        guard let answer = question.answer(typed: text) else {
            let typed = question.subject.isNumber ? "a number" : "a word or several"
            let expected =
                question.options.isEmpty ? typed : Suggestions.alternatives(question.options)
            return .notAnAnswer(expected: expected)
        }
        pending.append((question, answer))
        openQuestion = nil
        return .accepted(answer)
    }

    /// Goes on without a prediction.
    public mutating func pass() {
        guard let question = openQuestion else { return }
        pending.append((question, nil))
        openQuestion = nil
    }

    /// Whether to wait for the reader behind the part that ``next()`` gave last.
    public func isStop(behind part: Part) -> Bool {
        switch part {
        case .step, .text, .ladder: false
        // How the predictions came out belongs on the same screen.
        case .run: waiting.isEmpty
        case .question, .verdicts, .exercise, .endOfLesson: true
        }
    }

    private mutating func part(of block: LessonBlock) throws(WorkbookError) -> Part {
        switch block {
        case .text(let text): return .text(text)
        case .question(let question):
            openQuestion = question
            return .question(question)
        case .run(let run):
            currentRun = run
            shownRuns.insert(run.id)
            if let verdicts = try takeVerdicts(all: false) { waiting.append(.verdicts(verdicts)) }
            return .run(run)
        case .ladder(let ladder):
            return .ladder(ladder)
        case .exercise(let id):
            guard let exercise = exercises.first(where: { $0.id == id }) else {
                throw WorkbookError(file: lesson.file, "has no exercise \(id)")
            }
            currentExercise = exercise
            return .exercise(try exercise.variant(seed: exerciseSeed(id)))
        }
    }

    /// Compares the predictions whose runs have been shown, or all of them.
    private mutating func takeVerdicts(all: Bool) throws(WorkbookError) -> [PredictionVerdict]? {
        var found: [PredictionVerdict] = []
        var open: [(question: Question, given: ObservedValue?)] = []
        for (question, given) in pending {
            guard all || shownRuns.contains(question.run.id) else {
                open.append((question, given))
                continue
            }
            let observed = try runner.run(question.run.scenario)
            let key = try question.key(in: observed, file: lesson.file)
            found.append(PredictionVerdict(question: question, given: given, answer: key))
        }
        pending = open
        verdicts += found
        record(found)
        return found.isEmpty ? nil : found
    }

    private func record(_ verdicts: [PredictionVerdict]) {
        store?.update { progress in
            for verdict in verdicts {
                guard let given = verdict.given else { continue }
                progress.predicted(
                    .init(given: given.description, right: verdict.isRight),
                    question: verdict.question.id, of: lesson.id, seed: lesson.seed)
            }
        }
    }

    private mutating func endStep() {
        step += 1
        block = nil
        let reached = step
        let isLast = step == count
        store?.update {
            $0.reached(step: reached, of: lesson.id, seed: lesson.seed, finished: isLast)
        }
    }
}

/// A prediction beside what the run showed.
public struct PredictionVerdict: Sendable, Hashable {
    public var question: Question
    /// nil: passed over.
    public var given: ObservedValue?
    public var answer: ObservedValue

    public var isRight: Bool { given.map { answer.agrees(with: $0) } ?? false }
}
