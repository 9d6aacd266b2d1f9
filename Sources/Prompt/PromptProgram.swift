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
    /// - Returns: the exit status: 0; 1 if a command of a script failed; 130 if one was interrupted.
    public static func run(root: Folder, environment: Environment = .process) -> Int32 {
        Interruption.catchInterrupts()
        let output = PromptOutput.standard(environment: environment)
        let session = WorkbookSession(root: root, output: output, environment: environment)
        guard Terminal(descriptor: STDIN_FILENO, environment: environment).isInteractive else {
            var loop = PromptLoop(
                source: LineReader(), session: session, isInteractive: false)
            return loop.run()
        }
        let editor = LineEditor(environment: environment)
        editor.completer = { line, cursor in
            CommandTable.standard.complete(
                line: line, cursor: cursor, candidates: session.candidates)
        }
        var loop = PromptLoop(source: editor, session: session, isInteractive: true)
        return loop.run()
    }
}
