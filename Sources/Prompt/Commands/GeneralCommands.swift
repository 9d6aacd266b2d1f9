extension Command {
    /// The commands about the prompt itself.
    static let generalRows: [Command] = [
        .init(
            "help", aliases: ["h", "?"], usage: "help [COMMAND]",
            summary: "this list, or all about one command", completers: [.command],
            handler: { session, call throws(CommandError) in
                session.show(
                    try CommandTable.standard.help(for: call.text, style: session.style))
                return .done
            }),
        .init(
            "quit", aliases: ["q", "exit"], usage: "quit",
            summary: "leave; so does Ctrl-D. Your progress is kept",
            handler: { _, call throws(CommandError) in
                try call.expectNothing()
                return .quit
            }),
    ]
}

extension CommandTable {
    /// All commands of the prompt.
    public static let standard = CommandTable([
        Section("The course", Command.courseRows),
        Section("Running the machine", Command.runRows),
        Section("Going back", Command.timeRows),
        Section("Looking at the machine", Command.machineRows),
        Section("Looking it up", Command.referenceRows),
        Section("The prompt", Command.generalRows),
    ])
}
