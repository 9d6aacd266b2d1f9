import Narration

/// How the workbook compares words, and what it says about one that it does not know.
enum Spelling {
    /// `; did you mean NAME or OTHER?` or nothing.
    static func suggestion(for word: String, among candidates: [String]) -> String {
        let near = Suggestions.nearest(to: word, among: candidates)
        return near.isEmpty ? "" : "; did you mean \(Suggestions.alternatives(near))?"
    }

    /// A word as it is compared: lower case, one separator.
    static func folded(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
    }
}
