import Glibc
import Synchronization

/// Signals as bytes in a pipe: a handler may do almost nothing, so it writes the signal's number,
/// and who waits for input waits for the pipe too ("the self-pipe trick").
enum SignalPipe {
    /// Why waiting ended.
    enum Wake: Equatable {
        case input
        case signal(Int32)
    }

    /// Both ends, non-blocking. Both are -1 if the process has no descriptors left; then only
    /// ``Interruption/isRequested`` tells of a signal.
    static let ends: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return (-1, -1) }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        return (ends[0], ends[1])
    }()

    /// Waits until `descriptor` can be read or has ended, or a signal has come.
    static func wait(for descriptor: Int32) -> Wake {
        while true {
            if let signal = next() { return .signal(signal) }
            var waits = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&waits, nfds_t(waits.count), -1)
            if ready < 0 && errno != EINTR { return .input }
            if ready > 0 && waits[1].revents == 0 { return .input }
        }
    }

    /// Forgets the signals that came while nobody waited.
    static func drain() {
        while next() != nil {}
    }

    private static func next() -> Int32? {
        var byte: UInt8 = 0
        return read(ends.read, &byte, 1) == 1 ? Int32(byte) : nil
    }

    /// Lets `signal` be written to the pipe from now on.
    ///
    /// - Returns: what was in force before, for ``restore(_:to:)``; nil if the signal is ignored,
    ///   as under nohup, and stays so.
    static func catchSignal(_ signal: Int32) -> sigaction? {
        _ = ends
        var previous = sigaction()
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let savedError = errno
            if number == SIGINT { Interruption.request() }
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(SignalPipe.ends.write, &byte, 1)
            errno = savedError
        }
        action.sa_flags = SA_RESTART
        guard sigaction(signal, nil, &previous) == 0, !isIgnored(previous) else { return nil }
        sigaction(signal, &action, nil)
        return previous
    }

    static func restore(_ signal: Int32, to previous: sigaction) {
        var previous = previous
        sigaction(signal, &previous, nil)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// Ctrl-C, as something that a long run asks about now and then instead of being torn down.
public enum Interruption {
    private static let requested = Atomic<Bool>(false)

    /// Whether Ctrl-C was pressed since ``clear()``. One relaxed load: a run loop may ask it
    /// every few thousand steps.
    public static var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// From now on Ctrl-C (SIGINT) no longer ends the process but sets ``isRequested``.
    public static func catchInterrupts() {
        _ = SignalPipe.catchSignal(SIGINT)
    }

    /// What Ctrl-C does. Safe in a signal handler.
    public static func request() {
        requested.store(true, ordering: .relaxed)
    }

    /// The request has been answered.
    public static func clear() {
        requested.store(false, ordering: .relaxed)
    }
}
