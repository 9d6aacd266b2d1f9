/// Bits of DR7. The conditions and lengths of the breakpoints, bits 31:16, are no single bits.
///
/// Source: SDM 3B, "Debug Registers". The bits of DR6 are ``DebugExceptionBit``.
public enum DR7Bit: UInt8, NamedBit {
    case l0 = 0
    case g0 = 1
    case l1 = 2
    case g1 = 3
    case l2 = 4
    case g2 = 5
    case l3 = 6
    case g3 = 7
    case le = 8
    case ge = 9
    case rtm = 11
    case gd = 13

    public var name: String { "\(self)".uppercased() }

    public var title: String {
        switch self {
        case .l0, .l1, .l2, .l3: "local enable of breakpoint \(rawValue / 2)"
        case .g0, .g1, .g2, .g3: "global enable of breakpoint \(rawValue / 2)"
        case .le: "local exact breakpoints, without effect today"
        case .ge: "global exact breakpoints, without effect today"
        case .rtm: "debugging of RTM regions"
        case .gd: "general detect: accesses to debug registers raise #DB"
        }
    }

    /// Bit 10, which is always 1.
    public static let fixed1: UInt64 = 0x400

    /// What breaks at breakpoint `number`, 0 to 3, in a value of DR7.
    @inlinable public static func condition(
        ofBreakpoint number: Int, in value: UInt64
    ) -> BreakpointCondition {
        switch (value &>> UInt64(16 + (number & 3) * 4)) & 3 {
        case 0: .execution
        case 1: .dataWrite
        case 2: .ioAccess
        default: .dataAccess
        }
    }

    /// How many bytes breakpoint `number`, 0 to 3, covers in a value of DR7: 1, 2, 4 or 8.
    @inlinable public static func length(ofBreakpoint number: Int, in value: UInt64) -> UInt64 {
        switch (value &>> UInt64(18 + (number & 3) * 4)) & 3 {
        case 0: 1
        case 1: 2
        case 2: 8
        default: 4
        }
    }
}

/// What a breakpoint breaks on, in the order of the R/W bits of DR7. I/O accesses need CR4.DE.
public enum BreakpointCondition: UInt8, CaseIterable, Sendable {
    case execution, dataWrite, ioAccess, dataAccess

    public var title: String {
        switch self {
        case .execution: "instruction execution"
        case .dataWrite: "data writes"
        case .ioAccess: "I/O reads and writes"
        case .dataAccess: "data reads and writes"
        }
    }
}

/// Bits of IA32_DEBUGCTL.
///
/// Source: SDM 3B, "IA32_DEBUGCTL MSR".
public enum DebugControlBit: UInt8, NamedBit {
    case lbr = 0
    case btf = 1
    case busLockDetect = 2
    case tr = 6
    case bts = 7
    case btint = 8
    case btsOffOS = 9
    case btsOffUser = 10
    case freezeLBRs = 11
    case freezePerfmon = 12
    case freezeWhileSMM = 14
    case rtmDebug = 15

    public var name: String {
        switch self {
        case .busLockDetect: "BLD"
        case .btsOffOS: "BTS_OFF_OS"
        case .btsOffUser: "BTS_OFF_USR"
        case .freezeLBRs: "FREEZE_LBRS_ON_PMI"
        case .freezePerfmon: "FREEZE_PERFMON_ON_PMI"
        case .freezeWhileSMM: "FREEZE_WHILE_SMM"
        case .rtmDebug: "RTM_DEBUG"
        default: "\(self)".uppercased()
        }
    }

    /// The feature without which the bit is reserved; nil where every processor has it.
    public var feature: CPUFeature? {
        switch self {
        case .busLockDetect: .busLockDetect
        case .rtmDebug: .rtm
        case .bts, .btint, .btsOffOS, .btsOffUser: .ds
        case .freezePerfmon: .pdcm
        default: nil
        }
    }

    public var title: String {
        switch self {
        case .lbr: "last branches are recorded"
        case .btf: "RFLAGS.TF single-steps on branches"
        case .busLockDetect: "bus locks raise #DB"
        case .tr: "branch trace messages are sent"
        case .bts: "branch trace messages go to a buffer"
        case .btint: "an interrupt comes when the buffer is full"
        case .btsOffOS: "no branch trace at CPL 0"
        case .btsOffUser: "no branch trace above CPL 0"
        case .freezeLBRs: "recording of branches stops at a counter's interrupt"
        case .freezePerfmon: "counters stop at a counter's interrupt"
        case .freezeWhileSMM: "counters stop in system-management mode"
        case .rtmDebug: "debugging of RTM regions"
        }
    }
}
