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

    func candidates(for completer: Completer) -> [Completion.Candidate] {
        func plain(_ names: [String]) -> [Completion.Candidate] {
            names.map { Completion.Candidate($0) }
        }
        let labels = plain((debugger?.labels ?? []).map(\.name))
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
        case .location: return labels
        case .value:
            return plain(GuestNames.registers) + labels
                + plain(VMCSField.allCases.map(\.name)) + GuestNames.bitCandidates
        case .setting:
            return plain(GuestNames.registers) + plain(VMCSField.allCases.map(\.name))
                + GuestNames.bitCandidates
        case .file: return fileCandidates()
        case .reference: return Self.referenceCandidates
        }
    }

    /// The kinds, then every name.
    private static let referenceCandidates: [Completion.Candidate] =
        ReferenceEntry.Kind.allCases.map { Completion.Candidate($0.rawValue, note: $0.plural) }
        + ReferenceBook.standard.entries.filter { !$0.name.contains(" ") }.map {
            Completion.Candidate($0.name, note: $0.title)
        }
}
