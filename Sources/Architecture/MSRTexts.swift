// The texts of the model-specific registers, in the order of `MSR`'s cases.

extension MSR {
    /// One row of the table.
    struct Row: Sendable {
        let msr: MSR
        let name: String
        let title: String
        let feature: CPUFeature?

        init(_ msr: MSR, _ name: String, _ title: String, _ feature: CPUFeature? = nil) {
            self.msr = msr
            self.name = name
            self.title = title
            self.feature = feature
        }
    }

    static let rows: [Row] = generalRows + memoryTypeRows + vmxRows + otherRows

    private static let generalRows: [Row] = [
        .init(.timeStampCounter, "IA32_TIME_STAMP_COUNTER", "time-stamp counter", .tsc),
        .init(.platformID, "IA32_PLATFORM_ID", "platform ID"),
        .init(.apicBase, "IA32_APIC_BASE", "local APIC: address, enable, x2APIC mode", .apic),
        .init(.featureControl, "IA32_FEATURE_CONTROL", "lock and VMX enable", .vmx),
        .init(.tscAdjust, "IA32_TSC_ADJUST", "adjustment of the time-stamp counter", .tscAdjust),
        .init(.specCtrl, "IA32_SPEC_CTRL", "speculation control", .specCtrl),
        .init(.predCmd, "IA32_PRED_CMD", "prediction command", .specCtrl),
        .init(.biosUpdateTrigger, "IA32_BIOS_UPDT_TRIG", "microcode update trigger"),
        .init(.biosSignID, "IA32_BIOS_SIGN_ID", "microcode update signature"),
        .init(.smmMonitorControl, "IA32_SMM_MONITOR_CTL", "SMM monitor configuration"),
        .init(.smbase, "IA32_SMBASE", "base of the SMRAM image"),
        .init(.platformInformation, "MSR_PLATFORM_INFO", "ratios of the processor's clock"),
        .init(.umwaitControl, "IA32_UMWAIT_CONTROL", "UMWAIT control", .waitpkg),
        .init(.mtrrCapabilities, "IA32_MTRRCAP", "MTRR capabilities", .mtrr),
        .init(
            .archCapabilities, "IA32_ARCH_CAPABILITIES", "enumeration of architectural features",
            .archCapabilities),
        .init(.sysenterCS, "IA32_SYSENTER_CS", "SYSENTER code segment", .sep),
        .init(.sysenterESP, "IA32_SYSENTER_ESP", "SYSENTER stack pointer", .sep),
        .init(.sysenterEIP, "IA32_SYSENTER_EIP", "SYSENTER instruction pointer", .sep),
        .init(.mcgCapabilities, "IA32_MCG_CAP", "machine-check capabilities", .mca),
        .init(.mcgStatus, "IA32_MCG_STATUS", "machine-check status", .mca),
        .init(.perfEventSelect0, "IA32_PERFEVTSEL0", "performance event select 0"),
        .init(.perfStatus, "IA32_PERF_STATUS", "performance status", .eist),
        .init(.perfControl, "IA32_PERF_CTL", "performance control", .eist),
        .init(.clockModulation, "IA32_CLOCK_MODULATION", "clock modulation", .acpi),
        .init(.thermalInterrupt, "IA32_THERM_INTERRUPT", "thermal interrupt control", .acpi),
        .init(.thermalStatus, "IA32_THERM_STATUS", "thermal status", .acpi),
        .init(.miscEnable, "IA32_MISC_ENABLE", "enabled processor features"),
        .init(
            .energyPerfBias, "IA32_ENERGY_PERF_BIAS", "performance and energy bias hint",
            .energyBias),
        .init(.debugControl, "IA32_DEBUGCTL", "trace and profile control"),
    ]

