/// A command of the prompt: one row of the table from which looking up, help and completion come.
public struct Command: Sendable {
    /// What carries it out. Throws if the arguments make no sense or it cannot be done now.
    public typealias Handler =
        @Sendable (any CommandSession, Invocation) throws(CommandError) -> CommandOutcome

    /// The name in full; any beginning that no other command has is as good.
    public let name: String
    /// Other names, gdb's short ones among them.
    public let aliases: [String]
    /// How it is typed, as "si [N]". Words in capitals stand for arguments.
    public let usage: String
    /// What it does, in a line of the overview.
    public let summary: String
    /// What it does, in full: paragraphs, and examples that are indented.
    public let help: String
    /// What Tab offers for each argument; the last one also for all that follow, if they can be
    /// part of an expression.
    public let completers: [Completer]
    /// Whether it takes gdb's format behind a slash, as `x/16xb`.
    public let takesFormat: Bool
    /// Whether an empty line behind it does it again.
    public let repeats: Bool
    /// Commands that are named by their own name behind this one's.
    public let subcommands: [Command]
    /// Nil if only the subcommands do something.
    public let handler: Handler?

    public init(
        _ name: String, aliases: [String] = [], usage: String, summary: String, help: String = "",
        takesFormat: Bool = false, completers: [Completer] = [], repeats: Bool = false,
        subcommands: [Command] = [], handler: Handler? = nil
    ) {
        self.name = name
        self.aliases = aliases
        self.usage = usage
        self.summary = summary
        self.help = help
        self.takesFormat = takesFormat
        self.completers = completers
        self.repeats = repeats
        self.subcommands = subcommands
        self.handler = handler
    }

    var names: [String] { [name] + aliases }
}

/// How a command ended that was carried out.
public enum CommandOutcome: Equatable, Sendable {
    case done
    /// It was carried out and the answer is no, as a `verify` that does not pass: a script stops.
    case failed
    /// The prompt is to end.
    case quit
}

/// What can stand as an argument, as far as Tab can know it.
public enum Completer: Sendable, CaseIterable {
    /// A command of the prompt.
    case command
    /// The id of a lesson.
    case lesson
    /// The id of an exercise.
    case exercise
    /// A VMCS field.
    case field
    /// A bit of a control field.
    case control
    /// A file that can be loaded.
    case file
    /// A VM-exit reason.
    case exitReason
    /// A register.
    case register
    /// A place in the guest's code: a label.
    case location
    /// A value in an expression: a register, label or field.
    case value
    /// Something that `set` can change.
    case setting
    /// Anything that `explain` knows.
    case reference
    /// A mode that a guest starts in.
    case mode
    /// The number of a breakpoint.
    case breakpoint
}
