extension InstructionTable {
    /// String instructions: the operand size is the element size.
    static let stringForms: [InstructionForm] = [
        .init("A4", "movsb", "", .movs, size: .byte),
        .init("A5", "movsw", "", .movs, size: .word),
        .init("A5", "movsd", "", .movs, size: .doubleword),
        .init("REX.W A5", "movsq", "", .movs, modes: .only64, size: .quadword),
        .init("A6", "cmpsb", "", .cmps, size: .byte),
        .init("A7", "cmpsw", "", .cmps, size: .word),
        .init("A7", "cmpsd", "", .cmps, size: .doubleword),
        .init("REX.W A7", "cmpsq", "", .cmps, modes: .only64, size: .quadword),
        .init("AA", "stosb", "", .stos, size: .byte),
        .init("AB", "stosw", "", .stos, size: .word),
        .init("AB", "stosd", "", .stos, size: .doubleword),
        .init("REX.W AB", "stosq", "", .stos, modes: .only64, size: .quadword),
        .init("AC", "lodsb", "", .lods, size: .byte),
        .init("AD", "lodsw", "", .lods, size: .word),
        .init("AD", "lodsd", "", .lods, size: .doubleword),
        .init("REX.W AD", "lodsq", "", .lods, modes: .only64, size: .quadword),
        .init("AE", "scasb", "", .scas, size: .byte),
        .init("AF", "scasw", "", .scas, size: .word),
        .init("AF", "scasd", "", .scas, size: .doubleword),
        .init("REX.W AF", "scasq", "", .scas, modes: .only64, size: .quadword),
        .init("6C", "insb", "", .ins, size: .byte),
        .init("6D", "insw", "", .ins, size: .word),
        .init("6D", "insd", "", .ins, size: .doubleword),
        .init("6E", "outsb", "", .outs, size: .byte),
        .init("6F", "outsw", "", .outs, size: .word),
        .init("6F", "outsd", "", .outs, size: .doubleword),
    ]

    /// IN and OUT.
    static let portForms: [InstructionForm] = [
        .init("E4 ib", "in", "AL, imm8", .in),
        .init("E5 ib", "in", "AX, imm8", .in),
        .init("E5 ib", "in", "EAX, imm8", .in),
        .init("EC", "in", "AL, DX", .in),
        .init("ED", "in", "AX, DX", .in),
        .init("ED", "in", "EAX, DX", .in),
        .init("E6 ib", "out", "imm8, AL", .out),
        .init("E7 ib", "out", "imm8, AX", .out),
        .init("E7 ib", "out", "imm8, EAX", .out),
        .init("EE", "out", "DX, AL", .out),
        .init("EF", "out", "DX, AX", .out),
        .init("EF", "out", "DX, EAX", .out),
    ]
}
