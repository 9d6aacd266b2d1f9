import Glibc
import Hypervisor
import Prompt

/// Standard input as the keyboard of a guest that asks its firmware for keys.
///
/// A file or pipe is read as it stands, so that a run with the same input is the same run. A
/// terminal gives keys as they are pressed, without echo, until ``close()``.
final class GuestKeyboard {
    let isTerminal = isatty(STDIN_FILENO) == 1
    private var savedMode: termios?
    private var isAtEnd = false

    /// Takes the next byte.
    ///
    /// - Parameter waits: whether to wait for one; a file or pipe always does.
    func read(waits: Bool) -> KeyboardInput {
        guard !isAtEnd else { return .end }
        if isTerminal { takeKeys() }
        while !Interruption.isRequested {
            var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let ready = poll(&request, 1, waits || !isTerminal ? Self.pollMilliseconds : 0)
            if ready > 0 { return take() }
            if ready == 0, isTerminal, !waits { return .none }
            if ready < 0, errno != EINTR { return .end }
        }
        return .interrupted
    }

    /// Between two looks at Ctrl-C.
    private static let pollMilliseconds: Int32 = 100

    private func take() -> KeyboardInput {
        var byte: UInt8 = 0
        guard Glibc.read(STDIN_FILENO, &byte, 1) == 1 else {
            isAtEnd = true
            return .end
        }
        return .byte(byte)
    }

    /// Keys one by one and unseen; Ctrl-C and Ctrl-Z act as ever.
    private func takeKeys() {
        guard savedMode == nil else { return }
        var mode = termios()
        guard tcgetattr(STDIN_FILENO, &mode) == 0 else { return }
        savedMode = mode
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &mode)
    }

    /// Gives the terminal back as it was.
    func close() {
        guard var mode = savedMode else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &mode)
        savedMode = nil
    }
}
