import Architecture
import InstructionSet
import Machine

/// One run of a guest on the model, with the hypervisor above it or none: started, stepped,
/// stopped and looked at.
public final class GuestRun {
    /// Where the run is.
    public enum Phase: Equatable {
        /// Root software is about to enter (or re-enter) the guest.
        case root
        /// The guest, or a native program, is running.
        case guest
        /// An exit has happened and waits for its handler.
        case exited
        case ended(EndOfRun)
    }

    /// Why ``run(until:)`` returned.
    public enum Pause: Equatable {
        case ended(EndOfRun)
        case breakpoint
        case exit
        case entry
        case steps
        case interrupted
    }

    /// When to pause, besides the end.
    public struct Stops: Sendable {
        /// Guest instructions from now on; nil: no limit.
        public var steps: UInt64?
        /// Work from now on (``Machine/work``); nil: no limit.
        public var work: UInt64?
        /// RIPs to pause before.
        public var breakpoints: Set<UInt64> = []
        /// Pause at the next VM exit, before its handler.
        public var atExit = false
        /// Pause behind the next VM entry, before the guest's first instruction.
        public var atEntry = false

        public init() {}
    }

    public let configuration: RunConfiguration
    public private(set) var phase: Phase
    /// The machine. Writing to it between steps is how a debugger changes a run.
    public var machine: Machine
    private var hypervisor: TeachingHypervisor
    private var firmware: Firmware?
    /// Asked for a key when the guest asks its firmware; nil: none ever comes.
    public var keyboard: KeyboardSource?
    /// The run's budget of guest instructions in all; nil: none.
    public var stepBudget: UInt64?
    /// Told all that happens, in order. nil: silent, and nothing is paid.
    public var observer: ((RunEvent) -> Void)? {
        didSet { hypervisor.report = observer }
    }
    /// Told the guest's output where nobody observes the run.
    public var outputObserver: ((PortBus.Output) -> Void)?
    /// Asked now and then; true pauses the run.
    public var isInterrupted: (@Sendable () -> Bool)?

    /// Prepares memory, registers and, unless native, the VMCS. The observer hears the set-up too.
    public init(_ configuration: RunConfiguration, observer: ((RunEvent) -> Void)? = nil) {
        self.configuration = configuration
        self.observer = observer
        machine = Machine(
            processor: configuration.processor, memorySize: configuration.memorySize)
        hypervisor = TeachingHypervisor(
            processor: configuration.processor, policy: configuration.policy)
        machine.ports.inputs = configuration.portInputs
        machine.memory = configuration.startMemory
        let start = configuration.startState
        switch configuration.startup {
        case .flat: break
        case .multiboot: machine.ports.devices.video = VideoRegisters()
        case .disk(let firmware):
            self.firmware = firmware
            machine.ports.hasFirmware = true
            machine.ports.devices.video = VideoRegisters()
            Firmware.setDevices(&machine)
        }
        phase = configuration.operation == .nonRoot ? .root : .guest
        switch configuration.operation {
        case .outside:
            machine.state = start
            return
        case .root:
            startInRoot(start)
            return
        case .nonRoot: break
        }
        hypervisor.report = observer
        let result = listening {
            hypervisor.setUp(&machine, guest: start, settings: configuration.settings)
        }
        if result != .succeed {
            var end = EndOfRun(.vmFail)
            end.failure = result
            finish(end)
        }
    }

    /// The program itself in VMX root operation: VMXON done for it, with what that fixes in CR0
    /// and CR4. SDM 3C, 24.8 "Restrictions on VMX Operation".
    private func startInRoot(_ start: ProcessorState) {
        var state = start
        var region = HypervisorRegion(processor: machine.processor)
        machine.memory.addBank(base: region.base, size: HypervisorRegion.size)
        guard let vmx = machine.processor.vmx, let vmxon = region.allocate() else {
            return finish(EndOfRun(.vmFail))
        }
        state.cr0 |= vmx.cr0Fixed0 & CR0Bit.ne.mask
        state.cr4 |= vmx.cr4Fixed0
        state.msrs.featureControl = 5
        machine.state = state
        machine.writePhysical(vmxon, UInt64(vmx.revision), size: 4)
        let result = listening { machine.vmxon(vmxon) }
        guard result == .succeed else {
            var end = EndOfRun(.vmFail)
            end.failure = result
            return finish(end)
        }
    }

    // MARK: Running

