extension InstructionTable {
    /// ROL, ROR, RCL, RCR.
    static let rotateForms: [InstructionForm] = [
        .init("D0 /0", "rol", "r/m8, 1", .rol),
        .init("D1 /0", "rol", "r/m16, 1", .rol),
        .init("D1 /0", "rol", "r/m32, 1", .rol),
        .init("REX.W D1 /0", "rol", "r/m64, 1", .rol),
        .init("D2 /0", "rol", "r/m8, CL", .rol),
        .init("D3 /0", "rol", "r/m16, CL", .rol),
        .init("D3 /0", "rol", "r/m32, CL", .rol),
        .init("REX.W D3 /0", "rol", "r/m64, CL", .rol),
        .init("C0 /0 ib", "rol", "r/m8, imm8", .rol),
        .init("C1 /0 ib", "rol", "r/m16, imm8", .rol),
        .init("C1 /0 ib", "rol", "r/m32, imm8", .rol),
        .init("REX.W C1 /0 ib", "rol", "r/m64, imm8", .rol),
        .init("D0 /1", "ror", "r/m8, 1", .ror),
        .init("D1 /1", "ror", "r/m16, 1", .ror),
        .init("D1 /1", "ror", "r/m32, 1", .ror),
        .init("REX.W D1 /1", "ror", "r/m64, 1", .ror),
        .init("D2 /1", "ror", "r/m8, CL", .ror),
        .init("D3 /1", "ror", "r/m16, CL", .ror),
        .init("D3 /1", "ror", "r/m32, CL", .ror),
        .init("REX.W D3 /1", "ror", "r/m64, CL", .ror),
        .init("C0 /1 ib", "ror", "r/m8, imm8", .ror),
        .init("C1 /1 ib", "ror", "r/m16, imm8", .ror),
        .init("C1 /1 ib", "ror", "r/m32, imm8", .ror),
        .init("REX.W C1 /1 ib", "ror", "r/m64, imm8", .ror),
        .init("D0 /2", "rcl", "r/m8, 1", .rcl),
        .init("D1 /2", "rcl", "r/m16, 1", .rcl),
        .init("D1 /2", "rcl", "r/m32, 1", .rcl),
        .init("REX.W D1 /2", "rcl", "r/m64, 1", .rcl),
        .init("D2 /2", "rcl", "r/m8, CL", .rcl),
        .init("D3 /2", "rcl", "r/m16, CL", .rcl),
        .init("D3 /2", "rcl", "r/m32, CL", .rcl),
        .init("REX.W D3 /2", "rcl", "r/m64, CL", .rcl),
        .init("C0 /2 ib", "rcl", "r/m8, imm8", .rcl),
        .init("C1 /2 ib", "rcl", "r/m16, imm8", .rcl),
        .init("C1 /2 ib", "rcl", "r/m32, imm8", .rcl),
        .init("REX.W C1 /2 ib", "rcl", "r/m64, imm8", .rcl),
        .init("D0 /3", "rcr", "r/m8, 1", .rcr),
        .init("D1 /3", "rcr", "r/m16, 1", .rcr),
        .init("D1 /3", "rcr", "r/m32, 1", .rcr),
        .init("REX.W D1 /3", "rcr", "r/m64, 1", .rcr),
        .init("D2 /3", "rcr", "r/m8, CL", .rcr),
        .init("D3 /3", "rcr", "r/m16, CL", .rcr),
        .init("D3 /3", "rcr", "r/m32, CL", .rcr),
        .init("REX.W D3 /3", "rcr", "r/m64, CL", .rcr),
        .init("C0 /3 ib", "rcr", "r/m8, imm8", .rcr),
        .init("C1 /3 ib", "rcr", "r/m16, imm8", .rcr),
        .init("C1 /3 ib", "rcr", "r/m32, imm8", .rcr),
        .init("REX.W C1 /3 ib", "rcr", "r/m64, imm8", .rcr),
    ]

