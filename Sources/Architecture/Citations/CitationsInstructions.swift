// Volume 2: instructions.

extension Citation {
    /// An instruction's entry, by its title: the VMX instructions stand in SDM 3C, all others in
    /// SDM 2.
    public static func entry(titled title: String) -> Citation {
        vmxInstructionsSections.first { $0.title == title } ?? Citation(.sdm2, nil, title)
    }

    public static let instructionFormat = Citation(
        .sdm2, nil, "Instruction Format")
    public static let cpuidInstruction = Citation(
        .sdm2, nil, "CPUID—CPU Identification")
    public static let hltInstruction = Citation(
        .sdm2, nil, "HLT—Halt")
    public static let inInstruction = Citation(
        .sdm2, nil, "IN—Input from Port")
    public static let outInstruction = Citation(
        .sdm2, nil, "OUT—Output to Port")
    public static let insInstruction = Citation(
        .sdm2, nil, "INS/INSB/INSW/INSD—Input from Port to String")
    public static let outsInstruction = Citation(
        .sdm2, nil, "OUTS/OUTSB/OUTSW/OUTSD—Output String to Port")
    public static let movControlRegisters = Citation(
        .sdm2, nil, "MOV—Move to/from Control Registers")
    public static let movDebugRegisters = Citation(
        .sdm2, nil, "MOV—Move to/from Debug Registers")
    public static let cltsInstruction = Citation(
        .sdm2, nil, "CLTS—Clear Task-Switched Flag in CR0")
    public static let lmswInstruction = Citation(
        .sdm2, nil, "LMSW—Load Machine Status Word")
    public static let smswInstruction = Citation(
        .sdm2, nil, "SMSW—Store Machine Status Word")
    public static let iretInstruction = Citation(
        .sdm2, nil, "IRET/IRETD/IRETQ—Interrupt Return")
    public static let intInstruction = Citation(
        .sdm2, nil, "INT n/INTO/INT3/INT1—Call to Interrupt Procedure")
    public static let invdInstruction = Citation(
        .sdm2, nil, "INVD—Invalidate Internal Caches")
    public static let invlpgInstruction = Citation(
        .sdm2, nil, "INVLPG—Invalidate TLB Entries")
    public static let rdmsrInstruction = Citation(
        .sdm2, nil, "RDMSR—Read From Model Specific Register")
    public static let wrmsrInstruction = Citation(
        .sdm2, nil, "WRMSR—Write to Model Specific Register")
    public static let rdtscInstruction = Citation(
        .sdm2, nil, "RDTSC—Read Time-Stamp Counter")
    public static let sysenterInstruction = Citation(
        .sdm2, nil, "SYSENTER—Fast System Call")
    public static let syscallInstruction = Citation(
        .sdm2, nil, "SYSCALL—Fast System Call")
    public static let xsetbvInstruction = Citation(
        .sdm2, nil, "XSETBV—Set Extended Control Register")

    static let instructionsSections: [Citation] = [
        .instructionFormat, .cpuidInstruction, .hltInstruction, .inInstruction, .outInstruction,
        .insInstruction, .outsInstruction, .movControlRegisters, .movDebugRegisters,
        .cltsInstruction, .lmswInstruction, .smswInstruction, .iretInstruction, .intInstruction,
        .invdInstruction, .invlpgInstruction, .rdmsrInstruction, .wrmsrInstruction,
        .rdtscInstruction, .sysenterInstruction, .syscallInstruction, .xsetbvInstruction,
    ]
}
