import CReadline
import Glibc
import Narration

/// What is known about the place behind a descriptor: whether someone sits there, and how text
/// may look.
public struct Terminal: Sendable {
    /// Whether the descriptor is a terminal.
    public let isInteractive: Bool
    public let style: TextStyle

    /// Asks the descriptor and the environment. Cheap enough to ask anew for each screenful, as
    /// a window's width changes.
    public init(descriptor: Int32 = STDOUT_FILENO, environment: Environment = .process) {
        isInteractive = isatty(descriptor) == 1
        style = Terminal.style(
            isInteractive: isInteractive,
            columns: Int(stepvisor_terminal_columns(descriptor)), environment: environment)
    }

    /// The style for a terminal or a file.
    ///
    /// Width: COLUMNS, else what the terminal says, else 80; a file has 80. Colour: on a terminal,
    /// unless NO_COLOR is set or TERM is `dumb` or absent. Unicode: if the first of LC_ALL,
    /// LC_CTYPE and LANG that is set names a UTF-8 locale and TERM is not `dumb`.
    ///
    /// - Parameter columns: what the terminal says about its width; 0 if nothing.
    static func style(isInteractive: Bool, columns: Int, environment: Environment) -> TextStyle {
        let terminalType = environment["TERM"]
        var width = TextStyle.usualWidth
        if isInteractive {
            let stated = environment["COLUMNS"].flatMap { Int($0) }
            width = [stated ?? 0, columns].first { $0 > 0 } ?? width
        }
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
        let codeset = locale.lowercased().replacing("-", with: "")
        let knowsUnicode = codeset.contains(".utf8") && terminalType != "dumb"
        let hasColor =
            isInteractive && environment["NO_COLOR"] == nil && (terminalType ?? "dumb") != "dumb"
        return TextStyle(
            width: width, hasColor: hasColor, characters: knowsUnicode ? .unicode : .ascii)
    }

    /// Opens /dev/null in the place of standard input, output or error that were closed when the
    /// process started: else a file opened later would stand there, and get what is written.
    public static func fillStandardDescriptors() {
        while true {
            let descriptor = open("/dev/null", O_RDWR)
            if descriptor > STDERR_FILENO { close(descriptor) }
            if descriptor > STDERR_FILENO || descriptor < 0 { return }
        }
    }

    /// Lets the system end the process, quietly, when what reads its output goes away, also if
    /// the caller had that signal ignored.
    public static func endQuietlyOnClosedPipe() {
        signal(SIGPIPE, SIG_DFL)
    }
}
