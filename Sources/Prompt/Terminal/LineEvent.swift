/// What came from where commands are read.
public enum LineEvent: Equatable, Sendable {
    /// A line without its end.
    case line(String)
    /// A line that cannot be a command; the message says why. Reading can go on.
    case rejected(String)
    /// Ctrl-C: what was typed is void.
    case interrupted
    /// Ctrl-D on an empty line, or no more input.
    case endOfInput

    /// The longest line, in bytes, that is taken as a command.
    static let longestLine = 65_536

    /// The event for a line's bytes, its end removed.
    init(bytes: some Collection<UInt8>, isTooLong: Bool = false) {
        if isTooLong || bytes.count > LineEvent.longestLine {
            self = .rejected("This line is longer than \(LineEvent.longestLine) bytes.")
        } else if let text = String(validating: bytes, as: UTF8.self) {
            self = .line(text)
        } else {
            self = .rejected("This line is not UTF-8 text.")
        }
    }
}

/// Something that gives one line after the other: an editor at a terminal, a script from a pipe.
public protocol LineSource: AnyObject {
    /// The next line. A source without a person behind it does not show the prompt.
    func readLine(prompt: String) -> LineEvent
    /// The next line as the answer to a question: it is no command and enters no history.
    func readAnswer(prompt: String) -> LineEvent
}

extension LineSource {
    public func readAnswer(prompt: String) -> LineEvent { readLine(prompt: prompt) }
}
