import Machine

/// A run with its past: how a debugger goes back.
///
/// A run is deterministic, so its past need not be kept: a few checkpoints and what was changed by
/// hand are enough, and any moment is reached by running silently from the checkpoint before it.
/// Checkpoints are thinned out as the run grows longer, so that their number and the memory that
/// they keep stay bounded.
///
/// `Companion` is what an onlooker wants to have back with each checkpoint, as a narrator.
public struct Timeline<Companion> {
    /// Checkpoints kept at most.
    private static var mostCheckpoints: Int { 64 }
    /// Pages of 4 KiB that they may keep for themselves: 256 MiB.
    private static var mostPages: Int { 65536 }

    struct Checkpoint {
        let run: GuestRun.Snapshot
        let companion: Companion
        /// How many of the changes it has seen.
        let changes: Int
        /// Pages that it does not share with the checkpoint before it.
        var pages = 0
    }

    private struct DatedChange {
        let moment: Moment
        let change: GuestRun.Change
    }

    /// In the order of time; the first is the start.
    private(set) var checkpoints: [Checkpoint] = []
    private var changes: [DatedChange] = []
    /// How many of the changes the run has seen, where it stands now.
    private var changesSeen = 0
    /// The most instructions that the run has completed, in this future of its.
    public private(set) var furthestStep: UInt64 = 0
    /// Work between two checkpoints.
    private var interval: UInt64

    /// The run stands at its start.
    ///
    /// - Parameter interval: work between two checkpoints; it doubles as they are thinned out.
    public init(_ run: GuestRun, _ companion: Companion, interval: UInt64 = 100_000) {
        self.interval = interval
        checkpoints.append(
            Checkpoint(run: run.snapshot(), companion: companion, changes: 0))
    }

    public var start: Moment { checkpoints[0].run.moment }

    // MARK: Forward

    /// Runs on; what was changed by hand where the run comes by is changed again.
    public mutating func run(_ run: GuestRun, until stops: GuestRun.Stops) -> GuestRun.Pause {
        let begin = (steps: run.machine.steps, work: run.machine.work)
        defer { furthestStep = max(furthestStep, run.machine.steps) }
        while true {
            changeAgain(run)
            var rest = stops
            rest.steps = stops.steps.map { $0 - min($0, run.machine.steps &- begin.steps) }
            rest.work = stops.work.map { $0 - min($0, run.machine.work &- begin.work) }
            let next = changesSeen < changes.count ? changes[changesSeen].moment : nil
            rest.moment = [stops.moment, next].compactMap(\.self).min()
            let pause = run.run(until: rest)
            guard let next, run.moment >= next, pause == .steps else {
                changeAgain(run)
                return pause
            }
            let isDone =
                stops.steps.map { run.machine.steps &- begin.steps >= $0 } == true
                || stops.work.map { run.machine.work &- begin.work >= $0 } == true
                || stops.moment.map { run.moment >= $0 } == true
            if isDone {
                changeAgain(run)
                return pause
            }
        }
    }

    private mutating func changeAgain(_ run: GuestRun) {
        while changesSeen < changes.count, changes[changesSeen].moment <= run.moment {
            // It could be made the first time, so it can now.
            try? run.make(changes[changesSeen].change)
            changesSeen += 1
        }
    }

    /// Keeps a checkpoint where the run stands, if one is due.
    public mutating func note(_ run: GuestRun, _ companion: @autoclosure () -> Companion) {
        guard let last = checkpoints.last, run.moment > last.run.moment,
            run.moment.work &- last.run.moment.work >= interval
        else { return }
        var checkpoint = Checkpoint(
            run: run.snapshot(), companion: companion(), changes: changesSeen)
        checkpoint.pages = checkpoint.run.machine.pageCount(since: last.run.machine)
        checkpoints.append(checkpoint)
        while checkpoints.count > 2,
            checkpoints.count > Self.mostCheckpoints
                || checkpoints.reduce(0, { $0 + $1.pages }) > Self.mostPages
        {
            thinOut()
        }
    }

    /// Keeps every second checkpoint, the first and the last among them.
    private mutating func thinOut() {
        interval *= 2
        let last = checkpoints.count - 1
        checkpoints = checkpoints.indices.filter { $0 == last || $0 % 2 == 0 && $0 + 1 != last }
            .map { checkpoints[$0] }
        for index in checkpoints.indices.dropFirst() {
            checkpoints[index].pages = checkpoints[index].run.machine.pageCount(
                since: checkpoints[index - 1].run.machine)
        }
    }

