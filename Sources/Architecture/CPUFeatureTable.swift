// The table of CPUID's feature bits, in the order of `CPUFeature`'s cases.

extension CPUFeature {
    /// One row of the table.
    struct Row: Sendable {
        let feature: CPUFeature
        let location: Location
        let name: String

        init(
            _ feature: CPUFeature, _ leaf: UInt32, _ subleaf: UInt32,
            _ register: CPUIDResult.Register, _ bit: UInt8, _ name: String
        ) {
            self.feature = feature
            self.location = Location(leaf: leaf, subleaf: subleaf, register: register, bit: bit)
            self.name = name
        }
    }

    static let rows: [Row] = leaf1Rows + leaf7Rows + otherRows

    private static let leaf1Rows: [Row] = [
        .init(.fpu, 1, 0, .edx, 0, "FPU"),
        .init(.vme, 1, 0, .edx, 1, "VME"),
        .init(.de, 1, 0, .edx, 2, "DE"),
        .init(.pse, 1, 0, .edx, 3, "PSE"),
        .init(.tsc, 1, 0, .edx, 4, "TSC"),
        .init(.msr, 1, 0, .edx, 5, "MSR"),
        .init(.pae, 1, 0, .edx, 6, "PAE"),
        .init(.mce, 1, 0, .edx, 7, "MCE"),
        .init(.cx8, 1, 0, .edx, 8, "CX8"),
        .init(.apic, 1, 0, .edx, 9, "APIC"),
        .init(.sep, 1, 0, .edx, 11, "SEP"),
        .init(.mtrr, 1, 0, .edx, 12, "MTRR"),
        .init(.pge, 1, 0, .edx, 13, "PGE"),
        .init(.mca, 1, 0, .edx, 14, "MCA"),
        .init(.cmov, 1, 0, .edx, 15, "CMOV"),
        .init(.pat, 1, 0, .edx, 16, "PAT"),
        .init(.pse36, 1, 0, .edx, 17, "PSE-36"),
        .init(.clfsh, 1, 0, .edx, 19, "CLFSH"),
        .init(.ds, 1, 0, .edx, 21, "DS"),
        .init(.acpi, 1, 0, .edx, 22, "ACPI"),
        .init(.mmx, 1, 0, .edx, 23, "MMX"),
        .init(.fxsr, 1, 0, .edx, 24, "FXSR"),
        .init(.sse, 1, 0, .edx, 25, "SSE"),
        .init(.sse2, 1, 0, .edx, 26, "SSE2"),
        .init(.sse3, 1, 0, .ecx, 0, "SSE3"),
        .init(.pclmulqdq, 1, 0, .ecx, 1, "PCLMULQDQ"),
        .init(.monitor, 1, 0, .ecx, 3, "MONITOR"),
        .init(.vmx, 1, 0, .ecx, 5, "VMX"),
        .init(.smx, 1, 0, .ecx, 6, "SMX"),
        .init(.eist, 1, 0, .ecx, 7, "EIST"),
        .init(.ssse3, 1, 0, .ecx, 9, "SSSE3"),
        .init(.fma, 1, 0, .ecx, 12, "FMA"),
        .init(.cx16, 1, 0, .ecx, 13, "CMPXCHG16B"),
        .init(.pdcm, 1, 0, .ecx, 15, "PDCM"),
        .init(.pcid, 1, 0, .ecx, 17, "PCID"),
        .init(.sse41, 1, 0, .ecx, 19, "SSE4_1"),
        .init(.sse42, 1, 0, .ecx, 20, "SSE4_2"),
        .init(.x2apic, 1, 0, .ecx, 21, "x2APIC"),
        .init(.movbe, 1, 0, .ecx, 22, "MOVBE"),
        .init(.popcnt, 1, 0, .ecx, 23, "POPCNT"),
        .init(.tscDeadline, 1, 0, .ecx, 24, "TSC-Deadline"),
        .init(.aes, 1, 0, .ecx, 25, "AESNI"),
        .init(.xsave, 1, 0, .ecx, 26, "XSAVE"),
        .init(.osxsave, 1, 0, .ecx, 27, "OSXSAVE"),
        .init(.avx, 1, 0, .ecx, 28, "AVX"),
        .init(.f16c, 1, 0, .ecx, 29, "F16C"),
        .init(.rdrand, 1, 0, .ecx, 30, "RDRAND"),
        .init(.hypervisor, 1, 0, .ecx, 31, "hypervisor present"),
    ]

