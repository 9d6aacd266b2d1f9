extension InstructionTable {
    /// Jumps, calls, returns. Intel ignores a 66 prefix on near branches in 64-bit mode.
    static let branchForms: [InstructionForm] = [
        .init("70+cc cb", "jcc", "rel8", .jcc, size: .forced64),
        .init("0F 80+cc cw", "jcc", "rel16", .jcc, modes: .not64),
        .init("0F 80+cc cd", "jcc", "rel32", .jcc, size: .forced64),
        .init("E3 cb", "jcxz", "rel8", .jcxz, modes: .not64, size: .forced64, traits: .address16),
        .init("E3 cb", "jecxz", "rel8", .jcxz, size: .forced64, traits: .address32),
        .init("E3 cb", "jrcxz", "rel8", .jcxz, modes: .only64, size: .forced64, traits: .address64),
        .init("E2 cb", "loop", "rel8", .loop, size: .forced64),
        .init("E1 cb", "loope/loopz", "rel8", .loope, size: .forced64),
        .init("E0 cb", "loopne/loopnz", "rel8", .loopne, size: .forced64),
        .init("EB cb", "jmp", "rel8", .jmp, size: .forced64),
        .init("E9 cw", "jmp", "rel16", .jmp, modes: .not64),
        .init("E9 cd", "jmp", "rel32", .jmp, size: .forced64),
        .init("FF /4", "jmp", "r/m16", .jmp, modes: .not64),
        .init("FF /4", "jmp", "r/m32", .jmp, modes: .not64),
        .init("FF /4", "jmp", "r/m64", .jmp, modes: .only64, size: .forced64),
        .init("EA cd", "jmp", "ptr16:16", .jmpFar, modes: .not64),
        .init("EA cp", "jmp", "ptr16:32", .jmpFar, modes: .not64),
        .init("FF /5", "jmp", "m16:16", .jmpFar),
        .init("FF /5", "jmp", "m16:32", .jmpFar),
        .init("REX.W FF /5", "jmp", "m16:64", .jmpFar),
        .init("E8 cw", "call", "rel16", .call, modes: .not64),
        .init("E8 cd", "call", "rel32", .call, size: .forced64),
        .init("FF /2", "call", "r/m16", .call, modes: .not64),
        .init("FF /2", "call", "r/m32", .call, modes: .not64),
        .init("FF /2", "call", "r/m64", .call, modes: .only64, size: .forced64),
        .init("9A cd", "call", "ptr16:16", .callFar, modes: .not64),
        .init("9A cp", "call", "ptr16:32", .callFar, modes: .not64),
        .init("FF /3", "call", "m16:16", .callFar),
        .init("FF /3", "call", "m16:32", .callFar),
        .init("REX.W FF /3", "call", "m16:64", .callFar),
        .init("C3", "ret/retn", "", .ret, size: .forced64),
        .init("C2 iw", "ret/retn", "imm16", .ret, size: .forced64),
        .init("CB", "retf", "", .retFar, size: .any),
        .init("CA iw", "retf", "imm16", .retFar, size: .any),
    ]

    /// Returns with their size in the mnemonic. A near return in 64-bit code has one size alone.
    static let sizedReturnForms: [InstructionForm] = [
        .init(
            "C3", "retw/retnw", "", .ret, modes: .not64, size: .word, traits: .assemblerOnly),
        .init("C2 iw", "retnw", "imm16", .ret, modes: .not64, size: .word, traits: .assemblerOnly),
        .init(
            "C3", "retd/retnd", "", .ret, modes: .not64, size: .doubleword, traits: .assemblerOnly),
        .init(
            "C2 iw", "retd/retnd", "imm16", .ret, modes: .not64, size: .doubleword,
            traits: .assemblerOnly),
        .init(
            "C3", "retq/retnq", "", .ret, modes: .only64, size: .forced64, traits: .assemblerOnly),
        .init(
            "C2 iw", "retq/retnq", "imm16", .ret, modes: .only64, size: .forced64,
            traits: .assemblerOnly),
        .init("CB", "retfw", "", .retFar, size: .word, traits: .assemblerOnly),
        .init("CA iw", "retfw", "imm16", .retFar, size: .word, traits: .assemblerOnly),
        .init("CB", "retfd", "", .retFar, size: .doubleword, traits: .assemblerOnly),
        .init("CA iw", "retfd", "imm16", .retFar, size: .doubleword, traits: .assemblerOnly),
        .init(
            "REX.W CB", "retfq", "", .retFar, modes: .only64, size: .quadword,
            traits: .assemblerOnly),
        .init(
            "REX.W CA iw", "retfq", "imm16", .retFar, modes: .only64, size: .quadword,
            traits: .assemblerOnly),
    ]

    /// Interrupts, their returns, and system calls.
    static let interruptForms: [InstructionForm] = [
        .init("CC", "int3", "", .int3, size: .any),
        .init("CD ib", "int", "imm8", .int, size: .any),
        .init("CE", "into", "", .into, modes: .not64, size: .any),
        .init("F1", "int1/icebp", "", .int1, size: .any),
        .init("CF", "iretw", "", .iret, size: .word),
        .init("CF", "iretd", "", .iret, size: .doubleword),
        .init("REX.W CF", "iretq", "", .iret, modes: .only64, size: .quadword),
        .init("CF", "iret", "", .iret, size: .any, traits: .assemblerOnly),
        .init("62 /r", "bound", "r16, m16&16", .bound, modes: .not64),
        .init("62 /r", "bound", "r32, m32&32", .bound, modes: .not64),
        .init("0F 05", "syscall", "", .syscall, modes: .only64, size: .any, feature: .syscall),
        .init(
            "REX.W 0F 07", "sysret", "", .sysret,
            modes: .only64, size: .quadword, feature: .syscall
        ),
        .init("0F 07", "sysret", "", .sysret, modes: .only64, size: .any, feature: .syscall),
        .init("0F 34", "sysenter", "", .sysenter, size: .any, feature: .sep),
        .init(
            "REX.W 0F 35", "sysexit", "", .sysexit,
            modes: .only64, size: .quadword, feature: .sep
        ),
        .init("0F 35", "sysexit", "", .sysexit, size: .any, feature: .sep),
    ]

    /// Flags.
    static let flagForms: [InstructionForm] = [
        .init("F8", "clc", "", .clc, size: .any),
        .init("F9", "stc", "", .stc, size: .any),
        .init("F5", "cmc", "", .cmc, size: .any),
        .init("FC", "cld", "", .cld, size: .any),
        .init("FD", "std", "", .std, size: .any),
        .init("FA", "cli", "", .cli, size: .any),
        .init("FB", "sti", "", .sti, size: .any),
        .init("9F", "lahf", "", .lahf, modes: .not64, size: .any),
        .init("9F", "lahf", "", .lahf, modes: .only64, size: .any, feature: .lahf64),
        .init("9E", "sahf", "", .sahf, modes: .not64, size: .any),
        .init("9E", "sahf", "", .sahf, modes: .only64, size: .any, feature: .lahf64),
        // SDM 3B, "Undefined Opcodes": reserved, and no #UD.
        .init("D6", "salc", "", .salc, modes: .not64, size: .any),
        .init("NP 0F 01 CA", "clac", "", .clac, size: .any, feature: .smap),
        .init("NP 0F 01 CB", "stac", "", .stac, size: .any, feature: .smap),
    ]
}
