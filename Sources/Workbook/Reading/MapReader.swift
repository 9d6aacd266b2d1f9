import Narration

/// A value with the place where it was written.
public struct Located<Value: Sendable & Hashable>: Sendable, Hashable {
    public var value: Value
    public var position: SourcePosition

    public init(_ value: Value, at position: SourcePosition) {
        self.value = value
        self.position = position
    }
}

/// Takes the keys of a map one by one, tells what is wrong with each, and at the end tells the keys
/// that nobody asked for.
struct MapReader {
    /// What the map is, for messages: "scenario", "question".
    let what: String
    let position: SourcePosition
    private let entries: [YAMLNode.Entry]
    private let collector: DiagnosticCollector
    private var asked: [String] = []

    /// nil, and told, if the value is no map.
    init?(_ node: YAMLNode?, what: String, collector: DiagnosticCollector) {
        guard let node, case .map(let entries) = node.value else {
            collector.report(
                node?.position ?? .start, "\(what): \(node?.kind ?? "nothing") is written here",
                expected: "a map (`key: value` lines)")
            return nil
        }
        self.what = what
        self.position = node.position
        self.entries = entries
        self.collector = collector
    }

    /// The value of a key; nil where it is absent or empty.
    mutating func node(_ key: String) -> YAMLNode? {
        asked.append(key)
        guard let entry = entries.first(where: { $0.key == key }), !entry.value.isEmpty else {
            return nil
        }
        return entry.value
    }

    mutating func requiredNode(_ key: String, expected: String) -> YAMLNode? {
        let node = node(key)
        if node == nil {
            collector.report(position, "\(what): `\(key)` is missing", expected: expected)
        }
        return node
    }

    /// The text of a key.
    mutating func text(_ key: String, expected: String = "text") -> Located<String>? {
        guard let node = node(key) else { return nil }
        return text(node, key: key, expected: expected)
    }

    mutating func requiredText(_ key: String, expected: String = "text") -> Located<String>? {
        guard let node = requiredNode(key, expected: expected) else { return nil }
        return text(node, key: key, expected: expected)
    }

    private func text(_ node: YAMLNode, key: String, expected: String) -> Located<String>? {
        guard let text = node.text else {
            collector.report(
                node.position, "`\(key)`: \(node.kind) is written here", expected: expected)
            return nil
        }
        return Located(text, at: node.position)
    }

    /// A number within a range.
    mutating func number(_ key: String, in range: ClosedRange<UInt64>) -> Located<UInt64>? {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = text(key, expected: expected) else { return nil }
        guard let number = NumberText.parse(text.value), range.contains(number) else {
            let problem = NumberText.problem(text.value) ?? "is out of range"
            collector.report(
                text.position, "`\(key)`: \(text.value) \(problem)", expected: expected)
            return nil
        }
        return Located(number, at: text.position)
    }

    /// One of a fixed set of words.
    mutating func word<Word: RawRepresentable & CaseIterable & Sendable & Hashable>(
        _ key: String, _ type: Word.Type
    ) -> Located<Word>? where Word.RawValue == String {
        word(key, among: Word.allCases.map { ($0.rawValue, $0) })
    }

    /// One of a fixed set of words, each with what it stands for.
    mutating func word<Value: Sendable & Hashable>(
        _ key: String, among words: [(name: String, value: Value)]
    ) -> Located<Value>? {
        let names = words.map(\.name)
        let expected = names.joined(separator: ", ")
        guard let text = text(key, expected: expected) else { return nil }
        guard let word = words.first(where: { $0.name == text.value }) else {
            let suggestion = Spelling.suggestion(for: text.value, among: names)
            collector.report(
                text.position, "`\(key)`: \(text.value) is not known here\(suggestion)",
                expected: expected)
            return nil
        }
        return Located(word.value, at: text.position)
    }

    /// A list of texts; a single text counts as a list of one.
    mutating func texts(_ key: String, expected: String = "a list of names") -> [Located<String>] {
        guard let node = node(key) else { return [] }
        if let text = node.text { return [Located(text, at: node.position)] }
        guard case .list(let elements) = node.value else {
            collector.report(
                node.position, "`\(key)`: \(node.kind) is written here", expected: expected)
            return []
        }
        return elements.compactMap { text($0, key: key, expected: expected) }
    }

    /// The elements of a list of anything.
    mutating func list(_ key: String, expected: String) -> [YAMLNode] {
        guard let node = node(key) else { return [] }
        guard case .list(let elements) = node.value else {
            collector.report(
                node.position, "`\(key)`: \(node.kind) is written here", expected: expected)
            return []
        }
        return elements
    }

    /// The entries of a map of anything, in the order of the file.
    mutating func map(_ key: String, expected: String) -> [YAMLNode.Entry] {
        guard let node = node(key) else { return [] }
        guard case .map(let entries) = node.value else {
            collector.report(
                node.position, "`\(key)`: \(node.kind) is written here", expected: expected)
            return []
        }
        return entries
    }

    /// Tells each key that was not asked for.
    func finish() {
        for entry in entries where !asked.contains(entry.key) {
            let suggestion = Spelling.suggestion(for: entry.key, among: asked)
            collector.report(
                entry.keyPosition, "\(what): `\(entry.key)` is not known here\(suggestion)",
                expected: asked.joined(separator: ", "))
        }
    }
}

extension NumberText {
    /// What is wrong with text that should be a number, as the rest of a sentence.
    static func problem(_ text: String) -> String? {
        guard parse(text) == nil else { return nil }
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        if text.hasSuffix("h"), digits.dropLast().allSatisfy(\.isHexDigit), digits.count > 1 {
            return "is not a number here (write 0x\(digits.dropLast()))"
        }
        if text.hasPrefix("-") { return "is negative" }
        let isDigits = !digits.isEmpty && digits.allSatisfy(\.isHexDigit)
        let fits = text.hasPrefix("0x") || digits.allSatisfy(\.isWholeNumber)
        return isDigits && fits ? "does not fit 64 bits" : "is not a number"
    }
}
