import Narration
import Testing
import Workbook

@testable import Prompt

/// A prompt whose lines come from a test, and whose answers the test looks at.
final class ScriptedPrompt {
    /// Gives lines one after the other; behind the last the input ends.
    final class Lines: LineSource {
        var lines: [String]
        init(_ lines: [String]) { self.lines = lines }

        func readLine(prompt: String) -> LineEvent {
            lines.isEmpty ? .endOfInput : .line(lines.removeFirst())
        }
    }

    private final class Text {
        var shown = ""
        var messages = ""
    }

    /// The repository, which is the workbook's root.
    static let root = String(#filePath.split(separator: "Tests/PromptTests")[0].dropLast())

    let folder: TemporaryFolder
    let session: WorkbookSession
    private let text = Text()

    init(root: String = ScriptedPrompt.root, runner: any ScenarioRunner = MachineRunner()) throws {
        folder = try TemporaryFolder()
        let course = Course(
            library: try Library(root: Folder(path: root)),
            store: ProgressStore(path: folder.path + "/state/progress.json"),
            answers: AnswerFolder(path: folder.path + "/answers"), runner: runner,
            freshSeed: { 1 })
        let text = text
        session = WorkbookSession(
            root: Folder(path: root), course: course,
            output: PromptOutput(
                write: { text.shown += $0 }, writeMessage: { text.messages += $0 },
                currentStyle: { .plain }, isInteractive: false))
    }

    /// Writes a guest's source and gives its path.
    func guest(_ source: String, name: String = "guest.asm") throws -> String {
        let path = folder.path + "/" + name
        try FileWriting.replace(path, bytes: Array(source.utf8))
        return path
    }

    /// What became of a script.
    struct Result {
        let status: Int32
        let shown: String
        let messages: String
    }

    /// Carries out commands as a script's.
    @discardableResult
    func run(_ lines: String...) -> Result {
        let source = Lines(lines)
        session.source = source
        text.shown = ""
        text.messages = ""
        var loop = PromptLoop(source: source, session: session, isInteractive: false)
        let status = loop.run()
        return Result(status: status, shown: text.shown, messages: text.messages)
    }
}
