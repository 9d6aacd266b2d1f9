import Architecture

/// What the reference says, as text for a terminal.
public struct ReferenceText {
    private static let labelWidth = 16
    /// Longer lists of names end in how many more there are.
    private static let mostItems = 24

    public let style: TextStyle

    public init(style: TextStyle = .plain) { self.style = style }

    /// One entry in full.
    public func lines(_ entry: ReferenceEntry, others: [ReferenceEntry] = []) -> [String] {
        var page = TextPage(style)
        page.add("\(entry.name) · \(entry.kind.title)", hanging: 2, as: .heading)
        if entry.title != entry.name { page.add(entry.title, indent: 2) }
        if entry.meaning != entry.title { page.add(entry.meaning, indent: 2) }
        page.blank()
        for fact in entry.facts {
            let lead = "  " + fact.label.padded(to: Self.labelWidth)
            if fact.items.count == 1 {
                page.add(fact.items[0].text, lead: lead)
            } else if fact.items.contains(where: { $0.text.count > 44 }) {
                addRows(fact, lead: lead, to: &page)
            } else {
                page.add(items: shown(fact), lead: lead)
            }
        }
        if let citation = entry.citation {
            page.blank()
            page.add(citation.text, indent: 2, hanging: 4, as: .secondary)
        }
        for other in others {
            page.add(
                "Also: \(other.kind.title) \(other.name) (explain \(other.kind.rawValue) \(other.name))",
                indent: 2, hanging: 4)
        }
        return page.lines
    }

    private func shown(_ fact: ReferenceEntry.Fact) -> [String] {
        let texts = fact.items.map(\.text)
        guard texts.count > Self.mostItems else { return texts }
        return texts.prefix(Self.mostItems) + ["\(texts.count - Self.mostItems) more"]
    }

    private func addRows(
        _ fact: ReferenceEntry.Fact, lead: String, to page: inout TextPage
    ) {
        var lead = lead
        for text in shown(fact) {
            page.add(text, lead: lead)
            lead = String(repeating: " ", count: Self.labelWidth + 2)
        }
    }

    /// The kinds, with how many there are of each and one to try.
    public func kinds(_ book: ReferenceBook) -> [String] {
        var page = TextPage(style)
        page.add("What can be explained", as: .heading)
        for kind in ReferenceEntry.Kind.allCases {
            let entries = book.of(kind)
            guard let example = entries.first else { continue }
            page.add(
                "\(entries.count) \(kind.plural), as \(example.name)",
                lead: "  " + kind.rawValue.padded(to: Self.labelWidth))
        }
        page.blank()
        page.add(
            """
            “explain NAME” takes any name or number of them, “explain KIND NAME” one of that kind, \
            “explain KIND” lists a kind.
            """)
        return page.lines
    }

    /// All names of a kind.
    public func list(_ kind: ReferenceEntry.Kind, _ entries: [ReferenceEntry]) -> [String] {
        var page = TextPage(style)
        page.add("\(entries.count) \(kind.plural)", as: .heading)
        let width = min(32, (entries.map { DisplayWidth.of($0.name) }.max() ?? 0) + 2)
        for entry in entries {
            page.add(entry.title, lead: "  " + entry.name.padded(to: width) + " ")
        }
        return page.lines
    }
}

/// What the reference says, as JSON.
public enum ReferenceJSON {
    /// One entry in full.
    public static func object(_ entry: ReferenceEntry) -> JSON {
        .members(
            ("kind", .string(entry.kind.rawValue)), ("name", .string(entry.name)),
            ("title", .string(entry.title)), ("meaning", .string(entry.meaning)),
            (
                "facts",
                .list(
                    entry.facts.map { fact in
                        .members(
                            ("label", .string(fact.label)), ("items", .list(fact.items.map(item))))
                    })
            ),
            ("citation", entry.citation.map(citation) ?? .null))
    }

    /// An entry's name alone.
    public static func name(_ entry: ReferenceEntry) -> JSON {
        .members(
            ("kind", .string(entry.kind.rawValue)), ("name", .string(entry.name)),
            ("title", .string(entry.title)))
    }

    private static func item(_ item: ReferenceEntry.Fact.Item) -> JSON {
        guard let reference = item.reference else { return .members(("text", .string(item.text))) }
        return .members(
            ("text", .string(item.text)), ("kind", .string(reference.kind.rawValue)),
            ("name", .string(reference.name)))
    }

    private static func citation(_ citation: Citation) -> JSON {
        .members(
            ("manual", .string(citation.manual.rawValue)),
            ("section", citation.section.map { .string($0) } ?? .null),
            ("title", .string(citation.title)))
    }
}
