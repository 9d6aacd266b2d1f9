import Machine

/// A student's answer as its file says it.
///
///     exercise: cr0-truth-table
///     seed: 7
///     answers:                    # of a table: case number to columns
///       1: {outcome: exit, bits: [EM]}
///
///     exercise: cr0-policy
///     seed: 7
///     set:                        # of a build
///       CR0_MASK: [PE, NE]
public struct AnswerFile: Sendable {
    public let exercise: Located<String>
    /// The variant that was answered.
    public let seed: UInt64
    /// The file's name, for messages.
    public let file: String
    let answers: [YAMLNode.Entry]
    let settings: [YAMLNode.Entry]

    /// Reads an answer's file.
    /// - Throws: every mistake in it that does not depend on the exercise.
    public static func read(_ path: String) throws(WorkbookError) -> AnswerFile {
        let file = try TextFile.read(path, limit: Limits.dataBytes)
        return try parse(file.text, file: file.name)
    }

    public static func parse(_ text: String, file: String) throws(WorkbookError) -> AnswerFile {
        let collector = DiagnosticCollector(file: file)
        let node = try YAMLComposer.compose(text, file: file)
        let answer = AnswerFile(node, collector: collector)
        try collector.throwIfAny()
        guard let answer else { throw WorkbookError(file: file, "is no answer") }
        return answer
    }

    private init?(_ node: YAMLNode?, collector: DiagnosticCollector) {
        guard var map = MapReader(node, what: "answer", collector: collector) else { return nil }
        let exercise = map.requiredText("exercise", expected: "the exercise's id")
        let seed = map.number("seed", in: 0...UInt64.max)
        if seed == nil, map.node("seed") == nil {
            collector.report(
                map.position, "answer: `seed` is missing",
                expected: "the number that the starter file had here")
        }
        answers = map.map("answers", expected: "a map of case numbers to answers")
        settings = map.map("set", expected: "a map of names to values")
        map.finish()
        guard let exercise, let seed else { return nil }
        self.exercise = exercise
        self.seed = seed.value
        file = collector.file
    }

    /// What was answered in a table: a value by column, for each case; nil where nothing is written.
    func cells(for table: TableWork) throws(WorkbookError) -> [[ObservedValue?]] {
        let collector = DiagnosticCollector(file: file)
        if let entry = settings.first {
            collector.report(entry.keyPosition, "this exercise asks for a table")
        }
        let none = [ObservedValue?](repeating: nil, count: table.columns.count)
        var cells = [[ObservedValue?]](repeating: none, count: table.cases.count)
        for entry in answers {
            guard let number = Int(entry.key), cells.indices.contains(number - 1) else {
                collector.report(
                    entry.keyPosition, "there is no case \(entry.key)",
                    expected: "a number from 1 to \(table.cases.count)")
                continue
            }
            guard !entry.value.isEmpty,
                var map = MapReader(entry.value, what: "case \(number)", collector: collector)
            else { continue }
            for (index, column) in table.columns.enumerated() {
                guard let node = map.node(column) else { continue }
                let subject = table.cases[number - 1].subjects[index]
                cells[number - 1][index] = Self.cell(
                    node, column: column, subject: subject, collector: collector)
            }
            map.finish()
        }
        try collector.throwIfAny()
        return cells
    }

    private static func cell(
        _ node: YAMLNode, column: String, subject: Subject, collector: DiagnosticCollector
    ) -> ObservedValue? {
        let form = subject.answerForm
        guard let value = ObservedValue(node), form.takes(value) else {
            var words: [String] = []
            if case .words(let allowed) = form { words = allowed }
            let text = node.text ?? node.flowText
            collector.report(
                node.position,
                "\(column): \(text) is no answer\(Spelling.suggestion(for: text, among: words))",
                expected: form.description)
            return nil
        }
        return value
    }

    /// What was answered where values are to be found.
    func values(for build: BuildWork) throws(WorkbookError) -> [Setting] {
        let collector = DiagnosticCollector(file: file)
        if let entry = answers.first {
            collector.report(entry.keyPosition, "this exercise asks for values under `set:`")
        }
        let expected = build.allowed.joined(separator: ", ")
        for entry in settings where !build.allowed.contains(entry.key) {
            let suggestion = Spelling.suggestion(for: entry.key, among: build.allowed)
            collector.report(
                entry.keyPosition, "\(entry.key) cannot be set in this exercise\(suggestion)",
                expected: expected)
        }
        let allowed = settings.filter { build.allowed.contains($0.key) && !$0.value.isEmpty }
        let values = Setting.settings(allowed, collector: collector)
        if values.isEmpty && collector.diagnostics.isEmpty {
            collector.report(nil, "sets nothing", expected: "values for \(expected)")
        }
        try collector.throwIfAny()
        return values
    }
}

/// The form that an answer about a subject has.
public enum AnswerForm: Sendable, Hashable, CustomStringConvertible {
    case words([String])
    case names
    case number
    case anyWord

    public var description: String {
        switch self {
        case .words(let words): words.joined(separator: ", ")
        case .names: "a list of bits as [PE, NE], or none"
        case .number: "a number, decimal or after 0x hexadecimal"
        case .anyWord: "a name"
        }
    }

    func takes(_ value: ObservedValue) -> Bool {
        switch (self, value) {
        case (.words(let words), .word(let word)):
            words.contains { Spelling.folded($0) == Spelling.folded(word) }
        case (.names, .names(let names)): names.allSatisfy(BitNames.isKnown)
        case (.names, .word(let word)):
            Spelling.folded(word) == Array("none") || BitNames.isKnown(word)
        case (.number, .number), (.anyWord, .word): true
        default: false
        }
    }
}

extension Subject {
    /// The form that an answer has.
    public var answerForm: AnswerForm {
        switch self {
        case .outcome: .words(["exit", "no exit", "fault"])
        case .operation: .words(VMXMode.allCases.map(\.name))
        case .decidingBits, .ports: .names
        case .qualification, .register, .exits, .entries: .number
        case .reason, .decidingRule, .end: .anyWord
        }
    }
}