    /// SHL, SHR, SAR. Digit 6 is what digit 4 is.
    static let shiftForms: [InstructionForm] = [
        .init("D0 /4", "shl/sal", "r/m8, 1", .shl),
        .init("D1 /4", "shl/sal", "r/m16, 1", .shl),
        .init("D1 /4", "shl/sal", "r/m32, 1", .shl),
        .init("REX.W D1 /4", "shl/sal", "r/m64, 1", .shl),
        .init("D2 /4", "shl/sal", "r/m8, CL", .shl),
        .init("D3 /4", "shl/sal", "r/m16, CL", .shl),
        .init("D3 /4", "shl/sal", "r/m32, CL", .shl),
        .init("REX.W D3 /4", "shl/sal", "r/m64, CL", .shl),
        .init("C0 /4 ib", "shl/sal", "r/m8, imm8", .shl),
        .init("C1 /4 ib", "shl/sal", "r/m16, imm8", .shl),
        .init("C1 /4 ib", "shl/sal", "r/m32, imm8", .shl),
        .init("REX.W C1 /4 ib", "shl/sal", "r/m64, imm8", .shl),
        .init("D0 /6", "shl", "r/m8, 1", .shl, traits: .decoderOnly),
        .init("D1 /6", "shl", "r/m16, 1", .shl, traits: .decoderOnly),
        .init("D1 /6", "shl", "r/m32, 1", .shl, traits: .decoderOnly),
        .init("REX.W D1 /6", "shl", "r/m64, 1", .shl, traits: .decoderOnly),
        .init("D2 /6", "shl", "r/m8, CL", .shl, traits: .decoderOnly),
        .init("D3 /6", "shl", "r/m16, CL", .shl, traits: .decoderOnly),
        .init("D3 /6", "shl", "r/m32, CL", .shl, traits: .decoderOnly),
        .init("REX.W D3 /6", "shl", "r/m64, CL", .shl, traits: .decoderOnly),
        .init("C0 /6 ib", "shl", "r/m8, imm8", .shl, traits: .decoderOnly),
        .init("C1 /6 ib", "shl", "r/m16, imm8", .shl, traits: .decoderOnly),
        .init("C1 /6 ib", "shl", "r/m32, imm8", .shl, traits: .decoderOnly),
        .init("REX.W C1 /6 ib", "shl", "r/m64, imm8", .shl, traits: .decoderOnly),
        .init("D0 /5", "shr", "r/m8, 1", .shr),
        .init("D1 /5", "shr", "r/m16, 1", .shr),
        .init("D1 /5", "shr", "r/m32, 1", .shr),
        .init("REX.W D1 /5", "shr", "r/m64, 1", .shr),
        .init("D2 /5", "shr", "r/m8, CL", .shr),
        .init("D3 /5", "shr", "r/m16, CL", .shr),
        .init("D3 /5", "shr", "r/m32, CL", .shr),
        .init("REX.W D3 /5", "shr", "r/m64, CL", .shr),
        .init("C0 /5 ib", "shr", "r/m8, imm8", .shr),
        .init("C1 /5 ib", "shr", "r/m16, imm8", .shr),
        .init("C1 /5 ib", "shr", "r/m32, imm8", .shr),
        .init("REX.W C1 /5 ib", "shr", "r/m64, imm8", .shr),
        .init("D0 /7", "sar", "r/m8, 1", .sar),
        .init("D1 /7", "sar", "r/m16, 1", .sar),
        .init("D1 /7", "sar", "r/m32, 1", .sar),
        .init("REX.W D1 /7", "sar", "r/m64, 1", .sar),
        .init("D2 /7", "sar", "r/m8, CL", .sar),
        .init("D3 /7", "sar", "r/m16, CL", .sar),
        .init("D3 /7", "sar", "r/m32, CL", .sar),
        .init("REX.W D3 /7", "sar", "r/m64, CL", .sar),
        .init("C0 /7 ib", "sar", "r/m8, imm8", .sar),
        .init("C1 /7 ib", "sar", "r/m16, imm8", .sar),
        .init("C1 /7 ib", "sar", "r/m32, imm8", .sar),
        .init("REX.W C1 /7 ib", "sar", "r/m64, imm8", .sar),
    ]

    /// SHLD, SHRD.
    static let doubleShiftForms: [InstructionForm] = [
        .init("0F A4 /r ib", "shld", "r/m16, r16, imm8", .shld),
        .init("0F A4 /r ib", "shld", "r/m32, r32, imm8", .shld),
        .init("REX.W 0F A4 /r ib", "shld", "r/m64, r64, imm8", .shld),
        .init("0F A5 /r", "shld", "r/m16, r16, CL", .shld),
        .init("0F A5 /r", "shld", "r/m32, r32, CL", .shld),
        .init("REX.W 0F A5 /r", "shld", "r/m64, r64, CL", .shld),
        .init("0F AC /r ib", "shrd", "r/m16, r16, imm8", .shrd),
        .init("0F AC /r ib", "shrd", "r/m32, r32, imm8", .shrd),
        .init("REX.W 0F AC /r ib", "shrd", "r/m64, r64, imm8", .shrd),
        .init("0F AD /r", "shrd", "r/m16, r16, CL", .shrd),
        .init("0F AD /r", "shrd", "r/m32, r32, CL", .shrd),
        .init("REX.W 0F AD /r", "shrd", "r/m64, r64, CL", .shrd),
    ]

