import Hypervisor
import Machine

/// Follows a run step by step, so that what a step told can be compared with another run's, and
/// shown if it differs.
public final class RunFollower {
    private let run: GuestRun
    /// As it was before the last step.
    private var narrator: TextNarrator
    private var joiner = EventJoiner(
        ladders: Ladders(), checks: EntryChecks(), findsAlternatives: false)
    private var joinerBefore: EventJoiner
    private var heard: [RunEvent] = []
    private var told: [NarratedEvent] = []

    /// - Parameter narrator: has followed the run so far.
    public init(_ run: GuestRun, _ narrator: TextNarrator) {
        self.run = run
        self.narrator = narrator
        self.narrator.level = .brief
        self.narrator.catchUp(with: run)
        joinerBefore = joiner
        run.observer = { [weak self] event in self?.heard.append(event) }
    }

    /// Has the run go a step on.
    public func step(_ work: (GuestRun) -> GuestRun.Pause) -> GuestRun.Pause {
        for event in heard { _ = narrator.lines(for: event) }
        _ = narrator.pause()
        heard = []
        joinerBefore = joiner
        let pause = work(run)
        told = []
        for event in heard { joiner.take(event) { told.append($0) } }
        joiner.settle { told.append($0) }
        return pause
    }

    /// Whether the last step told the same as another run's, but for values that root software reads.
    public func isAlike(_ other: RunFollower) -> Bool { firstDifference(from: other) == nil }

    /// The place among the things told of the first that differs.
    private func firstDifference(from other: RunFollower) -> Int? {
        let own = told.indices.filter { told[$0].isComparable }
        let others = other.told.filter(\.isComparable)
        let same = zip(own, others).prefix { told[$0].isAlike($1) }.count
        guard same < max(own.count, others.count) else { return nil }
        return same < own.count ? own[same] : told.count - 1
    }

    /// The last step in brief: what differs from another run's, and how it went out.
    public func outcome(besides other: RunFollower) -> [String] {
        var narrator = narrator
        narrator.level = .brief
        var parts = heard.map { narrator.lines(for: $0) } + [narrator.pause(), narrator.end(run)]
        parts.removeAll { $0.isEmpty }
        guard let first = parts.first, let last = parts.last, parts.count > 2 else {
            return parts.flatMap(\.self)
        }
        return first + ["       …"] + last
    }

    /// The last step in full, up to the first thing that differs from another run's.
    public func difference(from other: RunFollower) -> [String] {
        var (narrator, joiner) = (narrator, joinerBefore)
        narrator.level = .full
        let end = firstDifference(from: other) ?? told.count
        var count = 0
        var lines: [String] = []
        for event in heard where count <= end {
            lines += narrator.lines(for: event)
            joiner.take(event) { _ in count += 1 }
        }
        if count <= end { lines += narrator.pause() }
        return Array(lines.drop { $0.isEmpty })
    }

    /// Whether what differs from another run's is a decision.
    public func decides(besides other: RunFollower) -> Bool {
        guard let first = firstDifference(from: other), told.indices.contains(first) else {
            return false
        }
        return told[first].explanation != nil
    }
}

extension NarratedEvent {
    /// Root software reads what was changed: that alone is no difference.
    fileprivate var isComparable: Bool {
        switch self {
        case .root(.vmread), .output: false
        default: true
        }
    }

    /// Whether a reader would call two events the same.
    fileprivate func isAlike(_ other: NarratedEvent) -> Bool {
        switch (self, other) {
        case (.instruction(let one, let read), .instruction(let other, let otherRead)):
            one == other && one.nonRoot == other.nonRoot && one.cpl == other.cpl
                && Self.mixed(read) == Self.mixed(otherRead)
        case (.noExit(let one), .noExit(let other)): one.isAlike(other)
        case (.detail(let one), .detail(let other)): one.isAlike(other)
        case (.exit(let one, let why), .exit(let other, let otherWhy)):
            one == other && why.isAlike(otherWhy)
        case (.entry(let one), .entry(let other)):
            one.rip == other.rip && one.injected == other.injected
        case (.vmFailure(let one, let operation, let why), .vmFailure(let other, let its, let his)):
            one == other && operation == its && why.isAlike(his)
        case (.root(let one), .root(let other)): one == other
        case (.vmxAbort(let one, _), .vmxAbort(let other, _)): one == other
        case (.action(let one), .action(let other)): one == other
        case (.exception(let one, let code, let place), .exception(let other, let its, let his)):
            one == other && code == its && place == his
        case (.port(let one), .port(let other)): one == other
        case (.end(let one), .end(let other)): one == other
        default: false
        }
    }
}

extension NarratedEvent {
    /// What a read of a masked register gives, where that is not what the register holds.
    private static func mixed(_ read: ControlRegisterAccess?) -> UInt64? {
        read.flatMap { $0.readsAs == $0.real ? nil : $0.readsAs }
    }
}

extension Explanation {
    /// The same outcome by the same rule.
    fileprivate func isAlike(_ other: Explanation) -> Bool {
        decision.verdict == other.decision.verdict
            && decision.steps.filter(\.decides).map(\.rule)
                == other.decision.steps.filter(\.decides).map(\.rule)
    }
}
