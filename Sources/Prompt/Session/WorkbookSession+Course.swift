import Hypervisor
import Narration
import Workbook

/// The commands of the course.
extension WorkbookSession {
    var text: LessonText { LessonText(style: style) }

    func listLessons() throws(CommandError) {
        let lessons = course.library.overview(progress: course.store.progress)
        guard !lessons.isEmpty else { throw CommandError("There are no lessons.") }
        show(text.overview(lessons, current: player?.lesson.id))
    }

    func startLesson(_ lesson: String?) throws(CommandError) {
        let known = lesson ?? player?.lesson.id
        let name = if let known { known } else { try nextLesson() }
        player = try told { () throws(WorkbookError) in try course.start(name) }
        namedExercise = nil
        if let player {
            show(style.painted(EscapedText.line(player.lesson.title), as: .heading))
        }
        try nextStep()
    }

    /// The lesson that was begun and not finished, else the first that was not begun.
    private func nextLesson() throws(CommandError) -> String {
        let lessons = course.library.overview(progress: course.store.progress)
        let open = lessons.filter { !$0.isFinished }
        guard let found = open.first(where: { $0.stepsShown > 0 }) ?? open.first ?? lessons.first
        else { throw CommandError("There are no lessons.") }
        return found.id
    }

    // MARK: Walking

    /// Shows what comes next in the lesson, up to where the reader should stop: a question's
    /// answer, a run, the end of a step.
    func nextStep() throws(CommandError) {
        guard player != nil else {
            throw CommandError(
                "No lesson is under way.", advice: "“start” begins one, “list” shows them all.")
        }
        while let part = try nextPart() {
            try show(part: part)
            if case .question(let question) = part {
                guard try ask(question) else { return }
            } else if player?.isStop(behind: part) == true {
                return
            }
            if try isStepNext() { return }
        }
        show("The lesson is over. “list” shows the others.")
    }

    func nextPart() throws(CommandError) -> LessonPlayer.Part? {
        try told { () throws(WorkbookError) in try player?.next() }
    }

    /// Whether the next part is another step: a copy of the player looks ahead.
    private func isStepNext() throws(CommandError) -> Bool {
        var ahead = player
        guard case .step = try told({ () throws(WorkbookError) in try ahead?.next() }) else {
            return false
        }
        return true
    }

    func show(part: LessonPlayer.Part) throws(CommandError) {
        if !Self.isClose(part, to: lastPart) { show(line: "") }
        lastPart = part
        switch part {
        case .step(let heading): show(text.heading(heading))
        case .text(let element): show(text.text(element))
        case .question(let question): show(text.question(question))
        case .run(let run): try show(run: run)
        case .ladder(let ladder): try show(ladder: ladder)
        case .verdicts(let verdicts): show(text.verdicts(verdicts))
        case .exercise(let exercise):
            namedExercise = nil
            show(exercise: exercise)
        case .endOfLesson:
            show("That was the lesson's last step. Its exercises can be done at any time.")
        }
    }

    /// Whether a part stands close to the one before it.
    static func isClose(
        _ part: LessonPlayer.Part, to previous: LessonPlayer.Part?
    ) -> Bool {
        guard case .text(let element) = part, case .text(let above) = previous else { return false }
        return element.isItem && above.isItem
    }

    // MARK: Runs

    /// Runs what a lesson shows, and leaves the guest where the lesson stops.
    private func show(run block: RunBlock) throws(CommandError) {
        try load(block)
        guard let debugger else { return }
        // How the hypervisor gets there is told in a line: the lesson is about the guest.
        teller?.begin(.brief)
        if debugger.run.phase == .root { _ = debugger.step() }
        if let place = block.from {
            teller?.begin(.off)
            try go(to: place)
        }
        teller?.begin(block.narration == .full ? .full : .brief)
        guard let place = block.until else {
            return tell(watched { debugger.resume(watch: $0) }, withPlace: false)
        }
        try go(to: place)
        tell(debugger.step(), withPlace: false)
    }

    /// Shows one decision of a run.
    private func show(ladder: LadderBlock) throws(CommandError) {
        try load(ladder.run)
        guard let debugger else { return }
        try go(to: ladder.place)
        teller?.begin(.full)
        tell(debugger.step(), withPlace: false)
    }

    private func load(_ block: RunBlock) throws(CommandError) {
        use(try told { () throws(WorkbookError) in try block.scenario.configuration() })
    }

    /// Runs up to the instruction at a label.
    private func go(to place: Subject.Place) throws(CommandError) {
        guard let debugger else { return }
        guard let label = debugger.labels.first(where: { $0.name == place.label }) else {
            throw CommandError("The guest has no label \(CommandError.quoted(place.label)).")
        }
        let halt = watched { debugger.run(to: label.address, time: place.time, watch: $0) }
        guard halt == .stepped else {
            tell(halt)
            throw CommandError("The run does not come to \(CommandError.quoted(place.label)).")
        }
    }

    // MARK: Questions

