import Architecture
import Hypervisor
import Machine

/// What root software does between two stays in the guest, folded into a line, or into a table for
/// the set-up of a VMCS.
struct RootFolder {
    private(set) var hasEntered = false
    private var parts: [String] = []
    private var reads = 0
    private var writes: [(VMCSField, UInt64)] = []
    private var hasActions = false

    mutating func note(_ operation: RootOperation) {
        switch operation {
        case .vmread: reads += 1
        case .vmwrite(let field, let value): writes.append((field, value))
        case .vmlaunch, .vmresume: break
        case .vmxon, .vmxoff, .vmclear, .vmptrld, .vmptrst, .invept, .invvpid:
            foldCounts()
            parts.append(operation.parts.name)
        }
    }

    /// A hypervisor that tells what it does need not tell how.
    private mutating func foldCounts() {
        if !hasActions {
            if reads > 0 { parts.append(Wording.count(reads, "VMREAD")) }
            if !writes.isEmpty { parts.append(Wording.count(writes.count, "VMWRITE")) }
        }
        reads = 0
        writes = []
    }

    mutating func note(_ action: HypervisorAction) {
        hasActions = true
        if let text = RootText.short(action) { parts.append(text) }
    }

    /// One line, with the instruction that ends the stay; nil where there is nothing to tell.
    mutating func flush(
        _ style: TextStyle, last: String?, injecting event: String? = nil
    ) -> [String]? {
        foldCounts()
        if let last {
            parts.append(last)
            // The hypervisor has told of the injection itself.
            if let event, !hasActions { parts.append("injecting \(event)") }
            hasEntered = true
        }
        defer { clear() }
        guard !parts.isEmpty else { return nil }
        return BriefLine.root(parts.joined(separator: ", "), style)
    }

    /// The run has gone on unheard, and the VMCS has been entered or not.
    mutating func catchUp(hasEntered: Bool) {
        guard hasEntered else { return }
        self.hasEntered = true
        clear()
    }

    /// Forgets what was to be told of this stay.
    mutating func clear() {
        parts = []
        reads = 0
        writes = []
        hasActions = false
    }

    /// The VMWRITEs before the first entry, by area of the VMCS.
    ///
    /// - Parameter asTable: with names and values; else counted.
    mutating func flushSetUp(_ style: TextStyle, asTable: Bool) -> [String] {
        hasEntered = true
        defer { writes = [] }
        var page = TextPage(style)
        guard asTable else {
            let counts = VMCSFieldEncoding.Kind.allCases.compactMap { kind in
                let count = writes.count { $0.0.kind == kind }
                return count > 0 ? Wording.count(count, "\(kind.title) field") : nil
            }
            guard !counts.isEmpty else { return [] }
            page.add(
                "root · \(Wording.count(writes.count, "VMWRITE")): \(Wording.list(counts, "and"))",
                hanging: 7)
            return page.lines
        }
        for kind in VMCSFieldEncoding.Kind.allCases {
            let fields = writes.filter { $0.0.kind == kind }
            guard !fields.isEmpty else { continue }
            page.add("root · VMWRITE, \(Wording.count(fields.count, "\(kind.title) field"))")
            page.add(items: fields.map { "\($0.name) \(HexText.prose($1))" })
        }
        return page.lines
    }
}

/// One line of brief narration: step, mode, instruction, what became of it.
enum BriefLine {
    private static let instructionColumn = 17
    private static let textColumn = 35

    static func guest(
        _ instruction: InstructionEvent?, mode: String, _ text: String, _ style: TextStyle
    ) -> [String] {
        var page = TextPage(style)
        let step = instruction.map { "\($0.step)" } ?? ""
        let start = step.leftPadded(to: 6) + " " + mode
        let name = instruction.map(InstructionLine.text) ?? ""
        var line = (start + " ").padded(to: instructionColumn) + name
        if DisplayWidth.of(line) > textColumn - 2 {
            page.add(line: line)
            line = ""
        }
        let lines = WrappedText.lines(
            style.spelled(text), width: style.width,
            indent: String(repeating: " ", count: textColumn))
        for (index, part) in lines.enumerated() {
            let rest = part.drop { $0 == " " }
            page.add(line: (index == 0 ? line : "").padded(to: textColumn) + rest)
        }
        return page.lines
    }

    static func root(_ text: String, _ style: TextStyle) -> [String] {
        var page = TextPage(style)
        let start = "".padded(to: 7) + "root"
        let lines = WrappedText.lines(
            style.spelled(text), width: style.width,
            indent: String(repeating: " ", count: instructionColumn))
        for (index, part) in lines.enumerated() {
            let rest = part.drop { $0 == " " }
            page.add(line: (index == 0 ? start : "").padded(to: instructionColumn) + rest)
        }
        return page.lines
    }
}
