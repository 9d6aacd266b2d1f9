import Architecture
import Hypervisor
import Machine

/// A guest that is run by hand, with what a debugger remembers of it.
final class Debugger {
    /// Why the machine stands still again.
    enum Halt: Equatable {
        case stepped
        case entered
        case exited
        case breakpoint(UInt64)
        case interrupted
        /// The guest ran for as many instructions as one command may run.
        case budget
        case ended(EndOfRun)
    }

    /// An exit that has happened.
    struct ExitRecord {
        /// From 1.
        let number: Int
        /// Guest instructions completed before it.
        let step: UInt64
        let event: ExitEvent
    }

    /// Instructions that one command runs at most, unless it says how many.
    static let usualBudget: UInt64 = 10_000_000
    /// Exits that are remembered; older ones are only counted.
    static let exitLimit = 1000
    /// Instructions between two looks at the keyboard and the clock.
    private static let slice: UInt64 = 50_000

    let run: GuestRun
    var breakpoints = Breakpoints()
    private(set) var exits: [ExitRecord] = []
    /// How many there were in all. The machine itself cannot be asked while it runs.
    private(set) var exitCount = 0
    /// The step of the instruction that executes.
    private var currentStep: UInt64 = 0
    private let budget: UInt64
    private let observer: (RunEvent) -> Void
    private let isInterrupted: @Sendable () -> Bool

    /// - Parameter observer: told all that happens, the set-up of the run first.
    init(
        _ configuration: RunConfiguration, budget: UInt64 = Debugger.usualBudget,
        isInterrupted: @escaping @Sendable () -> Bool, observer: @escaping (RunEvent) -> Void
    ) {
        self.budget = budget
        self.isInterrupted = isInterrupted
        self.observer = observer
        run = GuestRun(configuration, observer: observer)
        attach()
    }

    var configuration: RunConfiguration { run.configuration }

    private func attach() {
        run.isInterrupted = isInterrupted
        run.observer = { [weak self] event in self?.hear(event) }
    }

    private func hear(_ event: RunEvent) {
        switch event {
        case .machine(.instruction(let instruction)): currentStep = instruction.step
        case .machine(.exit(let event)):
            exitCount += 1
            if exits.count == 2 * Self.exitLimit { exits.removeFirst(Self.exitLimit) }
            exits.append(ExitRecord(number: exitCount, step: currentStep, event: event))
        default: break
        }
        observer(event)
    }

    // MARK: Running

    /// One step: an instruction of the guest or, while root software runs, all that it does up to
    /// the next entry.
    func step() -> Halt {
        var stops = GuestRun.Stops()
        stops.steps = 1
        stops.atExit = true
        stops.atEntry = true
        switch run.run(until: stops) {
        case .ended(let end): return .ended(end)
        case .exit: return .exited
        case .entry: return .entered
        case .steps, .breakpoint: return .stepped
        case .interrupted: return .interrupted
        }
    }

    /// Runs to a breakpoint, the end, Ctrl-C or the end of the budget.
    ///
    /// - Parameters:
    ///   - toExit: stop at the next exit too, whatever its reason.
    ///   - watch: told now and then how many instructions have been run.
    func resume(toExit: Bool = false, watch: (UInt64) -> Void) -> Halt {
        let begin = run.machine.work
        while true {
            if isInterrupted() { return .interrupted }
            let done = run.machine.work &- begin
            guard done < budget else { return .budget }
            watch(done)
            var stops = GuestRun.Stops()
            stops.work = min(Self.slice, budget - done)
            stops.breakpoints = breakpoints.addresses
            stops.atExit = toExit || breakpoints.watchExits
            if let halt = halt(after: run.run(until: stops), toExit: toExit) { return halt }
        }
    }

    private func halt(after pause: GuestRun.Pause, toExit: Bool) -> Halt? {
        switch pause {
        case .ended(let end): return .ended(end)
        case .interrupted: return .interrupted
        case .exit:
            let hit = breakpoints.hit(exit: exits.last?.event.reason)
            if toExit { return .exited }
            return hit.map { .breakpoint($0) }
        // Between two slices the next instruction's address is asked about here.
        case .breakpoint, .steps:
            return breakpoints.hit(address: run.machine.state.rip).map { .breakpoint($0) }
        case .entry: return nil
        }
    }

    /// Runs until the instruction at an address has been reached so many times; it is next then.
    func run(to address: UInt64, time: Int, watch: (UInt64) -> Void) -> Halt {
        var seen = run.phase == .guest && run.machine.state.rip == address ? 1 : 0
        let begin = run.machine.work
        while seen < time {
            if isInterrupted() { return .interrupted }
            let done = run.machine.work &- begin
            guard done < budget else { return .budget }
            watch(done)
            var stops = GuestRun.Stops()
            stops.work = min(Self.slice, budget - done)
            stops.breakpoints = [address]
            switch run.run(until: stops) {
            case .ended(let end): return .ended(end)
            case .interrupted: return .interrupted
            case .breakpoint, .steps: if run.machine.state.rip == address { seen += 1 }
            case .exit, .entry: break
            }
        }
        return .stepped
    }

    // MARK: Names

    /// The labels of the guest's source, with their values.
    var labels: [(name: String, address: UInt64)] {
        (configuration.image.program?.labels ?? []).map { ($0.name, $0.value) }
    }

    /// The nearest label at or before an address within the guest's bytes.
    func label(before address: UInt64) -> (name: String, offset: UInt64)? {
        let image = configuration.image
        guard address &- image.loadAddress < UInt64(image.bytes.count) else { return nil }
        let nearest = labels.filter { $0.address <= address && $0.address >= image.loadAddress }
            .max { $0.address < $1.address }
        return nearest.map { ($0.name, address - $0.address) }
    }
}
