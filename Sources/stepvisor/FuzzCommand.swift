import ArgumentParser
import Fuzzing
import Glibc
import Workbook

/// For who works on the program: not listed by `--help`.
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Feed a part of the program with inputs drawn at random.",
        discussion: """
            Nothing may crash, hang or take much memory, and each answer is checked as far as it \
            can be. Status 1 when something did not hold. An input is found again by --seed and \
            its number: --first NUMBER --count 1. Use a release build.
            """,
        shouldDisplay: false)

    @Argument(help: "\(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")).")
    var target: FuzzTarget

    @Option(help: "The same seed gives the same inputs.", transform: Parsing.number)
    var seed: UInt64 = 1

    @Option(help: "Inputs.", transform: Parsing.number)
    var count: UInt64 = 100_000

    @Option(help: "Number of the first input.", transform: Parsing.number)
    var first: UInt64 = 0

    @Option(help: "Failures after which to stop.")
    var failures = 10

    @Flag(help: "Print the first input instead of feeding it.")
    var show = false

    @OptionGroup var root: RootOption

    func run() throws {
        var campaign = FuzzCampaign(seed: seed, count: count)
        campaign.first = first
        campaign.mostFailures = failures
        let folder = try? root.folder()
        if show {
            StandardOutput.line(try text(of: campaign, root: folder))
            return
        }
        FuzzWatch.begin(seed: seed)
        let figures: FuzzCampaign.Figures
        var told = 0
        do {
            figures = try target.run(campaign, root: folder, willFeed: FuzzWatch.note) {
                StandardError.write("\(target.rawValue): \($0.text)")
                Self.tell($0.failures, &told)
            }
        } catch { throw unavailable(error) }
        FuzzWatch.end()
        Self.tell(figures.failures, &told)
        report(figures)
        if !figures.failures.isEmpty { throw Status.failed }
    }

    private func text(of campaign: FuzzCampaign, root: Folder?) throws -> String {
        do {
            return try target.text(campaign, input: first, root: root)
        } catch { throw unavailable(error) }
    }

    private func unavailable(_ error: FuzzUnavailable) -> ExitCode {
        StandardError.write(error.message)
        return Status.unavailable
    }

    /// Failures behind those that have been told.
    private static func tell(_ failures: [FuzzCampaign.Finding], _ told: inout Int) {
        for finding in failures.dropFirst(told) {
            StandardOutput.line("input \(finding.input): \(finding.message)\n\(finding.text)\n")
        }
        told = failures.count
    }

    private func report(_ figures: FuzzCampaign.Figures) {
        for slow in figures.slow {
            StandardOutput.line("input \(slow.input) took \(Int(slow.milliseconds)) ms")
        }
        for note in figures.notes { StandardOutput.line(note) }
        StandardOutput.line("\(target.rawValue), seed \(seed): \(figures.text)")
    }
}

extension FuzzTarget: ExpressibleByArgument {}

/// Tells which input was fed when the process crashes or hangs.
private enum FuzzWatch {
    /// The input that is being fed. Read by the signal handler of the same thread.
    nonisolated(unsafe) private static var current: UInt64 = 0
    nonisolated(unsafe) private static var seed: UInt64 = 0
    private static let patience: UInt32 = 60

    static func begin(seed: UInt64) {
        Self.seed = seed
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] {
            signal(number) { number in FuzzWatch.die(number) }
        }
    }

    static func note(_ input: UInt64) {
        current = input
        // A system call now and then only.
        if input & 0x3F == 0 { alarm(patience) }
    }

    static func end() { alarm(0) }

    /// Writes the numbers without allocating: the heap may be what is broken.
    private static func die(_ number: Int32) {
        write(number == SIGALRM ? "hang at input " : "crash at input ")
        write(current)
        write(", seed ")
        write(seed)
        write("\n")
        _exit(1)
    }

    private static func write(_ text: StaticString) {
        _ = Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }

    private static func write(_ value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            var digit = UInt8(ascii: "0") + UInt8(value / divisor % 10)
            _ = Glibc.write(STDERR_FILENO, &digit, 1)
            divisor /= 10
        }
    }
}
