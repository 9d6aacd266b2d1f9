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

            With --native the input may also be a 32-bit multiboot (version 1) ELF kernel, told by \
            its header, or with --boot a boot sector, a floppy image (drive 0) or a hard-disk image \
            (drive 80h); the file is never changed. For a boot sector Stepvisor emulates the BIOS: \
            its keys are standard input, and end with it.

            Ports E9h and 3F8h go to standard output. The text screen of a kernel or boot sector is \
            shown on standard error at the end of the run, and at a terminal also when a key is \
            waited for.
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

    @Flag(help: "Do not run it: make all checks of its first VM entry and tell those that fail.")
    var check = false

    func run() throws {
        let start = try guest.start(root: root, boot: boot)
        try checkSelectors(start.configuration)
        if check { return try checkEntry(start.configuration) }
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

    /// The VMCS is set up as for a run, and looked at instead of entered.
    private func checkEntry(_ configuration: RunConfiguration) throws {
        let run = GuestRun(configuration)
        guard let findings = run.machine.entryFindings() else {
            throw InputFailure("--check: this guest is not entered: it has no VMCS")
        }
        if json {
            for finding in findings { StandardOutput.line(EntryCheckJSON.object(finding).text) }
        } else {
            let text = EntryCheckText(style: Terminal().style)
            for line in text.lines(findings, of: run.machine.entryChecks) {
                StandardOutput.line(line)
            }
        }
        guard findings.isEmpty else { throw Status.failed }
    }

    private func runOnKVM(_ configuration: RunConfiguration) throws {
        guard configuration.canRunOnKVM else {
            throw InputFailure(
                "--backend kvm: expected no --boot, and memory that ends below "
                    + PCMemoryMap.deviceGap.hex)
        }
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
        let keyboard = GuestKeyboard()
        run.keyboard = { waits, _ in keyboard.read(waits: waits) }
        defer { keyboard.close() }
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
            // Who watches a long run sees its lines as they come.
            if output.byte == UInt8(ascii: "\n") { StandardOutput.flush() }
        }
        func tell(_ event: RunEvent) {
            if case .output(let output) = event { return show(output) }
            for line in narrator.lines(for: event) { StandardOutput.line(line) }
        }
        let run =
            narrate == .off
            ? GuestRun(start.configuration) : GuestRun(start.configuration, observer: tell)
        run.outputObserver = show
        let keyboard = GuestKeyboard()
        var screen = ScreenOnTerminal()
        run.keyboard = { waits, contents in
            // Who is to answer must see the question.
            if keyboard.isTerminal {
                StandardOutput.flush()
                screen.show(contents)
            }
            return keyboard.read(waits: waits)
        }
        let end = finish(run, start)
        keyboard.close()
        screen.show(run.screen)
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

/// The guest's text screen on standard error, where it does not mix with what the guest prints.
private struct ScreenOnTerminal {
    private var shown: [String] = []

    /// Shows it unless it is blank, or has been shown as it is.
    mutating func show(_ contents: ScreenContents?) {
        guard let contents else { return }
        let lines = ScreenText(contents).lines(Terminal(descriptor: STDERR_FILENO).style)
        guard !lines.isEmpty, lines != shown else { return }
        shown = lines
        StandardError.write(lines.joined(separator: "\n"))
    }
}

extension NarrationLevel: ExpressibleByArgument {}