    /// BT, BTS, BTR, BTC.
    static let bitTestForms: [InstructionForm] = [
        .init("0F A3 /r", "bt", "r/m16, r16", .bt),
        .init("0F A3 /r", "bt", "r/m32, r32", .bt),
        .init("REX.W 0F A3 /r", "bt", "r/m64, r64", .bt),
        .init("0F BA /4 ib", "bt", "r/m16, imm8", .bt),
        .init("0F BA /4 ib", "bt", "r/m32, imm8", .bt),
        .init("REX.W 0F BA /4 ib", "bt", "r/m64, imm8", .bt),
        .init("0F AB /r", "bts", "r/m16, r16", .bts),
        .init("0F AB /r", "bts", "r/m32, r32", .bts),
        .init("REX.W 0F AB /r", "bts", "r/m64, r64", .bts),
        .init("0F BA /5 ib", "bts", "r/m16, imm8", .bts),
        .init("0F BA /5 ib", "bts", "r/m32, imm8", .bts),
        .init("REX.W 0F BA /5 ib", "bts", "r/m64, imm8", .bts),
        .init("0F B3 /r", "btr", "r/m16, r16", .btr),
        .init("0F B3 /r", "btr", "r/m32, r32", .btr),
        .init("REX.W 0F B3 /r", "btr", "r/m64, r64", .btr),
        .init("0F BA /6 ib", "btr", "r/m16, imm8", .btr),
        .init("0F BA /6 ib", "btr", "r/m32, imm8", .btr),
        .init("REX.W 0F BA /6 ib", "btr", "r/m64, imm8", .btr),
        .init("0F BB /r", "btc", "r/m16, r16", .btc),
        .init("0F BB /r", "btc", "r/m32, r32", .btc),
        .init("REX.W 0F BB /r", "btc", "r/m64, r64", .btc),
        .init("0F BA /7 ib", "btc", "r/m16, imm8", .btc),
        .init("0F BA /7 ib", "btc", "r/m32, imm8", .btc),
        .init("REX.W 0F BA /7 ib", "btc", "r/m64, imm8", .btc),
    ]

    /// Bit scans, counts and CRC32.
    static let bitScanForms: [InstructionForm] = [
        .init("0F BC /r", "bsf", "r16, r/m16", .bsf),
        .init("0F BC /r", "bsf", "r32, r/m32", .bsf),
        .init("REX.W 0F BC /r", "bsf", "r64, r/m64", .bsf),
        .init("0F BD /r", "bsr", "r16, r/m16", .bsr),
        .init("0F BD /r", "bsr", "r32, r/m32", .bsr),
        .init("REX.W 0F BD /r", "bsr", "r64, r/m64", .bsr),
        .init("F3 0F BC /r", "tzcnt", "r16, r/m16", .tzcnt, feature: .bmi1),
        .init("F3 0F BC /r", "tzcnt", "r32, r/m32", .tzcnt, feature: .bmi1),
        .init("F3 REX.W 0F BC /r", "tzcnt", "r64, r/m64", .tzcnt, feature: .bmi1),
        .init("F3 0F BD /r", "lzcnt", "r16, r/m16", .lzcnt, feature: .lzcnt),
        .init("F3 0F BD /r", "lzcnt", "r32, r/m32", .lzcnt, feature: .lzcnt),
        .init("F3 REX.W 0F BD /r", "lzcnt", "r64, r/m64", .lzcnt, feature: .lzcnt),
        .init("F3 0F B8 /r", "popcnt", "r16, r/m16", .popcnt, feature: .popcnt),
        .init("F3 0F B8 /r", "popcnt", "r32, r/m32", .popcnt, feature: .popcnt),
        .init("F3 REX.W 0F B8 /r", "popcnt", "r64, r/m64", .popcnt, feature: .popcnt),
        .init("F2 REX.W 0F 38 F0 /r", "crc32", "r64, r/m8", .crc32, feature: .sse42),
        .init("F2 0F 38 F0 /r", "crc32", "r32, r/m8", .crc32, size: .any, feature: .sse42),
        .init("F2 0F 38 F1 /r", "crc32", "r32, r/m16", .crc32, size: .word, feature: .sse42),
        .init("F2 0F 38 F1 /r", "crc32", "r32, r/m32", .crc32, feature: .sse42),
        .init("F2 REX.W 0F 38 F1 /r", "crc32", "r64, r/m64", .crc32, feature: .sse42),
    ]

