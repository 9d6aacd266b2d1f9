import Architecture

/// The reference as Markdown: a page for each table, and one that leads to them.
public struct ReferencePages {
    /// A file of the folder of pages.
    public struct Page: Sendable {
        public let name: String
        public let text: String
    }

    private let book: ReferenceBook

    public init(_ book: ReferenceBook) { self.book = book }

    /// How one kind is laid out.
    private struct Layout {
        let kind: ReferenceEntry.Kind
        let file: String
        /// What the page is, in a sentence or two.
        let introduction: String
        /// Facts that have a column of their own; empty: each entry gets a section.
        let columns: [String]
    }

    private static let layouts: [Layout] = [
        Layout(
            kind: .field, file: "vmcs-fields.md",
            introduction: """
                Every field of the VMCS by its encoding's order, with what it is for. VMREAD and \
                VMWRITE take the encoding; a 64-bit field has a second one for its high half.
                """, columns: ["encoding", "width", "exists with"]),
        Layout(
            kind: .control, file: "controls.md",
            introduction: """
                Every bit of the control fields: what it does, and which named processor lets it \
                be 1. `1` means that the processor demands it.
                """, columns: ["bit", "processors", "exits", "modelled"]),
        Layout(
            kind: .reason, file: "exit-reasons.md",
            introduction:
                "Every basic exit reason, what its qualification holds and what asks for it.",
            columns: []),
        Layout(
            kind: .check, file: "entry-checks.md",
            introduction: """
                The checks that VM entry makes, in the manual's order. The first that does not \
                hold decides how the entry fails. `doctor` at the prompt makes them all.
                """, columns: ["place", "reads"]),
        Layout(
            kind: .decision, file: "decisions.md",
            introduction: """
                The ladders by which the model decides whether something exits, faults or goes on: \
                the rules in the order in which the processor applies them.
                """, columns: []),
        Layout(
            kind: .rule, file: "rules.md",
            introduction:
                "Every rule of the decisions, with what it comes to and what it looks at.",
            columns: ["comes to", "looks at", "in decisions"]),
        Layout(
            kind: .error, file: "vm-instruction-errors.md",
            introduction: "What the VM-instruction error field holds after VMfailValid.",
            columns: ["number"]),
        Layout(
            kind: .msr, file: "msrs.md",
            introduction: """
                The model-specific registers that the model knows, with their place in the MSR \
                bitmaps and, of the capability MSRs, their values on the named processors.
                """, columns: ["number", "MSR bitmaps", "processors"]),
        Layout(
            kind: .processor, file: "processors.md",
            introduction: "The processors that `--processor` takes, and what they have.",
            columns: []
        ),
        Layout(
            kind: .feature, file: "cpuid-features.md",
            introduction: "The bits of CPUID that tell the processors apart.",
            columns: ["bit", "processors"]),
        Layout(
            kind: .exception, file: "exceptions.md",
            introduction: "The exceptions, with what they push and their part in double faults.",
            columns: ["vector", "error code", "double faults"]),
        Layout(
            kind: .bit, file: "register-bits.md",
            introduction: "The named bits of the registers and fields that decisions look at.",
            columns: ["bit", "mask", "needs"]),
        Layout(
            kind: .instruction, file: "instructions.md",
            introduction: """
                Every instruction of the table in the manual's notation, and whether it can cause \
                a VM exit.
                """, columns: ["encodings", "exits"]),
        Layout(
            kind: .command, file: "commands.md", introduction: "The commands of the prompt.",
            columns: ["typed", "also"]),
    ]

    /// The pages, the one that leads to the others first.
    public var all: [Page] { [index] + Self.layouts.map(page) }

