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
