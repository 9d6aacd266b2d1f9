/// What was drawn for a name.
enum DrawnValue: Sendable, Equatable {
    case text(String)
    case list([String])
    /// Values that belong together, reached as `{name.key}`.
    case map([String: DrawnValue])
}

/// The names that a variant's text and values may mention in braces, with what they stand for.
struct Bindings: Sendable, Equatable {
    private(set) var values: [String: DrawnValue] = [:]

    subscript(name: String) -> DrawnValue? {
        get {
            if let value = values[name] { return value }
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, case .map(let inner) = values[parts[0]] else { return nil }
            return inner[parts[1]]
        }
        set { values[name] = newValue }
    }

    /// All names that can be mentioned, sorted.
    var names: [String] {
        values.flatMap { name, value in
            if case .map(let inner) = value { return inner.keys.map { "\(name).\($0)" } }
            return [name]
        }.sorted()
    }
}

/// The `draw:` section: what differs from one seed to another.
///
///     draw:
///       bit: [MP, TS, AM]                     one of these
///       kept free: [MP, EM, TS]               two different ones of these
///       wrong: [{ring: 1, cs: 0x9}, …]        values that belong together
///       count: {from: 2, to: 9}               a number
struct Draws: Sendable {
    private enum Source: Sendable {
        case choices(names: [String], values: [DrawnValue])
        case number(name: String, range: ClosedRange<UInt64>)
    }

    private var sources: [Source] = []

    init() {}

    init(entries: [YAMLNode.Entry], collector: DiagnosticCollector) {
        var seen: Set<String> = []
        for entry in entries {
            let names = entry.key.split(separator: " ").map(String.init)
            for name in names where !Placeholders.isName(name) || !seen.insert(name).inserted {
                collector.report(
                    entry.keyPosition, "`\(name)` is no new name to draw",
                    expected: "a name of its own, of small letters, digits and -")
            }
            if let source = Self.source(names: names, entry.value, collector: collector) {
                sources.append(source)
            }
        }
    }

    private static func source(
        names: [String], _ node: YAMLNode, collector: DiagnosticCollector
    ) -> Source? {
        switch node.value {
        case .list(let elements):
            let values = elements.compactMap { drawn($0, collector: collector) }
            guard values.count >= max(names.count, 1), !names.isEmpty else {
                collector.report(
                    node.position, "\(names.count) different values are drawn from \(values.count)",
                    expected: "at least as many values as names")
                return nil
            }
            return .choices(names: names, values: values)
        case .map:
            guard var map = MapReader(node, what: "draw", collector: collector) else { return nil }
            let from = map.number("from", in: 0...UInt64.max)
            let to = map.number("to", in: (from?.value ?? 0)...UInt64.max)
            map.finish()
            guard let from, let to, let name = names.first, names.count == 1 else {
                collector.report(
                    node.position, "no range to draw from",
                    expected: "one name, and a map with `from` and `to`")
                return nil
            }
            return .number(name: name, range: from.value...to.value)
        case .scalar:
            collector.report(
                node.position, "nothing to draw from", expected: "a list, or {from: …, to: …}")
            return nil
        }
    }

    private static func drawn(_ node: YAMLNode, collector: DiagnosticCollector) -> DrawnValue? {
        switch node.value {
        case .scalar(let text, _): return .text(text)
        case .list(let elements):
            let texts = elements.compactMap(\.text)
            guard texts.count == elements.count else { break }
            return .list(texts)
        case .map(let entries):
            var inner: [String: DrawnValue] = [:]
            for entry in entries {
                guard let value = drawn(entry.value, collector: collector) else { return nil }
                inner[entry.key] = value
            }
            return .map(inner)
        }
        collector.report(node.position, "a list of more than single values", expected: "texts")
        return nil
    }

    /// Draws every name. The order of the file decides, so the same seed gives the same values.
    func draw(_ generator: inout SplitMix64) -> Bindings {
        var bindings = Bindings()
        for source in sources {
            switch source {
            case .choices(let names, let values):
                for (name, value) in zip(names, generator.shuffled(values)) {
                    bindings[name] = value
                }
            case .number(let name, let range):
                let width = range.upperBound &- range.lowerBound
                let offset =
                    width == .max ? generator.next() : generator.number(below: width &+ 1)
                bindings[name] = .text(String(range.lowerBound &+ offset))
            }
        }
        return bindings
    }
}
