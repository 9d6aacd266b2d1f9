/// A run that a lesson shows, or that a question is about.
public struct RunBlock: Sendable, Hashable {
    /// How much of it is told.
    public enum Narration: String, CaseIterable, Sendable, Hashable {
        case brief, full
    }

    /// The name by which questions and ladders refer to it.
    public var id: String
    public var scenario: Scenario
    /// The run is told from the instruction here; nil: from its start.
    public var from: Subject.Place?
    /// The run is shown up to and with the instruction here; nil: to its end.
    public var until: Subject.Place?
    public var narration: Narration
}

/// The decision at one instruction of a run, to be shown whole.
public struct LadderBlock: Sendable, Hashable {
    public var run: RunBlock
    public var place: Subject.Place
}

/// A prediction that the reader is asked for before the run that answers it.
///
/// The right answer is not in the lesson: it is what the run shows.
public struct Question: Sendable, Hashable {
    /// Unique in its lesson; the record of predictions goes by it.
    public var id: String
    public var ask: String
    /// The answers to choose from; empty where one is typed.
    public var options: [String]
    public var subject: Subject
    public var run: RunBlock
    public var position: SourcePosition

    /// The right answer, from the run.
    /// - Throws: if the run does not come to what is asked about, or shows what is no option.
    public func key(in observed: ObservedRun, file: String) throws(WorkbookError) -> ObservedValue {
        guard let value = subject.value(in: observed) else {
            throw WorkbookError(
                file: file, position: position,
                "question \(id): the run ends (\(observed.end)) without showing this",
                expected: "a subject that the run reaches")
        }
        let answers = options.map { ObservedValue(typed: $0) }
        guard options.isEmpty || answers.contains(where: value.agrees) else {
            throw WorkbookError(
                file: file, position: position, "question \(id): the run shows \(value)",
                expected: "one of the options \(options.joined(separator: ", "))")
        }
        return value
    }

    /// The answer that typed text means: an option by its number (from 1), by its text or by the
    /// beginning of its text where only one begins so; without options, a value.
    /// - Returns: nil if the text is none of the options.
    public func answer(typed text: String) -> ObservedValue? {
        guard !options.isEmpty else {
            let value = ObservedValue(typed: text)
            if case .number = value { return value }
            return value == .word("") || subject.isNumber ? nil : value
        }
        let folded = Spelling.folded(text.filter { $0 != "." })
        if let number = Int(text), options.indices.contains(number - 1) {
            return ObservedValue(typed: options[number - 1])
        }
        let exact = options.filter { Spelling.folded($0) == folded }
        let beginning = options.filter { Spelling.folded($0).starts(with: folded) }
        let found = exact.isEmpty ? beginning : exact
        guard found.count == 1, !folded.isEmpty else { return nil }
        return ObservedValue(typed: found[0])
    }
}
