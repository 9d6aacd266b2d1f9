/// What someone may have meant who typed a name that does not exist.
public enum Suggestions {
    /// The names nearest to `word`, the nearest first, at most `limit`: those that begin with it
    /// or hold it, and those that few slips of the fingers (a letter wrong, missing, too many,
    /// two swapped) turn into it. Case does not count. Equal ones stay in the order given.
    public static func nearest(
        to word: String, among names: [String], limit: Int = 3
    ) -> [String] {
        let typed = Array(word.lowercased().unicodeScalars.prefix(longestWord))
        // One letter wrong in one is another letter, which suggests nothing.
        let slips = typed.count > 1 ? max(1, typed.count / 3) : 0
        let rated = names.enumerated().compactMap { index, name -> (rank: Int, index: Int)? in
            let known = name.lowercased()
            let distance = distance(typed, Array(known.unicodeScalars.prefix(longestWord)))
            if distance <= slips { return (distance, index) }
            let isPart = typed.count > 1 && known.contains(word.lowercased())
            return isPart ? (slips + 1, index) : nil
        }
        let best = rated.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        return best.prefix(limit).map { names[$0.index] }
    }

    /// "a", "a or b", "a, b or c".
    public static func alternatives(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    /// Longer names are compared by their begin, which bounds the work on any input.
    private static let longestWord = 64

    /// The number of slips between two words (the optimal string alignment distance).
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var older: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                let change = previous[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(change, previous[j + 1] + 1, row[j] + 1)
                if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                    best = min(best, older[j - 1] + 1)
                }
                row.append(best)
            }
            older = previous
            previous = row
        }
        return previous[b.count]
    }
}