    private var index: Page {
        var lines = [
            "# Reference", "",
            """
            Written by `stepvisor explain --pages Lessons/Reference` from the tables of the \
            program, never by hand. `stepvisor explain NAME`, or `explain NAME` at the prompt, \
            says more of a single name.
            """, "", "| page | what is on it |", "|---|---|",
        ]
        for layout in Self.layouts {
            let count = book.of(layout.kind).count
            lines.append(
                "| [\(layout.kind.plural)](\(layout.file)) | \(count): \(layout.introduction) |")
        }
        return Page(name: "README.md", text: lines.joined(separator: "\n") + "\n")
    }

    private func page(_ layout: Layout) -> Page {
        let entries = book.of(layout.kind)
        let title = layout.kind.plural.prefix(1).uppercased() + layout.kind.plural.dropFirst()
        var lines = ["# \(title)", "", layout.introduction, "", "[All pages](README.md)", ""]
        if layout.columns.isEmpty {
            for entry in entries { lines += section(entry) }
        } else {
            for (heading, group) in Self.groups(entries) {
                if !heading.isEmpty { lines += ["## \(heading)", ""] }
                lines += table(group, layout.columns) + [""]
            }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return Page(name: layout.file, text: lines.joined(separator: "\n") + "\n")
    }

    /// Entries that belong together: fields and checks by their area, bits by their register,
    /// instructions by their first letter.
    private static func groups(
        _ entries: [ReferenceEntry]
    ) -> [(heading: String, entries: [ReferenceEntry])] {
        var groups: [(heading: String, entries: [ReferenceEntry])] = []
        for entry in entries {
            let heading = Self.heading(of: entry)
            if let index = groups.firstIndex(where: { $0.heading == heading }) {
                groups[index].entries.append(entry)
            } else {
                groups.append((heading, [entry]))
            }
        }
        return groups
    }

    private static func heading(of entry: ReferenceEntry) -> String {
        switch entry.kind {
        case .field: VMCSField(name: entry.name).map { "\($0.kind.title) fields" } ?? ""
        case .control, .bit: String(entry.name.prefix { $0 != "." })
        case .check: entry.citation.map { "\($0.section.map { "\($0) " } ?? "")\($0.title)" } ?? ""
        case .rule: String(entry.name.prefix { $0 != "." })
        case .instruction: String(entry.name.prefix(1))
        default: ""
        }
    }

    private func table(_ entries: [ReferenceEntry], _ columns: [String]) -> [String] {
        let head = ["name", "meaning"] + columns
        var lines = [row(head), row(head.map { _ in "---" })]
        for entry in entries {
            let facts = entry.facts
            let cells = columns.map { column in
                let items = facts.first { $0.label == column }?.items ?? []
                return items.map { Self.escaped($0.text) }.joined(separator: "<br>")
            }
            // Of these the title says more than the sentence that goes with it.
            let isTitled = entry.kind == .rule || entry.kind == .feature
            let meaning = isTitled ? entry.title : entry.meaning
            lines.append(row(["`\(entry.name)`", Self.escaped(meaning)] + cells))
        }
        return lines
    }

    private func section(_ entry: ReferenceEntry) -> [String] {
        var lines = ["## \(entry.name)", ""]
        let title = entry.title == entry.name ? "" : "**\(Self.escaped(entry.title))** "
        lines += [title + Self.escaped(entry.meaning), ""]
        for fact in entry.facts {
            let texts = fact.items.map { Self.escaped($0.text) }
            if texts.count == 1 {
                lines.append("- \(fact.label): \(texts[0])")
            } else if fact.items.contains(where: { $0.text.count > 24 }) {
                lines.append("- \(fact.label):")
                lines += texts.map { "  - \($0)" }
            } else {
                lines.append("- \(fact.label): \(texts.joined(separator: ", "))")
            }
        }
        if let citation = entry.citation { lines.append("- \(citation.text)") }
        return lines + [""]
    }

    private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// What Markdown would take for its own.
    private static func escaped(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("<", with: "&lt;").replacing("*", with: "\\*")
            .replacing("_", with: "\\_")
    }
}
