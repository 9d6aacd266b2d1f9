import Architecture
import InstructionSet

/// Instructions that are not compared with KVM, and why. The list of KVM's own gaps may shrink, not
/// grow: a test counts it.
public struct KVMGap: Sendable {
    public let name: String
    /// Why, as a sentence without its full stop.
    public let because: String
    public let modes: Set<DifferentialMode>
    public let operations: Set<InstructionSet.Operation>

    private static let interpreted: Set<DifferentialMode> = [.real16, .protected32, .long64]

    /// What the kernel's interpreter of ring-0 code gives up at: KVM_INTERNAL_ERROR_EMULATION.
    public static let unknown: Set<InstructionSet.Operation> = [
        .aaa, .aas, .daa, .bound, .adcx, .adox, .clac, .stac, .int1, .ud0, .ud1, .lar, .lsl,
        .verr, .verw, .arpl, .callFar, .retFar, .jmpFar, .clflush, .nop, .int, .int3, .into, .iret,
        .enter, .cmpxchg16b, .andn, .bextr, .blsi, .blsmsk, .blsr, .bzhi, .mulx, .pdep, .pext,
        .rorx, .sarx, .shlx, .shrx, .popcnt, .lzcnt, .tzcnt, .crc32,
    ]

    /// What this kernel's interpreter of ring-0 code lacks or does otherwise than the manual.
    public static let kvm: [KVMGap] = [
        KVMGap(
            name: "unknown", because: "they are not known to it", modes: interpreted,
            operations: unknown),
        KVMGap(
            name: "AAM and AAD", because: "it sets the flags of these otherwise",
            modes: interpreted, operations: [.aam, .aad]),
        KVMGap(
            name: "ENTER", because: "nested levels are not known to it", modes: interpreted,
            operations: [.enter]),
        KVMGap(
            name: "MOVBE", because: "it raises #UD though CPUID announces it", modes: interpreted,
            operations: [.movbe]),
        KVMGap(
            name: "hints", because: "it takes the wrong number of bytes for 0F 19 to 0F 1E",
            modes: interpreted, operations: [.nop]),
        KVMGap(
            name: "software interrupts",
            because: "it knows them in real mode alone, and pushes 32 bits behind a 66 prefix",
            modes: interpreted, operations: [.int, .int3, .into, .iret]),
        KVMGap(
            name: "CMPXCHG", because: "where operands differ it clears a destination's upper half",
            modes: [.long64], operations: [.cmpxchg]),
        KVMGap(
            name: "selectors",
            because: "with REX.W it stores eight bytes, and REX.R counts in their number",
            modes: [.long64], operations: [.sldt, .str, .movFromSegment, .movToSegment]),
        KVMGap(
            name: "RET", because: "AMD's processors load a RIP that is not canonical, then fault",
            modes: [.user64], operations: [.ret]),
        KVMGap(
            name: "a user's interrupts",
            because: "a KVM without hardware virtualization delivers them past the gate's DPL",
            modes: [.user64], operations: [.int, .int3, .int1]),
    ]

    /// What no sequence can have compared: not the guest's alone, or kept from one to the next.
    static let notComparable: [KVMGap] = [
        KVMGap(
            name: "identity, clocks, random numbers", because: "each machine has its own",
            modes: Set(DifferentialMode.allCases),
            operations: [
                .cpuid, .rdtsc, .rdtscp, .rdpmc, .rdpid, .rdrand, .rdseed, .rdmsr, .wrmsr,
                .xgetbv, .xsetbv,
            ]),
        KVMGap(
            name: "devices and ends", because: "another comparison has ports; HLT ends a sequence",
            modes: Set(DifferentialMode.allCases),
            operations: [
                .in, .out, .ins, .outs, .hlt, .mwait, .monitor, .umonitor, .umwait, .tpause, .rsm,
                .getsec,
            ]),
        KVMGap(
            name: "state that outlasts a sequence", because: "it is not set anew for each",
            modes: Set(DifferentialMode.allCases),
            operations: [
                .movToControl, .movToDebug, .movFromDebug, .lgdt, .lidt, .lldt, .ltr, .lmsw,
                .clts, .swapgs, .wrfsbase, .wrgsbase, .rdfsbase, .rdgsbase, .syscall, .sysret,
                .sysenter, .sysexit, .invpcid,
            ]),
        KVMGap(
            name: "virtualization", because: "KVM has its own, another maker's or none",
            modes: Set(DifferentialMode.allCases),
            operations: [
                .vmcall, .vmclear, .vmlaunch, .vmresume, .vmptrld, .vmptrst, .vmread, .vmwrite,
                .vmxon, .vmxoff, .invept, .invvpid, .vmfunc,
            ]),
        KVMGap(
            name: "cache lines", because: "processors differ in which of these they have",
            modes: Set(DifferentialMode.allCases), operations: [.clflush]),
        KVMGap(
            name: "descriptors", because: "a KVM below another has its own tables there",
            modes: [.user64],
            operations: [
                .sgdt, .sidt, .sldt, .str, .smsw, .lar, .lsl, .verr, .verw, .movToSegment,
                .popSegment, .pushSegment, .movFromSegment, .lfs, .lgs, .lss, .jmpFar, .callFar,
                .retFar, .iret,
            ]),
    ]

