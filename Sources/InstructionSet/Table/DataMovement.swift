extension InstructionTable {
    /// MOV, with segment, control and debug registers.
    static let moveForms: [InstructionForm] = [
        .init("88 /r", "mov", "r/m8, r8", .mov),
        .init("89 /r", "mov", "r/m16, r16", .mov),
        .init("89 /r", "mov", "r/m32, r32", .mov),
        .init("REX.W 89 /r", "mov", "r/m64, r64", .mov),
        .init("8A /r", "mov", "r8, r/m8", .mov),
        .init("8B /r", "mov", "r16, r/m16", .mov),
        .init("8B /r", "mov", "r32, r/m32", .mov),
        .init("REX.W 8B /r", "mov", "r64, r/m64", .mov),
        .init("A0", "mov", "AL, moffs8", .mov),
        .init("A1", "mov", "AX, moffs16", .mov),
        .init("A1", "mov", "EAX, moffs32", .mov),
        .init("REX.W A1", "mov", "RAX, moffs64", .mov),
        .init("A2", "mov", "moffs8, AL", .mov),
        .init("A3", "mov", "moffs16, AX", .mov),
        .init("A3", "mov", "moffs32, EAX", .mov),
        .init("REX.W A3", "mov", "moffs64, RAX", .mov),
        .init("B0+rb ib", "mov", "r8, imm8", .mov),
        .init("B8+rw iw", "mov", "r16, imm16", .mov),
        .init("B8+rd id", "mov", "r32, imm32", .mov),
        .init("REX.W B8+ro io", "mov", "r64, imm64", .mov),
        .init("C6 /0 ib", "mov", "r/m8, imm8", .mov),
        .init("C7 /0 iw", "mov", "r/m16, imm16", .mov),
        .init("C7 /0 id", "mov", "r/m32, imm32", .mov),
        .init("REX.W C7 /0 id", "mov", "r/m64, imm32", .mov),
        .init(
            "8C /r", "mov", "r64, Sreg", .movFromSegment,
            modes: .only64, size: .any, traits: .assemblerOnly
        ),
        .init("8C /r", "mov", "r16/m16, Sreg", .movFromSegment),
        .init("8C /r", "mov", "r32/m16, Sreg", .movFromSegment),
        .init("REX.W 8C /r", "mov", "r64/m16, Sreg", .movFromSegment),
        .init("8E /r", "mov", "Sreg, r/m16", .movToSegment, size: .any),
        .init("8E /r", "mov", "Sreg, r32", .movToSegment, size: .any, traits: .assemblerOnly),
        .init(
            "8E /r", "mov", "Sreg, r64", .movToSegment,
            modes: .only64, size: .any, traits: .assemblerOnly
        ),
        .init(
            "0F 20 /r", "mov", "r32, CR0-CR7", .movFromControl,
            modes: .not64, size: .any, traits: .modIgnored
        ),
        .init(
            "0F 20 /r", "mov", "r64, CR0-CR7", .movFromControl,
            modes: .only64, size: .any, traits: .modIgnored
        ),
        .init(
            "0F 22 /r", "mov", "CR0-CR7, r32", .movToControl,
            modes: .not64, size: .any, traits: .modIgnored
        ),
        .init(
            "0F 22 /r", "mov", "CR0-CR7, r64", .movToControl,
            modes: .only64, size: .any, traits: .modIgnored
        ),
        .init(
            "0F 21 /r", "mov", "r32, DR0-DR7", .movFromDebug,
            modes: .not64, size: .any, traits: .modIgnored
        ),
        .init(
            "0F 21 /r", "mov", "r64, DR0-DR7", .movFromDebug,
            modes: .only64, size: .any, traits: .modIgnored
        ),
        .init(
            "0F 23 /r", "mov", "DR0-DR7, r32", .movToDebug,
            modes: .not64, size: .any, traits: .modIgnored
        ),
        .init(
            "0F 23 /r", "mov", "DR0-DR7, r64", .movToDebug,
            modes: .only64, size: .any, traits: .modIgnored
        ),
    ]

    /// Moves that change width or byte order.
    static let extendForms: [InstructionForm] = [
        .init("0F B6 /r", "movzx", "r16, r/m8", .movzx),
        .init("0F B6 /r", "movzx", "r32, r/m8", .movzx),
        .init("REX.W 0F B6 /r", "movzx", "r64, r/m8", .movzx),
        .init("0F B7 /r", "movzx", "r16, r/m16", .movzx, traits: .decoderOnly),
        .init("0F B7 /r", "movzx", "r32, r/m16", .movzx),
        .init("REX.W 0F B7 /r", "movzx", "r64, r/m16", .movzx),
        .init("0F BE /r", "movsx", "r16, r/m8", .movsx),
        .init("0F BE /r", "movsx", "r32, r/m8", .movsx),
        .init("REX.W 0F BE /r", "movsx", "r64, r/m8", .movsx),
        .init("0F BF /r", "movsx", "r16, r/m16", .movsx, traits: .decoderOnly),
        .init("0F BF /r", "movsx", "r32, r/m16", .movsx),
        .init("REX.W 0F BF /r", "movsx", "r64, r/m16", .movsx),
        .init("63 /r", "movsxd", "r16, r/m16", .movsxd, modes: .only64, traits: .decoderOnly),
        .init("63 /r", "movsxd", "r32, r/m32", .movsxd, modes: .only64, traits: .decoderOnly),
        .init("REX.W 63 /r", "movsxd/movsx", "r64, r/m32", .movsxd, modes: .only64),
        .init("NFx 0F 38 F0 /r", "movbe", "r16, m16", .movbe, feature: .movbe),
        .init("NFx 0F 38 F0 /r", "movbe", "r32, m32", .movbe, feature: .movbe),
        .init("NFx REX.W 0F 38 F0 /r", "movbe", "r64, m64", .movbe, feature: .movbe),
        .init("NFx 0F 38 F1 /r", "movbe", "m16, r16", .movbe, feature: .movbe),
        .init("NFx 0F 38 F1 /r", "movbe", "m32, r32", .movbe, feature: .movbe),
        .init("NFx REX.W 0F 38 F1 /r", "movbe", "m64, r64", .movbe, feature: .movbe),
        .init("0F C8+rw", "bswap", "r16", .bswap, traits: .decoderOnly),
        .init("0F C8+rd", "bswap", "r32", .bswap),
        .init("REX.W 0F C8+ro", "bswap", "r64", .bswap),
        .init("98", "cbw", "", .cbw, size: .word),
        .init("98", "cwde", "", .cbw, size: .doubleword),
        .init("REX.W 98", "cdqe", "", .cbw, modes: .only64, size: .quadword),
        .init("99", "cwd", "", .cwd, size: .word),
        .init("99", "cdq", "", .cwd, size: .doubleword),
        .init("REX.W 99", "cqo", "", .cwd, modes: .only64, size: .quadword),
    ]

    /// XCHG, LEA, far pointer loads, XLAT. NOP stands first: it is XCHG of EAX with itself.
    static let exchangeForms: [InstructionForm] = [
        .init("90", "nop", "", .nop, size: .any, traits: .withoutREXB),
        .init("90+rw", "xchg", "r16, AX", .xchg),
        .init("90+rd", "xchg", "r32, EAX", .xchg),
        .init("REX.W 90+ro", "xchg", "r64, RAX", .xchg),
        .init("90+rw", "xchg", "AX, r16", .xchg, traits: .assemblerOnly),
        .init("90+rd", "xchg", "EAX, r32", .xchg, traits: .assemblerOnly),
        .init("REX.W 90+ro", "xchg", "RAX, r64", .xchg, traits: .assemblerOnly),
        .init("86 /r", "xchg", "r8, r/m8", .xchg, traits: .assemblerOnly),
        .init("87 /r", "xchg", "r16, r/m16", .xchg, traits: .assemblerOnly),
        .init("87 /r", "xchg", "r32, r/m32", .xchg, traits: .assemblerOnly),
        .init("REX.W 87 /r", "xchg", "r64, r/m64", .xchg, traits: .assemblerOnly),
        .init("86 /r", "xchg", "r/m8, r8", .xchg),
        .init("87 /r", "xchg", "r/m16, r16", .xchg),
        .init("87 /r", "xchg", "r/m32, r32", .xchg),
        .init("REX.W 87 /r", "xchg", "r/m64, r64", .xchg),
        .init("8D /r", "lea", "r16, m", .lea),
        .init("8D /r", "lea", "r32, m", .lea),
        .init("REX.W 8D /r", "lea", "r64, m", .lea),
        .init("C5 /r", "lds", "r16, m16:16", .lds, modes: .not64),
        .init("C5 /r", "lds", "r32, m16:32", .lds, modes: .not64),
        .init("C4 /r", "les", "r16, m16:16", .les, modes: .not64),
        .init("C4 /r", "les", "r32, m16:32", .les, modes: .not64),
        .init("0F B2 /r", "lss", "r16, m16:16", .lss),
        .init("0F B2 /r", "lss", "r32, m16:32", .lss),
        .init("REX.W 0F B2 /r", "lss", "r64, m16:64", .lss),
        .init("0F B4 /r", "lfs", "r16, m16:16", .lfs),
        .init("0F B4 /r", "lfs", "r32, m16:32", .lfs),
        .init("REX.W 0F B4 /r", "lfs", "r64, m16:64", .lfs),
        .init("0F B5 /r", "lgs", "r16, m16:16", .lgs),
        .init("0F B5 /r", "lgs", "r32, m16:32", .lgs),
        .init("REX.W 0F B5 /r", "lgs", "r64, m16:64", .lgs),
        .init("D7", "xlatb/xlat", "", .xlat, size: .byte),
    ]

    /// The stack.
    static let stackForms: [InstructionForm] = [
        .init("50+rw", "push", "r16", .push),
        .init("50+rd", "push", "r32", .push, modes: .not64),
        .init("50+ro", "push", "r64", .push, modes: .only64, size: .default64),
        .init("6A ib", "push", "imm8", .push, size: .default64),
        .init("68 iw", "push", "imm16", .push, size: .word),
        .init("68 id", "push", "imm32", .push, modes: .not64, size: .doubleword),
        .init("68 id", "push", "imm32", .push, modes: .only64, size: .default64),
        .init("FF /6", "push", "r/m16", .push),
        .init("FF /6", "push", "r/m32", .push, modes: .not64),
        .init("FF /6", "push", "r/m64", .push, modes: .only64, size: .default64),
        .init("0E", "push", "CS", .pushSegment, modes: .not64, size: .any),
        .init("16", "push", "SS", .pushSegment, modes: .not64, size: .any),
        .init("1E", "push", "DS", .pushSegment, modes: .not64, size: .any),
        .init("06", "push", "ES", .pushSegment, modes: .not64, size: .any),
        .init("0F A0", "push", "FS", .pushSegment, size: .default64),
        .init("0F A8", "push", "GS", .pushSegment, size: .default64),
        .init("58+rw", "pop", "r16", .pop),
        .init("58+rd", "pop", "r32", .pop, modes: .not64),
        .init("58+ro", "pop", "r64", .pop, modes: .only64, size: .default64),
        .init("8F /0", "pop", "r/m16", .pop),
        .init("8F /0", "pop", "r/m32", .pop, modes: .not64),
        .init("8F /0", "pop", "r/m64", .pop, modes: .only64, size: .default64),
        .init("1F", "pop", "DS", .popSegment, modes: .not64, size: .any),
        .init("07", "pop", "ES", .popSegment, modes: .not64, size: .any),
        .init("17", "pop", "SS", .popSegment, modes: .not64, size: .any),
        .init("0F A1", "pop", "FS", .popSegment, size: .default64),
        .init("0F A9", "pop", "GS", .popSegment, size: .default64),
        .init("60", "pushaw", "", .pusha, modes: .not64, size: .word),
        .init("60", "pushad", "", .pusha, modes: .not64, size: .doubleword),
        .init("60", "pusha", "", .pusha, modes: .not64, size: .any, traits: .assemblerOnly),
        .init("61", "popaw", "", .popa, modes: .not64, size: .word),
        .init("61", "popad", "", .popa, modes: .not64, size: .doubleword),
        .init("61", "popa", "", .popa, modes: .not64, size: .any, traits: .assemblerOnly),
        .init("9C", "pushfw", "", .pushf, size: .word),
        .init("9C", "pushfd", "", .pushf, modes: .not64, size: .doubleword),
        .init("9C", "pushfq", "", .pushf, modes: .only64, size: .default64),
        .init("9C", "pushf", "", .pushf, size: .any, traits: .assemblerOnly),
        .init("9D", "popfw", "", .popf, size: .word),
        .init("9D", "popfd", "", .popf, modes: .not64, size: .doubleword),
        .init("9D", "popfq", "", .popf, modes: .only64, size: .default64),
        .init("9D", "popf", "", .popf, size: .any, traits: .assemblerOnly),
        .init("C8 iw ib", "enter", "imm16, imm8", .enter, size: .default64),
        .init("C9", "leave", "", .leave, size: .default64),
    ]

    /// CMOVcc and SETcc.
    static let conditionalForms: [InstructionForm] = [
        .init("0F 40+cc /r", "cmovcc", "r16, r/m16", .cmov, feature: .cmov),
        .init("0F 40+cc /r", "cmovcc", "r32, r/m32", .cmov, feature: .cmov),
        .init("REX.W 0F 40+cc /r", "cmovcc", "r64, r/m64", .cmov, feature: .cmov),
        .init("0F 90+cc /r", "setcc", "r/m8", .setcc),
    ]
}