    private static let leaf7Rows: [Row] = [
        .init(.fsgsbase, 7, 0, .ebx, 0, "FSGSBASE"),
        .init(.tscAdjust, 7, 0, .ebx, 1, "IA32_TSC_ADJUST"),
        .init(.sgx, 7, 0, .ebx, 2, "SGX"),
        .init(.bmi1, 7, 0, .ebx, 3, "BMI1"),
        .init(.avx2, 7, 0, .ebx, 5, "AVX2"),
        .init(.smep, 7, 0, .ebx, 7, "SMEP"),
        .init(.bmi2, 7, 0, .ebx, 8, "BMI2"),
        .init(.erms, 7, 0, .ebx, 9, "ERMS"),
        .init(.invpcid, 7, 0, .ebx, 10, "INVPCID"),
        .init(.rtm, 7, 0, .ebx, 11, "RTM"),
        .init(.fpuSelectorsDeprecated, 7, 0, .ebx, 13, "FPU CS and DS deprecated"),
        .init(.mpx, 7, 0, .ebx, 14, "MPX"),
        .init(.avx512F, 7, 0, .ebx, 16, "AVX512F"),
        .init(.rdseed, 7, 0, .ebx, 18, "RDSEED"),
        .init(.adx, 7, 0, .ebx, 19, "ADX"),
        .init(.smap, 7, 0, .ebx, 20, "SMAP"),
        .init(.clflushopt, 7, 0, .ebx, 23, "CLFLUSHOPT"),
        .init(.clwb, 7, 0, .ebx, 24, "CLWB"),
        .init(.processorTrace, 7, 0, .ebx, 25, "Intel Processor Trace"),
        .init(.sha, 7, 0, .ebx, 29, "SHA"),
        .init(.umip, 7, 0, .ecx, 2, "UMIP"),
        .init(.pku, 7, 0, .ecx, 3, "PKU"),
        .init(.ospke, 7, 0, .ecx, 4, "OSPKE"),
        .init(.waitpkg, 7, 0, .ecx, 5, "WAITPKG"),
        .init(.cetShadowStack, 7, 0, .ecx, 7, "CET_SS"),
        .init(.la57, 7, 0, .ecx, 16, "LA57"),
        .init(.rdpid, 7, 0, .ecx, 22, "RDPID"),
        .init(.keyLocker, 7, 0, .ecx, 23, "KL"),
        .init(.busLockDetect, 7, 0, .ecx, 24, "BUS_LOCK_DETECT"),
        .init(.enqcmd, 7, 0, .ecx, 29, "ENQCMD"),
        .init(.pks, 7, 0, .ecx, 31, "PKS"),
        .init(.fsrm, 7, 0, .edx, 4, "fast short REP MOV"),
        .init(.userInterrupts, 7, 0, .edx, 5, "UINTR"),
        .init(.archLBR, 7, 0, .edx, 19, "Arch LBR"),
        .init(.cetIBT, 7, 0, .edx, 20, "CET_IBT"),
        .init(.specCtrl, 7, 0, .edx, 26, "IBRS and IBPB"),
        .init(.archCapabilities, 7, 0, .edx, 29, "IA32_ARCH_CAPABILITIES"),
        .init(.ssbd, 7, 0, .edx, 31, "SSBD"),
    ]

    private static let otherRows: [Row] = [
        .init(.energyBias, 6, 0, .ecx, 3, "performance-energy bias preference"),
        .init(.xsaveopt, 0xd, 1, .eax, 0, "XSAVEOPT"),
        .init(.xsavec, 0xd, 1, .eax, 1, "XSAVEC"),
        .init(.xgetbv1, 0xd, 1, .eax, 2, "XGETBV with ECX 1"),
        .init(.xsaves, 0xd, 1, .eax, 3, "XSAVES"),
        .init(.lahf, 0x8000_0001, 0, .ecx, 0, "LAHF/SAHF in 64-bit mode"),
        .init(.lzcnt, 0x8000_0001, 0, .ecx, 5, "LZCNT"),
        .init(.prefetchw, 0x8000_0001, 0, .ecx, 8, "PREFETCHW"),
        .init(.syscall, 0x8000_0001, 0, .edx, 11, "SYSCALL/SYSRET"),
        .init(.nx, 0x8000_0001, 0, .edx, 20, "Execute Disable"),
        .init(.pages1GiB, 0x8000_0001, 0, .edx, 26, "1-GByte pages"),
        .init(.rdtscp, 0x8000_0001, 0, .edx, 27, "RDTSCP and IA32_TSC_AUX"),
        .init(.longMode, 0x8000_0001, 0, .edx, 29, "Intel 64 Architecture"),
        .init(.invariantTSC, 0x8000_0007, 0, .edx, 8, "Invariant TSC"),
    ]
}
