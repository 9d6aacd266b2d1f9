/// A piece of a lesson's prose.
public enum TextElement: Sendable, Hashable {
    /// A heading inside a step.
    case heading(String)
    /// Lines that belong together, joined with spaces: to be wrapped where they are shown.
    case paragraph(String)
    /// An item of a list, with its marker as written (`-`, `1.`).
    case item(marker: String, text: String)
    /// Lines after `>`, joined: somebody else's words.
    case quote(String)
    /// Lines shown as they are, with the language that the fence names (may be empty).
    case code(language: String, lines: [String])
    /// The lines of a table, as written.
    case table([String])
}

/// The lesson's Markdown: the plain part of it that reads well in a terminal too.
///
/// Headings with `#`, paragraphs, lists with `-`, `*` or `1.`, tables with `|`, fences of three
/// backquotes. Emphasis and code spans stay as they are written.
struct Markdown {
    struct Element: Sendable {
        enum Kind: Sendable {
            case heading(level: Int, String)
            case text(TextElement)
            /// A fence: the words behind the backquotes, and the lines inside.
            case fence(info: String, lines: [String])
        }

        var kind: Kind
        var position: SourcePosition
    }

    /// Splits text into elements.
    /// - Parameter firstLine: the line of the file at which the text begins.
    static func parse(_ lines: [Substring], firstLine: Int, collector: DiagnosticCollector)
        -> [Element]
    {
        var reader = Reader(collector: collector)
        for (index, line) in lines.enumerated() {
            reader.take(line, at: SourcePosition(line: firstLine + index, column: 1))
        }
        return reader.finish()
    }

    private struct Reader {
        let collector: DiagnosticCollector
        var elements: [Element] = []
        /// What the next line may go on with.
        var open: (kind: TextElement, position: SourcePosition)?
        var fence: (info: String, lines: [String], position: SourcePosition)?

        mutating func take(_ line: Substring, at position: SourcePosition) {
            let trimmed = line.drop(while: \.isWhitespace)
            if let current = fence {
                takeInside(current.info, line: line, isEnd: trimmed.allSatisfy { $0 == "`" })
            } else if trimmed.hasPrefix("```") {
                close()
                let info = trimmed.drop { $0 == "`" }.split(separator: " ").first.map(String.init)
                fence = (info ?? "", [], position)
            } else if trimmed.isEmpty {
                close()
            } else if line.hasPrefix("#") {
                takeHeading(line, at: position)
            } else if trimmed.hasPrefix("|") {
                takeTableRow(trimmed, at: position)
            } else if trimmed.hasPrefix(">") {
                takeQuote(String(trimmed.dropFirst().drop(while: \.isWhitespace)), at: position)
            } else if let (marker, text) = Self.item(trimmed) {
                close()
                open = (.item(marker: marker, text: text), position)
            } else {
                takeProse(String(trimmed), at: position)
            }
        }

        private mutating func takeInside(_ info: String, line: Substring, isEnd: Bool) {
            if isEnd && line.contains("```"), let done = fence {
                let kind = Element.Kind.fence(info: done.info, lines: done.lines)
                elements.append(Element(kind: kind, position: done.position))
                fence = nil
            } else {
                fence?.lines.append(String(line))
            }
        }

        private mutating func takeHeading(_ line: Substring, at position: SourcePosition) {
            close()
            let level = line.prefix { $0 == "#" }.count
            let title = line.dropFirst(level).drop(while: \.isWhitespace)
            if title.isEmpty || line.dropFirst(level).first != " " {
                collector.report(position, "a heading without text", expected: "`## A title`")
            }
            elements.append(
                Element(kind: .heading(level: level, String(title)), position: position))
        }

        private mutating func takeTableRow(_ row: Substring, at position: SourcePosition) {
            if case .table(let rows)? = open?.kind {
                open?.kind = .table(rows + [String(row)])
            } else {
                close()
                open = (.table([String(row)]), position)
            }
        }

        private mutating func takeQuote(_ text: String, at position: SourcePosition) {
            if case .quote(let before)? = open?.kind {
                open?.kind = .quote(before + " " + text)
            } else {
                close()
                open = (.quote(text), position)
            }
        }

        private mutating func takeProse(_ text: String, at position: SourcePosition) {
            switch open?.kind {
            case .paragraph(let before)?: open?.kind = .paragraph(before + " " + text)
            case .item(let marker, let before)?:
                open?.kind = .item(marker: marker, text: before + " " + text)
            default:
                close()
                open = (.paragraph(text), position)
            }
        }

        private mutating func close() {
            if let (kind, position) = open {
                elements.append(Element(kind: .text(kind), position: position))
            }
            open = nil
        }

        mutating func finish() -> [Element] {
            close()
            if let fence {
                collector.report(
                    fence.position, "this fence is not closed", expected: "a line of ```")
            }
            return elements
        }

        private static func item(_ line: Substring) -> (marker: String, text: String)? {
            guard let space = line.firstIndex(of: " ") else { return nil }
            let marker = line[..<space]
            let isNumber =
                marker.last == "." && marker.count <= 4 && marker.count > 1
                && marker.dropLast().allSatisfy(\.isNumber)
            guard marker == "-" || marker == "*" || isNumber else { return nil }
            return (String(marker), String(line[space...].drop(while: \.isWhitespace)))
        }
    }
}

extension TextElement {
    /// The element with placeholders replaced.
    func filled(from bindings: Bindings, unknown: (String) -> Void) -> TextElement {
        func fill(_ text: String) -> String {
            Placeholders.fill(text, from: bindings, unknown: unknown)
        }
        return switch self {
        case .heading(let text): .heading(fill(text))
        case .paragraph(let text): .paragraph(fill(text))
        case .item(let marker, let text): .item(marker: marker, text: fill(text))
        case .quote(let text): .quote(fill(text))
        case .code(let language, let lines): .code(language: language, lines: lines.map(fill))
        case .table(let rows): .table(rows.map(fill))
        }
    }

    /// Prose as elements, from a text that is no file of its own: a task, a hint.
    static func elements(of text: String) -> [TextElement] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let collector = DiagnosticCollector(file: "")
        return Markdown.parse(lines, firstLine: 1, collector: collector).map { element in
            switch element.kind {
            case .heading(_, let title): .heading(title)
            case .text(let text): text
            case .fence(let info, let lines): .code(language: info, lines: lines)
            }
        }
    }
}
