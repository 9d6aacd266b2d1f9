import Narration

extension Command {
    /// The commands that look something up, and the one that checks a VM entry.
    static let referenceRows: [Command] = [
        .init(
            "explain", usage: "explain [NAME]",
            summary: "what a rule, field, control bit, exit reason or other name means",
            help: """
                NAME is any name or number that the manual or the model has for it, a kind and a \
                name where several have it, or a kind alone for the list of them.

                  explain CR0_MASK
                  explain unrestricted guest
                  explain exit 28
                  explain checks
                """,
            completers: [.reference, .reference],
            handler: { session, call throws(CommandError) in
                try session.explain(call.text.isEmpty ? nil : call.text)
                return .done
            }),
        .init(
            "doctor", aliases: ["checks"], usage: "doctor",
            summary: "make all checks of VM entry on the current VMCS, as the next entry would",
            help: """
                Shows every check that does not hold, in the order in which the processor makes \
                them, with the field, the bits that are wrong and the nearest legal value. It is a \
                failure if there is one.
                """,
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                return try session.checkEntry()
            }),
    ]

    /// What the reference says of the command.
    public var reference: ReferenceEntry {
        ReferenceEntry(
            command: name, aliases: aliases, usage: usage, summary: summary, help: help)
    }
}

extension ReferenceBook {
    /// With the commands of the prompt.
    public static let standard = ReferenceBook(
        commands: CommandTable.standard.commands.map(\.reference))
}
