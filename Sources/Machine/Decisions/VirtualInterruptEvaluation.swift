import Architecture

/// A look at the virtual interrupt that is requested, with all that decides whether it is pending
/// from now on.
public struct VirtualInterruptEvaluation: DecisionSubject, Equatable {
    public var primary: UInt64
    /// RVI, the vector.
    public var requested: UInt64
    /// VPPR.
    public var processorPriority: UInt64

    public init(requested: UInt8, processorPriority: UInt8, primary: UInt64) {
        self.requested = UInt64(requested)
        self.processorPriority = UInt64(processorPriority)
        self.primary = primary
    }

    public var question: String { "Is a virtual interrupt recognized?" }
    public static var proceeding: String { "not yet" }
}

typealias EvaluationInput = Input<VirtualInterruptEvaluation>
typealias EvaluationRule = Rule<VirtualInterruptEvaluation>

extension Input where Subject == VirtualInterruptEvaluation {
    static let primary = EvaluationInput(
        "primary-controls", "primary processor-based controls", width: 32,
        .field(.primaryProcControls), \.primary)
    static let requested = EvaluationInput(
        "rvi", "requested vector (RVI)", width: 8, .field(.guestInterruptStatus), \.requested)
    static let processorPriority = EvaluationInput(
        "vppr", "virtual processor priority (VPPR)", width: 8, .field(.virtualAPICAddress),
        \.processorPriority)
}

/// The ladder for virtual interrupts that are requested. SDM 3C, 30.2.1 "Evaluation of Pending
/// Virtual Interrupts".
public struct VirtualInterruptLadders: Sendable {
    public var evaluation = Ladder<VirtualInterruptEvaluation>([
        EvaluationRule(
            "virtual-interrupt.window", "interrupt-window exiting is 1: none is recognized",
            [.primary], .evaluationOfPendingVirtualInterrupts,
            bits: { _ in PrimaryControl.interruptWindowExiting.mask }
        ) { $0.primary.has(PrimaryControl.interruptWindowExiting) ? .proceed : nil },
        EvaluationRule(
            "virtual-interrupt.priority",
            "the class of the requested vector is not above that of the processor priority",
            [.requested, .processorPriority], .evaluationOfPendingVirtualInterrupts
        ) { $0.requested >> 4 > $0.processorPriority >> 4 ? nil : .proceed },
        EvaluationRule(
            "virtual-interrupt.recognized",
            "the class of the requested vector is above that of the processor priority",
            [.requested, .processorPriority], .evaluationOfPendingVirtualInterrupts
        ) { _ in .virtualized },
    ])

    public init() {}
}
