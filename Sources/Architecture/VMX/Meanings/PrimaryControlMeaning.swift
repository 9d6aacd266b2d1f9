// What the primary processor-based controls do. Source: SDM 3C, "Processor-Based VM-Execution
// Controls".

extension PrimaryControl {
    var meaning: String { eventMeaning ?? instructionMeaning }

    /// Of the controls that are not about the exit of one instruction.
    private var eventMeaning: String? {
        switch self {
        case .interruptWindowExiting:
            """
            With 1 a VM exit comes before any instruction at which RFLAGS.IF is 1 and interrupts \
            are not blocked by STI or MOV SS.
            """
        case .useTSCOffsetting:
            """
            With 1 RDTSC, RDTSCP and RDMSR of the time-stamp counter return the counter plus the \
            TSC offset.
            """
        case .activateTertiaryControls:
            "With 1 the tertiary controls are used; with 0 they count as 0, whatever the field holds."
        case .useTPRShadow:
            """
            With 1 CR8 and the task-priority register are virtualized: they access the \
            virtual-APIC page instead of the local APIC.
            """
        case .nmiWindowExiting:
            """
            With 1 a VM exit comes before any instruction at which virtual NMIs are not blocked. \
            It needs "virtual NMIs".
            """
        case .monitorTrapFlag:
            """
            With 1 a VM exit comes after each instruction of the guest, or after the delivery of \
            an event.
            """
        case .activateSecondaryControls:
            "With 1 the secondary controls are used; with 0 they count as 0, whatever the field holds."
        default: nil
        }
    }

    private var instructionMeaning: String {
        switch self {
        case .invlpgExiting:
            "With 1 INVLPG causes a VM exit, and INVPCID does where the guest may use it."
        case .rdtscExiting:
            "With 1 RDTSC causes a VM exit, and RDTSCP does where the guest may use it."
        case .cr3LoadExiting:
            """
            With 1 MOV to CR3 causes a VM exit, unless the value is one of the CR3-target values \
            in use.
            """
        case .cr3StoreExiting: "With 1 MOV from CR3 causes a VM exit."
        case .cr8LoadExiting: "With 1 MOV to CR8 causes a VM exit."
        case .cr8StoreExiting: "With 1 MOV from CR8 causes a VM exit."
        case .movDRExiting: "With 1 MOV to and from debug registers causes a VM exit."
        case .unconditionalIOExiting:
            """
            With 1 IN, OUT, INS and OUTS cause a VM exit. It is not asked while "use I/O bitmaps" \
            is 1.
            """
        case .useIOBitmaps:
            """
            With 1 the I/O bitmaps say which ports cause a VM exit, and "unconditional I/O \
            exiting" is not asked.
            """
        case .useMSRBitmaps:
            """
            With 1 the MSR bitmaps say which RDMSR and WRMSR cause a VM exit, and MSRs outside \
            their ranges do; with 0 every RDMSR and WRMSR causes one.
            """
        case .pauseExiting:
            "With 1 PAUSE causes a VM exit at every privilege level."
        case .hltExiting, .mwaitExiting, .rdpmcExiting, .monitorExiting:
            "With 1 \(name.split(separator: " ")[0]) causes a VM exit."
        default: title
        }
    }
}
