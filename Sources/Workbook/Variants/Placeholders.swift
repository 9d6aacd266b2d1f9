/// Names in braces, as `{bit}`, and what stands in their place in a variant.
enum Placeholders {
    /// Small letters, digits, `-`, `_` and a dot between two such words; begins with a letter.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isSmallLetter(first), text.utf8.count <= 40 else {
            return false
        }
        return text.utf8.allSatisfy {
            isSmallLetter($0) || isDigit($0) || "-_.".utf8.contains($0)
        }
    }

    private static func isSmallLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The text with each name in braces replaced. Braces around anything that is no name stay.
    /// - Parameter unknown: called with each name that nothing was drawn for.
    static func fill(_ text: String, from bindings: Bindings, unknown: (String) -> Void) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.firstIndex(of: "}"), isName(String(inside[..<close])) else {
                result.append("{")
                rest = inside
                continue
            }
            let name = String(inside[..<close])
            if let value = bindings[name] {
                result += words(value)
            } else {
                unknown(name)
                result += "{\(name)}"
            }
            rest = inside[inside.index(after: close)...]
        }
        return result + rest
    }

    /// A drawn value as words of a sentence.
    private static func words(_ value: DrawnValue) -> String {
        switch value {
        case .text(let text): text
        case .list(let texts): texts.isEmpty ? "none" : texts.joined(separator: ", ")
        case .map(let inner): inner.keys.sorted().joined(separator: ", ")
        }
    }
}

extension YAMLNode {
    /// The value with every placeholder replaced. A value that is nothing but a placeholder takes
    /// the drawn value whole: a drawn list becomes a list, or more elements of the list it is in.
    /// `{name}` without quotes is a map of one empty key to YAML; that counts as a placeholder too.
    func filled(from bindings: Bindings, collector: DiagnosticCollector) -> YAMLNode {
        if let name = placeholder {
            guard let value = bindings[name] else {
                reportUnknown(name, bindings, collector)
                return self
            }
            return YAMLNode(value, position: position)
        }
        var result = self
        switch value {
        case .scalar(let text, let quoted):
            let filled = Placeholders.fill(text, from: bindings) {
                reportUnknown($0, bindings, collector)
            }
            result.value = .scalar(filled, quoted: quoted)
        case .list(let elements):
            result.value = .list(
                elements.flatMap { element -> [YAMLNode] in
                    let filled = element.filled(from: bindings, collector: collector)
                    if element.placeholder != nil, case .list(let inner) = filled.value {
                        return inner
                    }
                    return [filled]
                })
        case .map(let entries):
            result.value = .map(
                entries.map { entry in
                    var entry = entry
                    entry.value = entry.value.filled(from: bindings, collector: collector)
                    return entry
                })
        }
        return result
    }

    private var placeholder: String? {
        switch value {
        case .scalar(let text, _):
            guard text.hasPrefix("{"), text.hasSuffix("}") else { return nil }
            let name = String(text.dropFirst().dropLast())
            return Placeholders.isName(name) ? name : nil
        case .map(let entries):
            guard entries.count == 1, let entry = entries.first, entry.value.isEmpty,
                Placeholders.isName(entry.key)
            else { return nil }
            return entry.key
        case .list: return nil
        }
    }

    private func reportUnknown(
        _ name: String, _ bindings: Bindings, _ collector: DiagnosticCollector
    ) {
        let suggestion = Spelling.suggestion(for: name, among: bindings.names)
        collector.report(
            position, "nothing is drawn for {\(name)}\(suggestion)",
            expected: bindings.names.isEmpty
                ? "a `draw:` section" : bindings.names.joined(separator: ", "))
    }

    fileprivate init(_ drawn: DrawnValue, position: SourcePosition) {
        self.position = position
        switch drawn {
        case .text(let text): value = .scalar(text, quoted: false)
        case .list(let texts):
            value = .list(
                texts.map { YAMLNode(value: .scalar($0, quoted: false), position: position) })
        case .map(let inner):
            value = .map(
                inner.keys.sorted().compactMap { key in
                    inner[key].map {
                        Entry(
                            key: key, keyPosition: position,
                            value: YAMLNode($0, position: position))
                    }
                })
        }
    }
}
