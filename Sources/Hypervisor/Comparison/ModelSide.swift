import Architecture
import InstructionSet
import Machine

/// What the model showed.
struct ModelObservation: Sendable {
    var shown: Observation
    var notModelled: NotModelled?
    /// The bytes that RIP moves over when HLT is completed; 0 where it has moved, or for no HLT.
    var haltLength: UInt64 = 0
}

/// What the guest did on the model that may explain a difference.
struct GuestHistory: Sendable {
    var instructions: NotableInstructions = []
    /// What the last MOV to CR0 with #GP would have written, if nothing ran after it.
    var refusedCR0: UInt64?
}

/// Instructions whose outcome on KVM may be KVM's own.
struct NotableInstructions: OptionSet, Sendable {
    let rawValue: UInt8
    /// VMCALL.
    static let hypercall = NotableInstructions(rawValue: 1)
    /// The clock, random numbers, and MSRs among which the clock is.
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
        run.machine.ports.logLimit = limits.accesses
        run.machine.ports.log = []
        if variant == .otherClock {
            run.machine.state.tsc = 0x0123_4567_89AB_CDEF
            run.machine.state.randomState = 0xFEDC_BA98_7654_3210
        }
        // Nothing has been translated yet, so that sharing the pages is safe.
        let start = run.machine.memory
        let end = try finish(run)
        let isGuest = configuration.operation == .nonRoot
        var shown = Observation(
            end: ComparedEnd(end.reason), registers: GuestRegisters(run).named,
            ports: (run.machine.ports.log ?? []).map(PortDatum.init),
            memory: memory(of: run, since: start))
        if variant == .hiding, isGuest { showVisible(run.machine, &shown) }
        shown.counts = .init(
            steps: run.machine.steps, entries: UInt64(run.machine.entries),
            exits: UInt64(run.machine.exits))
        var observation = ModelObservation(shown: shown, notModelled: end.notModelled)
        if isGuest, end.reason == .hlt {
            observation.haltLength = run.machine.currentVMCSField(.exitInstructionLength)
        }
        return observation
    }

    /// Runs the guest once more, listening.
    func history(
        of configuration: RunConfiguration
    ) throws(Comparison.Failure) -> GuestHistory {
        let run = GuestRun(configuration)
        let recorder = Recorder()
        run.observer = { recorder.note($0) }
        _ = try finish(run)
        let general = GuestRegisters(run).general
        return GuestHistory(
            instructions: recorder.instructions,
            refusedCR0: recorder.refused.map { general[Int($0 & 15)] })
    }

    /// Runs to an end. Exits are bounded as steps are: an exit need not complete an instruction.
    private func finish(_ run: GuestRun) throws(Comparison.Failure) -> EndOfRun {
        run.stepBudget = limits.steps
        run.isInterrupted = isInterrupted
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

extension PortDatum {
    init(_ transfer: PortTransfer) {
        self.init(
            isInput: transfer.isInput, port: transfer.port, size: transfer.size,
            value: transfer.value)
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

/// Writes down what helps to explain a difference.
private final class Recorder {
    private(set) var instructions: NotableInstructions = []
    /// The source of the last MOV to CR0 that raised #GP, by its number.
    private(set) var refused: UInt8?
    private var lastMoveToCR0: UInt8?

    func note(_ event: RunEvent) {
        switch event {
        case .machine(.instruction(let event)): note(event.instruction)
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
        case .rdtsc, .rdtscp, .rdpmc, .rdmsr, .rdrand, .rdseed: instructions.insert(.unsteady)
        default: return
        }
    }
}
