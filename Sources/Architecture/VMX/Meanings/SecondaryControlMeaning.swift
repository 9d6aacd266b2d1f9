// What the secondary processor-based controls do. Source: SDM 3C, "Processor-Based VM-Execution
// Controls".

extension SecondaryControl {
    var meaning: String {
        memoryMeaning ?? apicMeaning ?? instructionMeaning ?? enablingMeaning ?? title
    }

    private var memoryMeaning: String? {
        switch self {
        case .enableEPT:
            """
            With 1 guest-physical addresses are translated by the extended page tables; with 0 \
            they are the processor's physical addresses.
            """
        case .enableVPID:
            """
            With 1 cached translations of linear addresses are tagged with the VPID and survive \
            entries and exits; with 0 both discard them.
            """
        case .unrestrictedGuest:
            """
            With 1 the guest may clear CR0.PE and CR0.PG, so it can run in real-address mode and \
            in protected mode without paging. It needs EPT.
            """
        case .enablePML:
            """
            With 1 the guest-physical address of each write that sets an EPT dirty flag is \
            written to the page-modification log.
            """
        case .eptViolationVE:
            """
            With 1 an EPT violation becomes a virtualization exception in the guest, unless bit 63 \
            of the EPT entry forbids it.
            """
        case .modeBasedExecuteControl:
            """
            With 1 an EPT entry has two execute permissions: bit 2 for supervisor-mode linear \
            addresses, bit 10 for user-mode ones.
            """
        case .subPageWritePermissions:
            """
            With 1 a page that EPT makes read-only can be writable in parts of 128 bytes, by the \
            sub-page permission table.
            """
        case .ptUsesGuestPhysicalAddresses:
            "With 1 the output addresses of Intel Processor Trace are guest-physical ones."
        case .useTSCScaling:
            """
            With 1 the time-stamp counter that the guest reads is multiplied by the TSC multiplier \
            before the offset is added. It acts only with "use TSC offsetting".
            """
        case .pasidTranslation:
            "With 1 ENQCMD and ENQCMDS translate process address-space identifiers by two tables."
        default: nil
        }
    }

    private var apicMeaning: String? {
        switch self {
        case .virtualizeAPICAccesses:
            """
            With 1 accesses to the APIC-access page cause VM exits, or go to the virtual-APIC page \
            where other controls say so.
            """
        case .virtualizeX2APICMode:
            """
            With 1 RDMSR and WRMSR of the MSRs 800H to 8FFH access the virtual-APIC page: the task \
            priority, and more where other controls say so.
            """
        case .apicRegisterVirtualization:
            """
            With 1 most reads of APIC registers return what the virtual-APIC page holds, and most \
            writes go there and cause an APIC-write VM exit.
            """
        case .virtualInterruptDelivery:
            """
            With 1 the processor itself finds the virtual interrupt that is next and delivers it, \
            and virtualizes EOI and self-IPI.
            """
        default: nil
        }
    }

    /// Controls by which an instruction or event exits.
    private var instructionMeaning: String? {
        switch self {
        case .descriptorTableExiting:
            "With 1 LGDT, LIDT, LLDT, LTR, SGDT, SIDT, SLDT and STR cause a VM exit."
        case .wbinvdExiting: "With 1 WBINVD and WBNOINVD cause a VM exit."
        case .pauseLoopExiting:
            """
            With 1 a PAUSE in ring 0 causes a VM exit when the guest has been in a loop of PAUSEs \
            for longer than PLE_Window. It is not asked while "PAUSE exiting" is 1.
            """
        case .rdrandExiting: "With 1 RDRAND causes a VM exit."
        case .rdseedExiting: "With 1 RDSEED causes a VM exit."
        case .vmcsShadowing:
            """
            With 1 VMREAD and VMWRITE in the guest access the shadow VMCS, unless the field's bit \
            in their bitmap is 1; with 0 they always cause a VM exit.
            """
        case .enclsExiting: "With 1 ENCLS causes a VM exit where the ENCLS-exiting bitmap says so."
        case .enclvExiting: "With 1 ENCLV causes a VM exit where the ENCLV-exiting bitmap says so."
        case .busLockDetection:
            "With 1 a VM exit comes after an instruction that has locked the bus."
        case .instructionTimeout:
            """
            With 1 a VM exit comes when the guest has reached no point at which events could be \
            taken for as long as the instruction-timeout control says.
            """
        case .concealVMXFromPT:
            "With 1 packets of Intel Processor Trace do not tell of VMX non-root operation."
        default: nil
        }
    }

    /// Controls without which the guest does not have an instruction.
    private var enablingMeaning: String? {
        switch self {
        case .enableRDTSCP: "With 0 RDTSCP and RDPID raise #UD in the guest; with 1 they work."
        case .enableINVPCID: "With 0 INVPCID raises #UD in the guest; with 1 it works."
        case .enableVMFunctions:
            "With 0 VMFUNC raises #UD in the guest; with 1 it calls the VM functions that are enabled."
        case .enableXSAVES:
            """
            With 0 XSAVES and XRSTORS raise #UD in the guest; with 1 they work, and cause a VM \
            exit where the XSS-exiting bitmap says so.
            """
        case .enableUserWaitAndPause:
            "With 0 TPAUSE, UMONITOR and UMWAIT raise #UD in the guest; with 1 they work."
        case .enablePCONFIG:
            """
            With 0 PCONFIG raises #UD in the guest; with 1 it works, and causes a VM exit where \
            the PCONFIG-exiting bitmap says so.
            """
        default: nil
        }
    }
}
