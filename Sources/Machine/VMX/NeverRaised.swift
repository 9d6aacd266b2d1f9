import Architecture

extension ExitReason {
    /// Why the model never has this exit, for the few reasons that it leaves out; nil where a guest
    /// can bring it about.
    public var whyNeverRaised: String? {
        switch self {
        case .ioSMI, .otherSMI, .rsm:
            "There is no system-management mode: nothing sends an SMI."
        case .entryFailureMachineCheck: "Nothing is broken: no machine check comes."
        case .getsec: "No named processor announces SMX: GETSEC is an invalid opcode."
        case .encls, .enclv: "No named processor announces SGX."
        case .pconfig, .loadiwkey, .enqcmdPASIDFailure, .enqcmdsPASIDFailure, .sppEvent, .busLock,
            .instructionTimeout:
            "No named processor has the control that asks for it."
        default: nil
        }
    }
}
