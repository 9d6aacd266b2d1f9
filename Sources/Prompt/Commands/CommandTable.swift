import Narration

/// All commands, in the order of the help, and how a typed name finds its command.
public struct CommandTable: Sendable {
    /// Commands that belong together, with a title for the help.
    public struct Section: Sendable {
        public let title: String
        public let commands: [Command]

        public init(_ title: String, _ commands: [Command]) {
            self.title = title
            self.commands = commands
        }
    }

    public let sections: [Section]

    public init(_ sections: [Section]) {
        self.sections = sections
    }

    public var commands: [Command] { sections.flatMap(\.commands) }

    /// Whether a line is surely meant as a command, wherever it is typed: its first word is a whole
    /// name. A letter alone may be an answer mistyped, and `next` wants the answer itself.
    func isCommand(_ line: String) -> Bool {
        let (word, rest) = Self.splitWord(line[...])
        let name = word.prefix { $0 != "/" }.lowercased()
        guard name.count > 1 || !rest.isEmpty,
            let command = commands.first(where: { $0.names.contains(name) })
        else { return false }
        return command.name != "next"
    }

    /// A command that was found in a line, and the arguments behind its name.
    struct Match {
        /// The names from the table, a subcommand's behind its command's.
        let path: [String]
        let command: Command
        let format: String?
        let arguments: Substring
    }

    /// Finds the command that `line` begins with, and the subcommand, if it has any.
    func find(in line: Substring) throws(CommandError) -> Match {
        var (word, rest) = Self.splitWord(line)
        let slash = word.firstIndex(of: "/")
        let name = word[..<(slash ?? word.endIndex)]
        let command = try Self.find(
            String(name), among: commands, kind: "a command", advice: "Type help for the list.")
        // `x/16xb` or `x /16xb`: what is behind the slash belongs to the command.
        if slash == nil && command.takesFormat && rest.first == "/" {
            (word, rest) = Self.splitWord(rest)
        }
        let format = word.firstIndex(of: "/").map { String(word[word.index(after: $0)...]) }
        guard format == nil || command.takesFormat else {
            throw CommandError("“\(command.name)” takes no format behind a slash.")
        }
        guard !command.subcommands.isEmpty else {
            return Match(path: [command.name], command: command, format: format, arguments: rest)
        }
        let (second, behind) = Self.splitWord(rest)
        let subcommand = try subcommand(String(second), of: command)
        return Match(
            path: [command.name] + (subcommand.map { [$0.name] } ?? []),
            command: subcommand ?? command, format: format,
            arguments: subcommand == nil ? rest : behind)
    }

    /// The subcommand of that name; nil if it is rather an argument of the command itself.
    private func subcommand(
        _ name: String, of command: Command
    ) throws(CommandError) -> Command? {
        if command.handler != nil {
            return command.subcommands.first { $0.names.contains(name.lowercased()) }
        }
        let names = command.subcommands.map(\.name)
        let advice = "It is followed by \(Suggestions.alternatives(names))."
        if name.isEmpty { throw CommandError("“\(command.name)” of what?", advice: advice) }
        return try Self.find(
            name, among: command.subcommands, kind: "something for “\(command.name)”",
            advice: advice)
    }

    /// By its name or alias, or by a beginning of either that belongs to one command only.
    static func find(
        _ name: String, among commands: [Command], kind: String, advice: String
    ) throws(CommandError) -> Command {
        let typed = name.lowercased()
        if let exact = commands.first(where: { $0.names.contains(typed) }) { return exact }
        let beginning = commands.filter { command in
            !typed.isEmpty && command.names.contains { $0.hasPrefix(typed) }
        }
        if beginning.count == 1 { return beginning[0] }
        if beginning.count > 1 {
            throw .ambiguous(name, candidates: beginning.map(\.name))
        }
        throw .unknown(kind, name, among: commands.flatMap(\.names), fallback: advice)
    }

    /// The first word, and what is behind it and the white space.
    static func splitWord(_ line: Substring) -> (word: Substring, rest: Substring) {
        let begin = line.drop(while: \.isWhitespace)
        let word = begin.prefix { !$0.isWhitespace }
        return (word, begin[word.endIndex...].drop(while: \.isWhitespace))
    }
}
