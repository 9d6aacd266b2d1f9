/// What KVM does not show, or shows otherwise than the processor's manual says: the rows from which
/// a comparison takes its "because".
///
/// A row says why a line of a comparison may differ; whether it does is for the comparison to find
/// by looking. Those from ``emulation`` to ``cr0High`` were seen on machines whose KVM interprets the ring-0
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
    /// Accessed and dirty flags in the paging structures.
    case pagingFlags
    /// The time-stamp counter and random numbers.
    case unsteady
    /// That the guest is in VMX non-root operation.
    case vmxOperation
    /// VMCS fields that were set, and the hypervisor's reactions.
    case settings
    /// A start state that the kernel refuses.
    case startState
    /// A run that had to be cut off.
    case cutOff

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
            "CPUID on KVM tells what this machine's processor and kernel support, whatever leaves "
                + "it is given; the model with its leaves gives the same"
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
        case .pagingFlags:
            "a processor may set accessed flags ahead of what the guest does"
        case .unsteady:
            "KVM gives the guest this machine's clock and random numbers, the model its own"
        case .vmxOperation:
            "VMX operation fixes CR0.NE to 1 and needs CR4.VMXE; KVM hides both from its guest, "
                + "and the model with both hidden gives the same as KVM"
        case .settings:
            "KVM takes neither VMCS fields nor reactions to exits; the model without those that "
                + "were set gives the same as KVM"
        case .startState:
            "KVM does not start a guest in a state that no processor can have"
        case .cutOff:
            "the two runs were not stopped at the same instruction"
        }
    }
}