    /// BMI1 and BMI2.
    static let bitFieldForms: [InstructionForm] = [
        .init("VEX.LZ.0F38.W0 F2 /r", "andn", "r32a, r32b, r/m32", .andn, feature: .bmi1),
        .init(
            "VEX.LZ.0F38.W1 F2 /r", "andn", "r64a, r64b, r/m64", .andn,
            modes: .only64, feature: .bmi1
        ),
        .init("VEX.LZ.0F38.W0 F7 /r", "bextr", "r32a, r/m32, r32b", .bextr, feature: .bmi1),
        .init(
            "VEX.LZ.0F38.W1 F7 /r", "bextr", "r64a, r/m64, r64b", .bextr,
            modes: .only64, feature: .bmi1
        ),
        .init("VEX.LZ.0F38.W0 F3 /1", "blsr", "r32, r/m32", .blsr, feature: .bmi1),
        .init("VEX.LZ.0F38.W1 F3 /1", "blsr", "r64, r/m64", .blsr, modes: .only64, feature: .bmi1),
        .init("VEX.LZ.0F38.W0 F3 /2", "blsmsk", "r32, r/m32", .blsmsk, feature: .bmi1),
        .init(
            "VEX.LZ.0F38.W1 F3 /2", "blsmsk", "r64, r/m64", .blsmsk,
            modes: .only64, feature: .bmi1
        ),
        .init("VEX.LZ.0F38.W0 F3 /3", "blsi", "r32, r/m32", .blsi, feature: .bmi1),
        .init("VEX.LZ.0F38.W1 F3 /3", "blsi", "r64, r/m64", .blsi, modes: .only64, feature: .bmi1),
        .init("VEX.LZ.0F38.W0 F5 /r", "bzhi", "r32a, r/m32, r32b", .bzhi, feature: .bmi2),
        .init(
            "VEX.LZ.0F38.W1 F5 /r", "bzhi", "r64a, r/m64, r64b", .bzhi,
            modes: .only64, feature: .bmi2
        ),
        .init("VEX.LZ.F2.0F38.W0 F6 /r", "mulx", "r32a, r32b, r/m32", .mulx, feature: .bmi2),
        .init(
            "VEX.LZ.F2.0F38.W1 F6 /r", "mulx", "r64a, r64b, r/m64", .mulx,
            modes: .only64, feature: .bmi2
        ),
        .init("VEX.LZ.F2.0F38.W0 F5 /r", "pdep", "r32a, r32b, r/m32", .pdep, feature: .bmi2),
        .init(
            "VEX.LZ.F2.0F38.W1 F5 /r", "pdep", "r64a, r64b, r/m64", .pdep,
            modes: .only64, feature: .bmi2
        ),
        .init("VEX.LZ.F3.0F38.W0 F5 /r", "pext", "r32a, r32b, r/m32", .pext, feature: .bmi2),
        .init(
            "VEX.LZ.F3.0F38.W1 F5 /r", "pext", "r64a, r64b, r/m64", .pext,
            modes: .only64, feature: .bmi2
        ),
        .init("VEX.LZ.F2.0F3A.W0 F0 /r ib", "rorx", "r32, r/m32, imm8", .rorx, feature: .bmi2),
        .init(
            "VEX.LZ.F2.0F3A.W1 F0 /r ib", "rorx", "r64, r/m64, imm8", .rorx,
            modes: .only64, feature: .bmi2
        ),
        .init("VEX.LZ.F3.0F38.W0 F7 /r", "sarx", "r32a, r/m32, r32b", .sarx, feature: .bmi2),
        .init(
            "VEX.LZ.F3.0F38.W1 F7 /r", "sarx", "r64a, r/m64, r64b", .sarx,
            modes: .only64, feature: .bmi2
        ),
        .init("VEX.LZ.66.0F38.W0 F7 /r", "shlx", "r32a, r/m32, r32b", .shlx, feature: .bmi2),
        .init(
            "VEX.LZ.66.0F38.W1 F7 /r", "shlx", "r64a, r/m64, r64b", .shlx,
            modes: .only64, feature: .bmi2
        ),
        .init("VEX.LZ.F2.0F38.W0 F7 /r", "shrx", "r32a, r/m32, r32b", .shrx, feature: .bmi2),
        .init(
            "VEX.LZ.F2.0F38.W1 F7 /r", "shrx", "r64a, r/m64, r64b", .shrx,
            modes: .only64, feature: .bmi2
        ),
    ]
}
