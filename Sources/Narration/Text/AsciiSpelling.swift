/// The characters beyond ASCII that our texts use, spelled in ASCII for terminals that have no
/// other. Those that appear in diagrams keep their width of one column.
enum AsciiSpelling {
    private static let drawing: [Character: String] = [
        "·": "-", "•": "*", "─": "-", "│": "|", "└": "`", "┌": ",", "┐": ".", "┘": "'",
        "├": "|", "┤": "|", "┬": "-", "┴": "-", "┼": "+", "═": "=", "║": "|", "█": "#",
        "▌": "|", "▲": "^", "▼": "v", "▶": ">", "◀": "<", "✓": "+", "✗": "x", "↑": "^", "↓": "v",
    ]
    private static let writing: [Character: String] = [
        "“": "\"", "”": "\"", "„": "\"", "‘": "'", "’": "'", "–": "-", "—": "--", "‑": "-",
        "−": "-", "…": "...", "→": "->", "←": "<-", "⇒": "=>", "×": "x", "≤": "<=", "≥": ">=",
        "≠": "!=", "≈": "~", "±": "+-", "µ": "u", "§": "section ", "\u{A0}": " ", "\u{202F}": " ",
    ]

    /// `text` with every character that is not ASCII replaced: by its substitute, or by `?`.
    static func spell(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var result = ""
        for character in text {
            if character.isASCII {
                result.append(character)
            } else {
                result += drawing[character] ?? writing[character] ?? "?"
            }
        }
        return result
    }
}