    /// Runs until the end or a stop.
    public func run(until stops: Stops = Stops()) -> Pause {
        let target = stops.steps.map { machine.steps &+ $0 }
        let lastWork = stops.work.map { machine.work &+ $0 }
        // A run that stands at a breakpoint goes on from it.
        var isFirst = phase == .guest
        while true {
            switch phase {
            case .ended(let end): return .ended(end)
            case .root:
                if let stepBudget, machine.work >= stepBudget {
                    finish(EndOfRun(.stepBudget))
                } else {
                    enter()
                }
                if stops.atEntry, phase == .guest { return .entry }
            case .exited: handleExit()
            case .guest:
                if let target, machine.steps >= target { return .steps }
                if let lastWork, machine.work >= lastWork { return .steps }
                if !isFirst, stops.breakpoints.contains(machine.state.rip) { return .breakpoint }
                if let pause = runGuest(stops, target, lastWork) { return pause }
                isFirst = false
                continue
            }
            if let target, machine.steps >= target, phase == .guest { return .steps }
        }
    }

    private func runGuest(_ stops: Stops, _ target: UInt64?, _ lastWork: UInt64?) -> Pause? {
        var limits = Machine.Limits(steps: target)
        limits.work = [stepBudget, lastWork].compactMap(\.self).min()
        limits.isInterrupted = isInterrupted
        // A program that is its own hypervisor goes on at its exit handler.
        let isItsOwnHypervisor = configuration.operation != .nonRoot
        limits.returnsAtExit = !isItsOwnHypervisor || stops.atExit
        // Breakpoints are compared between steps.
        if !stops.breakpoints.isEmpty { limits.steps = machine.steps &+ 1 }
        let reason = runMachine(limits)
        tellOutput()
        switch reason {
        case .exited:
            if !isItsOwnHypervisor { phase = .exited }
            return stops.atExit ? .exit : nil
        case .stepBudget:
            if let stepBudget, machine.work >= stepBudget { finish(EndOfRun(.stepBudget)) }
            return nil
        case .interrupted: return .interrupted
        case .firmware: return serveFirmware()
        case .outputWaits: return nil
        case .hlt: finish(EndOfRun(.hlt))
        case .shutdown: finish(EndOfRun(.shutdown))
        case .port(let value):
            var end = EndOfRun(.port)
            end.value = UInt64(value)
            finish(end)
        case .notModelled(let what):
            var end = EndOfRun(.notModelled)
            end.notModelled = what
            finish(end)
        }
        return nil
    }

    private func runMachine(_ limits: Machine.Limits) -> StopReason {
        guard let observer else { return machine.run(limits) }
        // Output is told where it happens, among the other events.
        var listener = Listener { event in
            observer(.machine(event))
            if case .port(let transfer) = event, let output = transfer.output {
                observer(.output(output))
            }
        }
        defer { _ = machine.ports.takeOutput() }
        return machine.run(limits, listener: &listener)
    }

    private func enter() {
        let result = listening { hypervisor.enter(&machine) }
        switch result {
        case .entered: phase = .guest
        case .entryFailed: finish(EndOfRun(.entryFailure))
        case .aborted: finish(EndOfRun(.shutdown))
        case .notModelled(let what):
            var end = EndOfRun(.notModelled)
            end.notModelled = what
            finish(end)
        default:
            var end = EndOfRun(.vmFail)
            end.failure = result
            finish(end)
        }
    }

    private func handleExit() {
        let outcome = listening { hypervisor.handleExit(&machine) }
        tellOutput()
        switch outcome {
        case .resume: phase = .root
        case .end(let end): finish(end)
        }
        if case .root = phase, let value = machine.ports.exitValue {
            var end = EndOfRun(.port)
            end.value = UInt64(value)
            finish(end)
        }
    }

    /// Runs root-side work with the machine's events told.
    func listening<T>(_ work: () -> T) -> T {
        machine.isListening = observer != nil
        defer {
            machine.isListening = false
            tellWaiting()
        }
        return work()
    }

    private func tellWaiting() {
        let events = machine.takeEvents()
        guard let observer else { return }
        for event in events { observer(.machine(event)) }
    }

    private func tellOutput() {
        guard machine.ports.hasOutput else { return }
        for output in machine.ports.takeOutput() {
            if let observer { observer(.output(output)) } else { outputObserver?(output) }
        }
    }

    private func serveFirmware() -> Pause? {
        let keyboard = keyboard ?? { _, _ in .end }
        guard let served = firmware?.serve(&machine, keyboard: keyboard) else { return nil }
        tellOutput()
        if served.outcome == .interrupted { return .interrupted }
        observer?(.firmware(served.call))
        if served.outcome == .ends { finish(EndOfRun(.hlt)) }
        return nil
    }

    private func finish(_ end: EndOfRun) {
        phase = .ended(end)
        observer?(.end(end))
    }

    /// Ends a run that was interrupted or abandoned.
    public func abandon(_ reason: EndOfRun.Reason) {
        if case .ended = phase { return }
        finish(EndOfRun(reason))
    }
}
