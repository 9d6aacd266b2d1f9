import Architecture
import Machine

/// Everything that can be looked up, and how a name finds it.
public struct ReferenceBook: Sendable {
    /// In the order of the kinds, each in its table's order.
    public let entries: [ReferenceEntry]

    /// - Parameter commands: those of the prompt, whose table is in a later module.
    public init(commands: [ReferenceEntry] = []) {
        entries =
            Self.rules + Self.fields + Self.controls + Self.reasons + Self.checks + Self.decisions
            + Self.errors + Self.msrs + Self.exceptions + Self.registerBits + Self.features
            + Self.processors + Self.instructions + commands
    }

    /// What a name came to.
    public enum Answer: Sendable {
        /// One thing; others of other kinds have the name too.
        case entry(ReferenceEntry, others: [ReferenceEntry])
        /// A kind by itself: all of it.
        case kind(ReferenceEntry.Kind, [ReferenceEntry])
        /// Several of one kind have the name.
        case ambiguous([ReferenceEntry])
        case unknown(suggestions: [String])
    }

    /// Finds what a name means: any name that a table has, in any case and with any separators, or
    /// a number; with a kind before it only of that kind.
    public func find(_ text: String) -> Answer {
        let words = text.prefix(200).split(whereSeparator: \.isWhitespace).map { String($0) }
        let whole = words.joined(separator: " ")
        if words.count == 1, let kind = ReferenceEntry.Kind(word: whole) {
            return .kind(kind, of(kind))
        }
        if let found = answer(matches(whole, among: entries)) { return found }
        if words.count > 1, let kind = ReferenceEntry.Kind(word: words[0]) {
            let rest = words.dropFirst().joined(separator: " ")
            if let found = answer(matches(rest, among: of(kind))) { return found }
            return .unknown(suggestions: suggestions(rest, among: of(kind)))
        }
        return .unknown(suggestions: suggestions(whole, among: entries))
    }

    /// The entries of a kind.
    public func of(_ kind: ReferenceEntry.Kind) -> [ReferenceEntry] {
        entries.filter { $0.kind == kind }
    }

    private func answer(_ found: [ReferenceEntry]) -> Answer? {
        guard let first = found.first else { return nil }
        let same = found.filter { $0.kind == first.kind }
        guard same.count == 1 else { return .ambiguous(same) }
        return .entry(first, others: Array(found.dropFirst()))
    }

    /// By the name itself first, then by the other names and numbers, then by the letters and
    /// digits of any of them.
    private func matches(_ text: String, among entries: [ReferenceEntry]) -> [ReferenceEntry] {
        let key = text.lowercased()
        let exact = entries.filter { $0.name.lowercased() == key }
        if exact.count == 1 { return exact + others(than: exact, named: text, among: entries) }
        if !exact.isEmpty { return exact }
        let second = entries.filter { entry in
            entry.otherNames.contains { $0.lowercased() == key } || entry.title.lowercased() == key
        }
        if !second.isEmpty { return second }
        let plain = Self.plain(text)
        let third = entries.filter { Self.isNamed($0, plain) }
        if !third.isEmpty { return third }
        guard let number = Self.number(text) else { return [] }
        return entries.filter { $0.numbers.contains(number) }
    }

    private func others(
        than found: [ReferenceEntry], named text: String, among entries: [ReferenceEntry]
    ) -> [ReferenceEntry] {
        let plain = Self.plain(text)
        return entries.filter { entry in
            Self.isNamed(entry, plain) && !found.contains { $0.kind == entry.kind }
        }
    }

    private static func isNamed(_ entry: ReferenceEntry, _ plain: String) -> Bool {
        guard !plain.isEmpty else { return false }
        return Self.plain(entry.name) == plain || Self.plain(entry.title) == plain
            || entry.otherNames.contains { Self.plain($0) == plain }
    }

    /// Letters and digits alone, small.
    static func plain(_ text: String) -> String {
        text.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    /// Decimal, after 0x hexadecimal, or hexadecimal with the manual's H at its end.
    private static func number(_ text: String) -> UInt64? {
        if let number = NumberText.parse(text) { return number }
        guard let last = text.last, last == "h" || last == "H" else { return nil }
        return NumberText.parse("0x" + text.dropLast())
    }

    private func suggestions(_ text: String, among entries: [ReferenceEntry]) -> [String] {
        var names: [String] = []
        var known: Set<String> = []
        for entry in entries {
            for name in [entry.name] + entry.otherNames where known.insert(name).inserted {
                names.append(name)
            }
        }
        return Suggestions.nearest(to: text, among: names)
    }
}
