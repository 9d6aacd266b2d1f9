import Narration
import Workbook

/// The parts of a lesson as a reader at a terminal sees them.
public struct LessonText {
    let style: TextStyle

    public init(style: TextStyle) { self.style = style }

    private static let indent = "    "

    // MARK: Steps

    /// The heading of a step.
    func heading(_ step: LessonPlayer.StepHeading) -> String {
        style.painted("\(step.number) of \(step.count): \(safe(step.title))", as: .heading)
    }

    /// Prose, tables and code.
    func text(_ element: TextElement) -> String {
        lines(of: element).joined(separator: "\n")
    }

    /// Several paragraphs: blank lines between them, but not between the items of a list.
    func text(_ elements: [TextElement]) -> String {
        var lines: [String] = []
        for (index, element) in elements.enumerated() {
            if index > 0 && !(element.isItem && elements[index - 1].isItem) { lines.append("") }
            lines += self.lines(of: element)
        }
        return lines.joined(separator: "\n")
    }

    private func lines(of element: TextElement) -> [String] {
        switch element {
        case .heading(let text): return [style.painted(safe(text), as: .heading)]
        case .paragraph(let text): return wrapped(text)
        case .item(let marker, let text):
            let indent = "  \(safe(marker)) "
            return wrapped(text, indent, hanging: String(repeating: " ", count: indent.count))
        case .quote(let text): return wrapped(text, "  │ ", hanging: "  │ ")
        case .code(_, let lines): return lines.map { Self.indent + safe($0) }
        case .table(let lines): return lines.map { "  " + safe(Self.withoutEdges($0)) }
        }
    }

    /// A table's line without the bars at its ends: one of 80 columns still fits behind the indent.
    private static func withoutEdges(_ line: String) -> String {
        var inner = line[...]
        for edge in ["| ", "|"] where inner.hasPrefix(edge) {
            inner = inner.dropFirst(edge.count)
            break
        }
        for edge in [" |", "|"] where inner.hasSuffix(edge) {
            inner = inner.dropLast(edge.count)
            break
        }
        return String(inner)
    }

    private func wrapped(_ text: String, _ indent: String = "", hanging: String = "") -> [String] {
        WrappedText.lines(text, width: style.width, indent: indent, hangingIndent: hanging)
            .map(safe)
    }

    private func safe(_ text: String) -> String { EscapedText.line(text) }

    // MARK: Questions

    /// A question, its options numbered.
    func question(_ question: Question) -> String {
        var lines = wrapped("? " + question.ask, "", hanging: "  ")
        for (index, option) in question.options.enumerated() {
            lines.append("    \(index + 1)  \(safe(option))")
        }
        return lines.joined(separator: "\n")
    }

    /// How predictions came out. Where there are several each stands below its question.
    func verdicts(_ verdicts: [PredictionVerdict]) -> String {
        verdicts.flatMap { verdict in
            let ask = "? " + verdict.question.ask
            let question = verdicts.count == 1 ? [] : [safe(ask).truncated(to: style.width)]
            return question + self.verdict(verdict)
        }.joined(separator: "\n")
    }

    private func verdict(_ verdict: PredictionVerdict) -> [String] {
        let answer = verdict.answer.description
        guard let given = verdict.given else {
            return wrapped("The run shows: \(answer).", "  ", hanging: "  ")
        }
        let text =
            verdict.isRight
            ? "As you predicted: \(answer)."
            : "You predicted \(given.description); the run shows \(answer)."
        return wrapped(text, "  ", hanging: "  ").map {
            style.painted($0, as: verdict.isRight ? .success : .changed)
        }
    }

    // MARK: Exercises

    /// What is to be done, and where.
    func exercise(_ exercise: ExerciseVariant, _ place: Course.AnswerPlace?) -> String {
        var parts = [style.painted(safe(exercise.title), as: .heading), text(exercise.task)]
        if let place {
            let text =
                place.isNew
                ? "“answer” asks for your answer. It goes into this file, which you "
                    + "can also edit in another window. “verify” grades it."
                : "Your answer is in this file: “answer” changes it, “verify” grades it."
            parts.append(wrapped(text).joined(separator: "\n") + "\n    \(safe(place.path))")
        }
        return parts.joined(separator: "\n\n")
    }

    /// A tier of hints.
    func hint(_ hint: Course.Hint) -> String {
        wrapped("Hint \(hint.number) of \(hint.count): \(hint.text)").joined(separator: "\n")
    }

    /// A grade: passed, or every comparison that does not agree, and the hint.
    ///
    /// - Parameter showsExpected: whether to tell what would have been right. To a student who is
    ///   still trying that would be the solution.
    public func grade(_ grade: Grade, showsExpected: Bool) -> String {
        let count = grade.comparisons.count
        if grade.passed {
            return style.painted("Passed: all \(count) comparisons agree.", as: .success)
        }
        let wrong = grade.comparisons.filter { !$0.agrees }
        var lines = [
            style.painted("Not yet: \(wrong.count) of \(count) comparisons differ.", as: .warning)
        ]
        var place = ""
        for comparison in wrong {
            if comparison.place != place {
                place = comparison.place
                lines += wrapped(place, "  ", hanging: "    ")
            }
            lines += wrapped(Self.text(comparison, showsExpected), "    ", hanging: "    ")
        }
        if let hint = grade.hint { lines += [""] + wrapped(hint) }
        return lines.joined(separator: "\n")
    }

    private static func text(_ comparison: Comparison, _ showsExpected: Bool) -> String {
        guard let given = comparison.given else { return "\(comparison.what): not answered" }
        let right = showsExpected ? "expected is \(comparison.expected)" : "the run shows otherwise"
        return "\(comparison.what): your answer gives \(given), \(right)"
    }

    // MARK: The overview

    /// The lessons, two lines each.
    ///
    /// - Parameters:
    ///   - current: the id of the lesson that is under way.
    ///   - withExercises: whether each has its exercises below it.
    public func overview(
        _ lessons: [LessonOverview], current: String? = nil, withExercises: Bool = false
    ) -> String {
        lessons.map { lesson in
            let mark = lesson.id == current ? "▸" : lesson.isFinished ? "✓" : " "
            let head = "\(mark) \(String(lesson.number).leftPadded(to: 3))  "
            let title = style.painted(safe(lesson.title), as: .heading)
            var lines = ["\(head)\(title)", "       \(safe(lesson.id)): \(standing(lesson))"]
            for exercise in lesson.exercises where withExercises {
                let tries = exercise.tries == 1 ? "1 try" : "\(exercise.tries) tries"
                let state = exercise.passed ? "passed" : exercise.tries == 0 ? "open" : tries
                lines.append("         \(safe(exercise.id).padded(to: 30)) \(state)")
            }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private func standing(_ lesson: LessonOverview) -> String {
        let passed = lesson.exercises.count { $0.passed }
        var parts = ["step \(lesson.stepsShown) of \(lesson.steps)"]
        if lesson.isFinished { parts = ["read to the end"] }
        if lesson.stepsShown == 0 { parts = ["\(lesson.steps) steps, not begun"] }
        if lesson.predictions > 0 {
            parts.append("predictions \(lesson.rightPredictions) of \(lesson.predictions)")
        }
        parts.append("exercises \(passed) of \(lesson.exercises.count)")
        return parts.joined(separator: ", ")
    }
}

extension TextElement {
    /// Whether it is an item of a list, which stand close together.
    var isItem: Bool { if case .item = self { true } else { false } }
}
