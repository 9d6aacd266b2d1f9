// The named generations of processors.

extension Processor {
    /// The processor that the workbook uses unless told otherwise.
    ///
    /// The VMX capabilities are those of `processor-corei7_skylake_x` among the recorded vectors,
    /// with the monitor trap flag and posted interrupts, which that recorder lacked.
    public static let skylake = Processor(
        Generation(
            name: "skylake", title: "Skylake-like: all of VMX up to TSC scaling",
            signature: 0x5_0654, physicalAddressWidth: 40, features: .skylake,
            basic: 0x00d8_1000_0000_002b, pin: 0xff, primary: 0xfff9_fffe,
            exit: 0x007f_ffff, entry: 0xffff, secondary: 0x0217_7fff,
            misc: 0x6004_01e0, eptVPID: 0x0f01_0633_4141, vmFunctions: 1))

    /// The first processors with VT-x: no secondary controls, so no EPT, VPID or unrestricted
    /// guest; no TRUE capability MSRs; no MSRs of their own in the VMCS. The controls are those
    /// of a Core 2 (T7600).
    public static let firstVTx = Processor(
        Generation(
            name: "first-vtx", title: "a first VT-x: no EPT, no VPID, no unrestricted guest",
            signature: 0xf62, physicalAddressWidth: 36, features: .firstVTx,
            basic: 0x0018_1000_0000_0003, pin: 0x1f, primary: 0x77b9_fffe,
            exit: 0x0003_efff, entry: 0x1fff, secondary: 0,
            misc: 0x0004_01c0, eptVPID: 0, vmFunctions: 0))

    /// EPT and VPID, but no unrestricted guest.
    public static let nehalem = Processor(
        Generation(
            name: "nehalem", title: "Nehalem-like: EPT and VPID, no unrestricted guest",
            signature: 0x1_06a5, physicalAddressWidth: 40, features: .nehalem,
            basic: 0x00d8_1000_0000_000e, pin: 0x7f, primary: 0xfff9_fffe,
            exit: 0x007f_ffff, entry: 0xffff, secondary: 0x7f,
            misc: 0x0004_01c5, eptVPID: 0x0f01_0611_4141, vmFunctions: 0))

    /// Unrestricted guest and PAUSE-loop exiting.
    public static let westmere = Processor(
        Generation(
            name: "westmere", title: "Westmere-like: with unrestricted guest",
            signature: 0x2_0655, physicalAddressWidth: 40, features: .westmere,
            basic: 0x00d8_1000_0000_000f, pin: 0x7f, primary: 0xfff9_fffe,
            exit: 0x007f_ffff, entry: 0xffff, secondary: 0x4ff,
            misc: 0x0004_01e5, eptVPID: 0x0f01_0613_4141, vmFunctions: 0))

    /// VMCS shadowing, VM functions, APIC-register virtualization, posted interrupts.
    public static let haswell = Processor(
        Generation(
            name: "haswell", title: "Haswell-like: VMCS shadowing, VMFUNC, APIC virtualization",
            signature: 0x3_06c3, physicalAddressWidth: 40, features: .haswell,
            basic: 0x00d8_1000_0000_0012, pin: 0xff, primary: 0xfff9_fffe,
            exit: 0x007f_ffff, entry: 0xffff, secondary: 0x7fff,
            misc: 0x2004_01e5, eptVPID: 0x0f01_0633_4141, vmFunctions: 1))

    /// Mode-based execute control, user wait and pause, advanced information on EPT violations,
    /// injection with or without an error code, UMIP.
    public static let recent = Processor(
        Generation(
            name: "recent", title: "a recent one: mode-based execute control and more",
            signature: 0x8_06f8, physicalAddressWidth: 46, features: .recent,
            basic: 0x01d8_1000_0000_002b, pin: 0xff, primary: 0xfff9_fffe,
            exit: 0x007f_ffff, entry: 0xffff, secondary: 0x0657_7fff,
            misc: 0x6004_01e0, eptVPID: 0x0f01_0673_4141, vmFunctions: 1))

    /// The named processors, oldest first.
    public static let all: [Processor] = [firstVTx, nehalem, westmere, haswell, skylake, recent]

    /// The processor of this name; nil if there is none.
    public init?(named name: String) {
        guard let processor = Self.all.first(where: { $0.name == name }) else { return nil }
        self = processor
    }
}

/// What tells one generation from the others; the rest of CPUID and of the capability MSRs
/// follows from it.
struct Generation {
    let name: String
    let title: String
    /// Family, model and stepping, as CPUID leaf 1 returns them in EAX.
    let signature: UInt32
    let physicalAddressWidth: UInt32
    let features: CPUFeatureSet
    /// IA32_VMX_BASIC.
    let basic: UInt64
    /// The allowed 1-settings of the controls.
    let pin: UInt32
    let primary: UInt32
    let exit: UInt32
    let entry: UInt32
    let secondary: UInt32
    /// IA32_VMX_MISC.
    let misc: UInt64
    /// IA32_VMX_EPT_VPID_CAP.
    let eptVPID: UInt64
    /// IA32_VMX_VMFUNC.
    let vmFunctions: UInt64
}

extension CPUFeatureSet {
    /// What a 64-bit processor had when VT-x came. Of SSE and SSE2, which 64-bit mode demands, the
    /// model has the state and the instructions that kernels use, no arithmetic.
    static let firstVTx: CPUFeatureSet = [
        .fpu, .de, .pse, .tsc, .msr, .pae, .mce, .cx8, .apic, .sep, .mtrr, .pge, .mca, .cmov, .pat,
        .pse36, .clfsh, .mmx, .fxsr, .sse, .sse2, .monitor, .vmx, .cx16, .lahf, .syscall, .nx,
        .longMode,
    ]

    /// SSE4.2 stands for CRC32, its one instruction on general registers.
    static let nehalem = firstVTx.union([.sse42, .popcnt, .x2apic, .rdtscp, .invariantTSC])

    static let westmere = nehalem.union([.pcid, .pages1GiB])

    static let haswell = westmere.union([
        .xsave, .xsaveopt, .tscDeadline, .rdrand, .fsgsbase, .tscAdjust, .smep, .erms, .movbe,
        .bmi1, .bmi2,
        .lzcnt, .invpcid,
    ])

    static let skylake = haswell.union([
        .rdseed, .adx, .smap, .prefetchw, .fpuSelectorsDeprecated, .xsavec, .xgetbv1,
        .xsaves,
    ])

    static let recent = skylake.union([.umip, .rdpid, .waitpkg])
}
