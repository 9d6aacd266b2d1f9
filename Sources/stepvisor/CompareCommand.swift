import ArgumentParser
import Hypervisor
import Narration
import Prompt

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Run a guest on the model and on KVM, and compare line by line.",
        discussion: """
            Each line is agree, differ, or not observable there, with the reason. Status 0 when no \
            line differs, 1 when one does, 3 where there is no KVM.
            """)

    @OptionGroup var guest: GuestOptions
    @OptionGroup var root: RootOption

    @Flag(help: "One JSON object a line; the last has the counts.")
    var json = false

    func run() throws {
        let start = try guest.start(root: root)
        Interruption.catchInterrupts()
        var limits = Comparison.Limits()
        limits.steps = start.budget ?? .max
        let result: ComparisonResult
        do {
            result = try Comparison.run(start.configuration, limits: limits) {
                Interruption.isRequested
            }
        } catch { throw Self.status(of: error) }
        if json {
            for line in ComparisonJSON.lines(result) { StandardOutput.line(line.text) }
        } else {
            for line in ComparisonText(result, style: Terminal().style).lines {
                StandardOutput.line(line)
            }
        }
        if !result.isSuccess { throw Status.failed }
    }

    /// Tells why there is nothing from KVM, and gives the exit status for it.
    static func status(of failure: Comparison.Failure) -> ExitCode {
        switch failure {
        case .unavailable(let reason):
            StandardError.write("\(reason.description)\n\(reason.remedy)")
            return Status.unavailable
        case .kvm(let problem):
            StandardError.write(problem.description)
            return Status.failed
        case .interrupted: return Status.interrupted
        }
    }
}
