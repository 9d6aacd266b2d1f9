import Architecture

/// An IRET, with all that decides whether it ends blocking by NMI.
public struct NMIUnblocking: DecisionSubject, Equatable {
    /// Pin-based controls; 0 outside non-root operation.
    public var pin: UInt64 = 0
    /// Interruptibility state.
    public var blocking: UInt64 = 0

    public init() {}

    public var question: String { "Does this IRET end blocking by NMI?" }
    public static var proceeding: String { "blocking ends" }
    public static var ignoring: String { "no change" }
}

/// Bit 12 of what an exit records, "NMI unblocking due to IRET", with all that decides it.
public struct NMIUnblockingRecord: DecisionSubject, Equatable {
    /// 1 where the exit is due to an IRET that has ended blocking by NMI.
    public var isByIRET: UInt64 = 0
    /// 1 where the exit comes during the delivery of an event.
    public var delivering: UInt64 = 0

    public init() {}

    public var question: String { "Does the exit record NMI unblocking due to IRET?" }
    public static var proceeding: String { "bit 12 is 1" }
    public static var ignoring: String { "bit 12 is 0" }
}

extension Input where Subject == NMIUnblocking {
    static let pin = Input(
        "pin-controls", "pin-based controls", width: 32, .field(.pinControls), \.pin)
    static let blocking = Input(
        "blocking", "interruptibility state", width: 5, .processor, \.blocking,
        free: { _ in InterruptibilityBit.blockingByNMI.mask })
}

extension Input where Subject == NMIUnblockingRecord {
    static let isByIRET = Input(
        "by-iret", "an IRET that exits has ended blocking", width: 1, .processor, \.isByIRET)
    static let delivering = Input(
        "delivering", "an event is being delivered through the IDT", width: 1, .processor,
        \.delivering)
}

/// The ladders for IRET and NMIs.
public struct NMIUnblockingLadders: Sendable {
    /// SDM 3C, 26.3 "Changes to Instruction Behavior in VMX Non-Root Operation", IRET.
    public var iret = Ladder<NMIUnblocking>([
        Rule(
            "iret.not-blocked", "NMIs are not blocked", [.blocking], .changesToInstructionBehavior,
            bits: { _ in InterruptibilityBit.blockingByNMI.mask }
        ) { $0.blocking.has(InterruptibilityBit.blockingByNMI) ? nil : .ignored },
        Rule(
            "iret.nmis-exit", "NMI exiting is 1 and virtual NMIs is 0: IRET leaves NMIs alone",
            [.pin], .changesToInstructionBehavior,
            bits: { _ in PinControl.nmiExiting.mask | PinControl.virtualNMIs.mask }
        ) { subject in
            subject.pin.has(PinControl.nmiExiting) && !subject.pin.has(PinControl.virtualNMIs)
                ? .ignored : nil
        },
        Rule(
            "iret.virtual", "virtual NMIs is 1: it is virtual NMIs that are unblocked", [.pin],
            .changesToInstructionBehavior, bits: { _ in PinControl.virtualNMIs.mask }
        ) { $0.pin.has(PinControl.virtualNMIs) ? .proceed : nil },
        Rule(
            "iret.unblocks", "NMI exiting is 0: IRET unblocks NMIs as outside VMX operation",
            [.pin], .changesToInstructionBehavior, bits: { _ in PinControl.nmiExiting.mask }
        ) { _ in .proceed },
    ])

    /// SDM 3C, 28.2.3 "Information About NMI Unblocking Due to IRET".
    public var record = Ladder<NMIUnblockingRecord>([
        Rule(
            "nmi-unblocking.delivery",
            "the exit comes during the delivery of an event: bit 12 is undefined, here 0",
            [.delivering], .informationAboutNMIUnblocking
        ) { $0.delivering == 1 ? .ignored : nil },
        Rule(
            "nmi-unblocking.iret", "an IRET that has ended blocking by NMI exits: bit 12 is 1",
            [.isByIRET], .informationAboutNMIUnblocking
        ) { $0.isByIRET == 1 ? .proceed : nil },
        Rule(
            "nmi-unblocking.other", "no IRET has ended blocking by NMI: bit 12 is 0", [],
            .informationAboutNMIUnblocking
        ) { _ in .ignored },
    ])

    public init() {}
}
