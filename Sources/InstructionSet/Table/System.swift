extension InstructionTable {
    /// System registers, descriptor tables, caches.
    static let systemForms: [InstructionForm] = [
        .init("F4", "hlt", "", .hlt, size: .any),
        .init("0F A2", "cpuid", "", .cpuid, size: .any),
        .init("0F 01 /0", "sgdt", "m16&32", .sgdt, modes: .not64, size: .any),
        .init("0F 01 /0", "sgdt", "m16&64", .sgdt, modes: .only64, size: .forced64),
        .init("0F 01 /1", "sidt", "m16&32", .sidt, modes: .not64, size: .any),
        .init("0F 01 /1", "sidt", "m16&64", .sidt, modes: .only64, size: .forced64),
        .init("0F 01 /2", "lgdt", "m16&32", .lgdt, modes: .not64, size: .any),
        .init("0F 01 /2", "lgdt", "m16&64", .lgdt, modes: .only64, size: .forced64),
        .init("0F 01 /3", "lidt", "m16&32", .lidt, modes: .not64, size: .any),
        .init("0F 01 /3", "lidt", "m16&64", .lidt, modes: .only64, size: .forced64),
        .init("0F 01 /4", "smsw", "r16/m16", .smsw),
        .init("0F 01 /4", "smsw", "r32/m16", .smsw),
        .init("REX.W 0F 01 /4", "smsw", "r64/m16", .smsw),
        .init("0F 01 /6", "lmsw", "r/m16", .lmsw, size: .any),
        .init("0F 06", "clts", "", .clts, size: .any),
        .init("0F 00 /0", "sldt", "r64", .sldt, modes: .only64, size: .any, traits: .assemblerOnly),
        .init("0F 00 /0", "sldt", "r16/m16", .sldt),
        .init("0F 00 /0", "sldt", "r32/m16", .sldt),
        .init("REX.W 0F 00 /0", "sldt", "r64/m16", .sldt),
        .init("0F 00 /1", "str", "r16/m16", .str),
        .init("0F 00 /1", "str", "r32/m16", .str),
        .init("REX.W 0F 00 /1", "str", "r64/m16", .str),
        .init("0F 00 /2", "lldt", "r/m16", .lldt, size: .any),
        .init("0F 00 /3", "ltr", "r/m16", .ltr, size: .any),
        .init("0F 00 /4", "verr", "r/m16", .verr, size: .any),
        .init("0F 00 /5", "verw", "r/m16", .verw, size: .any),
        .init("0F 02 /r", "lar", "r16, r16/m16", .lar),
        .init("0F 02 /r", "lar", "r32, r32/m16", .lar),
        .init("REX.W 0F 02 /r", "lar", "r64, r32/m16", .lar),
        .init("0F 02 /r", "lar", "r16, r32/m16", .lar, traits: .assemblerOnly),
        .init("0F 02 /r", "lar", "r32, r16/m16", .lar, traits: .assemblerOnly),
        .init("REX.W 0F 02 /r", "lar", "r64, r16/m16", .lar, traits: .assemblerOnly),
        .init("REX.W 0F 02 /r", "lar", "r64, r64/m16", .lar, traits: .assemblerOnly),
        .init("0F 03 /r", "lsl", "r16, r16/m16", .lsl),
        .init("0F 03 /r", "lsl", "r32, r32/m16", .lsl),
        .init("REX.W 0F 03 /r", "lsl", "r64, r32/m16", .lsl),
        .init("0F 03 /r", "lsl", "r16, r32/m16", .lsl, traits: .assemblerOnly),
        .init("0F 03 /r", "lsl", "r32, r16/m16", .lsl, traits: .assemblerOnly),
        .init("REX.W 0F 03 /r", "lsl", "r64, r16/m16", .lsl, traits: .assemblerOnly),
        .init("REX.W 0F 03 /r", "lsl", "r64, r64/m16", .lsl, traits: .assemblerOnly),
        .init("63 /r", "arpl", "r/m16, r16", .arpl, modes: .not64, size: .any),
        .init("0F 01 /7", "invlpg", "m8", .invlpg, size: .any),
        .init(
            "66 0F 38 82 /r", "invpcid", "r32, m128", .invpcid,
            modes: .not64, size: .any, feature: .invpcid
        ),
        .init(
            "66 REX.W 0F 38 82 /r", "invpcid", "r64, m128", .invpcid,
            modes: .only64, feature: .invpcid, traits: .assemblerOnly
        ),
        .init(
            "66 0F 38 82 /r", "invpcid", "r64, m128", .invpcid,
            modes: .only64, size: .any, feature: .invpcid, traits: .decoderOnly
        ),
        .init("0F 08", "invd", "", .invd, size: .any),
        .init("0F 09", "wbinvd", "", .wbinvd, size: .any),
    ]

    /// MSRs, counters, identification, undefined instructions.
    static let processorForms: [InstructionForm] = [
        .init("0F 32", "rdmsr", "", .rdmsr, size: .any),
        .init("0F 30", "wrmsr", "", .wrmsr, size: .any),
        .init("0F 31", "rdtsc", "", .rdtsc, size: .any),
        .init("0F 01 F9", "rdtscp", "", .rdtscp, size: .any, feature: .rdtscp),
        .init("0F 33", "rdpmc", "", .rdpmc, size: .any),
        .init("F3 0F C7 /7", "rdpid", "r32", .rdpid, modes: .not64, size: .any, feature: .rdpid),
        .init("F3 0F C7 /7", "rdpid", "r64", .rdpid, modes: .only64, size: .any, feature: .rdpid),
        .init("NFx 0F C7 /6", "rdrand", "r16", .rdrand, feature: .rdrand),
        .init("NFx 0F C7 /6", "rdrand", "r32", .rdrand, feature: .rdrand),
        .init("NFx REX.W 0F C7 /6", "rdrand", "r64", .rdrand, feature: .rdrand),
        .init("NFx 0F C7 /7", "rdseed", "r16", .rdseed, feature: .rdseed),
        .init("NFx 0F C7 /7", "rdseed", "r32", .rdseed, feature: .rdseed),
        .init("NFx REX.W 0F C7 /7", "rdseed", "r64", .rdseed, feature: .rdseed),
        .init("NP 0F 01 C8", "monitor", "", .monitor, size: .any, feature: .monitor),
        .init("NP 0F 01 C9", "mwait", "", .mwait, size: .any, feature: .monitor),
        .init("F3 90", "pause", "", .pause, size: .any, traits: .withoutREXB),
        .init("0F 01 F8", "swapgs", "", .swapgs, modes: .only64, size: .any, feature: .longMode),
        .init(
            "F3 REX.W 0F AE /0", "rdfsbase", "r64", .rdfsbase,
            modes: .only64, feature: .fsgsbase
        ),
        .init(
            "F3 0F AE /0", "rdfsbase", "r32", .rdfsbase,
            modes: .only64, size: .any, feature: .fsgsbase
        ),
        .init(
            "F3 REX.W 0F AE /1", "rdgsbase", "r64", .rdgsbase,
            modes: .only64, feature: .fsgsbase
        ),
        .init(
            "F3 0F AE /1", "rdgsbase", "r32", .rdgsbase,
            modes: .only64, size: .any, feature: .fsgsbase
        ),
        .init(
            "F3 REX.W 0F AE /2", "wrfsbase", "r64", .wrfsbase,
            modes: .only64, feature: .fsgsbase
        ),
        .init(
            "F3 0F AE /2", "wrfsbase", "r32", .wrfsbase,
            modes: .only64, size: .any, feature: .fsgsbase
        ),
        .init(
            "F3 REX.W 0F AE /3", "wrgsbase", "r64", .wrgsbase,
            modes: .only64, feature: .fsgsbase
        ),
        .init(
            "F3 0F AE /3", "wrgsbase", "r32", .wrgsbase,
            modes: .only64, size: .any, feature: .fsgsbase
        ),
        .init("NP 0F 01 D0", "xgetbv", "", .xgetbv, size: .any, feature: .xsave),
        .init("NP 0F 01 D1", "xsetbv", "", .xsetbv, size: .any, feature: .xsave),
        .init("0F AA", "rsm", "", .rsm, size: .any),
        .init("NP 0F 37", "getsec", "", .getsec, size: .any, feature: .smx),
        .init("0F FF /r", "ud0", "r16, r/m16", .ud0),
        .init("0F FF /r", "ud0", "r32, r/m32", .ud0),
        .init("REX.W 0F FF /r", "ud0", "r64, r/m64", .ud0),
        .init("0F B9 /r", "ud1", "r16, r/m16", .ud1),
        .init("0F B9 /r", "ud1", "r32, r/m32", .ud1),
        .init("REX.W 0F B9 /r", "ud1", "r64, r/m64", .ud1),
        .init("0F 0B", "ud2", "", .ud2, size: .any),
    ]

    /// The hint space 0F 18 to 0F 1F: whatever is not taken there is a NOP.
    static let hintForms: [InstructionForm] = [
        .init("0F 1F /0", "nop", "r/m16", .nop),
        .init("0F 1F /0", "nop", "r/m32", .nop),
        .init("REX.W 0F 1F /0", "nop", "r/m64", .nop),
        .init("0F 18 /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 18 /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 18 /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("0F 19 /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 19 /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 19 /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("0F 1A /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 1A /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 1A /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("0F 1B /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 1B /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 1B /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("0F 1C /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 1C /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 1C /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("0F 1D /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 1D /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 1D /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("0F 1E /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 1E /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 1E /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("0F 1F /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 1F /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 1F /r", "nop", "r/m64", .nop, traits: .decoderOnly),
    ]

    /// Prefetches, flushes, fences.
    static let memoryHintForms: [InstructionForm] = [
        .init("0F 18 /0", "prefetchnta", "m8", .prefetch, size: .any),
        .init("0F 18 /1", "prefetcht0", "m8", .prefetch, size: .any),
        .init("0F 18 /2", "prefetcht1", "m8", .prefetch, size: .any),
        .init("0F 18 /3", "prefetcht2", "m8", .prefetch, size: .any),
        .init("0F 0D /1", "prefetchw", "m8", .prefetch, size: .any, feature: .prefetchw),
        .init("0F 0D /r", "nop", "r/m16", .nop, traits: .decoderOnly),
        .init("0F 0D /r", "nop", "r/m32", .nop, traits: .decoderOnly),
        .init("REX.W 0F 0D /r", "nop", "r/m64", .nop, traits: .decoderOnly),
        .init("NP 0F AE /7", "clflush", "m8", .clflush, size: .any, feature: .clflush),
        .init("66 0F AE /7", "clflushopt", "m8", .clflush, size: .any, feature: .clflushopt),
        .init("66 0F AE /6", "clwb", "m8", .clflush, size: .any, feature: .clwb),
        .init(
            "F3 0F AE /6", "umonitor", "r16", .umonitor,
            modes: .not64, size: .any, feature: .waitpkg, traits: [.registerForm, .address16]),
        .init(
            "F3 0F AE /6", "umonitor", "r32", .umonitor,
            size: .any, feature: .waitpkg, traits: [.registerForm, .address32]),
        .init(
            "F3 0F AE /6", "umonitor", "r64", .umonitor,
            modes: .only64, size: .any, feature: .waitpkg, traits: [.registerForm, .address64]),
        .init(
            "F2 0F AE /6", "umwait", "r32", .umwait,
            size: .any, feature: .waitpkg, traits: .registerForm),
        .init(
            "66 0F AE /6", "tpause", "r32", .tpause,
            size: .any, feature: .waitpkg, traits: .registerForm),
        .init("NP 0F AE E8", "lfence", "", .lfence, size: .any, feature: .sse2),
        .init(
            "NP 0F AE /5", "lfence", "", .lfence,
            size: .any, feature: .sse2, traits: [.decoderOnly, .registerForm]
        ),
        .init("NP 0F AE F0", "mfence", "", .mfence, size: .any, feature: .sse2),
        .init(
            "NP 0F AE /6", "mfence", "", .mfence,
            size: .any, feature: .sse2, traits: [.decoderOnly, .registerForm]
        ),
        .init("NP 0F AE F8", "sfence", "", .sfence, size: .any, feature: .sse),
        .init(
            "NP 0F AE /7", "sfence", "", .sfence,
            size: .any, feature: .sse, traits: [.decoderOnly, .registerForm]
        ),
    ]
}
