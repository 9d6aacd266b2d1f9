import Architecture
import Glibc
import Hypervisor
import Machine
import Narration
import Workbook

/// The prompt's session: a guest under the debugger and the way through the lessons.
///
/// What a command does is in the extensions: running the machine, looking at it, changing it, and
/// the course.
final class WorkbookSession: CommandSession {
    let output: PromptOutput
    /// The workbook's folder, for guests by name.
    let root: Folder
    /// The guest that the machine's commands work on; nil before one is loaded.
    var debugger: Debugger?
    /// Instructions that one command runs at most.
    var budget = Debugger.usualBudget
    /// Tells what happens in it.
    var teller: RunTeller?
    let course: Course
    /// The lesson that is under way.
    var player: LessonPlayer?
    /// What was shown of it last.
    var lastPart: LessonPlayer.Part?
    /// The exercise that a command named last, until the lesson comes to another.
    var namedExercise: String?
    /// A command that was typed where a question wanted an answer: it comes next.
    private var waitingCommand: String?
    /// Where the answers to questions come from.
    weak var source: (any LineSource)?
    /// What `x` and `disas` go on with.
    var memoryFormat = MemoryFormat()
    var nextAddress: UInt64?

    init(root: Folder, course: Course, output: PromptOutput) {
        self.root = root
        self.course = course
        self.output = output
    }

    var style: TextStyle { output.currentStyle() }

    func show(_ text: String) {
        guard !text.isEmpty else { return }
        output.write(style.spelled(text) + (text.hasSuffix("\n") ? "" : "\n"))
    }

    /// Writes one line as it is, an empty one too.
    func show(line: String) {
        output.write(style.spelled(line) + "\n")
    }

    func show(lines: [String]) {
        for line in lines { show(line: line) }
    }

    /// Tells what went wrong, and what to do instead.
    func report(_ error: CommandError) {
        let style = style
        let text = [error.message, error.advice].filter { !$0.isEmpty }.joined(separator: " ")
        let lines = text.split(separator: "\n").flatMap { paragraph in
            WrappedText.lines(EscapedText.line(String(paragraph)), width: style.width)
        }
        output.writeMessage(style.spelled(lines.joined(separator: "\n")) + "\n")
    }

    // MARK: Commands instead of answers

    /// Whether a person typed a command where an answer is wanted; it is carried out then, and the
    /// question waits.
    func isCommandInstead(_ line: String) -> Bool {
        guard output.isInteractive, CommandTable.standard.isCommand(line) else { return false }
        waitingCommand = line
        return true
    }

    func takeWaitingCommand() -> String? { waitingCommand.take() }

    /// The guest, if one is loaded.
    func loadedGuest() throws(CommandError) -> Debugger {
        guard let debugger else {
            throw CommandError(
                "No guest is loaded.",
                advice: "“load FILE” loads one, “start” goes on with a lesson.")
        }
        return debugger
    }

    func value(named name: String) throws(CommandError) -> UInt64 {
        try GuestNames(debugger: try loadedGuest()).value(name)
    }

    func candidates(
        for completer: Completer, in arguments: Substring = ""
    ) -> [Completion.Candidate] {
        func plain(_ names: [String]) -> [Completion.Candidate] {
            names.map { Completion.Candidate($0) }
        }
        let names = plain((debugger?.names ?? []).map(\.name))
        switch completer {
        case .command: return plain(CommandTable.standard.commands.map(\.name))
        case .lesson:
            return course.library.lessons.map {
                Completion.Candidate($0.id, note: EscapedText.line($0.title))
            }
        case .exercise:
            return course.library.lessons.flatMap(\.exercises).map {
                Completion.Candidate($0.id, note: EscapedText.line($0.title))
            }
        case .field: return GuestNames.fieldCandidates
        case .control: return GuestNames.controlCandidates
        case .exitReason:
            return ExitReason.allCases.map { Completion.Candidate($0.name, note: $0.title) }
        case .register: return plain(GuestNames.registers)
        case .location: return plain((debugger?.labels ?? []).map(\.name))
        case .value:
            return plain(GuestNames.registers) + names
                + plain(VMCSField.allCases.map(\.name)) + GuestNames.bitCandidates
        case .setting:
            return plain(GuestNames.registers) + plain(VMCSField.allCases.map(\.name))
                + GuestNames.bitCandidates
        case .file: return fileCandidates(arguments)
        case .mode: return plain(GuestMode.allCases.map(\.rawValue))
        case .breakpoint:
            return (debugger?.breakpoints.all ?? []).map {
                Completion.Candidate("\($0.number)", note: describe($0.place))
            }
        case .reference: return Self.referenceCandidates(arguments)
        }
    }

    /// Behind a kind its names, else all.
    private static func referenceCandidates(_ arguments: Substring) -> [Completion.Candidate] {
        let (word, rest) = CommandTable.splitWord(arguments)
        guard let kind = ReferenceEntry.Kind(word: String(word)),
            !rest.isEmpty || arguments.last?.isWhitespace == true
        else { return allReferences }
        return ReferenceBook.standard.of(kind).map {
            Completion.Candidate($0.name, note: $0.title)
        }
    }

    /// The kinds, then every name.
    private static let allReferences: [Completion.Candidate] =
        ReferenceEntry.Kind.allCases.map { Completion.Candidate($0.rawValue, note: $0.plural) }
        + ReferenceBook.standard.entries.filter { !$0.name.contains(" ") }.map {
            Completion.Candidate($0.name, note: $0.title)
        }
}
