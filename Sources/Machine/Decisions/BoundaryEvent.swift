import Architecture

/// What waits at a boundary between two instructions in non-root operation, with all that decides
/// what comes first.
public struct BoundaryEvent: DecisionSubject, Equatable {
    public var pin: UInt64 = 0
    public var primary: UInt64 = 0
    /// Guest activity state.
    public var activity: UInt64 = 0
    /// Blocking: ``InterruptibilityBit``.
    public var blocking: UInt64 = 0
    /// RFLAGS.IF.
    public var interruptFlag: UInt64 = 0
    /// 1 behind the instruction or delivery after which the monitor trap flag exits, or where VM
    /// entry injected such an exit.
    public var trapFlagPending: UInt64 = 0
    /// Pending debug exceptions.
    public var pendingDebug: UInt64 = 0
    /// 1 where the VMX-preemption timer is active and has counted down to 0.
    public var timerExpired: UInt64 = 0

    public init() {}

    public var question: String { "Does the guest exit before the next instruction?" }

    func isBlocked(by bit: InterruptibilityBit) -> Bool { blocking.has(bit) }

    /// The guest executes instructions, or would after an interrupt.
    var isActiveOrHalted: Bool { activity <= UInt64(ActivityState.hlt.rawValue) }
}

typealias BoundaryInput = Input<BoundaryEvent>
typealias BoundaryRule = Rule<BoundaryEvent>

extension Input where Subject == BoundaryEvent {
    static let primary = BoundaryInput(
        "primary-controls", "primary processor-based controls", width: 32,
        .field(.primaryProcControls), \.primary)
    static let activity = BoundaryInput(
        "activity", "activity state", width: 2, .processor, \.activity)
    static let blocking = BoundaryInput(
        "blocking", "interruptibility state", width: 5, .processor, \.blocking)
    static let interruptFlag = BoundaryInput("if", "RFLAGS.IF", width: 1, .guest, \.interruptFlag)
    static let trapFlagPending = BoundaryInput(
        "mtf-pending", "an exit by the monitor trap flag is pending", width: 1, .processor,
        \.trapFlagPending)
    static let pendingDebug = BoundaryInput(
        "pending-debug", "pending debug exceptions", width: 17, .processor, \.pendingDebug)
    static let timerExpired = BoundaryInput(
        "timer-expired", "the VMX-preemption timer has counted down to 0", width: 1, .processor,
        \.timerExpired)
}

/// The ladder for what waits between two instructions, in the order of priority.
/// SDM 3A, "Priority Among Concurrent Events"; SDM 3C, 26.2 "Other Causes of VM Exits", 26.5.1,
/// 26.5.2, 27.7.
public struct BoundaryLadders: Sendable {
    public var event = Ladder<BoundaryEvent>([
        BoundaryRule(
            "boundary.monitor-trap-flag", "an exit by the monitor trap flag is pending",
            [.trapFlagPending], .monitorTrapFlag
        ) { $0.trapFlagPending == 1 ? .exit(.monitorTrapFlag) : nil },
        BoundaryRule(
            "boundary.debug", "a debug exception is pending and not blocked by MOV SS",
            [.pendingDebug, .blocking, .activity], .deliveryOfPendingDebugExceptions,
            bits: \.pendingDebug
        ) { event in
            let valid = PendingDebugBit.bs.mask | PendingDebugBit.enabledBreakpoint.mask
            let isPending = event.pendingDebug & valid != 0 && event.isActiveOrHalted
            return isPending && !event.isBlocked(by: .blockingByMOVSS) ? .fault(.debug) : nil
        },
        BoundaryRule(
            "boundary.timer", "the VMX-preemption timer has counted down to 0",
            [.timerExpired, .activity], .vmxPreemptionTimer
        ) { event in
            let waits = event.activity == UInt64(ActivityState.waitForSIPI.rawValue)
            return event.timerExpired == 1 && !waits ? .exit(.preemptionTimer) : nil
        },
        BoundaryRule(
            "boundary.nmi-window",
            "NMI-window exiting is 1, and neither virtual NMIs nor events are blocked",
            [.primary, .blocking, .activity], .nmiWindowExiting,
            bits: { _ in PrimaryControl.nmiWindowExiting.mask }
        ) { event in
            let isOpen =
                !event.isBlocked(by: .blockingByNMI) && !event.isBlocked(by: .blockingByMOVSS)
            let waits = event.activity == UInt64(ActivityState.waitForSIPI.rawValue)
            return event.primary.has(PrimaryControl.nmiWindowExiting) && isOpen && !waits
                ? .exit(.nmiWindow) : nil
        },
        BoundaryRule(
            "boundary.interrupt-window",
            "interrupt-window exiting is 1, IF is 1, and interrupts are not blocked",
            [.primary, .interruptFlag, .blocking, .activity], .interruptWindowExiting,
            bits: { _ in PrimaryControl.interruptWindowExiting.mask }
        ) { event in
            let isOpen =
                event.interruptFlag == 1 && !event.isBlocked(by: .blockingBySTI)
                && !event.isBlocked(by: .blockingByMOVSS) && event.isActiveOrHalted
            return event.primary.has(PrimaryControl.interruptWindowExiting) && isOpen
                ? .exit(.interruptWindow) : nil
        },
    ])

    public init() {}
}
