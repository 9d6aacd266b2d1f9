// What the VM-exit and VM-entry controls do. Source: SDM 3C, "VM-Exit Controls", "VM-Entry
// Controls".

extension ExitControl {
    var meaning: String { savingMeaning ?? loadingMeaning ?? title }

    private var savingMeaning: String? {
        switch self {
        case .saveDebugControls:
            "With 1 VM exits save DR7 and IA32_DEBUGCTL into the guest-state area."
        case .savePAT: "With 1 VM exits save IA32_PAT into the guest-state area."
        case .saveEFER: "With 1 VM exits save IA32_EFER into the guest-state area."
        case .savePreemptionTimer:
            """
            With 1 VM exits save what is left of the VMX-preemption timer, so that it goes on from \
            there; with 0 the field keeps its value and the timer begins anew.
            """
        case .savePerfGlobalControl:
            "With 1 VM exits save IA32_PERF_GLOBAL_CTRL into the guest-state area."
        case .acknowledgeInterruptOnExit:
            """
            With 1 a VM exit for an external interrupt acknowledges the interrupt and records its \
            vector; with 0 the interrupt stays pending.
            """
        default: nil
        }
    }

    private var loadingMeaning: String? {
        switch self {
        case .hostAddressSpaceSize:
            """
            With 1 the host is in 64-bit mode after every VM exit: CS.L, IA32_EFER.LME and \
            IA32_EFER.LMA become 1; with 0 they become 0.
            """
        case .loadPerfGlobalControl:
            "With 1 VM exits load IA32_PERF_GLOBAL_CTRL from the host-state area."
        case .loadPAT: "With 1 VM exits load IA32_PAT from the host-state area."
        case .loadEFER: "With 1 VM exits load IA32_EFER from the host-state area."
        case .clearBNDCFGS: "With 1 VM exits clear IA32_BNDCFGS."
        case .clearRTITControl: "With 1 VM exits clear IA32_RTIT_CTL."
        case .clearLBRControl: "With 1 VM exits clear IA32_LBR_CTL."
        case .clearUINV: "With 1 VM exits clear the user-interrupt notification vector."
        case .loadCETState:
            """
            With 1 VM exits load IA32_S_CET, SSP and IA32_INTERRUPT_SSP_TABLE_ADDR from the \
            host-state area.
            """
        case .loadPKRS: "With 1 VM exits load IA32_PKRS from the host-state area."
        case .concealVMXFromPT: "With 1 packets of Intel Processor Trace do not tell of VM exits."
        default: nil
        }
    }
}

extension EntryControl {
    var meaning: String { modeMeaning ?? loadingMeaning ?? title }

    private var modeMeaning: String? {
        switch self {
        case .ia32eModeGuest:
            """
            With 1 the guest is in IA-32e mode after the VM entry: IA32_EFER.LMA and, with paging, \
            LME become 1; with 0 they become 0. VM exits write the mode back to this bit.
            """
        case .entryToSMM:
            "With 1 the VM entry returns to system-management mode. It must be 0 outside SMM."
        case .deactivateDualMonitor:
            """
            With 1 the default treatment of SMIs and SMM is in effect after the VM entry. It must \
            be 0 outside SMM.
            """
        case .concealVMXFromPT: "With 1 packets of Intel Processor Trace do not tell of VM entries."
        default: nil
        }
    }

    private var loadingMeaning: String? {
        switch self {
        case .loadDebugControls:
            "With 1 VM entries load DR7 and IA32_DEBUGCTL from the guest-state area."
        case .loadPerfGlobalControl:
            "With 1 VM entries load IA32_PERF_GLOBAL_CTRL from the guest-state area."
        case .loadPAT: "With 1 VM entries load IA32_PAT from the guest-state area."
        case .loadEFER: "With 1 VM entries load IA32_EFER from the guest-state area."
        case .loadBNDCFGS: "With 1 VM entries load IA32_BNDCFGS from the guest-state area."
        case .loadRTITControl: "With 1 VM entries load IA32_RTIT_CTL from the guest-state area."
        case .loadUINV:
            "With 1 VM entries load the user-interrupt notification vector from the guest-state area."
        case .loadCETState:
            """
            With 1 VM entries load IA32_S_CET, SSP and IA32_INTERRUPT_SSP_TABLE_ADDR from the \
            guest-state area.
            """
        case .loadLBRControl: "With 1 VM entries load IA32_LBR_CTL from the guest-state area."
        case .loadPKRS: "With 1 VM entries load IA32_PKRS from the guest-state area."
        default: nil
        }
    }
}
