import Architecture
import Machine

/// A point of a run. A run is deterministic: however often it is run, it comes to the same moments
/// in the same order, and is in the same state at each.
public struct Moment: Sendable, Hashable, Comparable {
    /// ``Machine/work`` done so far. An exit is work of its own, so that what follows it, up to the
    /// guest's next instruction, differs in the rank alone.
    public let work: UInt64
    /// Within the same work: behind an exit, before an entry, in the guest, at the end.
    let rank: UInt8

    /// In the guest, when so much work has been done.
    public init(work: UInt64) {
        self.init(work: work, rank: 2)
    }

    init(work: UInt64, rank: UInt8) {
        self.work = work
        self.rank = rank
    }

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

    /// Steps of a debugger so far: an instruction that completes is one, and so are an exit and root
    /// software's stay up to the next entry.
    public var tick: UInt64 {
        let stops = machine.steps &+ UInt64(machine.exits)
        guard !isItsOwnHypervisor else { return stops }
        // An instruction that root software does for the guest is part of its stay.
        return stops &+ UInt64(machine.entries) &- hypervisor.memory.emulatedSteps
    }

    /// All that the run's future depends on.
    public struct Snapshot: Sendable {
        public let moment: Moment
        public let tick: UInt64
        public let phase: Phase
        public let machine: Machine.Snapshot
        let hypervisor: TeachingHypervisor.Memory
        let firmware: Firmware?
        public let outputCount: UInt64
    }

    public func snapshot() -> Snapshot {
        Snapshot(
            moment: moment, tick: tick, phase: phase, machine: machine.snapshot(),
            hypervisor: hypervisor.memory, firmware: firmware, outputCount: outputCount)
    }

    /// Puts the run where it was, or will be: one of the same configuration. Nobody is told.
    public func restore(_ snapshot: Snapshot) {
        phase = snapshot.phase
        machine.restore(snapshot.machine)
        hypervisor.memory = snapshot.hypervisor
        firmware = snapshot.firmware
        outputCount = snapshot.outputCount
    }

    /// Why the guest was left last; nil before the first exit.
    public var lastExitReason: ExitReason? {
        guard machine.exits > 0 else { return nil }
        let field = machine.currentVMCSField(.exitReason)
        return ExitReason(rawValue: UInt16(truncatingIfNeeded: field))
    }

    /// Does something with nobody told, and nobody asked whether to stop.
    func silently<T>(_ work: (GuestRun) -> T) -> T {
        let (told, written, interrupt) = (observer, outputObserver, isInterrupted)
        (observer, outputObserver, isInterrupted) = (nil, nil, nil)
        defer { (observer, outputObserver, isInterrupted) = (told, written, interrupt) }
        return work(self)
    }

    // MARK: Changes by hand

    /// Something that was changed from outside.
    public enum Change: Sendable {
        case setting(RunConfiguration.Setting)
        /// Bytes at a guest-linear address.
        case memory(UInt64, [UInt8])
    }

    /// Whether a change would leave all as it is.
    public func has(_ change: Change) -> Bool {
        switch change {
        case .setting(let setting): value(of: setting.target) == setting.value
        case .memory(let address, let bytes):
            guestBytes(at: address, count: bytes.count) == bytes
        }
    }

    /// Makes a change, all of it or nothing.
    public func make(_ change: Change) throws(ChangeFailure) {
        switch change {
        case .setting(let setting): try self.change(setting)
        case .memory(let address, let bytes):
            guard writeGuestBytes(bytes, at: address) else { throw .notMapped }
        }
    }
}
