import Architecture

/// What waits at a boundary between two instructions, with all that decides what comes first.
public struct BoundaryEvent: DecisionSubject, Equatable {
    /// 1 in VMX non-root operation; outside it all controls are 0.
    public var nonRoot: UInt64 = 0
    public var pin: UInt64 = 0
    public var primary: UInt64 = 0
    public var secondary: UInt64 = 0
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

    // What has arrived.
    /// 1 where an INIT signal waits.
    public var initPending: UInt64 = 0
    /// 1 where a start-up IPI has arrived.
    public var startUpPending: UInt64 = 0
    /// 1 where an NMI waits.
    public var nmiPending: UInt64 = 0
    /// 1 where an external interrupt waits, and its vector.
    public var interruptPending: UInt64 = 0
    public var interruptVector: UInt64 = 0
    /// The posted-interrupt notification vector.
    public var notificationVector: UInt64 = 0

    // What virtualizing the APIC asks for.
    /// 1 where the virtual task priority is to be compared with the threshold.
    public var checksThreshold: UInt64 = 0
    /// VTPR, and the TPR threshold.
    public var virtualTPR: UInt64 = 0
    public var tprThreshold: UInt64 = 0
    /// 1 behind the end of a virtual interrupt whose bit in the EOI-exit bitmap is 1.
    public var eoiExits: UInt64 = 0
    /// 1 behind a write to the virtual-APIC page that was not virtualized further.
    public var writeExits: UInt64 = 0
    /// 1 where a virtual interrupt was recognized.
    public var virtualPending: UInt64 = 0

    public init() {}

    public var question: String {
        nonRoot == 1
            ? "Does the guest exit before the next instruction?"
            : "Does anything come before the next instruction?"
    }

    func isBlocked(by bit: InterruptibilityBit) -> Bool { blocking.has(bit) }

    /// The guest executes instructions, or would after an interrupt.
    var isActiveOrHalted: Bool { activity <= UInt64(ActivityState.hlt.rawValue) }

    var waitsForSIPI: Bool { activity == UInt64(ActivityState.waitForSIPI.rawValue) }

    /// Neither STI nor MOV SS holds interrupts off, and the processor is in no state that does.
    var takesInterrupts: Bool {
        !isBlocked(by: .blockingBySTI) && !isBlocked(by: .blockingByMOVSS) && isActiveOrHalted
    }
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

extension Rule where Subject == BoundaryEvent {
    static let monitorTrapFlag = BoundaryRule(
        "boundary.monitor-trap-flag", "an exit by the monitor trap flag is pending",
        [.trapFlagPending], .monitorTrapFlag
    ) { $0.trapFlagPending == 1 ? .exit(.monitorTrapFlag) : nil }

    static let debugException = BoundaryRule(
        "boundary.debug", "a debug exception is pending and not blocked by MOV SS",
        [.pendingDebug, .blocking, .activity], .deliveryOfPendingDebugExceptions,
        bits: \.pendingDebug
    ) { event in
        let valid = PendingDebugBit.bs.mask | PendingDebugBit.enabledBreakpoint.mask
        let isPending = event.pendingDebug & valid != 0 && event.isActiveOrHalted
        return isPending && !event.isBlocked(by: .blockingByMOVSS) ? .fault(.debug) : nil
    }

    static let preemptionTimer = BoundaryRule(
        "boundary.timer", "the VMX-preemption timer has counted down to 0",
        [.timerExpired, .activity], .vmxPreemptionTimer
    ) { $0.timerExpired == 1 && !$0.waitsForSIPI ? .exit(.preemptionTimer) : nil }

    static let nmiWindow = BoundaryRule(
        "boundary.nmi-window",
        "NMI-window exiting is 1, and neither virtual NMIs nor events are blocked",
        [.primary, .blocking, .activity], .nmiWindowExiting,
        bits: { _ in PrimaryControl.nmiWindowExiting.mask }
    ) { event in
        let isOpen =
            !event.isBlocked(by: .blockingByNMI) && !event.isBlocked(by: .blockingByMOVSS)
        return event.primary.has(PrimaryControl.nmiWindowExiting) && isOpen
            && !event.waitsForSIPI ? .exit(.nmiWindow) : nil
    }

    static let interruptWindow = BoundaryRule(
        "boundary.interrupt-window",
        "interrupt-window exiting is 1, IF is 1, and interrupts are not blocked",
        [.primary, .interruptFlag, .blocking, .activity], .interruptWindowExiting,
        bits: { _ in PrimaryControl.interruptWindowExiting.mask }
    ) { event in
        event.primary.has(PrimaryControl.interruptWindowExiting) && event.interruptFlag == 1
            && event.takesInterrupts ? .exit(.interruptWindow) : nil
    }
}

extension Rule where Subject == BoundaryEvent {
    static let nothing = BoundaryRule(
        "boundary.nothing", "nothing waits that comes before the next instruction", [],
        .prioritizationOfConcurrentEvents
    ) { _ in .proceed }
}

/// The ladder for what waits between two instructions, in the order of priority.
/// SDM 3A, "Priority Among Concurrent Events"; SDM 3C, 26.2 "Other Causes of VM Exits", 26.5.1,
/// 26.5.2, 27.7, 30.2.2.
public struct BoundaryLadders: Sendable {
    public var event = Ladder<BoundaryEvent>([
        .tprThreshold, .virtualizedEOI, .apicWrite,
        .initSignal, .startUpIPI,
        .monitorTrapFlag, .debugException, .preemptionTimer,
        .nmiWindow, .nmiExiting, .nmi,
        .interruptWindow, .virtualInterrupt,
        .postedInterrupt, .interruptExiting, .externalInterrupt, .nothing,
    ])

    public init() {}
}
