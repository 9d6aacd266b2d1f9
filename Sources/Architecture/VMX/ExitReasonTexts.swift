// The texts of the exit reasons.

extension ExitReason {
    /// One row of the table.
    struct Row: Sendable {
        let reason: ExitReason
        let name: String
        let title: String

        init(_ reason: ExitReason, _ name: String, _ title: String) {
            self.reason = reason
            self.name = name
            self.title = title
        }
    }

    private static let rowsFrom0: [Row] = [
        .init(.exceptionOrNMI, "EXCEPTION_OR_NMI", "Exception or non-maskable interrupt (NMI)"),
        .init(.externalInterrupt, "EXTERNAL_INTERRUPT", "External interrupt"),
        .init(.tripleFault, "TRIPLE_FAULT", "Triple fault"),
        .init(.initSignal, "INIT_SIGNAL", "INIT signal"),
        .init(.startUpIPI, "SIPI", "Start-up IPI (SIPI)"),
        .init(.ioSMI, "IO_SMI", "I/O system-management interrupt (SMI)"),
        .init(.otherSMI, "OTHER_SMI", "Other SMI"),
        .init(.interruptWindow, "INTERRUPT_WINDOW", "Interrupt window"),
        .init(.nmiWindow, "NMI_WINDOW", "NMI window"),
        .init(.taskSwitch, "TASK_SWITCH", "Task switch"),
        .init(.cpuid, "CPUID", "CPUID"),
        .init(.getsec, "GETSEC", "GETSEC"),
        .init(.hlt, "HLT", "HLT"),
        .init(.invd, "INVD", "INVD"),
        .init(.invlpg, "INVLPG", "INVLPG"),
        .init(.rdpmc, "RDPMC", "RDPMC"),
        .init(.rdtsc, "RDTSC", "RDTSC"),
        .init(.rsm, "RSM", "RSM"),
        .init(.vmcall, "VMCALL", "VMCALL"),
        .init(.vmclear, "VMCLEAR", "VMCLEAR"),
        .init(.vmlaunch, "VMLAUNCH", "VMLAUNCH"),
        .init(.vmptrld, "VMPTRLD", "VMPTRLD"),
        .init(.vmptrst, "VMPTRST", "VMPTRST"),
        .init(.vmread, "VMREAD", "VMREAD"),
        .init(.vmresume, "VMRESUME", "VMRESUME"),
        .init(.vmwrite, "VMWRITE", "VMWRITE"),
        .init(.vmxoff, "VMXOFF", "VMXOFF"),
        .init(.vmxon, "VMXON", "VMXON"),
        .init(.crAccess, "CR_ACCESS", "Control-register accesses"),
        .init(.drAccess, "DR_ACCESS", "MOV DR"),
        .init(.ioInstruction, "IO_INSTRUCTION", "I/O instruction"),
        .init(.rdmsr, "RDMSR", "RDMSR"),
        .init(.wrmsr, "WRMSR", "WRMSR"),
        .init(
            .entryFailureGuestState, "ENTRY_FAIL_GUEST_STATE",
            "VM-entry failure due to invalid guest state"),
        .init(.entryFailureMSRLoad, "ENTRY_FAIL_MSR_LOAD", "VM-entry failure due to MSR loading"),
        .init(.mwait, "MWAIT", "MWAIT"),
    ]

    private static let rowsFrom36: [Row] = [
        .init(.monitorTrapFlag, "MONITOR_TRAP_FLAG", "Monitor trap flag"),
        .init(.monitor, "MONITOR", "MONITOR"),
        .init(.pause, "PAUSE", "PAUSE"),
        .init(
            .entryFailureMachineCheck, "ENTRY_FAIL_MACHINE_CHECK",
            "VM-entry failure due to machine-check event"),
        .init(.tprBelowThreshold, "TPR_BELOW_THRESHOLD", "TPR below threshold"),
        .init(.apicAccess, "APIC_ACCESS", "APIC access"),
        .init(.virtualizedEOI, "VIRTUALIZED_EOI", "Virtualized EOI"),
        .init(.gdtrIDTRAccess, "GDTR_IDTR_ACCESS", "Access to GDTR or IDTR"),
        .init(.ldtrTRAccess, "LDTR_TR_ACCESS", "Access to LDTR or TR"),
        .init(.eptViolation, "EPT_VIOLATION", "EPT violation"),
        .init(.eptMisconfiguration, "EPT_MISCONFIG", "EPT misconfiguration"),
        .init(.invept, "INVEPT", "INVEPT"),
        .init(.rdtscp, "RDTSCP", "RDTSCP"),
        .init(.preemptionTimer, "PREEMPTION_TIMER", "VMX-preemption timer expired"),
        .init(.invvpid, "INVVPID", "INVVPID"),
        .init(.wbinvd, "WBINVD", "WBINVD or WBNOINVD"),
        .init(.xsetbv, "XSETBV", "XSETBV"),
        .init(.apicWrite, "APIC_WRITE", "APIC write"),
        .init(.rdrand, "RDRAND", "RDRAND"),
        .init(.invpcid, "INVPCID", "INVPCID"),
        .init(.vmfunc, "VMFUNC", "VMFUNC"),
        .init(.encls, "ENCLS", "ENCLS"),
        .init(.rdseed, "RDSEED", "RDSEED"),
        .init(.pmlFull, "PML_FULL", "Page-modification log full"),
        .init(.xsaves, "XSAVES", "XSAVES"),
        .init(.xrstors, "XRSTORS", "XRSTORS"),
        .init(.pconfig, "PCONFIG", "PCONFIG"),
        .init(.sppEvent, "SPP_EVENT", "SPP-related event"),
        .init(.umwait, "UMWAIT", "UMWAIT"),
        .init(.tpause, "TPAUSE", "TPAUSE"),
        .init(.loadiwkey, "LOADIWKEY", "LOADIWKEY"),
        .init(.enclv, "ENCLV", "ENCLV"),
        .init(.enqcmdPASIDFailure, "ENQCMD_PASID_FAILURE", "ENQCMD PASID translation failure"),
        .init(.enqcmdsPASIDFailure, "ENQCMDS_PASID_FAILURE", "ENQCMDS PASID translation failure"),
        .init(.busLock, "BUS_LOCK", "Bus lock"),
        .init(.instructionTimeout, "INSTRUCTION_TIMEOUT", "Instruction timeout"),
    ]

    /// The rows by reason number; nil where revision 078 uses no reason.
    static let rows: [Row?] = {
        let table = rowsFrom0 + rowsFrom36
        let last = table.last.map { Int($0.reason.rawValue) } ?? 0
        var byNumber = [Row?](repeating: nil, count: last + 1)
        for row in table { byNumber[Int(row.reason.rawValue)] = row }
        return byNumber
    }()
}
