import Narration

/// What could stand at the cursor.
public struct Completion: Equatable, Sendable {
    /// One possible word.
    public struct Candidate: Equatable, Sendable {
        public let text: String
        /// What it is, in a few words, for the list; may be empty.
        public let note: String
        /// Whether the word is whole, so that a space follows it.
        public let endsWord: Bool

        public init(_ text: String, note: String = "", endsWord: Bool = true) {
            self.text = text
            self.note = note
            self.endsWord = endsWord
        }
    }

    /// Where the word begins that a candidate replaces, in bytes of UTF-8 from the line's begin.
    public let start: Int
    /// Without duplicates, in the order in which they are listed.
    public let candidates: [Candidate]

    public init(start: Int, candidates: [Candidate]) {
        self.start = start
        var seen = Set<String>()
        self.candidates = candidates.filter { seen.insert($0.text).inserted }
    }

    public static let none = Completion(start: 0, candidates: [])

    /// More candidates than these are counted, not listed.
    static let listLimit = 60

    /// The longest beginning that all candidates share.
    var commonPrefix: String {
        guard let first = candidates.first?.text else { return "" }
        return candidates.dropFirst().reduce(first) { shared, candidate in
            String(zip(shared, candidate.text).prefix { $0 == $1 }.map(\.0))
        }
    }

    /// The list that Tab shows: a line for each candidate if any has a note, else in columns.
    func listing(style: TextStyle) -> [String] {
        let shown = candidates.prefix(Completion.listLimit)
        let widest = shown.map { DisplayWidth.of($0.text) }.max() ?? 0
        var lines: [String]
        if shown.contains(where: { !$0.note.isEmpty }) {
            lines = shown.map { candidate in
                let text = "  \(candidate.text.padded(to: widest))  \(candidate.note)"
                return text.truncated(to: style.width - 1)
            }
        } else {
            let perLine = max(1, (style.width - 2) / (widest + 2))
            lines = stride(from: 0, to: shown.count, by: perLine).map { start in
                let row = shown.dropFirst(start).prefix(perLine)
                return "  " + row.map { $0.text.padded(to: widest) }.joined(separator: "  ")
            }
        }
        if candidates.count > shown.count {
            lines.append("  and \(candidates.count - shown.count) more; type another letter")
        }
        return lines.map { style.spelled(EscapedText.line($0)) }
    }
}
