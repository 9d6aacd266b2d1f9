// What CPUID's feature bits stand for.

extension CPUFeature {
    /// What a processor with the feature has, in a few words.
    public var title: String {
        edxTitle ?? ecxTitle ?? leaf7Title ?? otherTitle ?? name
    }

    /// Leaf 1, EDX.
    private var edxTitle: String? {
        switch self {
        case .fpu: "x87 floating-point unit"
        case .vme: "virtual-8086 mode extensions: CR4.VME and CR4.PVI"
        case .de: "debugging extensions: I/O breakpoints by CR4.DE"
        case .pse: "4-MByte pages with 32-bit paging"
        case .tsc: "time-stamp counter and RDTSC"
        case .msr: "RDMSR and WRMSR"
        case .pae: "PAE paging: page-table entries of 64 bits"
        case .mce: "machine-check exceptions"
        case .cx8: "CMPXCHG8B"
        case .apic: "local APIC, as long as IA32_APIC_BASE enables it"
        case .sep: "SYSENTER and SYSEXIT"
        case .mtrr: "memory type range registers"
        case .pge: "global pages, by CR4.PGE"
        case .mca: "machine-check architecture"
        case .cmov: "CMOVcc, and FCMOVcc with the x87 unit"
        case .pat: "page attribute table"
        case .pse36: "physical addresses above 32 bits in 4-MByte pages"
        case .clfsh: "CLFLUSH"
        case .ds: "debug store"
        case .acpi: "thermal monitor and clock control by MSRs"
        case .mmx: "MMX instructions"
        case .fxsr: "FXSAVE and FXRSTOR"
        case .sse: "SSE instructions"
        case .sse2: "SSE2 instructions"
        default: nil
        }
    }

    /// Leaf 1, ECX.
    private var ecxTitle: String? {
        switch self {
        case .sse3: "SSE3 instructions"
        case .pclmulqdq: "PCLMULQDQ"
        case .monitor: "MONITOR and MWAIT"
        case .vmx: "virtual-machine extensions"
        case .smx: "safer mode extensions: GETSEC"
        case .eist: "Enhanced Intel SpeedStep"
        case .ssse3: "SSSE3 instructions"
        case .fma: "fused multiply-add"
        case .cx16: "CMPXCHG16B"
        case .pdcm: "IA32_PERF_CAPABILITIES"
        case .pcid: "process-context identifiers, by CR4.PCIDE"
        case .sse41: "SSE4.1 instructions"
        case .sse42: "SSE4.2 instructions, CRC32 among them"
        case .x2apic: "x2APIC mode: the local APIC by MSRs"
        case .movbe: "MOVBE"
        case .popcnt: "POPCNT"
        case .tscDeadline: "APIC timer with a deadline of the time-stamp counter"
        case .aes: "AES instructions"
        case .xsave: "XSAVE, XRSTOR, XSETBV and XGETBV"
        case .osxsave: "CR4.OSXSAVE as it is now"
        case .avx: "AVX instructions"
        case .f16c: "conversion of 16-bit floating-point numbers"
        case .rdrand: "RDRAND"
        case .hypervisor: "set by hypervisors to show themselves; 0 on every processor"
        default: nil
        }
    }

    /// Leaf 7.
    private var leaf7Title: String? {
        switch self {
        case .fsgsbase: "RDFSBASE and its kin, by CR4.FSGSBASE"
        case .tscAdjust: "IA32_TSC_ADJUST"
        case .sgx: "software guard extensions: ENCLS and ENCLU"
        case .bmi1: "bit manipulation, first group"
        case .avx2: "AVX2 instructions"
        case .smep: "supervisor-mode execution prevention, by CR4.SMEP"
        case .bmi2: "bit manipulation, second group"
        case .erms: "fast REP MOVSB and REP STOSB"
        case .invpcid: "INVPCID"
        case .rtm: "transactional memory: XBEGIN and its kin"
        case .fpuSelectorsDeprecated: "x87 saves 0 for FPU CS and FPU DS"
        case .mpx: "memory protection extensions"
        case .avx512F: "AVX-512 foundation"
        case .rdseed: "RDSEED"
        case .adx: "ADCX and ADOX"
        case .smap: "supervisor-mode access prevention, by CR4.SMAP"
        case .clflushopt: "CLFLUSHOPT"
        case .clwb: "CLWB"
        case .processorTrace: "a trace of what the processor executes"
        case .sha: "SHA instructions"
        case .umip: "user-mode instruction prevention, by CR4.UMIP"
        case .pku: "protection keys for user-mode pages, by CR4.PKE"
        case .ospke: "CR4.PKE as it is now"
        case .waitpkg: "UMONITOR, UMWAIT and TPAUSE"
        case .cetShadowStack: "shadow stacks, by CR4.CET"
        case .la57: "5-level paging, by CR4.LA57"
        case .rdpid: "RDPID"
        case .keyLocker: "Key Locker, by CR4.KL"
        case .busLockDetect: "debug exceptions for bus locks"
        case .enqcmd: "ENQCMD and ENQCMDS"
        case .pks: "protection keys for supervisor-mode pages, by CR4.PKS"
        case .fsrm: "fast REP MOVSB of few bytes"
        case .userInterrupts: "user interrupts"
        case .archLBR: "architectural last-branch records"
        case .cetIBT: "indirect-branch tracking, by CR4.CET"
        case .specCtrl: "speculation controls: IA32_SPEC_CTRL and IA32_PRED_CMD"
        case .archCapabilities: "IA32_ARCH_CAPABILITIES"
        case .ssbd: "speculative store bypass disable"
        default: nil
        }
    }

    /// Leaves 6, 0Dh and the extended ones.
    private var otherTitle: String? {
        switch self {
        case .energyBias: "IA32_ENERGY_PERF_BIAS"
        case .xsaveopt: "XSAVEOPT"
        case .xsavec: "XSAVEC and the compacted form of XRSTOR"
        case .xgetbv1: "XGETBV with 1 in ECX: the state components in use"
        case .xsaves: "XSAVES, XRSTORS and IA32_XSS"
        case .lahf: "LAHF and SAHF in 64-bit mode"
        case .lzcnt: "LZCNT"
        case .prefetchw: "PREFETCHW"
        case .syscall: "SYSCALL and SYSRET in 64-bit mode"
        case .nx: "execute-disable bit of page-table entries, by IA32_EFER.NXE"
        case .pages1GiB: "1-GByte pages"
        case .rdtscp: "RDTSCP and IA32_TSC_AUX"
        case .longMode: "64-bit mode and compatibility mode, by IA32_EFER.LME"
        case .invariantTSC: "time-stamp counter at a constant rate"
        default: nil
        }
    }
}
