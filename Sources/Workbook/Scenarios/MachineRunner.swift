import Architecture
import Hypervisor
import InstructionSet
import Machine
import Narration

/// Runs scenarios on the model and notes what can be seen: what questions and grades are decided by.
public struct MachineRunner: ScenarioRunner {
    /// Guest steps at most, whatever a scenario asks for: an answer may make a guest run for ever.
    public var maxSteps = Limits.gradingSteps
    /// Time at most: a single step may be long.
    public var maxTime = Duration.seconds(Limits.gradingSeconds)

    public init() {}

    public func run(_ scenario: Scenario) throws(WorkbookError) -> ObservedRun {
        let configuration = try scenario.configuration()
        let labels = Self.labels(of: configuration.image)
        let observer = RunObserver(labels: labels, operation: configuration.operation)
        let run = GuestRun(configuration) { observer.take($0) }
        let budget = min(scenario.file.stepBudget ?? .max, maxSteps)
        run.stepBudget = budget
        let deadline = ContinuousClock.now + maxTime
        run.isInterrupted = { ContinuousClock.now >= deadline }
        var stops = GuestRun.Stops()
        stops.breakpoints = Set(labels.keys)
        stops.atExit = true
        while true {
            switch run.run(until: stops) {
            case .ended(let end): return observer.finish(run, end)
            case .interrupted: run.abandon(.interrupted)
            case .breakpoint:
                observer.look(run)
                if observer.isFull { stops.breakpoints = [] }
            // Exits that complete no instruction could go on for ever.
            case .exit where UInt64(run.machine.exits) >= budget: run.abandon(.stepBudget)
            case .exit, .entry, .steps:
                if ContinuousClock.now >= deadline { run.abandon(.interrupted) }
            }
        }
    }

    /// The labels of instructions, by address.
    private static func labels(of image: GuestImage) -> [UInt64: [String]] {
        guard let program = image.program else { return [:] }
        var labels: [UInt64: [String]] = [:]
        for label in program.labels
        where label.isPlace && program.line(at: label.value)?.address == label.value {
            labels[label.value, default: []].append(label.name)
        }
        return labels
    }
}

/// Turns what a run tells into what was seen at labels.
private final class RunObserver {
    private let labels: [UInt64: [String]]
    /// Where code runs that is not in non-root operation.
    private let operation: VMXMode
    private var joiner = EventJoiner(
        ladders: Ladders(), checks: EntryChecks(), findsAlternatives: false)
    private var run = ObservedRun(end: "")
    /// The instruction at a label that executes now.
    private var current: (step: ObservedStep, event: InstructionEvent)?
    /// Registers at pauses before instructions that have not been told yet, by step number: a read
    /// of a control register is told a little late.
    private var looks: [UInt64: [String: UInt64]] = [:]

    /// Whether no more instructions at labels are noted.
    var isFull: Bool { run.steps.count >= Limits.observedSteps }

    init(labels: [UInt64: [String]], operation: VMXMode) {
        self.labels = labels
        self.operation = operation
    }

    /// Notes the registers before the instruction that comes next.
    func look(_ run: GuestRun) {
        looks[run.machine.steps] = Self.registers(of: run.guestState)
    }

    func take(_ event: RunEvent) {
        joiner.take(event) { take($0) }
    }

    private func take(_ event: NarratedEvent) {
        switch event {
        case .instruction(let instruction, _): begin(instruction)
        case .noExit(let explanation): decided(explanation)
        case .exit(let exit, let explanation): exited(exit, explanation)
        case .exception(let vector, _, _):
            // Of a fault during the delivery of another the first is the instruction's.
            if current?.step.outcome == .noExit { current?.step.outcome = .fault(vector: vector) }
        case .entry: run.entries += 1
        case .port(let transfer), .action(.emulatePort(let transfer)): run.ports.append(transfer)
        case .vmFailure(_, _, let explanation):
            run.endDetail = explanation.decision.deciding?.text
        case .detail, .root, .action, .interrupt, .firmware, .output, .end, .vmxAbort: break
        }
    }

    private func begin(_ instruction: InstructionEvent) {
        // A long REP tells of itself now and then.
        if let current, current.event == instruction { return }
        close()
        let registers = looks.removeValue(forKey: instruction.step) ?? [:]
        guard !isFull, let names = labels[instruction.rip] else { return }
        let step = ObservedStep(
            labels: names, operation: instruction.nonRoot ? .nonRoot : operation, outcome: .noExit,
            registers: registers)
        current = (step, instruction)
    }

    private func close() {
        if let current { run.steps.append(current.step) }
        current = nil
    }

    private func decided(_ explanation: Explanation) {
        // Whether an exception exits is asked behind what the instruction itself decided.
        if case .exception = explanation.subject, current?.step.decidingRule != nil { return }
        current?.step.decidingRule = explanation.decision.deciding?.rule
    }

    private func exited(_ exit: ExitEvent, _ explanation: Explanation) {
        let reason = exit.reason?.name ?? UInt64(exit.reasonField).hex
        let seen = Outcome.Exit(reason: reason, qualification: exit.qualification)
        run.exits.append(seen)
        if exit.isEntryFailure {
            run.endDetail = explanation.decision.deciding?.text
        } else if current?.step.outcome == .noExit {
            current?.step.outcome = .exit(seen)
            current?.step.decidingRule = explanation.decision.deciding?.rule
            current?.step.decidingBits = BitNaming.decidingNames(
                explanation.decision, explanation.subject)
        }
        close()
    }

    func finish(_ guest: GuestRun, _ end: EndOfRun) -> ObservedRun {
        close()
        run.end = end.reason.rawValue
        run.endDetail = end.notModelled?.text ?? run.endDetail
        run.registers = Self.registers(of: guest.guestState)
        return run
    }

    /// Registers by gdb's names, each in its widest form.
    private static func registers(of state: ProcessorState) -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        for (register, value) in zip(GeneralRegister.allCases, state.registers.values) {
            found[register.name] = value
        }
        for segment in SegmentRegister.allCases {
            found[segment.name] = state.value(of: .selector(segment))
        }
        for number in [0, 2, 3, 4] {
            found["cr\(number)"] = state.value(of: .controlRegister(number))
        }
        for (name, target) in [("rip", SettingTarget.rip), ("rflags", .rflags), ("efer", .efer)] {
            found[name] = state.value(of: target)
        }
        return found
    }
}
