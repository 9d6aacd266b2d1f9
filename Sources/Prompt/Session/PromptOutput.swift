import Glibc
import Narration

/// Where the prompt writes: results for the person, messages about what went wrong.
struct PromptOutput {
    /// Writes text that is ready for the terminal.
    let write: (String) -> Void
    /// Writes a message; to standard error, as scripts expect.
    let writeMessage: (String) -> Void
    /// How text may look where it goes, asked anew as a window's width changes.
    let currentStyle: () -> TextStyle
    /// Whether a person reads it while it is written.
    let isInteractive: Bool

    /// The process's own.
    static func standard(environment: Environment) -> PromptOutput {
        PromptOutput(
            write: { Self.send($0, to: STDOUT_FILENO) },
            writeMessage: { Self.send($0, to: STDERR_FILENO) },
            currentStyle: { Terminal(environment: environment).style },
            isInteractive: Terminal(environment: environment).isInteractive)
    }

    private static func send(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
