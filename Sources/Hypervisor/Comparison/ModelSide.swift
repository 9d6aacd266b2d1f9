import Architecture
import InstructionSet
import Machine

/// What the model showed, with what helps to explain a difference.
struct ModelObservation: Sendable {
    var shown: Observation
    var notModelled: NotModelled?
    /// The bytes that RIP moves over when HLT is completed.
    var haltLength: UInt64 = 0
    var instructions: NotableInstructions = []
    /// The last value that a MOV to CR0 with #GP would have written.
    var refusedCR0: UInt64?
}

/// Instructions whose outcome on KVM is known to be KVM's own.
struct NotableInstructions: OptionSet, Sendable {
    let rawValue: UInt8
    /// VMCALL.
    static let hypercall = NotableInstructions(rawValue: 1)
    /// The clock and random numbers.
    static let unsteady = NotableInstructions(rawValue: 2)
    static let cpuid = NotableInstructions(rawValue: 4)
}

/// Runs guests on the model.
struct ModelSide: Sendable {
    let limits: Comparison.Limits
    var isInterrupted: @Sendable () -> Bool = { false }

    /// How a guest is run.
    enum Variant {
        case asConfigured
        /// Time-stamp counter and random numbers start elsewhere.
        case otherClock
        /// As ``RunConfiguration/hidingVMXOperation``, with CR0 and CR4 as the guest reads them.
        case hiding
    }

    func observe(
        _ given: RunConfiguration, _ variant: Variant = .asConfigured
    ) throws(Comparison.Failure) -> ModelObservation {
        let configuration = variant == .hiding ? given.hidingVMXOperation : given
        let run = GuestRun(configuration)
        let recorder = Recorder(mostPorts: limits.accesses)
        run.observer = { recorder.note($0) }
        run.stepBudget = limits.steps
        run.isInterrupted = isInterrupted
        if variant == .otherClock {
            run.machine.state.tsc = 0x0123_4567_89AB_CDEF
            run.machine.state.randomState = 0xFEDC_BA98_7654_3210
        }
        // Nothing has been translated yet, so that sharing the pages is safe.
        let start = run.machine.memory
        let end = try finish(run)
        let registers = GuestRegisters(run)
        let isGuest = configuration.operation == .nonRoot
        var shown = Observation(
            end: ComparedEnd(end.reason), registers: registers.named, ports: recorder.ports,
            memory: memory(of: run, since: start))
        if variant == .hiding, isGuest { showVisible(run.machine, &shown) }
        shown.counts = .init(
            steps: run.machine.steps, entries: UInt64(run.machine.entries),
            exits: UInt64(run.machine.exits))
        var observation = ModelObservation(shown: shown, notModelled: end.notModelled)
        if isGuest, end.reason == .hlt {
            observation.haltLength = run.machine.currentVMCSField(.exitInstructionLength)
        }
        observation.instructions = recorder.instructions
        observation.refusedCR0 = recorder.refused.map { registers.general[Int($0 & 15)] }
        return observation
    }

    /// Runs to an end. Exits are bounded as steps are: an exit need not complete an instruction.
    private func finish(_ run: GuestRun) throws(Comparison.Failure) -> EndOfRun {
        var stops = GuestRun.Stops()
        stops.atExit = true
        while true {
            switch run.run(until: stops) {
            case .ended(let end): return end
            case .interrupted: throw .interrupted
            case .exit where UInt64(run.machine.exits) >= limits.steps: run.abandon(.stepBudget)
            case .exit, .entry, .breakpoint, .steps: if isInterrupted() { throw .interrupted }
            }
        }
    }

    /// CR0 and CR4 as the guest reads them.
    private func showVisible(_ machine: borrowing Machine, _ shown: inout Observation) {
        let masked: [(String, mask: VMCSField, shadow: VMCSField)] = [
            ("cr0", .cr0Mask, .cr0ReadShadow), ("cr4", .cr4Mask, .cr4ReadShadow),
        ]
        for (name, maskField, shadowField) in masked {
            let mask = machine.currentVMCSField(maskField)
            let shadow = machine.currentVMCSField(shadowField)
            for index in shown.registers.indices where shown.registers[index].name == name {
                let real = shown.registers[index].value
                shown.registers[index].value = shadow & mask | real & ~mask
            }
        }
    }

    private func memory(of run: GuestRun, since start: PhysicalMemory) -> WrittenMemory {
        var memory = WrittenMemory(start: start)
        // The hypervisor's own memory lies above the guest's.
        let written = run.machine.memory.pagesWritten(since: start).filter { $0 < start.size }
        for page in written.prefix(WrittenMemory.mostPages) {
            memory.add(run.machine.memory.page(at: page), at: page)
        }
        if written.count > WrittenMemory.mostPages {
            memory.cut(at: written[WrittenMemory.mostPages])
        }
        return memory
    }
}

extension ComparedEnd {
    init(_ reason: EndOfRun.Reason) {
        self =
            switch reason {
            case .hlt: .hlt
            case .port: .port
            case .stepBudget, .interrupted: .stepBudget
            case .shutdown: .shutdown
            case .stopped: .stopped
            case .vmFail: .vmFail
            case .entryFailure: .entryFailure
            case .notModelled: .notModelled
            }
    }
}

/// Writes down what a comparison needs of a run's events.
private final class Recorder {
    private let mostPorts: Int
    private(set) var ports: [PortDatum] = []
    private(set) var instructions: NotableInstructions = []
    /// The source of the last MOV to CR0 that raised #GP, by its number.
    private(set) var refused: UInt8?
    private var lastMoveToCR0: UInt8?

    init(mostPorts: Int) { self.mostPorts = mostPorts }

    func note(_ event: RunEvent) {
        switch event {
        case .machine(.instruction(let event)): note(event.instruction)
        case .machine(.port(let transfer)), .action(.emulatePort(let transfer)):
            guard ports.count < mostPorts else { return }
            ports.append(
                PortDatum(
                    isInput: transfer.isInput, port: transfer.port, size: transfer.size,
                    value: transfer.value))
        case .machine(.exception(ExceptionVector.generalProtection.rawValue, _, _)):
            if let lastMoveToCR0 { refused = lastMoveToCR0 }
        default: return
        }
    }

    private func note(_ instruction: Instruction) {
        let writesCR0 =
            instruction.operation == .movToControl && instruction.first.register == 0
        lastMoveToCR0 = writesCR0 ? instruction.second.register : nil
        switch instruction.operation {
        case .vmcall: instructions.insert(.hypercall)
        case .cpuid: instructions.insert(.cpuid)
        case .rdtsc, .rdtscp, .rdpmc, .rdmsr, .rdrand, .rdseed:
            instructions.insert(.unsteady)
        default: return
        }
    }
}
