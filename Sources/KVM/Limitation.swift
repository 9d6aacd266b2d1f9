/// What KVM does not show, or shows otherwise than the processor's manual says: the rows from which
/// a comparison takes its "because".
///
/// A row says why a line of a comparison may differ; whether it does is for the comparison to find
/// by looking. Those from ``emulation`` on were seen on machines whose KVM interprets the ring-0
/// code of its guests instead of running it.
public enum KVMLimitation: String, CaseIterable, Sendable {
    /// VM exits other than those of ``KVMExit``.
    case exits
    /// The VMCS.
    case vmcs
    /// The number of instructions.
    case steps
    /// Whether port traffic came from a string instruction.
    case stringForm
    /// RIP after HLT.
    case haltRIP
    /// Registers after a triple fault.
    case shutdownState
    /// What CPUID returns.
    case cpuid
    /// ``KVMInternalError`` in place of an instruction.
    case emulation
    /// Paging outside long mode.
    case legacyPaging
    /// VMCALL and VMMCALL.
    case hypercall
    /// Bits 63:32 of a value moved to CR0.
    case cr0High

    /// Why, as a sentence without its full stop.
    public var because: String {
        switch self {
        case .exits:
            "KVM handles most VM exits in the kernel: user space sees ports, absent memory, HLT "
                + "and the end"
        case .vmcs:
            "the VMCS, or its twin of another vendor, is the kernel's, and no call shows it"
        case .steps:
            "KVM does not count the guest's instructions"
        case .stringForm:
            "KVM gives the data of a string instruction as it gives that of a plain one"
        case .haltRIP:
            "KVM moves RIP behind HLT before it tells user space"
        case .shutdownState:
            "KVM does not promise what the registers hold after a triple fault: on some "
                + "processors it has reset them by then"
        case .cpuid:
            "CPUID on KVM tells what this machine's processor and kernel support"
        case .emulation:
            "this KVM interprets the guest's ring-0 code and does not know the instruction"
        case .legacyPaging:
            "a KVM that interprets ring-0 code raises #GP at the MOV to CR0 that would turn on "
                + "paging outside long mode"
        case .hypercall:
            "KVM takes VMCALL and VMMCALL for calls to itself; one that interprets ring-0 code "
                + "may never come back from them"
        case .cr0High:
            "a KVM that interprets ring-0 code drops bits 63:32 of what is moved to CR0, where a "
                + "processor raises #GP"
        }
    }
}
