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

    /// What the interpreter lacks or does otherwise in 64-bit code.
    static let lacking: Set<InstructionSet.Operation> =
        kvm
        .filter { $0.modes.contains(.long64) }
        .reduce(into: []) { $0.formUnion($1.operations) }

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
}
