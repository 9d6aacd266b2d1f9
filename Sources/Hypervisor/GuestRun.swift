import Architecture
import InstructionSet
import Machine

/// One run of a guest on the model, with the hypervisor above it or none: started, stepped,
/// stopped and looked at.
public final class GuestRun {
    /// Where the run is.
    public enum Phase: Sendable, Equatable {
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
        /// As many steps or as much work as was asked for, or the moment.
        case steps
        case interrupted
    }

    /// When to pause, besides the end.
    public struct Stops: Sendable {
        /// Guest instructions from now on; nil: no limit.
        public var steps: UInt64?
        /// Work from now on (``Machine/work``); nil: no limit.
        public var work: UInt64?
        /// Pause as soon as the run has come to this moment.
        public var moment: Moment?
        /// RIPs to pause before.
        public var breakpoints: Set<UInt64> = []
        /// Pause at the next VM exit, before its handler.
        public var atExit = false
        /// Pause behind the next VM entry, before the guest's first instruction.
        public var atEntry = false

        public init() {}
    }

    public let configuration: RunConfiguration
    public internal(set) var phase: Phase
    /// The machine. Writing to it between steps is how a debugger changes a run.
    public var machine: Machine
    var hypervisor: TeachingHypervisor
    var firmware: Firmware?
    /// Asked for a key when the guest asks its firmware; nil: none ever comes.
    public var keyboard: KeyboardSource?
    /// Bytes that the guest has written to its console.
    public internal(set) var outputCount: UInt64 = 0
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
        phase = configuration.operation == .nonRoot ? .root : .guest
        switch configuration.startup {
        case .flat: break
        case .multiboot(let start):
            install(Firmware(map: start.map))
            machine.ports.devices.tester = TestDevice()
        case .disk(let firmware): install(firmware)
        }
        switch configuration.operation {
        case .outside:
            machine.state = start
            if let feature = Machine.unmodelledFeature(inCR4: start.cr4) {
                var end = EndOfRun(.notModelled)
                end.notModelled = .feature(feature)
                finish(end)
            }
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

    /// A PC, whose firmware has set up its devices and answers calls.
    private func install(_ firmware: Firmware) {
        self.firmware = firmware
        machine.ports.hasFirmware = true
        machine.ports.devices.video = VideoRegisters()
        Firmware.setDevices(&machine)
    }

    // MARK: Running

    /// Root software is part of the program.
    public var isItsOwnHypervisor: Bool { configuration.operation != .nonRoot }

    /// Runs until the end or a stop.
    public func run(until stops: Stops = Stops()) -> Pause {
        var limits = Machine.Limits(steps: stops.steps.map { machine.steps &+ $0 })
        let lastWork = stops.work.map { machine.work &+ $0 }
        limits.work = [stepBudget, lastWork, stops.moment?.work].compactMap(\.self).min()
        limits.isInterrupted = isInterrupted
        // A program that is its own hypervisor goes on at its exit handler.
        limits.returnsAtExit = !isItsOwnHypervisor || stops.atExit
        limits.breakpoints = stops.breakpoints
        // A run that stands at a breakpoint goes on from it.
        limits.passesBreakpoint = phase == .guest
        while true {
            if let last = stops.moment, moment >= last { return .steps }
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
                if let target = limits.steps, machine.steps >= target { return .steps }
                if let lastWork, machine.work >= lastWork { return .steps }
                if let pause = runGuest(limits, stops) { return pause }
                limits.passesBreakpoint = false
            }
        }
    }

    /// Whoever watches a silent run sees what the guest has printed after so many steps.
    private static let stepsBetweenOutput: UInt64 = 1 << 22

    private func runGuest(_ limits: Machine.Limits, _ stops: Stops) -> Pause? {
        var limits = limits
        limits.steps = min(limits.steps ?? .max, machine.steps &+ Self.stepsBetweenOutput)
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
        case .breakpoint: return .breakpoint
        // Taken meanwhile; a breakpoint where the run began has been passed.
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
        var count: UInt64 = 0
        var listener = Listener { event in
            observer(.machine(event))
            if case .port(let transfer) = event, let output = transfer.output {
                count += 1
                observer(.output(output))
            }
        }
        defer {
            outputCount += count
            _ = machine.ports.takeOutput()
        }
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
            outputCount += 1
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
