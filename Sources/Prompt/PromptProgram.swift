import Glibc
import Narration
import Workbook

/// The workbook at its prompt: what the program is without a subcommand.
public enum PromptProgram {
    /// Reads commands and carries them out: from a terminal until the user leaves; from a pipe or
    /// file until it ends or a command fails.
    ///
    /// - Parameters:
    ///   - root: the workbook's folder.
    ///   - environment: the variables that say where progress and history are kept, and how text
    ///     may look.
    /// - Returns: the exit status: 0; 1 if a command of a script failed; 130 if a script was
    ///   interrupted.
    /// - Throws: if the folder is no workbook.
    public static func run(
        root: Folder, environment: Environment = .process
    ) throws(WorkbookError) -> Int32 {
        Terminal.fillStandardDescriptors()
        Interruption.catchInterrupts()
        let output = PromptOutput.standard(environment: environment)
        let session = try self.session(root: root, output: output, environment: environment)
        guard Terminal(descriptor: STDIN_FILENO, environment: environment).isInteractive else {
            return loop(session, LineReader(), isInteractive: false)
        }
        let editor = LineEditor(environment: environment)
        editor.completer = { line, cursor in
            CommandTable.standard.complete(
                line: line, cursor: cursor, candidates: session.candidates)
        }
        session.greet()
        if let notice = editor.takeNotice() { session.report(CommandError(notice)) }
        return loop(session, editor, isInteractive: true)
    }

    private static func session(
        root: Folder, output: PromptOutput, environment: Environment
    ) throws(WorkbookError) -> WorkbookSession {
        let store = ProgressStore(environment: environment.values(of: StateFolder.variables))
        let answers = AnswerFolder.standard(
            environment: environment.values(of: ["STEPVISOR_ANSWERS", "HOME"]))
        let course = Course(
            library: try Library(root: root), store: store, answers: answers,
            runner: MachineRunner())
        let session = WorkbookSession(root: root, course: course, output: output)
        session.reportMistakes()
        return session
    }

    private static func loop(
        _ session: WorkbookSession, _ source: any LineSource, isInteractive: Bool
    ) -> Int32 {
        session.source = source
        var loop = PromptLoop(source: source, session: session, isInteractive: isInteractive)
        return loop.run()
    }
}
