import Glibc

/// Another program, run to its end without input and with its output thrown away.
public enum ChildProcess {
    public struct Outcome: Sendable {
        /// As `wait` tells it: 0 is a success.
        public let status: Int32
        /// User and system time, in seconds.
        public let cpuSeconds: Double
        /// From start to end, in seconds.
        public let wallSeconds: Double
    }

    /// nil where it could not be started.
    public static func run(_ path: String, _ arguments: [String]) -> Outcome? {
        var actions = posix_spawn_file_actions_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, flags) in [
            (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY), (STDERR_FILENO, O_WRONLY),
        ] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", flags, 0)
        }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment().map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        let start = now()
        guard posix_spawn(&child, path, &actions, nil, &words, &variables) == 0 else { return nil }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0 {
            guard errno == EINTR else { return nil }
        }
        return Outcome(status: status, cpuSeconds: seconds(of: usage), wallSeconds: now() - start)
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// What a program in a terminal and Swift's libraries ask for.
    private static func environment() -> [String] {
        let passed = ["PATH", "HOME", "LD_LIBRARY_PATH"].compactMap { name in
            variable(name).map { "\(name)=\($0)" }
        }
        return passed + ["TERM=vt100"]
    }

    /// Where the shell would find a program.
    public static func path(of program: String) -> String? {
        (variable("PATH") ?? "").split(separator: ":").lazy
            .map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    // MARK: Time

    public static func ownUsage() -> rusage {
        var usage = rusage()
        // The C library declares the parameter as an enumeration or as a number.
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }

    public static func seconds(of usage: rusage) -> Double {
        func value(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return value(usage.ru_utime) + value(usage.ru_stime)
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
