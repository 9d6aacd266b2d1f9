import Glibc

/// The signals that matter while a line is edited, as the terminal is in a mode of its own then.
/// While a command runs it is not, and all but Ctrl-C act as they do on any program.
struct PromptSignals {
    /// After these, editing the line goes on.
    static let keepLine = [SIGTSTP, SIGCONT, SIGWINCH]
    /// These end the program.
    private static let end = [SIGTERM, SIGHUP, SIGQUIT]

    private let previous: [(signal: Int32, action: sigaction)]

    /// Catches them until ``restore()``.
    init() {
        previous = (PromptSignals.keepLine + PromptSignals.end).compactMap { signal in
            SignalPipe.catchSignal(signal).map { (signal, $0) }
        }
    }

    func restore() {
        for (signal, action) in previous { SignalPipe.restore(signal, to: action) }
    }

    /// Stops the process as Ctrl-Z does, and returns when it goes on.
    func stop() {
        deliver(SIGTSTP)
        // The continuation itself is no news.
        SignalPipe.drain()
        _ = SignalPipe.catchSignal(SIGTSTP)
    }

    /// Ends the process by the signal, so that whoever started it sees why.
    func end(by signal: Int32) {
        restore()
        deliver(signal)
    }

    private func deliver(_ number: Int32) {
        signal(number, SIG_DFL)
        raise(number)
    }
}
