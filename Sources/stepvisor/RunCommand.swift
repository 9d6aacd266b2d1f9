import ArgumentParser
import Glibc
import Hypervisor
import Machine
import Narration
import Prompt

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a guest on the model and tell what the processor decides.",
        discussion: """
            The guest runs in VMX non-root operation under a hypervisor that ends the run at HLT, \
            or with --native outside VMX operation. Status 0 when it ended by HLT or by a write to \
            port F4h, 1 when it ended otherwise.
            """)

    @OptionGroup var guest: GuestOptions
    @OptionGroup var root: RootOption

    @OptionGroup var boot: BootOptions

    /// What a guest can run on.
    enum Backend: String, CaseIterable, ExpressibleByArgument {
        case model, kvm
    }

    @Option(help: "What to run it on: model or kvm. KVM tells output and the end alone.")
    var backend = Backend.model

    @Option(help: "How much to tell: off, brief or full.")
    var narrate = NarrationLevel.brief

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        let start = try guest.start(root: root, boot: boot)
        try checkSelectors(start.configuration)
        Interruption.catchInterrupts()
        if backend == .kvm { return try runOnKVM(start.configuration) }
        let end = json ? runAsJSON(start) : runAsText(start)
        if end.reason == .interrupted { throw Status.interrupted }
        if !end.isSuccess { throw Status.failed }
    }

    /// A selector has a meaning of its own in real mode alone.
    private func checkSelectors(_ configuration: RunConfiguration) throws {
        for setting in configuration.settings {
            if case .selector(let name) = setting.target, configuration.image.mode != .real16 {
                throw InputFailure("--set \(name.name): expected a real-mode guest")
            }
            if case .field(let field) = setting.target, configuration.operation != .nonRoot {
                throw InputFailure("--set \(field.name): a native run has no VMCS")
            }
        }
    }

    private func runOnKVM(_ configuration: RunConfiguration) throws {
        let run: KVMOutcome
        do {
            run = try KVMOutcome(configuration) { Interruption.isRequested }
        } catch { throw CompareCommand.status(of: error) }
        if json {
            for line in KVMOutcomeJSON.lines(run) { StandardOutput.line(line.text) }
        } else {
            let console = Terminal().isInteractive
            var text = GuestConsoleText()
            let bytes = run.output.map(\.byte)
            if console { StandardOutput.write(text.text(for: bytes) + text.finish()) }
            if !console { StandardOutput.write(bytes: bytes) }
            StandardOutput.line("End on KVM: \(run.end.rawValue).")
        }
        guard run.end == .hlt || run.end == .port else { throw Status.failed }
    }

    private func runAsJSON(_ start: GuestOptions.Start) -> EndOfRun {
        var narrator = JSONNarrator(level: narrate) { StandardOutput.write(bytes: $0) }
        // Silent but for output: nothing is paid for what nobody reads.
        let run =
            narrate == .off
            ? GuestRun(start.configuration) : GuestRun(start.configuration) { narrator.note($0) }
        run.outputObserver = { narrator.note(.output($0)) }
        let end = finish(run, start)
        narrator.end(run)
        return end
    }

    private func runAsText(_ start: GuestOptions.Start) -> EndOfRun {
        let terminal = Terminal()
        var narrator = TextNarrator(
            style: terminal.style, level: narrate, program: start.configuration.image.program)
        var console = GuestConsoleText()
        func show(_ output: PortBus.Output) {
            // Raw to a pipe or file; a terminal gets no control character of the guest's.
            if terminal.isInteractive {
                StandardOutput.write(console.text(for: CollectionOfOne(output.byte)))
            } else {
                StandardOutput.write(bytes: CollectionOfOne(output.byte))
            }
        }
        func tell(_ event: RunEvent) {
            if case .output(let output) = event { return show(output) }
            for line in narrator.lines(for: event) { StandardOutput.line(line) }
        }
        let run =
            narrate == .off
            ? GuestRun(start.configuration) : GuestRun(start.configuration, observer: tell)
        run.outputObserver = show
        let end = finish(run, start)
        for line in narrator.end(run) { StandardOutput.line(line) }
        return end
    }

    /// Runs to the end, or to Ctrl-C.
    private func finish(_ run: GuestRun, _ start: GuestOptions.Start) -> EndOfRun {
        run.stepBudget = start.budget
        run.isInterrupted = { Interruption.isRequested }
        while true {
            switch run.run() {
            case .ended(let end): return end
            case .interrupted: run.abandon(.interrupted)
            default: continue
            }
        }
    }
}

extension NarrationLevel: ExpressibleByArgument {}
