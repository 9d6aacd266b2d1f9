// What the exit reasons say, what their qualification holds, and which controls ask for them.
// Source: SDM 3D, "VMX Basic Exit Reasons"; SDM 3C, "Basic VM-Exit Information".

extension ExitReason {
    /// What happened, in one or two sentences.
    public var meaning: String {
        eventMeaning ?? conditionMeaning ?? "The guest executed \(title)\(instructionCause)."
    }

    /// The controls that ask for the exit or make it possible; empty where it needs none.
    public var controls: [ControlBit] { instructionControls ?? eventControls }

    /// What the exit qualification holds.
    public var qualification: QualificationLayout {
        switch self {
        case .exceptionOrNMI: .exception
        case .startUpIPI: .startUpIPI
        case .taskSwitch: .taskSwitch
        case .invlpg: .linearAddress
        case .crAccess: .controlRegister
        case .drAccess: .debugRegister
        case .ioInstruction: .port
        case .entryFailureGuestState: .entryFailure
        case .entryFailureMSRLoad: .msrEntry
        case .mwait: .mwait
        case .apicAccess: .apicAccess
        case .virtualizedEOI: .virtualizedEOI
        case .eptViolation: .eptViolation
        case .apicWrite: .apicWrite
        case .pmlFull: .pageModificationLog
        case .sppEvent: .subPagePermission
        case .instructionTimeout: .instructionTimeout
        case .gdtrIDTRAccess, .ldtrTRAccess, .invept, .invpcid, .invvpid, .vmclear, .vmptrld,
            .vmptrst, .vmread, .vmwrite, .vmxon, .xsaves, .xrstors:
            .displacement
        default: .none
        }
    }

    private var instructionCause: String {
        switch self {
        case .cpuid, .getsec, .invd, .xsetbv, .vmcall, .vmclear, .vmlaunch, .vmptrld, .vmptrst,
            .vmresume, .vmxoff, .vmxon, .invept, .invvpid, .rsm:
            ", which always causes a VM exit"
        default: ", and a control asks for a VM exit"
        }
    }

    /// Of the exits that no instruction asks for.
    private var eventMeaning: String? {
        switch self {
        case .exceptionOrNMI:
            "An exception whose bit in the exception bitmap is 1, or an NMI with \"NMI exiting\"."
        case .externalInterrupt:
            "An external interrupt came, and \"external-interrupt exiting\" is 1."
        case .tripleFault:
            "The guest met an exception while it delivered a double fault: the guest alone is shut down."
        case .initSignal:
            "An INIT signal came. In the guest it causes a VM exit instead of a reset."
        case .startUpIPI: "A start-up IPI came while the guest was in the wait-for-SIPI state."
        case .ioSMI: "A system-management interrupt came right after an I/O instruction."
        case .otherSMI: "A system-management interrupt came, not right after an I/O instruction."
        case .interruptWindow:
            "The guest can take an interrupt now, and \"interrupt-window exiting\" is 1."
        case .nmiWindow: "The guest can take a virtual NMI now, and \"NMI-window exiting\" is 1."
        case .entryFailureGuestState: "A VM entry failed as a check of the guest-state area did."
        case .entryFailureMSRLoad:
            "A VM entry failed as an entry of its MSR-load area could not be loaded."
        case .entryFailureMachineCheck: "A machine-check event came during a VM entry."
        case .monitorTrapFlag:
            "An instruction has completed with \"monitor trap flag\" 1, or the entry injected this exit."
        case .tprBelowThreshold:
            "The class of the guest's task priority fell below the TPR threshold."
        case .virtualizedEOI:
            "The guest ended an interrupt whose vector has its bit in the EOI-exit bitmaps."
        case .preemptionTimer: "The VMX-preemption timer counted down to 0."
        case .busLock: "An instruction of the guest locked the bus, and bus-lock detection is on."
        case .instructionTimeout:
            "The guest reached no point at which events could be taken for too long."
        default: nil
        }
    }

