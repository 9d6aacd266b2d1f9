// What the control bits do, in a sentence or two each.

extension ControlBit {
    /// What the bit does when it is 1, and where that does not say it by itself when it is 0.
    public var meaning: String {
        switch self {
        case .pin(let bit): bit.meaning
        case .primary(let bit): bit.meaning
        case .secondary(let bit): bit.meaning
        case .tertiary(let bit): bit.meaning
        case .exit(let bit): bit.meaning
        case .entry(let bit): bit.meaning
        case .function(let bit): bit.meaning
        }
    }
}

extension PinControl {
    var meaning: String {
        switch self {
        case .externalInterruptExiting:
            """
            With 1 an external interrupt causes a VM exit, whatever RFLAGS.IF says; with 0 it is \
            delivered through the guest's IDT.
            """
        case .nmiExiting:
            "With 1 an NMI causes a VM exit; with 0 it is delivered through the guest's IDT."
        case .virtualNMIs:
            """
            With 1 NMIs are never blocked in the guest, and "blocking by NMI" tells of virtual \
            NMIs that the hypervisor injects. It needs "NMI exiting".
            """
        case .activatePreemptionTimer:
            """
            With 1 the VMX-preemption timer counts down while the guest runs, and its reaching 0 \
            causes a VM exit.
            """
        case .processPostedInterrupts:
            """
            With 1 an external interrupt with the notification vector makes the processor deliver \
            the posted interrupts to the guest without a VM exit.
            """
        }
    }
}

extension TertiaryControl {
    var meaning: String {
        switch self {
        case .loadiwkeyExiting: "With 1 LOADIWKEY causes a VM exit."
        case .enableHLAT:
            """
            With 1 some of the guest's linear addresses are translated by paging structures that \
            the hypervisor keeps, instead of those at CR3.
            """
        case .eptPagingWriteControl:
            """
            With 1 an EPT entry can allow the processor to set accessed and dirty flags in guest \
            paging structures on a page that is otherwise read-only.
            """
        case .guestPagingVerification:
            """
            With 1 an EPT entry can demand that the guest's page walk has used only pages that \
            are marked for paging structures.
            """
        case .ipiVirtualization:
            """
            With 1 an interrupt that the guest sends to another of its virtual processors is \
            posted by the processor without a VM exit.
            """
        }
    }
}

extension VMFunctionControl {
    var meaning: String {
        switch self {
        case .eptpSwitching:
            "With 1 VMFUNC with EAX 0 loads the EPT pointer from the EPTP list, by ECX."
        }
    }
}
