import Architecture
import Machine

/// Everything that can be looked up, and how a name finds it.
public struct ReferenceBook: Sendable {
    /// In the order of the kinds, each in its table's order.
    public let entries: [ReferenceEntry]
    /// Where the entries of a name stand, by the spelling in small letters of the name itself, of
    /// the others, and of any by its letters and digits alone.
    private let byName: [String: [Int]]
    private let byOtherName: [String: [Int]]
    private let byLetters: [String: [Int]]

    /// - Parameter commands: those of the prompt, whose table is in a later module.
    public init(commands: [ReferenceEntry] = []) {
        entries =
            Self.rules + Self.fields + Self.controls + Self.reasons + Self.checks + Self.decisions
            + Self.errors + Self.msrs + Self.exceptions + Self.registerBits + Self.features
            + Self.processors + Self.instructions + commands
        byName = Self.index(entries) { [$0.name.lowercased()] }
        byOtherName = Self.index(entries) { entry in
            (entry.otherNames + [entry.title]).map { $0.lowercased() }
        }
        byLetters = Self.index(entries) { entry in
            ([entry.name, entry.title] + entry.otherNames).map(Self.plain)
        }
    }

    private static func index(
        _ entries: [ReferenceEntry], by keys: (ReferenceEntry) -> [String]
    ) -> [String: [Int]] {
        var places: [String: [Int]] = [:]
        for (place, entry) in entries.enumerated() {
            for key in Set(keys(entry)) where !key.isEmpty {
                places[key, default: []].append(place)
            }
        }
        return places
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
        if let found = answer(matches(whole, of: nil)) { return found }
        if words.count > 1, let kind = ReferenceEntry.Kind(word: words[0]) {
            let rest = words.dropFirst().joined(separator: " ")
            if let found = answer(matches(rest, of: kind)) { return found }
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

    /// By the name itself first, then by the other names, then by the letters and digits of any of
    /// them, then by number. Where one kind has the name itself, the others follow it.
    private func matches(_ text: String, of kind: ReferenceEntry.Kind?) -> [ReferenceEntry] {
        func entries(_ places: [Int]?) -> [ReferenceEntry] {
            (places ?? []).map { self.entries[$0] }.filter { kind == nil || $0.kind == kind }
        }
        let key = text.lowercased()
        let named = entries(byName[key])
        let spelled = entries(byLetters[Self.plain(text)])
        if let first = named.first {
            guard named.count == 1 else { return named }
            return named + spelled.filter { $0.kind != first.kind }
        }
        let others = entries(byOtherName[key])
        if !others.isEmpty { return others }
        if !spelled.isEmpty { return spelled }
        guard let number = Self.number(text) else { return [] }
        return self.entries.filter {
            $0.numbers.contains(number) && (kind == nil || $0.kind == kind)
        }
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
