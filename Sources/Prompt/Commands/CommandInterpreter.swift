/// Carries out one line after the other.
public struct CommandInterpreter {
    public let table: CommandTable
    /// Whether an empty line repeats the last command that can be: at a terminal, not in scripts.
    public let repeatsOnEmptyLine: Bool
    private var last: (handler: Command.Handler, invocation: Invocation)?

    public init(table: CommandTable = .standard, repeatsOnEmptyLine: Bool) {
        self.table = table
        self.repeatsOnEmptyLine = repeatsOnEmptyLine
    }

    /// Does what `line` says. A line that is blank or begins with `#` does nothing.
    public mutating func run(
        _ line: String, in session: any CommandSession
    ) throws(CommandError) -> CommandOutcome {
        let text = line[...].drop(while: \.isWhitespace)
        if text.isEmpty { return try repeatLast(in: session) }
        last = nil
        if text.first == "#" { return .done }
        let match = try table.find(in: text)
        let end = match.arguments.lastIndex { !$0.isWhitespace }
        let invocation = Invocation(
            name: match.path.joined(separator: " "), usage: match.command.usage,
            format: match.format, text: end.map { String(match.arguments[...$0]) } ?? "",
            isRepetition: false)
        guard let handler = match.command.handler else {
            throw invocation.misused("“\(invocation.name)” alone does nothing.")
        }
        let outcome = try handler(session, invocation)
        if match.command.repeats { last = (handler, invocation) }
        return outcome
    }

    private func repeatLast(in session: any CommandSession) throws(CommandError) -> CommandOutcome {
        guard repeatsOnEmptyLine, let (handler, invocation) = last else { return .done }
        return try handler(session, invocation.repetition)
    }
}

extension Invocation {
    /// The same, as an empty line asks for it.
    fileprivate var repetition: Invocation {
        Invocation(name: name, usage: usage, format: format, text: text, isRepetition: true)
    }
}
