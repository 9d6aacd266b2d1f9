import Narration

/// One thing that an exercise asks for, to be asked at a prompt: a cell of a table, or a value.
public struct AnswerSlot: Sendable, Hashable {
    /// The case as the student reads it, with its number; empty where a value is to be found.
    public var place: String
    /// The column, or the name of the register or field.
    public var name: String
    /// What an answer looks like.
    public var expected: String
    /// What the file says now, as it is written there; nil where nothing is.
    public var current: String?
    /// The number of the case, from 0; nil where a value is to be found.
    let row: Int?
}

/// Puts single answers into an answer's file, and leaves every other line of it as it is.
struct AnswerEditor {
    let variant: ExerciseVariant
    let answer: AnswerFile
    /// The file's lines.
    private var lines: [Substring]

    /// - Parameter text: the file's text, of which `answer` was read.
    init(variant: ExerciseVariant, answer: AnswerFile, text: String) {
        self.variant = variant
        self.answer = answer
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var text: String { lines.joined(separator: "\n") }

    /// All that is asked for, in order.
    var slots: [AnswerSlot] {
        switch variant.work {
        case .table(let table):
            table.cases.indices.flatMap { row in
                let cells = entry(row)?.value
                return table.columns.indices.map { column in
                    let name = table.columns[column]
                    return AnswerSlot(
                        place: "\(row + 1): \(table.cases[row].text)", name: name,
                        expected: table.cases[row].subjects[column].answerForm.description,
                        current: Self.cell(name, of: cells), row: row)
                }
            }
        case .build(let build):
            build.allowed.map { name in
                let value = answer.settings.first { $0.key == name }?.value
                return AnswerSlot(
                    place: "", name: name, expected: Setting.expectedValue(of: name),
                    current: value.flatMap { $0.isEmpty ? nil : $0.flowText }, row: nil)
            }
        }
    }

    /// Writes an answer into its line.
    /// - Throws: if the text is no answer, or the line is not of the form that the starter gave it.
    mutating func fill(_ slot: AnswerSlot, with text: String) throws(WorkbookError) {
        switch variant.work {
        case .table(let table):
            guard let row = slot.row, table.cases.indices.contains(row),
                let column = table.columns.firstIndex(of: slot.name)
            else { throw WorkbookError(file: slot.name, "is not asked for") }
            let value = try Self.value(text, for: table.cases[row].subjects[column], slot)
            let cells = table.columns.map { name in
                let old = Self.cell(name, of: entry(row)?.value) ?? ""
                return "\(name): \(name == slot.name ? value : old)"
            }
            try replace(entry(row), slot, with: "{\(cells.joined(separator: ", "))}")
        case .build:
            let value = try Self.setting(text, slot)
            try replace(answer.settings.first { $0.key == slot.name }, slot, with: value)
        }
    }

    private func entry(_ row: Int) -> YAMLNode.Entry? {
        answer.answers.first { $0.key == String(row + 1) }
    }

    private static func cell(_ name: String, of node: YAMLNode?) -> String? {
        guard case .map(let entries) = node?.value else { return nil }
        let value = entries.first { $0.key == name }?.value
        return value.flatMap { $0.isEmpty ? nil : $0.flowText }
    }

    /// A typed answer as the file writes it.
    private static func value(_ text: String, for subject: Subject, _ slot: AnswerSlot)
        throws(WorkbookError) -> String
    {
        let plain = String(text.filter { !"[]{}".contains($0) })
        let value = text.contains("[") && plain.allSatisfy(\.isWhitespace) ? "none" : plain
        let typed = ObservedValue(typed: value)
        guard subject.answerForm.takes(typed) else {
            throw WorkbookError(
                file: slot.name, "\(EscapedText.line(text)) is no answer", expected: slot.expected)
        }
        return AnswerText.cell(typed)
    }

    private static func setting(_ text: String, _ slot: AnswerSlot) throws(WorkbookError) -> String
    {
        let isList =
            !text.hasPrefix("[") && (text.contains(",") || BitNames.isBit(text, of: slot.name))
        let value = isList ? "[\(text)]" : text
        let collector = DiagnosticCollector(file: slot.name)
        let node = try YAMLComposer.compose("\(slot.name): \(value)", file: slot.name)
        guard case .map(let entries) = node?.value, entries.count == 1 else {
            throw WorkbookError(
                file: slot.name, "\(EscapedText.line(text)) is no value", expected: slot.expected)
        }
        _ = Setting.settings(entries, collector: collector)
        try collector.throwIfAny()
        return entries[0].value.flowText
    }

    /// Replaces what stands behind an entry's key.
    private mutating func replace(
        _ entry: YAMLNode.Entry?, _ slot: AnswerSlot, with value: String
    ) throws(WorkbookError) {
        let place = slot.place.isEmpty ? slot.name : slot.place
        let index = (entry?.keyPosition.line ?? 0) - 1
        guard let entry, lines.indices.contains(index), entry.value.lastLine <= index + 1,
            let colon = lines[index].firstIndex(of: ":"),
            lines[index][..<colon].filter({ !" \"'".contains($0) }) == entry.key,
            !lines[index].contains("#")
        else {
            throw WorkbookError(
                file: answer.file, position: entry?.keyPosition,
                "the line for \(place) is not as the starter has it",
                expected: "the answer to be put there with an editor")
        }
        lines[index] = lines[index][...colon] + " " + value
    }
}

extension YAMLNode {
    /// The line of the last value in it.
    fileprivate var lastLine: Int {
        switch value {
        case .scalar: position.line
        case .list(let elements): elements.map(\.lastLine).max() ?? position.line
        case .map(let entries): entries.map(\.value.lastLine).max() ?? position.line
        }
    }
}
