extension InstructionTable {
    /// One operand: INC, DEC, NOT, NEG, MUL, IMUL, DIV, IDIV.
    static let unaryForms: [InstructionForm] = [
        .init("40+rw", "inc", "r16", .inc, modes: .not64),
        .init("40+rd", "inc", "r32", .inc, modes: .not64),
        .init("FE /0", "inc", "r/m8", .inc),
        .init("FF /0", "inc", "r/m16", .inc),
        .init("FF /0", "inc", "r/m32", .inc),
        .init("REX.W FF /0", "inc", "r/m64", .inc),
        .init("48+rw", "dec", "r16", .dec, modes: .not64),
        .init("48+rd", "dec", "r32", .dec, modes: .not64),
        .init("FE /1", "dec", "r/m8", .dec),
        .init("FF /1", "dec", "r/m16", .dec),
        .init("FF /1", "dec", "r/m32", .dec),
        .init("REX.W FF /1", "dec", "r/m64", .dec),
        .init("F6 /2", "not", "r/m8", .not),
        .init("F7 /2", "not", "r/m16", .not),
        .init("F7 /2", "not", "r/m32", .not),
        .init("REX.W F7 /2", "not", "r/m64", .not),
        .init("F6 /3", "neg", "r/m8", .neg),
        .init("F7 /3", "neg", "r/m16", .neg),
        .init("F7 /3", "neg", "r/m32", .neg),
        .init("REX.W F7 /3", "neg", "r/m64", .neg),
        .init("F6 /4", "mul", "r/m8", .mul),
        .init("F7 /4", "mul", "r/m16", .mul),
        .init("F7 /4", "mul", "r/m32", .mul),
        .init("REX.W F7 /4", "mul", "r/m64", .mul),
        .init("F6 /5", "imul", "r/m8", .imul),
        .init("F7 /5", "imul", "r/m16", .imul),
        .init("F7 /5", "imul", "r/m32", .imul),
        .init("REX.W F7 /5", "imul", "r/m64", .imul),
        .init("F6 /6", "div", "r/m8", .div),
        .init("F7 /6", "div", "r/m16", .div),
        .init("F7 /6", "div", "r/m32", .div),
        .init("REX.W F7 /6", "div", "r/m64", .div),
        .init("F6 /7", "idiv", "r/m8", .idiv),
        .init("F7 /7", "idiv", "r/m16", .idiv),
        .init("F7 /7", "idiv", "r/m32", .idiv),
        .init("REX.W F7 /7", "idiv", "r/m64", .idiv),
    ]

    /// IMUL with two and three operands.
    static let multiplyForms: [InstructionForm] = [
        .init("6B /r ib", "imul", "r16, r/m16, imm8", .imulTruncating),
        .init("6B /r ib", "imul", "r32, r/m32, imm8", .imulTruncating),
        .init("REX.W 6B /r ib", "imul", "r64, r/m64, imm8", .imulTruncating),
        .init("69 /r iw", "imul", "r16, r/m16, imm16", .imulTruncating),
        .init("69 /r id", "imul", "r32, r/m32, imm32", .imulTruncating),
        .init("REX.W 69 /r id", "imul", "r64, r/m64, imm32", .imulTruncating),
        .init("0F AF /r", "imul", "r16, r/m16", .imulTruncating),
        .init("0F AF /r", "imul", "r32, r/m32", .imulTruncating),
        .init("REX.W 0F AF /r", "imul", "r64, r/m64", .imulTruncating),
    ]

    /// TEST. Its two register operands can stand in either order.
    static let testForms: [InstructionForm] = [
        .init("A8 ib", "test", "AL, imm8", .test),
        .init("A9 iw", "test", "AX, imm16", .test),
        .init("A9 id", "test", "EAX, imm32", .test),
        .init("REX.W A9 id", "test", "RAX, imm32", .test),
        .init("F6 /0 ib", "test", "r/m8, imm8", .test),
        .init("F7 /0 iw", "test", "r/m16, imm16", .test),
        .init("F7 /0 id", "test", "r/m32, imm32", .test),
        .init("REX.W F7 /0 id", "test", "r/m64, imm32", .test),
        .init("F6 /1 ib", "test", "r/m8, imm8", .test, traits: .decoderOnly),
        .init("F7 /1 iw", "test", "r/m16, imm16", .test, traits: .decoderOnly),
        .init("F7 /1 id", "test", "r/m32, imm32", .test, traits: .decoderOnly),
        .init("REX.W F7 /1 id", "test", "r/m64, imm32", .test, traits: .decoderOnly),
        .init("84 /r", "test", "r/m8, r8", .test),
        .init("85 /r", "test", "r/m16, r16", .test),
        .init("85 /r", "test", "r/m32, r32", .test),
        .init("REX.W 85 /r", "test", "r/m64, r64", .test),
        .init("84 /r", "test", "r8, r/m8", .test, traits: .assemblerOnly),
        .init("85 /r", "test", "r16, r/m16", .test, traits: .assemblerOnly),
        .init("85 /r", "test", "r32, r/m32", .test, traits: .assemblerOnly),
        .init("REX.W 85 /r", "test", "r64, r/m64", .test, traits: .assemblerOnly),
    ]

    /// XADD, CMPXCHG and the carry chains of ADX.
    static let exchangeArithmeticForms: [InstructionForm] = [
        .init("0F C0 /r", "xadd", "r/m8, r8", .xadd),
        .init("0F C1 /r", "xadd", "r/m16, r16", .xadd),
        .init("0F C1 /r", "xadd", "r/m32, r32", .xadd),
        .init("REX.W 0F C1 /r", "xadd", "r/m64, r64", .xadd),
        .init("0F B0 /r", "cmpxchg", "r/m8, r8", .cmpxchg),
        .init("0F B1 /r", "cmpxchg", "r/m16, r16", .cmpxchg),
        .init("0F B1 /r", "cmpxchg", "r/m32, r32", .cmpxchg),
        .init("REX.W 0F B1 /r", "cmpxchg", "r/m64, r64", .cmpxchg),
        .init("REX.W 0F C7 /1", "cmpxchg16b", "m128", .cmpxchg16b, modes: .only64, feature: .cx16),
        .init("0F C7 /1", "cmpxchg8b", "m64", .cmpxchg8b, size: .any, feature: .cx8),
        .init("66 REX.W 0F 38 F6 /r", "adcx", "r64, r/m64", .adcx, feature: .adx),
        .init("66 0F 38 F6 /r", "adcx", "r32, r/m32", .adcx, size: .any, feature: .adx),
        .init("F3 REX.W 0F 38 F6 /r", "adox", "r64, r/m64", .adox, feature: .adx),
        .init("F3 0F 38 F6 /r", "adox", "r32, r/m32", .adox, size: .any, feature: .adx),
    ]

    /// Decimal adjustment.
    static let decimalForms: [InstructionForm] = [
        .init("37", "aaa", "", .aaa, modes: .not64),
        .init("3F", "aas", "", .aas, modes: .not64),
        .init("27", "daa", "", .daa, modes: .not64),
        .init("2F", "das", "", .das, modes: .not64),
        .init("D4 0A", "aam", "", .aam, modes: .not64, traits: .assemblerOnly),
        .init("D4 ib", "aam", "imm8", .aam, modes: .not64, size: .byte),
        .init("D5 0A", "aad", "", .aad, modes: .not64, traits: .assemblerOnly),
        .init("D5 ib", "aad", "imm8", .aad, modes: .not64, size: .byte),
    ]
}
