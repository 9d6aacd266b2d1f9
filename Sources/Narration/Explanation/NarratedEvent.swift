import Architecture
import Hypervisor
import InstructionSet
import Machine

/// What narration tells, one thing at a time: a run's events with each decision joined to what it
/// led to. Text and JSON both come from these, so that they tell the same.
public enum NarratedEvent: Sendable {
    /// An instruction, with the register that it reads where a mask and a shadow mix the value.
    case instruction(InstructionEvent, reads: ControlRegisterAccess?)
    /// What could have exited and did not: an instruction, or an exception of it.
    case noExit(Explanation)
    /// A decision within something else, as whether an exit saves RF: nothing exits by it.
    case detail(Explanation)
    case exit(ExitEvent, Explanation)
    case entry(EntryEvent)
    case vmFailure(VMFailure, Operation, Explanation)
    case root(RootOperation)
    case vmxAbort(VMXAbort, Explanation?)
    case action(HypervisorAction)
    case firmware(FirmwareCall)
    case exception(vector: UInt8, errorCode: UInt32?, detail: UInt64?)
    case interrupt(vector: UInt8, isExternal: Bool)
    case port(PortTransfer)
    case output(PortBus.Output)
    case end(EndOfRun)
}

extension NarratedEvent {
    /// The decision that it tells, if it is one.
    var explanation: Explanation? {
        switch self {
        case .noExit(let explanation), .detail(let explanation), .exit(_, let explanation),
            .vmFailure(_, _, let explanation):
            explanation
        case .vmxAbort(_, let explanation): explanation
        default: nil
        }
    }
}

extension DecidedSubject {
    /// Whether the decision is one of root software's own VMX instructions: nothing could have
    /// exited.
    var isOfRoot: Bool {
        switch self {
        case .vmxon, .vmx: true
        case .instruction(let exit): exit.nonRoot == 0
        default: false
        }
    }

    /// Whether it is decided within something else, which goes on whatever the outcome is.
    var isDetail: Bool {
        switch self {
        case .nmiUnblocking, .nmiUnblockingRecord, .savedResumeFlag, .savedPendingDebug: true
        default: false
        }
    }
}

/// A decision with where it was taken and what it was about.
public struct Explanation: Sendable {
    public let decision: Decision
    /// The facts, where a ladder decided.
    public let subject: DecidedSubject?
    /// The entry check that failed, where one did.
    public let failure: EntryCheckFailure?
    /// The guest's instruction at which it happened; nil during a delivery right after an entry.
    public let instruction: InstructionEvent?
    /// Where the guest was: its instruction, or its entry point during a delivery.
    public let rip: UInt64
    /// Of an exit: what was decided within it.
    public var details: [Explanation] = []

    public init(
        _ decision: Decision, subject: DecidedSubject? = nil, failure: EntryCheckFailure? = nil,
        instruction: InstructionEvent? = nil, rip: UInt64 = 0
    ) {
        self.rip = instruction?.rip ?? rip
        self.decision = decision
        self.subject = subject
        self.failure = failure
        self.instruction = instruction
    }
}
