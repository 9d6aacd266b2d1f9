import Architecture
import InstructionSet

/// The ladders for instructions that exit always or by one control; nil: it never exits.
public struct InstructionLadders: Sendable {
    /// By the operation's number: the exit path looks nothing up by hash.
    private var ladders: [Ladder<InstructionExit>?] = Self.table {
        didSet { last = nil }
    }
    /// The last decision that followed from the situation alone: a guest often executes the same
    /// instruction in the same state again, and a subject is many times as large.
    private var last: (situation: InstructionSituation, verdict: Verdict)?

    public init() {}

    public subscript(_ operation: Operation) -> Ladder<InstructionExit>? {
        get { ladders[Int(operation.rawValue)] }
        set { ladders[Int(operation.rawValue)] = newValue }
    }

    /// What the instruction's ladder says; nil where it has none.
    func evaluate(_ subject: InstructionExit) -> Verdict? {
        ladders[Int(subject.operation.rawValue)]?.evaluate(subject)
    }

    /// What was decided last, if that was here.
    @inline(__always)
    func remembered(_ situation: InstructionSituation) -> Verdict? {
        if let last, last.situation == situation { last.verdict } else { nil }
    }

    /// Keeps a verdict, unless the instruction's ladder asks for more than the situation.
    mutating func remember(_ verdict: Verdict, _ situation: InstructionSituation) {
        if !situation.operation.hasOwnFacts { last = (situation, verdict) }
    }

    /// The instructions that have a ladder, in the order of their cases.
    public var operations: [Operation] { Operation.allCases.filter { self[$0] != nil } }

    typealias Row = (operation: Operation, ladder: Ladder<InstructionExit>)

    private static let table: [Ladder<InstructionExit>?] = {
        var table = [Ladder<InstructionExit>?](repeating: nil, count: Operation.allCases.count)
        for row in unconditional + privileged + anyLevel + tables + virtualization {
            table[Int(row.operation.rawValue)] = row.ladder
        }
        return table
    }()

    /// SDM 3C, 26.1.2 "Instructions That Cause VM Exits Unconditionally".
    private static let unconditional: [Row] = [
        (.cpuid, Ladder([.outside, .always(.cpuid)])),
        (.getsec, Ladder([.saferMode, .outside, .always(.getsec)])),
        (.invd, Ladder([.privilege, .outside, .always(.invd)])),
        (.xsetbv, Ladder([.extendedState, .privilege, .outside, .always(.xsetbv)])),
        (.vmcall, Ladder([.outside, .always(.vmcall)])),
        (.vmclear, vmx(.vmclear)),
        (.vmlaunch, vmx(.vmlaunch)),
        (.vmptrld, vmx(.vmptrld)),
        (.vmptrst, vmx(.vmptrst)),
        (.vmresume, vmx(.vmresume)),
        (.vmxoff, vmx(.vmxoff)),
        (.vmxon, vmx(.vmxon)),
        (.invept, vmx(.invept)),
        (.invvpid, vmx(.invvpid)),
    ]

    /// The exit comes before the privilege is asked: no #GP above ring 0.
    /// SDM 3C, 31.3 "VMX Instructions", the operation section of each.
    private static func vmx(_ reason: ExitReason) -> Ladder<InstructionExit> {
        Ladder([.vmxMode, .outside, .always(reason)])
    }

    private static let privileged: [Row] = [
        (.hlt, privileged(.hltExiting, .hlt)),
        (.invlpg, privileged(.invlpgExiting, .invlpg)),
        (
            .invpcid,
            Ladder([
                .disabled(without: .enableINVPCID), .privilege, .outside,
                .exiting(.invlpgExiting, .invpcid), .notExiting(.invlpgExiting),
            ])
        ),
        (.wbinvd, privileged(.wbinvdExiting, .wbinvd)),
        (
            .monitor,
            Ladder([
                .userOpcode, .outside, .exiting(.monitorExiting, .monitor),
                .notExiting(.monitorExiting),
            ])
        ),
        (
            .mwait,
            Ladder([
                .userOpcode, .outside, .exiting(.mwaitExiting, .mwait), .notExiting(.mwaitExiting),
            ])
        ),
        (.xsaves, extendedState(.xsaves)),
        (.xrstors, extendedState(.xrstors)),
    ]

    private static func privileged(
        _ control: PrimaryControl, _ reason: ExitReason
    ) -> Ladder<InstructionExit> {
        Ladder([.privilege, .outside, .exiting(control, reason), .notExiting(control)])
    }

    private static func privileged(
        _ control: SecondaryControl, _ reason: ExitReason
    ) -> Ladder<InstructionExit> {
        Ladder([.privilege, .outside, .exiting(control, reason), .notExiting(control)])
    }

