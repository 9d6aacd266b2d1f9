import Architecture
import Hypervisor
import InstructionSet
import Machine
import Narration

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
        /// There is nothing before it.
        case start
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
    /// Bytes of the guest's output so far, and how many of them the user has seen at most.
    private var outputHeard: UInt64 = 0
    private var outputTold: UInt64 = 0
    private(set) var timeline: Timeline<TextNarrator>
    private let budget: UInt64
    private let teller: RunTeller
    private let isInterrupted: @Sendable () -> Bool

    /// - Parameter teller: hears all that happens, the set-up of the run first.
    init(
        _ configuration: RunConfiguration, budget: UInt64 = Debugger.usualBudget,
        isInterrupted: @escaping @Sendable () -> Bool, teller: RunTeller
    ) {
        self.budget = budget
        self.isInterrupted = isInterrupted
        self.teller = teller
        run = GuestRun(configuration, observer: teller.hear)
        timeline = Timeline(run, teller.narrator)
        run.isInterrupted = isInterrupted
        run.observer = { [weak self] event in self?.hear(event) }
    }

    var configuration: RunConfiguration { run.configuration }

    private func hear(_ event: RunEvent) {
        switch event {
        case .machine(.instruction(let instruction)): currentStep = instruction.step
        case .machine(.exit(let event)):
            exitCount += 1
            // Heard again, after going back.
            if exitCount <= exits.last?.number ?? 0 { break }
            if exits.count == 2 * Self.exitLimit { exits.removeFirst(Self.exitLimit) }
            exits.append(ExitRecord(number: exitCount, step: currentStep, event: event))
        case .output:
            outputHeard += 1
            guard outputHeard > outputTold else { return }
            outputTold = outputHeard
        default: break
        }
        teller.hear(event)
    }

    /// Runs on, with the run's past kept.
    private func go(until stops: GuestRun.Stops) -> GuestRun.Pause {
        let pause = timeline.run(run, until: stops)
        timeline.note(run, teller.narrator)
        return pause
    }

    // MARK: Running

    /// One step: an instruction of the guest or, while root software runs, all that it does up to
    /// the next entry.
    func step() -> Halt {
        var stops = GuestRun.Stops()
        stops.steps = 1
        stops.atExit = true
        stops.atEntry = true
        switch go(until: stops) {
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
            if let halt = halt(after: go(until: stops), toExit: toExit) { return halt }
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
            switch go(until: stops) {
            case .ended(let end): return .ended(end)
            case .interrupted: return .interrupted
            case .breakpoint, .steps: if run.machine.state.rip == address { seen += 1 }
            case .exit, .entry: break
            }
        }
        return .stepped
    }

    // MARK: Going back

    /// Goes back by steps, each what ``step()`` does.
    ///
    /// - Returns: `start` if there are not so many.
    func back(_ count: UInt64) -> Halt {
        let now = run.moment
        var tick = run.tick
        // An end may be a step that counts as none, as one by root software.
        if case .ended = run.phase, timeline.go(run, toTick: tick) < now { tick += 1 }
        var target = tick - min(tick, count)
        var moment = timeline.go(run, toTick: target)
        while moment >= now, target > 0 {
            target -= 1
            moment = timeline.go(run, toTick: target)
        }
        arrive(at: moment)
        return tick < count ? .start : .stepped
    }

    /// Goes back to the last breakpoint, or to the start.
    ///
    /// - Parameter toExit: stop at the last exit too, whatever its reason.
    func reverse(toExit: Bool = false) -> Halt {
        let now = run.moment
        var stops = GuestRun.Stops()
        stops.breakpoints = breakpoints.addresses
        stops.atExit = toExit || breakpoints.watchExits
        let breakpoints = breakpoints
        let found =
            stops.atExit || !stops.breakpoints.isEmpty
            ? timeline.lastPause(
                run, before: now, at: stops,
                isWanted: { toExit || breakpoints.number(exit: $0.lastExitReason) != nil },
                goesOn: { !isInterrupted() })
            : nil
        guard !isInterrupted() else {
            arrive(at: now)
            return .interrupted
        }
        arrive(at: found ?? timeline.start)
        guard found != nil else { return .start }
        guard run.phase != .exited || !toExit else { return .exited }
        let number =
            run.phase == .exited
            ? breakpoints.number(exit: run.lastExitReason)
            : breakpoints.number(address: run.machine.state.rip)
        return number.map { .breakpoint($0) } ?? .stepped
    }

    /// Goes to where so many instructions have been completed, back or on.
    func go(toStep step: UInt64, watch: (UInt64) -> Void) -> Halt {
        if step <= timeline.furthestStep {
            arrive(at: timeline.go(run, toSteps: step))
            return .stepped
        }
        let begin = run.machine.work
        while true {
            if isInterrupted() { return .interrupted }
            let done = run.machine.work &- begin
            watch(done)
            var stops = GuestRun.Stops()
            stops.work = Self.slice
            stops.steps = step - run.machine.steps
            switch go(until: stops) {
            case .ended(let end): return .ended(end)
            case .interrupted: return .interrupted
            case .steps where run.phase == .guest && run.machine.steps >= step: return .stepped
            case .exit, .entry, .breakpoint, .steps: break
            }
        }
    }

    /// Work before a moment that is heard when it is gone to, so that the last decision is known.
    private static let heardBefore: UInt64 = 4096

    /// Puts the run to a moment that it has come to before, with what was remembered there.
    private func arrive(at moment: Moment) {
        teller.narrator = timeline.restore(run, notAfter: moment)
        let quiet = Moment(work: moment.work - min(moment.work, Self.heardBefore))
        if quiet < moment { timeline.advance(run, to: quiet) }
        teller.narrator.catchUp(with: run)
        exitCount = run.machine.exits
        outputHeard = run.outputCount
        teller.begin(.off)
        run.isInterrupted = nil
        defer { run.isInterrupted = isInterrupted }
        var stops = GuestRun.Stops()
        stops.moment = moment
        _ = timeline.run(run, until: stops)
        forgetFutureExits()
    }

    private func forgetFutureExits() {
        exits.removeAll { $0.number > run.machine.exits }
    }

    /// Changes the run by hand, here; what lay ahead becomes another future.
    ///
    /// - Returns: how many changes that had been made further on are forgotten.
    @discardableResult
    func change(_ change: GuestRun.Change) throws(GuestRun.ChangeFailure) -> Int {
        let forgotten = try timeline.change(run, change)
        outputTold = outputHeard
        forgetFutureExits()
        return forgotten
    }

    // MARK: Names

    /// The names of the guest's source: labels, and the numbers that it names.
    var names: [AssembledProgram.Label] { configuration.image.program?.labels ?? [] }

    /// Its labels alone.
    var labels: [(name: String, address: UInt64)] {
        names.filter(\.isPlace).map { ($0.name, $0.value) }
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