    private static let memoryTypeRows: [Row] = [
        .init(.mtrrPhysBase0, "IA32_MTRR_PHYSBASE0", "variable-range MTRR base 0", .mtrr),
        .init(.mtrrPhysMask0, "IA32_MTRR_PHYSMASK0", "variable-range MTRR mask 0", .mtrr),
        .init(.mtrrPhysBase1, "IA32_MTRR_PHYSBASE1", "variable-range MTRR base 1", .mtrr),
        .init(.mtrrPhysMask1, "IA32_MTRR_PHYSMASK1", "variable-range MTRR mask 1", .mtrr),
        .init(.mtrrPhysBase2, "IA32_MTRR_PHYSBASE2", "variable-range MTRR base 2", .mtrr),
        .init(.mtrrPhysMask2, "IA32_MTRR_PHYSMASK2", "variable-range MTRR mask 2", .mtrr),
        .init(.mtrrPhysBase3, "IA32_MTRR_PHYSBASE3", "variable-range MTRR base 3", .mtrr),
        .init(.mtrrPhysMask3, "IA32_MTRR_PHYSMASK3", "variable-range MTRR mask 3", .mtrr),
        .init(.mtrrPhysBase4, "IA32_MTRR_PHYSBASE4", "variable-range MTRR base 4", .mtrr),
        .init(.mtrrPhysMask4, "IA32_MTRR_PHYSMASK4", "variable-range MTRR mask 4", .mtrr),
        .init(.mtrrPhysBase5, "IA32_MTRR_PHYSBASE5", "variable-range MTRR base 5", .mtrr),
        .init(.mtrrPhysMask5, "IA32_MTRR_PHYSMASK5", "variable-range MTRR mask 5", .mtrr),
        .init(.mtrrPhysBase6, "IA32_MTRR_PHYSBASE6", "variable-range MTRR base 6", .mtrr),
        .init(.mtrrPhysMask6, "IA32_MTRR_PHYSMASK6", "variable-range MTRR mask 6", .mtrr),
        .init(.mtrrPhysBase7, "IA32_MTRR_PHYSBASE7", "variable-range MTRR base 7", .mtrr),
        .init(.mtrrPhysMask7, "IA32_MTRR_PHYSMASK7", "variable-range MTRR mask 7", .mtrr),
        .init(.mtrrFix64K00000, "IA32_MTRR_FIX64K_00000", "fixed-range MTRR, 0 to 7FFFFh", .mtrr),
        .init(
            .mtrrFix16K80000, "IA32_MTRR_FIX16K_80000", "fixed-range MTRR, 80000h to 9FFFFh", .mtrr),
        .init(
            .mtrrFix16KA0000, "IA32_MTRR_FIX16K_A0000", "fixed-range MTRR, A0000h to BFFFFh", .mtrr),
        .init(
            .mtrrFix4KC0000, "IA32_MTRR_FIX4K_C0000", "fixed-range MTRR, C0000h to C7FFFh", .mtrr),
        .init(
            .mtrrFix4KC8000, "IA32_MTRR_FIX4K_C8000", "fixed-range MTRR, C8000h to CFFFFh", .mtrr),
        .init(
            .mtrrFix4KD0000, "IA32_MTRR_FIX4K_D0000", "fixed-range MTRR, D0000h to D7FFFh", .mtrr),
        .init(
            .mtrrFix4KD8000, "IA32_MTRR_FIX4K_D8000", "fixed-range MTRR, D8000h to DFFFFh", .mtrr),
        .init(
            .mtrrFix4KE0000, "IA32_MTRR_FIX4K_E0000", "fixed-range MTRR, E0000h to E7FFFh", .mtrr),
        .init(
            .mtrrFix4KE8000, "IA32_MTRR_FIX4K_E8000", "fixed-range MTRR, E8000h to EFFFFh", .mtrr),
        .init(
            .mtrrFix4KF0000, "IA32_MTRR_FIX4K_F0000", "fixed-range MTRR, F0000h to F7FFFh", .mtrr),
        .init(
            .mtrrFix4KF8000, "IA32_MTRR_FIX4K_F8000", "fixed-range MTRR, F8000h to FFFFFh", .mtrr),
        .init(.pat, "IA32_PAT", "page attribute table", .pat),
        .init(.mtrrDefaultType, "IA32_MTRR_DEF_TYPE", "default memory type and MTRR enable", .mtrr),
        .init(
            .perfCapabilities, "IA32_PERF_CAPABILITIES", "performance-monitoring capabilities",
            .pdcm),
        .init(.perfGlobalStatus, "IA32_PERF_GLOBAL_STATUS", "performance counter overflow status"),
        .init(.perfGlobalControl, "IA32_PERF_GLOBAL_CTRL", "performance counter enable"),
    ]

