import Architecture
import InstructionSet
import Machine

/// A decision explained on request, apart from the run that took it.
public struct WhyText {
    public let style: TextStyle

    public init(style: TextStyle = .plain) { self.style = style }

    /// `why`: the rules in order, with what each looked at, and the one that decided.
    ///
    /// - Parameters:
    ///   - ladders: the rules of the machine that decided.
    ///   - instruction: where it was decided, for the names of its operands.
    public func why(
        _ subject: DecidedSubject, ladders: Ladders, instruction: InstructionEvent? = nil
    ) -> [String] {
        let explanation = Explanation(
            ladders.explain(subject, withAlternatives: false), subject: subject,
            instruction: instruction)
        let text = DecisionText(explanation, style)
        var page = TextPage(style)
        page.add(text.rules)
        page.blank()
        if case .exit(let reason) = explanation.decision.verdict {
            page.add(ExitText.head(reason.rawValue, reason, text.decidingNames), as: .decisive)
            page.add(text.citation)
        } else {
            page.add(ExitText(style: style).noExit(explanation))
        }
        return page.lines
    }

    /// `why` for a decision that a run has told: also one that no ladder took, as a check at VM
    /// entry or an exit that nothing prevents.
    public func why(_ explanation: Explanation, ladders: Ladders) -> [String] {
        var page = TextPage(style)
        if let subject = explanation.subject {
            page.add(place(explanation))
            page.add(why(subject, ladders: ladders, instruction: explanation.instruction))
        } else {
            let text = DecisionText(explanation, style)
            page.add(text.rules)
            page.blank()
            page.add(text.citation)
        }
        for detail in explanation.details.compactMap(\.subject) {
            page.blank()
            page.add(why(detail, ladders: ladders))
        }
        return page.lines
    }

    /// Where it was decided: the run may have gone on since.
    private func place(_ explanation: Explanation) -> [String] {
        guard let event = explanation.instruction else { return [] }
        var page = TextPage(style)
        page.add(
            "step \(event.step) · \(HexText.register(event.rip)) · \(InstructionLine.text(event))",
            as: .heading)
        page.blank()
        return page.lines
    }

    /// `why not` for a decision that a run has told.
    public func whyNot(_ explanation: Explanation, ladders: Ladders) -> [String] {
        if let subject = explanation.subject {
            return place(explanation) + whyNot(subject, ladders: ladders)
        }
        var page = TextPage(style)
        page.add(explanation.decision.question, as: .heading)
        let phrase = DecisionText(explanation, style).phrase
        if explanation.failure == nil {
            page.add("As it was: \(phrase).", indent: 2)
            page.add("No field or bit would have changed it.", indent: 2)
        } else {
            page.add("It failed this check: \(phrase).", indent: 2)
            page.add("Had this one held, the next would have been asked.", indent: 2)
        }
        return page.lines
    }

    /// `why not`: what would have changed it.
    public func whyNot(_ subject: DecidedSubject, ladders: Ladders) -> [String] {
        let decision = ladders.explain(subject)
        var page = TextPage(style)
        page.add(decision.question, as: .heading)
        let text = DecisionText(Explanation(decision, subject: subject), style)
        page.add("As it was: \(text.phrase).", indent: 2)
        page.add(text.alternatives)
        if text.alternatives.isEmpty {
            page.add("No single bit would have changed it.", indent: 2)
        }
        return page.lines
    }
}
