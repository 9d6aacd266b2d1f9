/// How an instruction can end in VMX non-root operation, apart from its faults.
public enum ExitFact: Sendable, Equatable {
    /// SDM 3C, "Instructions That Cause VM Exits Unconditionally".
    case always
    /// SDM 3C, "Instructions That Cause VM Exits Conditionally": VM-execution controls decide.
    case conditionally
}

extension Operation {
    /// Whether the instruction can cause a VM exit by being executed, or nil where it never does.
    public var mayExit: ExitFact? {
        switch self {
        case .cpuid, .getsec, .invd, .xsetbv, .invept, .invvpid, .vmcall, .vmclear, .vmlaunch,
            .vmptrld, .vmptrst, .vmresume, .vmxoff, .vmxon:
            .always
        case .clts, .hlt, .in, .out, .ins, .outs, .invlpg, .invpcid, .lgdt, .lidt, .lldt, .ltr,
            .sgdt, .sidt, .sldt, .str, .lmsw, .monitor, .mwait, .umwait, .tpause, .movFromControl,
            .movToControl, .movFromDebug, .movToDebug, .pause, .rdmsr, .wrmsr, .rdpmc, .rdrand,
            .rdseed, .rdtsc, .rdtscp, .rsm, .vmread, .vmwrite, .vmfunc, .wbinvd,
            .xsaves, .xrstors:
            .conditionally
        default: nil
        }
    }

    /// Whether a LOCK prefix is allowed when the destination is memory. SDM 2, "LOCK—Assert LOCK#
    /// Signal Prefix".
    public var isLockable: Bool {
        switch self {
        case .add, .adc, .and, .btc, .btr, .bts, .cmpxchg, .cmpxchg8b, .cmpxchg16b, .dec, .inc,
            .neg, .not, .or, .sbb, .sub, .xor, .xadd, .xchg:
            true
        default: false
        }
    }

    /// Whether an immediate narrower than the operation is sign-extended to it. The others use the
    /// byte as a count, a number or a port.
    var signExtendsImmediate: Bool {
        switch self {
        case .add, .or, .adc, .sbb, .and, .sub, .xor, .cmp, .test, .imulTruncating, .push, .mov:
            true
        default: false
        }
    }

    /// Whether REP, REPE or REPNE repeat the instruction.
    public var isString: Bool {
        switch self {
        case .movs, .cmps, .stos, .lods, .scas, .ins, .outs: true
        default: false
        }
    }
}