    /// Changes the run by hand. What lay ahead of it is another future from here on.
    ///
    /// - Returns: how many later changes are forgotten.
    @discardableResult
    public mutating func change(
        _ run: GuestRun, _ change: GuestRun.Change
    ) throws(GuestRun.ChangeFailure) -> Int {
        let moment = run.moment
        try run.make(change)
        let forgotten = changes.count - changesSeen
        checkpoints.removeAll { $0.run.moment > moment || $0.changes > changesSeen }
        changes.removeSubrange(changesSeen...)
        changes.append(DatedChange(moment: moment, change: change))
        changesSeen += 1
        furthestStep = run.machine.steps
        return forgotten
    }

    /// What was changed by hand behind a moment, up to where the run stands.
    public func changes(behind moment: Moment) -> [GuestRun.Change] {
        changes.prefix(changesSeen).filter { $0.moment > moment }.map(\.change)
    }

    // MARK: Back

    /// Puts the run to the last checkpoint that is not behind a moment; gives what was kept with it.
    @discardableResult
    public mutating func restore(_ run: GuestRun, notAfter moment: Moment) -> Companion {
        let checkpoint = checkpoints.last { $0.run.moment <= moment } ?? checkpoints[0]
        return restore(run, checkpoint)
    }

    private mutating func restore(_ run: GuestRun, _ checkpoint: Checkpoint) -> Companion {
        run.restore(checkpoint.run)
        changesSeen = checkpoint.changes
        return checkpoint.companion
    }

    /// Runs on to a moment, silently, unless the run has come to it already.
    public mutating func advance(_ run: GuestRun, to moment: Moment) {
        run.silently { run in
            var stops = GuestRun.Stops()
            stops.moment = moment
            _ = self.run(run, until: stops)
        }
    }

    /// The moment of a step of the debugger (``GuestRun/tick``) that the run has come to before, or
    /// of the next after it. The run is left there.
    public mutating func go(_ run: GuestRun, toTick tick: UInt64) -> Moment {
        let checkpoint = checkpoints.last { $0.run.tick <= tick } ?? checkpoints[0]
        _ = restore(run, checkpoint)
        run.silently { run in
            while run.tick < tick {
                var stops = GuestRun.Stops()
                stops.steps = tick - run.tick
                stops.atExit = true
                stops.atEntry = true
                if case .ended = self.run(run, until: stops) { break }
            }
        }
        return run.moment
    }

    /// The first moment at which so many instructions have been completed and the guest is to go on.
    /// The run is left there.
    public mutating func go(_ run: GuestRun, toSteps steps: UInt64) -> Moment {
        let checkpoint = checkpoints.last { $0.run.machine.steps < steps } ?? checkpoints[0]
        _ = restore(run, checkpoint)
        if steps > 0 {
            run.silently { run in
                var stops = GuestRun.Stops()
                stops.steps = steps - run.machine.steps
                _ = self.run(run, until: stops)
            }
        }
        return run.moment
    }

    /// The last moment before another at which a run forward would have paused for one of these
    /// stops; nil where there is none. The run is left anywhere.
    ///
    /// - Parameters:
    ///   - stops: its breakpoints, and `atExit` for the exits that `isWanted` accepts.
    ///   - goesOn: asked now and then; false gives up.
    public mutating func lastPause(
        _ run: GuestRun, before end: Moment, at stops: GuestRun.Stops,
        isWanted: (GuestRun) -> Bool, goesOn: () -> Bool
    ) -> Moment? {
        var end = end
        for checkpoint in checkpoints.reversed() where checkpoint.run.moment < end {
            guard goesOn() else { return nil }
            _ = restore(run, checkpoint)
            let found = run.silently { run in
                self.lastPause(run, from: checkpoint.run.moment, to: end, stops, isWanted)
            }
            if let found { return found }
            end = checkpoint.run.moment
        }
        return nil
    }

    private mutating func lastPause(
        _ run: GuestRun, from begin: Moment, to end: Moment, _ stops: GuestRun.Stops,
        _ isWanted: (GuestRun) -> Bool
    ) -> Moment? {
        var last: Moment?
        var stops = stops
        stops.moment = end
        let isAtBreakpoint =
            run.phase == .guest && stops.breakpoints.contains(run.machine.state.rip)
        if isAtBreakpoint || stops.atExit && run.phase == .exited && isWanted(run) { last = begin }
        while run.moment < end {
            let pause = self.run(run, until: stops)
            guard run.moment < end else { break }
            switch pause {
            case .breakpoint: last = run.moment
            case .exit: if isWanted(run) { last = run.moment }
            case .ended, .interrupted: return last
            case .entry, .steps: break
            }
        }
        return last
    }
}
