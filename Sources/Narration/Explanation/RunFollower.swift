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
    private var heard: [RunEvent] = []
    private var told: [NarratedEvent] = []

    /// - Parameter narrator: has followed the run so far.
    public init(_ run: GuestRun, _ narrator: TextNarrator) {
        self.run = run
        self.narrator = narrator
        self.narrator.level = .brief
        run.observer = { [weak self] event in self?.heard.append(event) }
    }

    /// Has the run go a step on.
    public func step(_ work: (GuestRun) -> GuestRun.Pause) -> GuestRun.Pause {
        for event in heard { _ = narrator.lines(for: event) }
        _ = narrator.pause()
        heard = []
        let pause = work(run)
        told = []
        for event in heard { joiner.take(event) { told.append($0) } }
        joiner.settle { told.append($0) }
        return pause
    }

    /// Whether the last step told the same as another run's, but for values that root software reads.
    public func isAlike(_ other: RunFollower) -> Bool {
        let (own, others) = (told.filter(\.isComparable), other.told.filter(\.isComparable))
        return own.count == others.count && zip(own, others).allSatisfy { $0.isAlike($1) }
    }

    /// Whether something was decided in the last step.
    public var hasDecision: Bool { told.contains { $0.explanation != nil } }

    /// The last step as text.
    public func lines(_ level: NarrationLevel) -> [String] {
        var narrator = narrator
        narrator.level = level
        let lines = heard.flatMap { narrator.lines(for: $0) } + narrator.pause() + narrator.end(run)
        return Array(lines.drop { $0.isEmpty })
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
                && read?.readsAs == otherRead?.readsAs
        case (.noExit(let one), .noExit(let other)): one.isAlike(other)
        case (.exit(let one, let why), .exit(let other, let otherWhy)):
            one == other && why.isAlike(otherWhy)
        case (.entry(let one), .entry(let other)):
            one.rip == other.rip && one.injected == other.injected
        case (.vmFailure(let one, let operation, let why), .vmFailure(let other, let its, let his)):
            one == other && operation == its && why.isAlike(his)
        case (.root(let one), .root(let other)): one == other
        case (.vmxAbort(let one), .vmxAbort(let other)): one == other
        case (.action(let one), .action(let other)): one == other
        case (.exception(let one, let code, let place), .exception(let other, let its, let his)):
            one == other && code == its && place == his
        case (.port(let one), .port(let other)): one == other
        case (.end(let one), .end(let other)): one == other
        default: false
        }
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
