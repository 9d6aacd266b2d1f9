/// Prose in lines of a width.
public enum WrappedText {
    /// One paragraph broken at its spaces into lines of at most `width` columns, indents counted.
    /// Runs of white space count as one space; a word that is wider than a line gets one for
    /// itself, as an address or a command must not be torn.
    ///
    /// - Parameters:
    ///   - indent: written before the first line.
    ///   - hangingIndent: written before the others; the same as `indent` if absent.
    public static func lines(
        _ paragraph: String, width: Int, indent: String = "", hangingIndent: String? = nil
    ) -> [String] {
        let hanging = hangingIndent ?? indent
        var lines: [String] = []
        var line = indent
        var used = DisplayWidth.of(indent)
        var isBlank = true
        for word in paragraph.split(whereSeparator: \.isWhitespace) {
            let wordWidth = DisplayWidth.of(word)
            if !isBlank && used + 1 + wordWidth > width {
                lines.append(line)
                line = hanging
                used = DisplayWidth.of(hanging)
                isBlank = true
            }
            line += isBlank ? word : " " + word
            used += wordWidth + (isBlank ? 0 : 1)
            isBlank = false
        }
        if !isBlank { lines.append(line) }
        return lines
    }

    /// Paragraphs, parted by blank lines, each wrapped and kept apart by one blank line. A line
    /// that begins with white space is an example: it stays as it is and ends the paragraph.
    public static func text(_ text: String, width: Int, indent: String = "") -> String {
        var result: [String] = []
        var paragraph = ""
        func flush() {
            result += lines(paragraph, width: width, indent: indent)
            paragraph = ""
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy(\.isWhitespace) {
                flush()
                if result.last?.isEmpty == false { result.append("") }
            } else if line.first?.isWhitespace == true {
                flush()
                result.append(indent + line)
            } else {
                paragraph += " " + line
            }
        }
        flush()
        while result.last?.isEmpty == true { result.removeLast() }
        return result.joined(separator: "\n")
    }
}
