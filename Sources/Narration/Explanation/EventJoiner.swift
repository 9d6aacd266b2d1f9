import Architecture
import Hypervisor
import InstructionSet
import Machine

/// Joins a run's events to ``NarratedEvent``s. It keeps the rules of its own processor, as the
/// machine is busy while it tells.
public struct EventJoiner {
    private let ladders: Ladders
    private let checks: EntryChecks
    /// Whether decisions come with what would have changed them.
    var findsAlternatives: Bool

    /// The guest's instruction that executes now.
    private(set) var current: InstructionEvent?
    /// Where the last entry went.
    private var entryRIP: UInt64 = 0
    /// Told with the next event, as that may say what it reads.
    private var waiting: InstructionEvent?
    /// A decision that leads to the exit that comes next.
    private var exiting: Explanation?
    /// A decision that leads to the VMfail or the VMX abort that comes next.
    private var failing: Explanation?
    /// Decisions within the exit that comes next.
    private var details: [Explanation] = []
    /// A failed check that leads to the VMfail or the entry failure that comes next.
    private var failure: EntryCheckFailure?
    /// The last decision told, within one instruction: a REP asks the same again and again.
    private var lastSubject: DecidedSubject?

    public init(ladders: Ladders, checks: EntryChecks, findsAlternatives: Bool) {
        self.ladders = ladders
        self.checks = checks
        self.findsAlternatives = findsAlternatives
    }

    /// An instruction that can be told at once: nothing waits, and it reads no masked register.
    @inline(__always)
    mutating func passesThrough(_ event: InstructionEvent) -> Bool {
        guard waiting == nil, !Self.readsControlRegister(event) else { return false }
        current = event
        lastSubject = nil
        details = []
        return true
    }

    private static func readsControlRegister(_ event: InstructionEvent) -> Bool {
        let operation = event.instruction.operation
        return event.nonRoot && (operation == .movFromControl || operation == .smsw)
    }

    /// Tells what waits for an event that will not come, as the run stands still.
    mutating func settle(_ tell: (NarratedEvent) -> Void) {
        guard let instruction = waiting else { return }
        waiting = nil
        tell(.instruction(instruction, reads: nil))
    }

    /// Tells what an event completes: nothing, or one or two things.
    public mutating func take(_ event: RunEvent, _ tell: (NarratedEvent) -> Void) {
        if let instruction = waiting {
            waiting = nil
            if case .machine(.controlRegisterRead(let access)) = event {
                return tell(.instruction(instruction, reads: access))
            }
            tell(.instruction(instruction, reads: nil))
        }
        switch event {
        case .machine(let event): take(event, tell)
        case .action(let action): tell(.action(action))
        case .firmware(let call): tell(.firmware(call))
        case .output(let output): tell(.output(output))
        case .end(let end): tell(.end(end))
        }
    }

    private mutating func take(_ event: Event, _ tell: (NarratedEvent) -> Void) {
        switch event {
        case .instruction(let instruction):
            current = instruction
            lastSubject = nil
            details = []
            if Self.readsControlRegister(instruction) {
                waiting = instruction
            } else {
                tell(.instruction(instruction, reads: nil))
            }
        case .decision(let subject): decide(subject, tell)
        case .controlRegisterRead: break
        case .entry(let entry):
            current = nil
            entryRIP = entry.rip
            lastSubject = nil
            tell(.entry(entry))
        case .exit(let exit):
            var explanation = explain(exit)
            explanation.details = details
            details = []
            tell(.exit(exit, explanation))
        case .entryCheckFailed(let failure): self.failure = failure
        case .vmFailure(let failure, let operation):
            tell(.vmFailure(failure, operation, explain(failure)))
        case .root(let operation): tell(.root(operation))
        case .vmxAbort(let reason):
            tell(.vmxAbort(reason, failing))
            failing = nil
        case .exception(let vector, let errorCode, let detail):
            tell(.exception(vector: vector, errorCode: errorCode, detail: detail))
        case .interrupt(let vector, let isExternal):
            tell(.interrupt(vector: vector, isExternal: isExternal))
        case .port(let transfer): tell(.port(transfer))
        }
    }

    private mutating func decide(_ subject: DecidedSubject, _ tell: (NarratedEvent) -> Void) {
        guard subject != lastSubject else { return }
        let decision = ladders.explain(subject, withAlternatives: findsAlternatives)
        let explanation = Explanation(
            decision, subject: subject, instruction: current, rip: entryRIP)
        switch decision.verdict {
        case .exit:
            // What an APIC-write exit is due to was decided by the write, not behind it.
            if case .boundary = subject, exiting?.isAPICWrite == true,
                decision.verdict == .exit(.apicWrite)
            {
                return
            }
            exiting = explanation
        case .fail, .abort: failing = explanation
        case .proceed, .fault, .ignored, .virtualized, .interrupt:
            lastSubject = subject
            if subject.isDetail { details.append(explanation) }
            tell(subject.isDetail ? .detail(explanation) : .noExit(explanation))
        }
    }

    /// A read of CR0 or CR4, which never exits: where its bits come from.
    func explain(_ instruction: InstructionEvent, reads access: ControlRegisterAccess)
        -> Explanation
    {
        let subject = DecidedSubject.controlRegister(access)
        let decision = ladders.explain(subject, withAlternatives: false)
        return Explanation(decision, subject: subject, instruction: instruction)
    }

    /// The decision that led to an exit: a ladder's, an entry check, or the exit's own rule.
    private mutating func explain(_ exit: ExitEvent) -> Explanation {
        defer {
            exiting = nil
            failure = nil
        }
        if let failure, exit.isEntryFailure, let reason = exit.reason {
            return explain(failure, .exit(reason))
        }
        if let exiting, let reason = exit.reason, exiting.decision.verdict == .exit(reason) {
            return exiting
        }
        let isOfGuest = !exit.isEntryFailure
        return Explanation(
            ExitRules.decision(for: exit), instruction: isOfGuest ? current : nil)
    }

    /// The decision that led to a VMfail: an entry check, or a ladder's.
    private mutating func explain(_ failed: VMFailure) -> Explanation {
        defer {
            failure = nil
            failing = nil
        }
        if let failure { return explain(failure, .fail(failed)) }
        let question = "Does this VMX instruction succeed?"
        return failing
            ?? Explanation(Decision(question: question, verdict: .fail(failed), steps: []))
    }

    private func explain(_ failure: EntryCheckFailure, _ verdict: Verdict) -> Explanation {
        guard let check = checks.all.first(where: { $0.id == failure.id }) else {
            let step = Decision.Step(
                rule: failure.id, text: failure.id, inputs: [], decides: true,
                citation: .basicVMEntryChecks)
            return Explanation(
                Decision(question: Self.entryQuestion, verdict: verdict, steps: [step]),
                failure: failure)
        }
        let inputs = zip(check.fields, failure.values).map { field, value in
            Decision.Value(
                name: field.name, title: field.title, width: max(field.width.bits, 16),
                value: value)
        }
        let step = Decision.Step(
            rule: check.id, text: check.text, inputs: inputs, decides: true,
            citation: check.citation)
        return Explanation(
            Decision(question: Self.entryQuestion, verdict: verdict, steps: [step]),
            failure: failure)
    }

    static let entryQuestion = "Does this VM entry succeed?"
}

extension Explanation {
    fileprivate var isAPICWrite: Bool { if case .apicWrite = subject { true } else { false } }
}