    /// Of the exits that come with an instruction or an access of one.
    private var conditionMeaning: String? {
        switch self {
        case .taskSwitch: "The guest attempted a task switch, which always causes a VM exit."
        case .crAccess:
            "The guest accessed CR0, CR3, CR4 or CR8 in a way that a mask or control makes exit."
        case .drAccess:
            "The guest executed MOV to or from a debug register with \"MOV-DR exiting\" 1."
        case .ioInstruction:
            "The guest executed IN, OUT, INS or OUTS on a port for which a control or bitmap asks to exit."
        case .rdmsr, .wrmsr:
            "The guest executed \(title) without MSR bitmaps, outside their ranges, or where its bit is 1."
        case .apicAccess:
            "The guest accessed the APIC-access page in a way that is not virtualized."
        case .apicWrite:
            "The guest wrote a register of the virtual-APIC page that software has to emulate."
        case .gdtrIDTRAccess:
            "The guest executed LGDT, LIDT, SGDT or SIDT with \"descriptor-table exiting\" 1."
        case .ldtrTRAccess:
            "The guest executed LLDT, LTR, SLDT or STR with \"descriptor-table exiting\" 1."
        case .eptViolation: "The EPT entries do not allow an access to a guest-physical address."
        case .eptMisconfiguration:
            "An EPT entry on the way to an address has a value that is reserved."
        case .vmread, .vmwrite: "The guest executed \(title), and no shadow VMCS serves the field."
        case .vmfunc: "VMFUNC failed: the function is not enabled, or its input is not valid."
        case .pmlFull: "A dirty flag was to be logged, and the page-modification log is full."
        case .sppEvent: "The sub-page permission table has no valid entry for the address."
        case .pause:
            "The guest executed PAUSE, with \"PAUSE exiting\" or too long in a loop of them."
        case .enqcmdPASIDFailure, .enqcmdsPASIDFailure:
            "The process address-space identifier of \(title.split(separator: " ")[0]) had no translation."
        default: nil
        }
    }
}

// The controls that ask for the reasons.
extension ExitReason {
    private var instructionControls: [ControlBit]? {
        switch self {
        case .hlt: [.primary(.hltExiting)]
        case .invlpg, .invpcid: [.primary(.invlpgExiting)]
        case .rdpmc: [.primary(.rdpmcExiting)]
        case .rdtsc, .rdtscp: [.primary(.rdtscExiting)]
        case .mwait: [.primary(.mwaitExiting)]
        case .monitor: [.primary(.monitorExiting)]
        case .pause: [.primary(.pauseExiting), .secondary(.pauseLoopExiting)]
        case .drAccess: [.primary(.movDRExiting)]
        case .ioInstruction: [.primary(.unconditionalIOExiting), .primary(.useIOBitmaps)]
        case .gdtrIDTRAccess, .ldtrTRAccess: [.secondary(.descriptorTableExiting)]
        case .wbinvd: [.secondary(.wbinvdExiting)]
        case .rdrand: [.secondary(.rdrandExiting)]
        case .rdseed: [.secondary(.rdseedExiting)]
        case .xsaves, .xrstors: [.secondary(.enableXSAVES)]
        case .vmfunc: [.secondary(.enableVMFunctions)]
        case .encls: [.secondary(.enclsExiting)]
        case .enclv: [.secondary(.enclvExiting)]
        case .pconfig: [.secondary(.enablePCONFIG)]
        case .umwait, .tpause: [.primary(.rdtscExiting)]
        case .loadiwkey: [.tertiary(.loadiwkeyExiting)]
        case .enqcmdPASIDFailure, .enqcmdsPASIDFailure: [.secondary(.pasidTranslation)]
        default: nil
        }
    }

    private var eventControls: [ControlBit] {
        switch self {
        case .externalInterrupt: [.pin(.externalInterruptExiting)]
        case .exceptionOrNMI: [.pin(.nmiExiting)]
        case .interruptWindow: [.primary(.interruptWindowExiting)]
        case .nmiWindow: [.primary(.nmiWindowExiting)]
        case .monitorTrapFlag: [.primary(.monitorTrapFlag)]
        case .preemptionTimer: [.pin(.activatePreemptionTimer)]
        case .crAccess:
            [
                .primary(.cr3LoadExiting), .primary(.cr3StoreExiting), .primary(.cr8LoadExiting),
                .primary(.cr8StoreExiting),
            ]
        case .tprBelowThreshold: [.primary(.useTPRShadow)]
        case .apicAccess: [.secondary(.virtualizeAPICAccesses)]
        case .apicWrite: [.secondary(.apicRegisterVirtualization)]
        case .virtualizedEOI: [.secondary(.virtualInterruptDelivery)]
        case .eptViolation, .eptMisconfiguration: [.secondary(.enableEPT)]
        case .pmlFull: [.secondary(.enablePML)]
        case .sppEvent: [.secondary(.subPageWritePermissions)]
        case .busLock: [.secondary(.busLockDetection)]
        case .instructionTimeout: [.secondary(.instructionTimeout)]
        default: []
        }
    }
}