    private static func extendedState(_ reason: ExitReason) -> Ladder<InstructionExit> {
        Ladder([
            .disabled(without: .enableXSAVES), .extendedState, .privilege, .outside,
            .watchedState(reason), .unwatchedState,
        ])
    }

    /// Instructions that may be executed at any privilege level, or whose exit comes before that
    /// is asked: MOV DR. SDM 3C, 26.1.3, "MOV DR".
    private static let anyLevel: [Row] = [
        (
            .rdtsc,
            Ladder([
                .timeStampDisable, .outside, .exiting(.rdtscExiting, .rdtsc),
                .notExiting(.rdtscExiting),
            ])
        ),
        (
            .rdtscp,
            Ladder([
                .disabled(without: .enableRDTSCP), .timeStampDisable, .outside,
                .exiting(.rdtscExiting, .rdtscp), .notExiting(.rdtscExiting),
            ])
        ),
        (.rdpid, neverExits(.enableRDTSCP)),
        (.umonitor, neverExits(.enableUserWaitAndPause)),
        (.umwait, userWait(.umwait)),
        (.tpause, userWait(.tpause)),
        (
            .rdpmc,
            Ladder([
                .counterEnable, .outside, .exiting(.rdpmcExiting, .rdpmc),
                .notExiting(.rdpmcExiting),
            ])
        ),
        (.rdrand, anyLevel(.rdrandExiting, .rdrand)),
        (.rdseed, anyLevel(.rdseedExiting, .rdseed)),
        (
            .pause,
            Ladder([
                .outside, .exiting(.pauseExiting, .pause), .pauseLoopClear, .pauseAboveRing0,
                .pauseStartsLoop, .pauseLoopTooLong, .pauseLoopShort,
            ])
        ),
        (.movToDebug, debugRegister),
        (.movFromDebug, debugRegister),
    ]

    private static func anyLevel(
        _ control: SecondaryControl, _ reason: ExitReason
    ) -> Ladder<InstructionExit> {
        Ladder([.outside, .exiting(control, reason), .notExiting(control)])
    }

    /// An instruction that a control gives to the guest, and that no control has exit.
    private static func neverExits(_ control: SecondaryControl) -> Ladder<InstructionExit> {
        Ladder([.disabled(without: control), .outside, .enabled(by: control)])
    }

    private static func userWait(_ reason: ExitReason) -> Ladder<InstructionExit> {
        Ladder([
            .disabled(without: .enableUserWaitAndPause), .timeStampDisable, .outside,
            .exiting(.rdtscExiting, reason), .notExiting(.rdtscExiting),
        ])
    }

    private static let debugRegister = Ladder([
        InstructionRule.outside, .exiting(.movDRExiting, .drAccess), .notExiting(.movDRExiting),
    ])

    /// Descriptor-table exiting.
    private static let tables: [Row] = [
        (.lgdt, privileged(.descriptorTableExiting, .gdtrIDTRAccess)),
        (.lidt, privileged(.descriptorTableExiting, .gdtrIDTRAccess)),
        (.sgdt, stores([], .gdtrIDTRAccess)),
        (.sidt, stores([], .gdtrIDTRAccess)),
        (.lldt, loads),
        (.ltr, loads),
        (.sldt, stores([.protectedMode], .ldtrTRAccess)),
        (.str, stores([.protectedMode], .ldtrTRAccess)),
    ]

    private static let loads = Ladder([
        InstructionRule.protectedMode, .privilege, .outside,
        .exiting(.descriptorTableExiting, .ldtrTRAccess), .notExiting(.descriptorTableExiting),
    ])

    private static func stores(
        _ first: [InstructionRule], _ reason: ExitReason
    ) -> Ladder<InstructionExit> {
        Ladder(
            first + [
                .userModeInstructionPrevention, .outside,
                .exiting(.descriptorTableExiting, reason), .notExiting(.descriptorTableExiting),
            ])
    }

    private static let virtualization: [Row] = [
        (.vmread, shadowed(.vmread, .vmreadBit)),
        (.vmwrite, shadowed(.vmwrite, .vmwriteBit)),
        (
            .vmfunc,
            Ladder([
                .functionOutside, .disabled(without: .enableVMFunctions), .functionNumber,
                .functionDisabled, .eptpIndexBeyond, .eptpInvalid, .eptpSwitched,
            ])
        ),
    ]

    private static func shadowed(
        _ reason: ExitReason, _ bit: InstructionInput
    ) -> Ladder<InstructionExit> {
        Ladder([
            .vmxMode, .outside, .notShadowing(reason), .beyondBitmap(reason),
            .inBitmap(reason, bit), .notInBitmap(reason, bit),
        ])
    }
}
