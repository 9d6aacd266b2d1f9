import Narration

/// One command after the other, from a person or from a script.
struct PromptLoop {
    /// What stands before each command that is typed.
    static let prompt = "(stepvisor) "

    let source: any LineSource
    let session: WorkbookSession
    /// Whether a person sits there: then a failed command is only told, and an empty line repeats.
    let isInteractive: Bool
    private var interpreter: CommandInterpreter

    init(source: any LineSource, session: WorkbookSession, isInteractive: Bool) {
        self.source = source
        self.session = session
        self.isInteractive = isInteractive
        interpreter = CommandInterpreter(repeatsOnEmptyLine: isInteractive)
    }

    /// What follows a line.
    private enum Next {
        case goOn
        case end(Int32)
    }

    /// Runs to the end.
    ///
    /// - Returns: the program's exit status.
    mutating func run() -> Int32 {
        while true {
            let next: Next
            if let line = session.takeWaitingCommand() {
                if case .end(let status) = carryOut(line) { return status }
                continue
            }
            switch source.readLine(prompt: Self.prompt) {
            case .line(let line): next = carryOut(line)
            case .rejected(let message):
                session.report(CommandError(message))
                next = isInteractive ? .goOn : .end(1)
            case .interrupted: next = isInteractive ? .goOn : .end(130)
            case .endOfInput: next = .end(0)
            }
            if case .end(let status) = next { return status }
        }
    }

    private mutating func carryOut(_ line: String) -> Next {
        do throws(CommandError) {
            switch try interpreter.run(line, in: session) {
            case .quit: return .end(0)
            case .failed: if !isInteractive { return .end(1) }
            case .done: break
            }
        } catch {
            session.report(error)
            if !isInteractive { return .end(1) }
        }
        return Interruption.isRequested && !isInteractive ? .end(130) : .goOn
    }
}