    static func excluded(in mode: DifferentialMode) -> Set<InstructionSet.Operation> {
        (kvm + notComparable).filter { $0.modes.contains(mode) }
            .reduce(into: Set()) { $0.formUnion($1.operations) }
    }

    /// How KVM, or the processor below it, parts from the manual in what is no instruction's own.
    /// Counted like the others.
    public enum Condition: String, CaseIterable, Sendable {
        case overrides = "segment overrides that 64-bit mode ignores decide #SS or #GP to it"
        case highStackPointer = "in real mode it clears ESP's upper half on the way to a handler"
        case faultOfUser = "it interprets what a user's fault came from, and may find #UD"
        case divideFlags = "behind #DE it leaves flags changed"
        case compareFlags = "a REP CMPS or SCAS that faults leaves flags changed"
        case smallStack = "at the ends of a real-mode stack it neither faults nor shuts down"
        case wrappedPointer = "a far pointer's selector beyond FFFFh is not at the segment's start"
        case wildTarget = "AMD's processors push before they look at a target that is not canonical"
        case straddling = "of an access it checks the first byte alone for being canonical"
        case loopPrefix = "processors take F2 and F3 in front of LOOPE and LOOPNE as a condition"
        case ownCode = "a REP that overwrites itself is fetched again"
        case branchSize = "it and AMD's processors take 66 in front of a near branch"
    }

    /// Whether such a condition explains what two sides show.
    static func isKnown(
        _ model: DifferentialOutcome, _ kvm: DifferentialOutcome, _ trace: [Instruction],
        _ input: DifferentialCase
    ) -> Bool {
        Condition.allCases.contains { condition in
            condition.explains(model, kvm, trace, input)
        }
    }
}

extension KVMGap.Condition {
    fileprivate func explains(
        _ model: DifferentialOutcome, _ kvm: DifferentialOutcome, _ trace: [Instruction],
        _ input: DifferentialCase
    ) -> Bool {
        let isUser = input.mode.isUser
        switch self {
        case .overrides:
            let faults = [model.exception, kvm.exception]
            return input.mode.isLong && !Set([0x26, 0x2E, 0x36, 0x3E]).isDisjoint(with: input.code)
                && faults.contains(.generalProtection) && faults.contains(.stackFault)
        case .highStackPointer:
            return input.mode == .real16 && model.exception != nil
                && model.register("rsp") >> 16 != 0
                && model.register("rsp") & 0xFFFF == kvm.register("rsp")
        case .faultOfUser:
            let faults: [ExceptionVector?] = [.generalProtection, .stackFault, .pageFault]
            return isUser && faults.contains(model.exception) && kvm.exception == .invalidOpcode
        case .divideFlags:
            return !isUser && model.exception == .divideError
        case .compareFlags:
            return model.exception != nil
                && trace.suffix(2).contains { $0.operation == .cmps || $0.operation == .scas }
        case .smallStack:
            return input.mode == .real16
                && (model.end == .shutdown || model.exception == .stackFault)
        case .wrappedPointer:
            return !isUser && trace.contains { Self.pointerLoads.contains($0.operation) }
                && (kvm.exception == .generalProtection || kvm.exception == .stackFault)
        case .wildTarget:
            return isUser && model.exception == .generalProtection
                && kvm.exception == .stackFault && trace.contains { $0.operation == .call }
        case .straddling:
            let isFirstCanonical = kvm.register("cr2") &+ 16 >> 47 & 1 == 1
            return !isUser && model.exception == .generalProtection
                && kvm.exception == .pageFault && isFirstCanonical
        case .loopPrefix:
            return isUser
                && trace.contains {
                    ($0.operation == .loope || $0.operation == .loopne)
                        && !$0.prefixes.isDisjoint(with: [.rep, .repne])
                }
        case .ownCode:
            return model.pages[DifferentialMode.Place.code] != nil
                && trace.contains { $0.operation.isString }
        case .branchSize:
            return input.mode.isLong
                && trace.contains {
                    $0.prefixes.contains(.operandSize) && Self.branches.contains($0.operation)
                }
        }
    }

    private static let pointerLoads: Set<InstructionSet.Operation> = [
        .lds, .les, .lfs, .lgs, .lss,
    ]

    private static let branches: Set<InstructionSet.Operation> = [
        .jmp, .jcc, .call, .ret, .loop, .loope, .loopne, .jcxz,
    ]
}
