import Narration

extension CommandTable {
    /// The overview, or if `topic` names a command, all about it.
    func help(for topic: String, style: TextStyle) throws(CommandError) -> String {
        guard !topic.isEmpty else { return overview(style: style) }
        let match = try find(topic: topic)
        return Self.page(match.command, path: match.path, style: style)
    }

    /// As ``find(in:)``, but a command whose subcommand is not named is found itself.
    private func find(topic: String) throws(CommandError) -> Match {
        let (word, rest) = Self.splitWord(topic[...])
        let command = try Self.find(
            String(word.prefix { $0 != "/" }), among: commands, kind: "a command",
            advice: "Type help for the list.")
        guard rest.isEmpty else { return try find(in: topic[...]) }
        return Match(path: [command.name], command: command, format: nil, arguments: "")
    }

    /// A line for each command: how it is typed, and what it does.
    private func overview(style: TextStyle) -> String {
        var lines: [String] = []
        let usages = commands.map { DisplayWidth.of($0.usage) }
        // Longer ones stand on a line of their own.
        let column = min(usages.max() ?? 0, 24) + 4
        for section in sections {
            if !lines.isEmpty { lines.append("") }
            lines.append(style.painted(section.title, as: .heading))
            for command in section.commands {
                var label = "  " + command.usage
                if DisplayWidth.of(label) + 2 > column {
                    lines.append(label)
                    label = ""
                }
                lines += WrappedText.lines(
                    command.summary, width: style.width, indent: label.padded(to: column),
                    hangingIndent: String(repeating: " ", count: column))
            }
        }
        lines += [""]
        lines += WrappedText.lines(
            """
            Any beginning that only one command has will do. Tab completes; an empty line repeats \
            the last step of the machine; help COMMAND says more.
            """, width: style.width)
        return lines.joined(separator: "\n")
    }

    private static func page(_ command: Command, path: [String], style: TextStyle) -> String {
        var parts = [style.painted(command.usage, as: .heading)]
        parts += WrappedText.lines(sentence(command.summary), width: style.width, indent: "  ")
        let others = command.names.filter { !command.usage.hasPrefix($0) }
        if path.count == 1 && !others.isEmpty {
            parts += WrappedText.lines(
                "Also: \(others.joined(separator: ", ")).", width: style.width, indent: "  ")
        }
        if !command.help.isEmpty {
            parts += ["", WrappedText.text(command.help, width: style.width, indent: "  ")]
        }
        if !command.subcommands.isEmpty {
            let width = command.subcommands.map { DisplayWidth.of($0.usage) }.max() ?? 0
            parts.append("")
            for subcommand in command.subcommands {
                parts += WrappedText.lines(
                    subcommand.summary, width: style.width,
                    indent: "  \(subcommand.usage.padded(to: width))  ",
                    hangingIndent: String(repeating: " ", count: width + 4))
            }
        }
        return parts.joined(separator: "\n")
    }

    /// A summary as a sentence of its own.
    private static func sentence(_ summary: String) -> String {
        summary.prefix(1).uppercased() + summary.dropFirst() + "."
    }
}
