import Architecture
import Narration

/// Looks at what a lesson's prose says that is known elsewhere: verdicts on claims, and where the
/// manual has something.
struct ProseChecker {
    let collector: DiagnosticCollector

    /// Each claim of the front matter is quoted, as `> … (C01)`, and the paragraph behind the quote
    /// begins with its verdict.
    func check(
        _ elements: [Markdown.Element], claims: [(claim: Claim, position: SourcePosition)]
    ) {
        for (claim, position) in claims {
            let quote = elements.firstIndex { $0.quote?.contains("(\(claim.id))") ?? false }
            guard let quote else {
                collector.report(
                    position, "the lesson does not quote \(claim.id)",
                    expected: "`> …` with the claim, and (\(claim.id)) behind it")
                continue
            }
            let verdict = claim.verdict.rawValue.capitalizedFirst
            let after = elements.dropFirst(quote + 1).first
            if after?.paragraph?.hasPrefix(verdict) != true {
                collector.report(
                    elements[quote].position, "the verdict on \(claim.id) is not behind it",
                    expected: "a paragraph that begins with \(verdict)")
            }
        }
        for element in elements {
            if let paragraph = element.paragraph {
                checkCitation(paragraph, at: element.position)
            }
        }
    }

    /// A paragraph that begins as a citation is one of the citations there are.
    func checkCitation(_ paragraph: String, at position: SourcePosition) {
        let isCitation = Manual.allCases.contains { paragraph.hasPrefix($0.rawValue + ",") }
        guard isCitation, !Citation.all.contains(where: { $0.text == paragraph }) else { return }
        let words = paragraph.split(separator: "\"")
        let title = words.count > 1 ? String(words[1]) : paragraph
        let near = Suggestions.nearest(to: title, among: Citation.all.map(\.title), limit: 1)
        let meant = Citation.all.first { $0.title == near.first }
        collector.report(
            position, "\(paragraph) is none of the citations",
            expected: meant?.text ?? "manual, section and title as the table of citations has them")
    }
}

extension Markdown.Element {
    fileprivate var paragraph: String? {
        if case .text(.paragraph(let text)) = kind { text } else { nil }
    }

    fileprivate var quote: String? {
        if case .text(.quote(let text)) = kind { text } else { nil }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
