import Glibc

/// A program that runs at a terminal of its own, and the hands and eyes of who sits there.
///
/// The program gets a new session whose controlling terminal this is, so that Ctrl-C, Ctrl-Z and
/// a change of the window's size reach it as signals, as they do at a real terminal.
final class PseudoTerminal {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How the program ended.
    enum End: Equatable {
        case status(Int32)
        case signal(Int32)
    }

    /// All that the program wrote, as it came; what is not UTF-8 is replaced.
    var transcript: String { String(decoding: output, as: UTF8.self) }

    let processID: pid_t
    private let terminal: Int32
    private var output: [UInt8] = []
    /// Where the part of the output begins that no ``wait(for:)`` has passed yet.
    private var unread = 0
    private var end: End?

    /// How long ``wait(for:seconds:)`` and ``waitForEnd(seconds:)`` wait unless told otherwise.
    static let patience = 20.0

    /// Starts a program.
    ///
    /// - Parameter environment: all of its variables.
    init(
        _ program: String, arguments: [String] = [], environment: [String: String] = [:],
        columns: UInt16 = 80, rows: UInt16 = 24
    ) throws {
        var ends: (terminal: Int32, program: Int32) = (-1, -1)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&ends.terminal, &ends.program, nil, nil, &size) == 0 else {
            throw Failure(description: "no pseudo-terminal: \(String(cString: strerror(errno)))")
        }
        defer { close(ends.program) }
        for end in [ends.terminal, ends.program] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var name = [CChar](repeating: 0, count: 128)
        ttyname_r(ends.program, &name, name.count)
        terminal = ends.terminal
        processID = try Self.spawn(
            program, [program] + arguments,
            environment.map { "\($0.key)=\($0.value)" }.sorted(), terminal: name)
    }

    deinit {
        if end == nil {
            kill(processID, SIGKILL)
            waitpid(processID, nil, 0)
        }
        close(terminal)
    }

    /// Types, without Enter.
    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = write(terminal, bytes, bytes.count)
    }

    /// Types a line and Enter.
    func enter(_ line: String) { type(line + "\r") }

    /// Types Ctrl and a letter.
    func control(_ letter: Character) {
        type(String(UnicodeScalar((letter.asciiValue ?? 0x40) & 0x1F)))
    }

    func resize(columns: UInt16, rows: UInt16 = 24) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }

    /// Reads until `text` has come.
    ///
    /// - Returns: what came since the last wait, `text` included.
    @discardableResult
    func wait(for text: String, seconds: Double = patience) throws -> String {
        let wanted = Array(text.utf8)
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let found = output[unread...].firstRange(of: wanted) {
                defer { unread = found.upperBound }
                return String(decoding: output[unread..<found.upperBound], as: UTF8.self)
            }
            guard try read(until: deadline) else {
                let seen = String(decoding: output[unread...], as: UTF8.self)
                throw Failure(description: "waited for \(text.debugDescription), saw: \(seen)")
            }
        }
    }

    /// Reads on until the program has ended.
    func waitForEnd(seconds: Double = patience) throws -> End {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try read(until: deadline) {}
        var status: Int32 = 0
        while end == nil {
            if waitpid(processID, &status, WNOHANG) == processID {
                let signal = status & 0x7F
                end = signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
            } else if ContinuousClock.now > deadline {
                throw Failure(description: "still running; its output: \(transcript)")
            } else {
                usleep(1000)
            }
        }
        return end ?? .status(0)
    }

    /// Reads what comes next; false if nothing comes by the deadline or ever.
    private func read(until deadline: ContinuousClock.Instant) throws -> Bool {
        let left = (deadline - ContinuousClock.now) / .milliseconds(1)
        var state = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
        guard left > 0, poll(&state, 1, Int32(left) + 1) > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(terminal, &bytes, bytes.count)
        guard count > 0 else { return false }
        output += bytes[..<count]
        return true
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String], terminal: [CChar]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // A session's leader that opens a terminal gets it as its controlling terminal.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // glibc's POSIX_SPAWN_SETSID is declared for C programs that ask for extensions only.
        let newSession: Int32 = 0x80
        let flags = newSession | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let argumentList = arguments.map { strdup($0) } + [nil]
        let environmentList = environment.map { strdup($0) } + [nil]
        defer { (argumentList + environmentList).forEach { free($0) } }
        var processID: pid_t = 0
        let error = posix_spawn(
            &processID, program, &actions, &attributes, argumentList, environmentList)
        guard error == 0 else {
            throw Failure(description: "\(program): \(String(cString: strerror(error)))")
        }
        return processID
    }
}