    /// Asks until there is a prediction.
    ///
    /// - Returns: whether there is one; without, the question stays open.
    private func ask(_ question: Question) throws(CommandError) -> Bool {
        while true {
            switch source?.readAnswer(prompt: "your prediction> ") ?? .endOfInput {
            case .line(let line):
                guard let refusal = refusal(of: line) else { return true }
                // A script's next lines would be taken for answers too.
                guard output.isInteractive else { throw refusal }
                if isCommandInstead(line) { return leave() }
                report(refusal)
            case .rejected(let message):
                report(CommandError(message))
            case .interrupted: return leave()
            case .endOfInput:
                guard output.isInteractive else {
                    throw CommandError("The input ends where a question wants its answer.")
                }
                return leave()
            }
        }
    }

    /// The question stays open.
    private func leave() -> Bool {
        show("The question waits: next asks it again.")
        return false
    }

    /// Takes a line as the prediction.
    ///
    /// - Returns: why it is none; nil if it is one.
    private func refusal(of line: String) -> CommandError? {
        let typed = line.filter { !$0.isWhitespace }.lowercased()
        if typed == "skip" {
            player?.pass()
            return nil
        }
        guard case .notAnAnswer(let expected) = player?.predict(line) else { return nil }
        return CommandError(
            typed.isEmpty
                ? "A prediction first: a guess will do."
                : "\(CommandError.quoted(line)) is not an answer to this.",
            advice: "Expected is \(expected); “skip” goes on without one.")
    }

    // MARK: Exercises

    private func show(exercise: ExerciseVariant) {
        // Without a folder for answers the exercise can still be read; verify says what is missing.
        guard course.answers != nil else { return show(text.exercise(exercise, nil)) }
        do throws(CommandError) {
            let place = try told { () throws(WorkbookError) in try course.begin(exercise.id) }
            show(text.exercise(exercise, place))
        } catch {
            show(text.exercise(exercise, nil))
            report(error)
        }
    }

    func showHint(_ exercise: String?) throws(CommandError) {
        let id = try exerciseID(exercise)
        let hint = try told { () throws(WorkbookError) in try course.hint(for: id) }
        show(text.hint(hint))
    }

    func verifyExercise(_ exercise: String?) throws(CommandError) -> CommandOutcome {
        let id = try exerciseID(exercise)
        let place = try told { () throws(WorkbookError) in try course.begin(id) }
        guard !place.isNew else { throw noAnswer(in: place) }
        let grade = try told { () throws(WorkbookError) in try course.verify(id) }
        guard !grade.isBlank else { throw noAnswer(in: place) }
        show(text.grade(grade, showsExpected: course.maySeeSolution(of: id)))
        return grade.passed ? .done : .failed
    }

    private func noAnswer(in place: Course.AnswerPlace) -> CommandError {
        let origin = place.isNew ? ", which has been written for you to fill in" : ""
        return CommandError(
            "There is no answer yet.",
            advice: "“answer” asks for it, or you put it into \(place.path)\(origin).")
    }

    func showSolution(_ exercise: String?) throws(CommandError) {
        let id = try exerciseID(exercise)
        switch try told({ () throws(WorkbookError) in try course.solution(of: id) }) {
        case .shown(let text): show(EscapedText.lines(text))
        case .notYet(let tries, let needed):
            throw CommandError(
                "The solution is shown after a pass or \(needed) tries; there were \(tries).",
                advice: "“hint” helps, “verify” is a try.")
        }
    }

    func resetLesson(_ lesson: String?) throws(CommandError) {
        guard let name = lesson ?? player?.lesson.id else {
            throw CommandError("Which lesson?", advice: "It is typed: reset LESSON")
        }
        let moved = try told { () throws(WorkbookError) in try course.reset(name) }
        player = nil
        namedExercise = nil
        show("The lesson's progress is forgotten.")
        for path in moved { show("Your answer is kept as \(EscapedText.line(path)).") }
    }

    /// The exercise that is meant: the one named, now or before, else the one of the lesson.
    func exerciseID(_ name: String?) throws(CommandError) -> String {
        if let name {
            if course.library.exercise(name) != nil { namedExercise = name }
            return name
        }
        if let namedExercise { return namedExercise }
        if let current = player?.currentExercise { return current.id }
        let lesson = player.flatMap { course.library.lesson($0.lesson.id) }
        let ids = (lesson?.exercises ?? []).map(\.id)
        guard !ids.isEmpty else {
            throw CommandError("Which exercise?", advice: "“start” begins a lesson.")
        }
        throw CommandError(
            "The lesson has not come to an exercise.",
            advice: "Its exercises: \(ids.joined(separator: ", ")).")
    }

    // MARK: Errors

    /// What the workbook found wrong, as a command's error.
    func told<T>(_ work: () throws(WorkbookError) -> T) throws(CommandError) -> T {
        defer { for notice in course.store.takeNotices() { report(CommandError(notice)) } }
        do throws(WorkbookError) {
            return try work()
        } catch {
            throw CommandError(error.description)
        }
    }
}
