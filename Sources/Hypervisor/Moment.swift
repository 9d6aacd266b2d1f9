import Machine

/// A point of a run. A run is deterministic: however often it is run, it comes to the same moments
/// in the same order, and is in the same state at each.
public struct Moment: Sendable, Hashable, Comparable {
    /// ``Machine/work`` done so far. An exit is work of its own, so that what follows it, up to the
    /// guest's next instruction, differs in the rank alone.
    public let work: UInt64
    /// Within the same work: behind an exit, before an entry, in the guest, at the end.
    let rank: UInt8

    public static func < (left: Self, right: Self) -> Bool {
        (left.work, left.rank) < (right.work, right.rank)
    }
}

extension GuestRun {
    /// Where the run is.
    public var moment: Moment {
        let rank: UInt8 =
            switch phase {
            case .exited: 0
            case .root: 1
            case .guest: 2
            case .ended: 3
            }
        return Moment(work: machine.work, rank: rank)
    }

    /// All that the run's future depends on.
    public struct Snapshot: Sendable {
        public let moment: Moment
        public let phase: Phase
        public let machine: Machine.Snapshot
        let hypervisor: TeachingHypervisor.Memory
        public let outputCount: UInt64
    }

    public func snapshot() -> Snapshot {
        Snapshot(
            moment: moment, phase: phase, machine: machine.snapshot(),
            hypervisor: hypervisor.memory, outputCount: outputCount)
    }

    /// Puts the run where it was, or will be: one of the same configuration. Nobody is told.
    public func restore(_ snapshot: Snapshot) {
        phase = snapshot.phase
        machine.restore(snapshot.machine)
        hypervisor.memory = snapshot.hypervisor
        outputCount = snapshot.outputCount
    }

    /// Runs to a moment that lies ahead, with nobody told.
    public func runSilently(to moment: Moment) {
        let (told, written, interrupt) = (observer, outputObserver, isInterrupted)
        (observer, outputObserver, isInterrupted) = (nil, nil, nil)
        defer { (observer, outputObserver, isInterrupted) = (told, written, interrupt) }
        var stops = Stops()
        stops.moment = moment
        _ = run(until: stops)
    }
}