    private static let vmxRows: [Row] = [
        .init(.vmxBasic, "IA32_VMX_BASIC", "basic VMX information", .vmx),
        .init(.vmxPinControls, "IA32_VMX_PINBASED_CTLS", "pin-based VM-execution controls", .vmx),
        .init(
            .vmxPrimaryControls, "IA32_VMX_PROCBASED_CTLS",
            "primary processor-based VM-execution controls", .vmx),
        .init(.vmxExitControls, "IA32_VMX_EXIT_CTLS", "VM-exit controls", .vmx),
        .init(.vmxEntryControls, "IA32_VMX_ENTRY_CTLS", "VM-entry controls", .vmx),
        .init(.vmxMisc, "IA32_VMX_MISC", "miscellaneous VMX data", .vmx),
        .init(.vmxCR0Fixed0, "IA32_VMX_CR0_FIXED0", "bits that must be 1 in CR0", .vmx),
        .init(.vmxCR0Fixed1, "IA32_VMX_CR0_FIXED1", "bits that may be 1 in CR0", .vmx),
        .init(.vmxCR4Fixed0, "IA32_VMX_CR4_FIXED0", "bits that must be 1 in CR4", .vmx),
        .init(.vmxCR4Fixed1, "IA32_VMX_CR4_FIXED1", "bits that may be 1 in CR4", .vmx),
        .init(.vmxVMCSEnum, "IA32_VMX_VMCS_ENUM", "highest index of a VMCS field", .vmx),
        .init(
            .vmxSecondaryControls, "IA32_VMX_PROCBASED_CTLS2",
            "secondary processor-based VM-execution controls", .vmx),
        .init(.vmxEPTVPIDCapabilities, "IA32_VMX_EPT_VPID_CAP", "EPT and VPID capabilities", .vmx),
        .init(
            .vmxTruePinControls, "IA32_VMX_TRUE_PINBASED_CTLS",
            "pin-based controls, default1 class flexible", .vmx),
        .init(
            .vmxTruePrimaryControls, "IA32_VMX_TRUE_PROCBASED_CTLS",
            "primary controls, default1 class flexible", .vmx),
        .init(
            .vmxTrueExitControls, "IA32_VMX_TRUE_EXIT_CTLS",
            "VM-exit controls, default1 class flexible", .vmx),
        .init(
            .vmxTrueEntryControls, "IA32_VMX_TRUE_ENTRY_CTLS",
            "VM-entry controls, default1 class flexible", .vmx),
        .init(.vmxVMFunctions, "IA32_VMX_VMFUNC", "VM functions", .vmx),
        .init(
            .vmxTertiaryControls, "IA32_VMX_PROCBASED_CTLS3",
            "tertiary processor-based VM-execution controls", .vmx),
    ]

    private static let otherRows: [Row] = [
        .init(.rtitControl, "IA32_RTIT_CTL", "Intel Processor Trace control", .processorTrace),
        .init(.dsArea, "IA32_DS_AREA", "debug store area", .ds),
        .init(.userCET, "IA32_U_CET", "user-mode CET configuration", .cetShadowStack),
        .init(.supervisorCET, "IA32_S_CET", "supervisor-mode CET configuration", .cetShadowStack),
        .init(.pl0SSP, "IA32_PL0_SSP", "shadow-stack pointer for ring 0", .cetShadowStack),
        .init(.pl1SSP, "IA32_PL1_SSP", "shadow-stack pointer for ring 1", .cetShadowStack),
        .init(.pl2SSP, "IA32_PL2_SSP", "shadow-stack pointer for ring 2", .cetShadowStack),
        .init(.pl3SSP, "IA32_PL3_SSP", "shadow-stack pointer for ring 3", .cetShadowStack),
        .init(
            .interruptSSPTable, "IA32_INTERRUPT_SSP_TABLE_ADDR", "interrupt shadow-stack table",
            .cetShadowStack),
        .init(.tscDeadline, "IA32_TSC_DEADLINE", "deadline of the APIC timer", .tscDeadline),
        .init(.pkrs, "IA32_PKRS", "protection keys for supervisor-mode pages", .pks),
        .init(.bndcfgs, "IA32_BNDCFGS", "supervisor-mode MPX configuration", .mpx),
        .init(.xss, "IA32_XSS", "supervisor state components of XSAVES", .xsaves),
        .init(.lbrControl, "IA32_LBR_CTL", "last-branch record control", .archLBR),
        .init(.efer, "IA32_EFER", "extended feature enables"),
        .init(.star, "IA32_STAR", "SYSCALL and SYSRET segments", .syscall),
        .init(.lstar, "IA32_LSTAR", "SYSCALL target in 64-bit mode", .longMode),
        .init(
            .cstar, "IA32_CSTAR",
            "SYSCALL target in compatibility mode, unused by Intel processors", .longMode
        ),
        .init(.fmask, "IA32_FMASK", "RFLAGS bits that SYSCALL clears", .longMode),
        .init(.fsBase, "IA32_FS_BASE", "base address of FS", .longMode),
        .init(.gsBase, "IA32_GS_BASE", "base address of GS", .longMode),
        .init(
            .kernelGSBase, "IA32_KERNEL_GS_BASE", "base address that SWAPGS exchanges", .longMode),
        .init(.tscAux, "IA32_TSC_AUX", "what RDTSCP and RDPID return", .rdtscp),
    ]
}
