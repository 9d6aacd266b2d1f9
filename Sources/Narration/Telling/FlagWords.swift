import Architecture
import Machine

/// The words for an input of one bit.
///
/// A control or a register's bit has a value, 0 or 1. Others are statements that hold or not: those
/// have a phrase for either, to end a sentence as "It would have exited …".
struct FlagWords {
    let clear: String
    let set: String
    /// Whether the input's title is a statement, so that "yes" or "no" is its value.
    let isStatement: Bool

    private init(_ clear: String, _ set: String, isStatement: Bool = true) {
        self.clear = clear
        self.set = set
        self.isStatement = isStatement
    }

    /// nil: a control, or a bit, that its title names.
    static func of(_ name: String) -> FlagWords? { table[name] }

    private static let table = [modes, accesses, events, operations].reduce(into: [:]) {
        table, part in
        table.merge(part) { $1 }
    }

    private static let modes: [String: FlagWords] = [
        "non-root": .init(
            "outside VMX non-root operation", "in VMX non-root operation", isStatement: false),
        "protected": .init("in real-address mode", "in protected mode", isStatement: false),
        "virtual-8086": .init(
            "outside virtual-8086 mode", "in virtual-8086 mode", isStatement: false),
        "ia-32e-mode": .init("outside IA-32e mode", "in IA-32e mode", isStatement: false),
        "cs-l": .init("with CS.L 0", "with CS.L 1", isStatement: false),
        "if": .init("with RFLAGS.IF 0", "with RFLAGS.IF 1", isStatement: false),
    ]

    private static let accesses: [String: FlagWords] = [
        "a20m": .init("with address line 20 as it is", "with address line 20 masked"),
        "root": .init(
            "outside VMX root operation", "in VMX root operation", isStatement: false),
        "cr3-target": .init(
            "with a value that is no CR3-target value",
            "with the value among the CR3-target values"),
        "tss-denies": .init(
            "with the port allowed in the TSS's I/O map",
            "with the port denied in the TSS's I/O map"),
        "wraps": .init(
            "with an access that does not pass port FFFFh",
            "with an access that passes port FFFFh"),
        "use-io-bitmaps": .init(
            "with use I/O bitmaps 0", "with use I/O bitmaps 1 and bitmaps without the port",
            isStatement: false),
        "use-msr-bitmaps": .init(
            "with use MSR bitmaps 0", "with use MSR bitmaps 1 and bitmaps without the MSR",
            isStatement: false),
        "bitmap-bit": .init(
            "with the bitmap's bit clear", "with the bitmap's bit set", isStatement: false),
        "linear": .init(
            "without a linear address that leads to the page",
            "by a linear address that leads to the page"),
        "write": .init("with a read", "with a write"),
        "fetch": .init("with a data access", "with an instruction fetch"),
        "sets-flags": .init(
            "with the accessed and dirty flags set already",
            "with an accessed or dirty flag to set"),
        "delivering": .init(
            "outside the delivery of an event", "during the delivery of an event"),
        "eptp-valid": .init(
            "with an entry that VM entry refuses", "with an entry that VM entry accepts"),
        "first-pause": .init(
            "with an earlier PAUSE at CPL 0 since VM entry",
            "with no earlier PAUSE at CPL 0 since VM entry"),
    ]

    private static let events: [String: FlagWords] = [
        "init-pending": .init("without an INIT signal", "with an INIT signal waiting"),
        "sipi-pending": .init("without a start-up IPI", "with a start-up IPI"),
        "nmi-pending": .init("without an NMI", "with an NMI waiting"),
        "interrupt-pending": .init(
            "without an external interrupt", "with an external interrupt waiting"),
        "virtual-pending": .init(
            "without a virtual interrupt", "with a virtual interrupt recognized"),
        "mtf-pending": .init(
            "without the monitor trap flag's exit", "with the monitor trap flag's exit pending"),
        "timer-expired": .init(
            "with a VMX-preemption timer above 0", "with the VMX-preemption timer at 0"),
        "checks-threshold": .init(
            "without a look at the TPR threshold", "with a look at the TPR threshold"),
        "eoi-exit": .init(
            "without an interrupt ended whose EOI-exit bit is set",
            "with an interrupt ended whose EOI-exit bit is set"),
        "apic-write": .init(
            "without a write left to the hypervisor", "with a write left to the hypervisor"),
    ]

    private static let operations: [String: FlagWords] = [
        "in-vmx": .init(
            "outside VMX operation", "in VMX operation", isStatement: false),
        "is-there": .init("on a processor without it", "on a processor that has it"),
        "has-current-vmcs": .init("without a current VMCS", "with a current VMCS"),
        "has-vmcs": .init("without a VMCS to reach", "with a VMCS to reach"),
        "is-shadow": .init("with an ordinary VMCS", "with a shadow VMCS"),
        "is-launched": .init(
            "with a VMCS that is not launched", "with a VMCS that is launched"),
        "mov-ss": .init("without blocking by MOV SS", "with blocking by MOV SS"),
        "has-shadows": .init(
            "on a processor without shadow VMCSs", "on a processor with shadow VMCSs"),
        "is-field": .init(
            "with an encoding of no field", "with the encoding of a field"),
        "is-read-only": .init("with a field that can be written", "with a read-only field"),
        "eptp-accepted": .init(
            "with an EPT pointer that VM entry refuses",
            "with an EPT pointer that VM entry accepts"),
        "canonical": .init(
            "with an address that is not canonical", "with a canonical address"),
        "iret": .init("with another instruction than IRET", "with IRET"),
        "in-gdt": .init(
            "with a selector of no entry of the GDT", "with a selector of an entry of the GDT"),
        "present": .init("with P clear in the descriptor", "with P set in the descriptor"),
        "excluded": .init(
            "with an MSR that such areas can hold", "with an MSR that no such area can hold"),
        "msr-faults": .init(
            "with an MSR and value that do not fault", "with an MSR or value that faults"),
        "by-iret": .init(
            "without an IRET that has ended blocking", "with an IRET that has ended blocking"),
        "task-switch": .init("with another exit", "with the exit of a task switch"),
        "exception": .init("with another exit", "with the exit of an exception"),
        "instruction": .init("with another exit", "with the exit of an instruction"),
        "debug-exception": .init("with another exit", "with the exit of a debug exception"),
    ]
}
