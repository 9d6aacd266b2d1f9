import Narration
import Workbook

/// An exercise answered at the prompt.
extension WorkbookSession {
    func answerExercise(_ exercise: String?) throws(CommandError) {
        let id = try exerciseID(exercise)
        let place = try told { () throws(WorkbookError) in try course.begin(id) }
        let slots = try told { () throws(WorkbookError) in try course.slots(of: id) }
        show(
            lines: WrappedText.lines(
                "Each answer goes to its line of the file below; its other lines stay. Enter "
                    + "keeps what is there.", width: style.width))
        show("    " + EscapedText.line(place.path))
        var shownPlace = ""
        for slot in slots {
            if slot.place != shownPlace {
                shownPlace = slot.place
                show(line: "")
                show(
                    lines: WrappedText.lines(
                        EscapedText.line(slot.place), width: style.width, hangingIndent: "   "))
            }
            guard try ask(for: slot, of: id) else {
                return show("The rest waits: “answer” goes on with it.")
            }
        }
        show("“verify” grades it.")
    }

    /// Asks until there is an answer that fits.
    ///
    /// - Returns: whether to go on with the next.
    private func ask(for slot: AnswerSlot, of id: String) throws(CommandError) -> Bool {
        let current = slot.current.map { " (now \(EscapedText.line($0)))" } ?? ""
        let prompt = style.spelled("\(EscapedText.line(slot.name))\(current)> ")
        while true {
            switch source?.readAnswer(prompt: prompt) ?? .endOfInput {
            case .line(let line):
                guard let refusal = refusal(of: line, for: slot, of: id) else { return true }
                // A script's next lines would be taken for answers too.
                guard output.isInteractive else { throw refusal }
                if isCommandInstead(line) { return false }
                report(refusal)
            case .rejected(let message): report(CommandError(message))
            case .interrupted: return false
            case .endOfInput:
                guard output.isInteractive else {
                    throw CommandError("The input ends where an answer is expected.")
                }
                return false
            }
        }
    }

    /// Puts a line into the answer's file; an empty one leaves what is there.
    ///
    /// - Returns: why it is no answer; nil if it is one.
    private func refusal(of line: String, for slot: AnswerSlot, of id: String) -> CommandError? {
        let text = String(line.drop(while: \.isWhitespace))
        guard !text.isEmpty else { return nil }
        do throws(CommandError) {
            try told { () throws(WorkbookError) in try course.fill(slot, of: id, with: text) }
            return nil
        } catch {
            return error
        }
    }
}
