/// Finding the name that somebody meant.
public enum Spelling {
    /// The candidate nearest to a misspelt word, or nil if none is near.
    ///
    /// Near means at most one edit for up to four letters, two for up to eight, else three; case
    /// and the difference between `-`, `_` and a space cost nothing. Of equals the first is taken.
    public static func nearest(to word: String, among candidates: some Sequence<String>) -> String?
    {
        let letters = folded(word)
        guard (1...64).contains(letters.count) else { return nil }
        let allowed = letters.count <= 4 ? 1 : letters.count <= 8 ? 2 : 3
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let other = folded(candidate)
            guard abs(other.count - letters.count) <= allowed else { continue }
            let distance = distance(letters, other)
            if distance <= allowed && distance < best?.distance ?? .max {
                best = (distance, candidate)
            }
        }
        return best?.candidate
    }

    /// `; did you mean NAME?` or nothing.
    static func suggestion(for word: String, among candidates: some Sequence<String>) -> String {
        nearest(to: word, among: candidates).map { "; did you mean \($0)?" } ?? ""
    }

    /// A word as it is compared: lower case, one separator.
    static func folded(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
    }

    /// Edits (a letter put in, left out, replaced, or two neighbours swapped) between two words.
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for (row, letter) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                var cost = last[column] + (letter == other ? 0 : 1)
                cost = min(cost, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == second[column - 1], other == first[row - 1] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}
