import Architecture
import ArgumentParser
import Hypervisor
import Machine
import Narration
import Workbook

/// The guest and its start, as `run` and `compare` take them.
struct GuestOptions: ParsableArguments {
    @Argument(
        help: """
            A scenario (.yaml), a guest's source (.asm) or a flat binary (.bin); run also takes \
            kernels and disk images.
            """,
        completion: .file())
    var input: String

    @Option(help: "The mode to start in: real16, protected32 or long64. A .bin needs it.")
    var mode: GuestMode?

    @Option(help: "Load address.", transform: Parsing.number)
    var load: UInt64?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A register or VMCS field at the start; may be repeated.", valueName: "name=value"))
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "The processor: \(Processor.all.map(\.name).joined(separator: ", ")).",
            valueName: "name"))
    var processor: String?

    @Option(
        help: "Bytes of memory, up to 64 GiB: only what is touched costs.",
        transform: Parsing.number)
    var memory: UInt64?

    @Option(help: "Guest instructions at most; 0: no limit.", transform: Parsing.number)
    var maxSteps: UInt64?

    /// Steps unless told otherwise.
    static let defaultSteps: UInt64 = 10_000_000

    /// A run as asked for, and its budget of steps.
    struct Start {
        var configuration: RunConfiguration
        /// nil: none.
        var budget: UInt64?
    }

    private static let memoryRange: ClosedRange<UInt64> = 1 << 20...PhysicalMemory.maximumSize

    /// - Parameter boot: what else can be started; nil where only guests are.
    func start(root: RootOption, boot: BootOptions? = nil) throws -> Start {
        if let memory, !Self.memoryRange.contains(memory) {
            throw InputFailure(
                "--memory \(memory): expected \(Self.memoryRange.lowerBound) to "
                    + "\(Self.memoryRange.upperBound) bytes")
        }
        var start: Start
        let size = memory ?? RunConfiguration.defaultMemorySize
        if let booted = try boot?.configuration(self, memory: size) {
            start = Start(configuration: booted, budget: Self.defaultSteps)
        } else {
            start = try input.hasSuffix(".yaml") ? scenario(root) : plain()
            if boot?.native == true { start.configuration.operation = .outside }
            if let memory { start.configuration.memorySize = memory }
        }
        try complete(&start)
        return start
    }

    /// What is the same for all that can be started.
    private func complete(_ start: inout Start) throws {
        if let processor {
            guard let known = Processor(named: processor) else {
                let near = Suggestions.nearest(to: processor, among: Processor.all.map(\.name))
                throw InputFailure(
                    "--processor \(processor): expected one of "
                        + Processor.all.map(\.name).joined(separator: ", ")
                        + (near.first.map { "; did you mean \($0)?" } ?? ""))
            }
            start.configuration.processor = known
        }
        let end =
            start.configuration.image.loadAddress
            &+ UInt64(start.configuration.image.bytes.count)
        guard end <= start.configuration.memorySize else {
            throw InputFailure(
                "\(input): ends at \(end.hex), above the \(start.configuration.memorySize) bytes "
                    + "of memory")
        }
        for text in settings { start.configuration.settings.append(try setting(text)) }
        if let maxSteps { start.budget = maxSteps == 0 ? nil : maxSteps }
    }

    /// For what says mode and address itself.
    func refuseModeAndLoad(_ reason: String) throws {
        let option = mode != nil ? "--mode" : load != nil ? "--load" : nil
        if let option { throw InputFailure("\(input): expected no \(option), as \(reason)") }
    }

    private func plain() throws -> Start {
        let image = try GuestFiles.load(input, mode: mode, load: load)
        return Start(
            configuration: RunConfiguration(image: image), budget: Self.defaultSteps)
    }

    private func scenario(_ root: RootOption) throws -> Start {
        try refuseModeAndLoad("a scenario says it itself")
        do {
            let scenario = try Scenario.read(input, root: try? root.folder())
            return Start(
                configuration: try scenario.configuration(), budget: scenario.file.stepBudget)
        } catch { throw InputFailure(error.description) }
    }

    private func setting(_ text: String) throws -> RunConfiguration.Setting {
        guard let equals = text.firstIndex(of: "=") else {
            throw InputFailure("--set \(text): expected NAME=VALUE")
        }
        let name = String(text[..<equals])
        guard let value = NumberText.parse(text[text.index(after: equals)...]) else {
            throw InputFailure(
                "--set \(text): expected a decimal or 0x hexadecimal number behind =")
        }
        do {
            let target = try SettingTarget(name: name)
            try target.check(value)
            return RunConfiguration.Setting(target, value)
        } catch {
            switch error {
            case .unknown(let suggestions):
                let near =
                    suggestions.isEmpty ? "" : "; near: \(suggestions.joined(separator: ", "))"
                throw InputFailure(
                    "--set \(name): expected a register or a VMCS field\(near)")
            case .tooWide(let bits):
                throw InputFailure("--set \(name): \(value.hex) does not fit into \(bits) bits")
            }
        }
    }
}
