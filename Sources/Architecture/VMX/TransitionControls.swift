/// Bits of the VM-exit controls: what a VM exit saves and loads.
///
/// Source: SDM 3C, "VM-Exit Controls".
public enum ExitControl: UInt8, NamedBit, ControlBits {
    case saveDebugControls = 2
    case hostAddressSpaceSize = 9
    case loadPerfGlobalControl = 12
    case acknowledgeInterruptOnExit = 15
    case savePAT = 18
    case loadPAT = 19
    case saveEFER = 20
    case loadEFER = 21
    case savePreemptionTimer = 22
    case clearBNDCFGS = 23
    case concealVMXFromPT = 24
    case clearRTITControl = 25
    case clearLBRControl = 26
    case clearUINV = 27
    case loadCETState = 28
    case loadPKRS = 29
    case savePerfGlobalControl = 30

    public static let field = VMCSField.exitControls
    public static let citation = Citation.vmExitControls

    public var name: String { texts.name }
    public var title: String { texts.title }

    private var texts: (name: String, title: String) {
        switch self {
        case .saveDebugControls: ("save debug controls", "DR7 and IA32_DEBUGCTL are saved")
        case .hostAddressSpaceSize:
            (
                "host address-space size",
                "the host is in 64-bit mode: sets CS.L, EFER.LME and EFER.LMA"
            )
        case .loadPerfGlobalControl:
            ("load IA32_PERF_GLOBAL_CTRL", "the MSR is loaded from the host-state area")
        case .acknowledgeInterruptOnExit:
            (
                "acknowledge interrupt on exit",
                "an external interrupt is acknowledged, its vector recorded"
            )
        case .savePAT: ("save IA32_PAT", "the MSR is saved")
        case .loadPAT: ("load IA32_PAT", "the MSR is loaded from the host-state area")
        case .saveEFER: ("save IA32_EFER", "the MSR is saved")
        case .loadEFER: ("load IA32_EFER", "the MSR is loaded from the host-state area")
        case .savePreemptionTimer:
            ("save VMX-preemption timer value", "the timer's value is saved")
        case .clearBNDCFGS: ("clear IA32_BNDCFGS", "the MSR is cleared")
        case .concealVMXFromPT:
            ("conceal VMX from PT", "Intel Processor Trace does not show the VM exit")
        case .clearRTITControl: ("clear IA32_RTIT_CTL", "the MSR is cleared")
        case .clearLBRControl: ("clear IA32_LBR_CTL", "the MSR is cleared")
        case .clearUINV: ("clear UINV", "the user-interrupt notification vector is cleared")
        case .loadCETState:
            ("load CET state", "the CET MSRs and SSP are loaded from the host-state area")
        case .loadPKRS: ("load PKRS", "IA32_PKRS is loaded from the host-state area")
        case .savePerfGlobalControl: ("save IA32_PERF_GLOBAL_CTL", "the MSR is saved")
        }
    }
}

/// Bits of the VM-entry controls: what a VM entry loads.
///
/// Source: SDM 3C, "VM-Entry Controls".
public enum EntryControl: UInt8, NamedBit, ControlBits {
    case loadDebugControls = 2
    case ia32eModeGuest = 9
    case entryToSMM = 10
    case deactivateDualMonitor = 11
    case loadPerfGlobalControl = 13
    case loadPAT = 14
    case loadEFER = 15
    case loadBNDCFGS = 16
    case concealVMXFromPT = 17
    case loadRTITControl = 18
    case loadUINV = 19
    case loadCETState = 20
    case loadLBRControl = 21
    case loadPKRS = 22

    public static let field = VMCSField.entryControls
    public static let citation = Citation.vmEntryControls

    public var name: String { texts.name }
    public var title: String { texts.title }

    private var texts: (name: String, title: String) {
        switch self {
        case .loadDebugControls: ("load debug controls", "DR7 and IA32_DEBUGCTL are loaded")
        case .ia32eModeGuest:
            ("IA-32e mode guest", "the guest is in IA-32e mode: sets EFER.LME and EFER.LMA")
        case .entryToSMM: ("entry to SMM", "the guest is in system-management mode")
        case .deactivateDualMonitor:
            (
                "deactivate dual-monitor treatment",
                "the default treatment of SMIs is in effect after the entry"
            )
        case .loadPerfGlobalControl: ("load IA32_PERF_GLOBAL_CTRL", "the MSR is loaded")
        case .loadPAT: ("load IA32_PAT", "the MSR is loaded")
        case .loadEFER: ("load IA32_EFER", "the MSR is loaded")
        case .loadBNDCFGS: ("load IA32_BNDCFGS", "the MSR is loaded")
        case .concealVMXFromPT:
            ("conceal VMX from PT", "Intel Processor Trace does not show the VM entry")
        case .loadRTITControl: ("load IA32_RTIT_CTL", "the MSR is loaded")
        case .loadUINV: ("load UINV", "the user-interrupt notification vector is loaded")
        case .loadCETState: ("load CET state", "the CET MSRs and SSP are loaded")
        case .loadLBRControl: ("load guest IA32_LBR_CTL", "the MSR is loaded")
        case .loadPKRS: ("load PKRS", "IA32_PKRS is loaded")
        }
    }
}
