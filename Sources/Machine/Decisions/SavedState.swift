import Architecture

/// RF in the RFLAGS that an exit saves, where RF is set, with all that decides whether it is saved.
public struct SavedResumeFlag: DecisionSubject, Equatable {
    /// 1 where the exit comes during the delivery of an event.
    public var delivering: UInt64 = 0
    public var isTaskSwitch: UInt64 = 0
    /// 1 where an exception exits.
    public var isException: UInt64 = 0
    /// 1 where an instruction exits.
    public var isInstruction: UInt64 = 0

    public init() {}

    public var question: String { "Does the exit save RF as it is?" }
    public static var proceeding: String { "saved" }
    public static var ignoring: String { "saved as 0" }
}

/// Pending debug exceptions at an exit, where there are some, with all that decides whether they
/// are saved.
public struct SavedPendingDebug: DecisionSubject, Equatable {
    /// Number of the basic exit reason.
    public var reason: UInt64 = 0
    /// 1 where a debug exception exits.
    public var isDebugException: UInt64 = 0
    /// Interruptibility state.
    public var blocking: UInt64 = 0

    public init() {}

    public var question: String { "Does the exit save the pending debug exceptions?" }
    public static var proceeding: String { "saved" }
    public static var ignoring: String { "saved as 0" }

    /// Exits that come before the boundary's debug exceptions, by their priority.
    static let earlier: [ExitReason] = [
        .initSignal, .tprBelowThreshold, .virtualizedEOI, .apicWrite, .monitorTrapFlag,
    ]
}

extension Input where Subject == SavedResumeFlag {
    static let delivering = Input(
        "delivering", "an event is being delivered through the IDT", width: 1, .processor,
        \.delivering)
    static let isTaskSwitch = Input(
        "task-switch", "a task switch exits", width: 1, .processor, \.isTaskSwitch)
    static let isException = Input(
        "exception", "an exception exits", width: 1, .processor, \.isException)
    static let isInstruction = Input(
        "instruction", "an instruction exits", width: 1, .processor, \.isInstruction)
}

extension Input where Subject == SavedPendingDebug {
    static let reason = Input(
        "exit-reason", "basic exit reason", width: 16, .processor, \.reason, free: { _ in 0 })
    static let isDebugException = Input(
        "debug-exception", "a debug exception exits", width: 1, .processor, \.isDebugException)
    static let blocking = Input(
        "blocking", "interruptibility state", width: 5, .processor, \.blocking,
        free: { _ in InterruptibilityBit.blockingByMOVSS.mask })
}

/// The ladders for what of the guest's state an exit saves changed. SDM 3C, 28.3 "Saving Guest
/// State".
public struct SavedStateLadders: Sendable {
    /// The same for an exception that exits by itself is as the recorded implementation does it:
    /// 28.3.3 reads as if RF were set for a fault.
    public var resumeFlag = Ladder<SavedResumeFlag>([
        Rule(
            "saved-rf.delivery", "the exit comes during the delivery of an event", [.delivering],
            .savingRIPRSPRFLAGSAndSSP
        ) { $0.delivering == 1 ? .proceed : nil },
        Rule(
            "saved-rf.task-switch", "a task switch exits", [.isTaskSwitch],
            .savingRIPRSPRFLAGSAndSSP
        ) { $0.isTaskSwitch == 1 ? .proceed : nil },
        Rule(
            "saved-rf.exception", "an exception exits by itself", [.isException],
            .savingRIPRSPRFLAGSAndSSP
        ) { $0.isException == 1 ? .ignored : nil },
        Rule(
            "saved-rf.instruction", "an instruction exits by itself", [.isInstruction],
            .savingRIPRSPRFLAGSAndSSP
        ) { $0.isInstruction == 1 ? .ignored : nil },
        Rule(
            "saved-rf.other", "an event exits between two instructions", [],
            .savingRIPRSPRFLAGSAndSSP
        ) { _ in .proceed },
    ])

    public var pendingDebug = Ladder<SavedPendingDebug>([
        Rule(
            "saved-debug.earlier", "the exit comes before the debug exceptions could be delivered",
            [.reason], .savingNonRegisterState
        ) { subject in
            let isEarlier = SavedPendingDebug.earlier.contains {
                UInt64($0.rawValue) == subject.reason
            }
            return isEarlier ? .proceed : nil
        },
        Rule(
            "saved-debug.debug", "a debug exception exits: they are in its qualification",
            [.isDebugException], .savingNonRegisterState
        ) { $0.isDebugException == 1 ? .ignored : nil },
        Rule(
            "saved-debug.mov-ss", "MOV SS blocks them", [.blocking], .savingNonRegisterState,
            bits: { _ in InterruptibilityBit.blockingByMOVSS.mask }
        ) { $0.blocking.has(InterruptibilityBit.blockingByMOVSS) ? .proceed : nil },
        Rule(
            "saved-debug.dropped", "MOV SS does not block them: the exit drops them",
            [.blocking], .savingNonRegisterState,
            bits: { _ in InterruptibilityBit.blockingByMOVSS.mask }
        ) { _ in .ignored },
    ])

    public init() {}
}
