// Instructions that the processor has and the model does not execute: their rows give
// name and length.

extension InstructionTable {
    /// MMX registers.
    static let mmxForms1: [InstructionForm] = [
        .init("NP 0F 2A /r", "cvtpi2ps", "xmm, mm/m64", .notModelled, feature: .sse),
        .init("66 0F 2A /r", "cvtpi2pd", "xmm, mm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 2C /r", "cvttps2pi", "mm, xmm/m64", .notModelled, feature: .sse),
        .init("66 0F 2C /r", "cvttpd2pi", "mm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 2D /r", "cvtps2pi", "mm, xmm/m64", .notModelled, feature: .sse),
        .init("66 0F 2D /r", "cvtpd2pi", "mm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 60 /r", "punpcklbw", "mm, mm/m32", .notModelled, feature: .mmx),
        .init("NP 0F 61 /r", "punpcklwd", "mm, mm/m32", .notModelled, feature: .mmx),
        .init("NP 0F 62 /r", "punpckldq", "mm, mm/m32", .notModelled, feature: .mmx),
        .init("NP 0F 63 /r", "packsswb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 64 /r", "pcmpgtb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 65 /r", "pcmpgtw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 66 /r", "pcmpgtd", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 67 /r", "packuswb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 68 /r", "punpckhbw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 69 /r", "punpckhwd", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 6A /r", "punpckhdq", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 6B /r", "packssdw", "mm, mm/m64", .notModelled, feature: .mmx),
        // Before the forms with a general register: an assembler prefers it for memory.
        .init(
            "NP 0F 6F /r", "movq", "mm, mm/m64", .movq, size: .any, feature: .mmx),
        .init(
            "NP REX.W 0F 6E /r", "movq", "mm, r/m64", .movd,
            modes: .only64, size: .quadword, feature: .mmx),
        .init(
            "NP 0F 6E /r", "movd", "mm, r/m32", .movd, size: .any, feature: .mmx),
        .init("NP 0F 70 /r ib", "pshufw", "mm, mm/m64, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 71 /2 ib", "psrlw", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 71 /4 ib", "psraw", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 71 /6 ib", "psllw", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 72 /2 ib", "psrld", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 72 /4 ib", "psrad", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 72 /6 ib", "pslld", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 73 /2 ib", "psrlq", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 73 /6 ib", "psllq", "mm, imm8", .notModelled, feature: .mmx),
        .init("NP 0F 74 /r", "pcmpeqb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 75 /r", "pcmpeqw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F 76 /r", "pcmpeqd", "mm, mm/m64", .notModelled, feature: .mmx),
        .init(
            "NP 0F 7F /r", "movq", "mm/m64, mm", .movq, size: .any, feature: .mmx),
        .init(
            "NP REX.W 0F 7E /r", "movq", "r/m64, mm", .movd,
            modes: .only64, size: .quadword, feature: .mmx),
        .init(
            "NP 0F 7E /r", "movd", "r/m32, mm", .movd, size: .any, feature: .mmx),
        .init("NP 0F C4 /r ib", "pinsrw", "mm, r32/m16, imm8", .notModelled, feature: .sse),
        .init("NP 0F C5 /r ib", "pextrw", "r32, mm, imm8", .notModelled, feature: .sse),
        .init("NP 0F D1 /r", "psrlw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F D2 /r", "psrld", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F D3 /r", "psrlq", "mm, mm/m64", .notModelled, feature: .mmx),
        .init(
            "NP 0F D4 /r", "paddq", "mm, mm/m64", .paddq, size: .any, feature: .mmx),
        .init("NP 0F D5 /r", "pmullw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("F3 0F D6 /r", "movq2dq", "xmm, mm", .notModelled, feature: .sse2),
        .init("F2 0F D6 /r", "movdq2q", "mm, xmm", .notModelled, feature: .sse2),
        .init("NP 0F D7 /r", "pmovmskb", "r32, mm", .notModelled, feature: .mmx),
        .init("NP 0F D8 /r", "psubusb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F D9 /r", "psubusw", "mm, mm/m64", .notModelled, feature: .mmx),
    ]

    /// MMX registers, continued.
    static let mmxForms2: [InstructionForm] = [
        .init("NP 0F DA /r", "pminub", "mm, mm/m64", .notModelled, feature: .mmx),
        .init(
            "NP 0F DB /r", "pand", "mm, mm/m64", .pand, size: .any, feature: .mmx),
        .init("NP 0F DC /r", "paddusb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F DD /r", "paddusw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F DE /r", "pmaxub", "mm, mm/m64", .notModelled, feature: .mmx),
        .init(
            "NP 0F DF /r", "pandn", "mm, mm/m64", .pandn, size: .any, feature: .mmx),
        .init("NP 0F E0 /r", "pavgb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F E1 /r", "psraw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F E2 /r", "psrad", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F E3 /r", "pavgw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F E4 /r", "pmulhuw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F E5 /r", "pmulhw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F E7 /r", "movntq", "m64, mm", .notModelled, feature: .mmx),
        .init("NP 0F E8 /r", "psubsb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F E9 /r", "psubsw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F EA /r", "pminsw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init(
            "NP 0F EB /r", "por", "mm, mm/m64", .por, size: .any, feature: .mmx),
        .init("NP 0F EC /r", "paddsb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F ED /r", "paddsw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F EE /r", "pmaxsw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init(
            "NP 0F EF /r", "pxor", "mm, mm/m64", .pxor, size: .any, feature: .mmx),
        .init("NP 0F F1 /r", "psllw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F F2 /r", "pslld", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F F3 /r", "psllq", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F F4 /r", "pmuludq", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F F5 /r", "pmaddwd", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F F6 /r", "psadbw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F F7 /r", "maskmovq", "mm, mm", .notModelled, feature: .mmx),
        .init("NP 0F F8 /r", "psubb", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F F9 /r", "psubw", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F FA /r", "psubd", "mm, mm/m64", .notModelled, feature: .mmx),
        .init("NP 0F FB /r", "psubq", "mm, mm/m64", .notModelled, feature: .mmx),
        .init(
            "NP 0F FC /r", "paddb", "mm, mm/m64", .paddb, size: .any, feature: .mmx),
        .init(
            "NP 0F FD /r", "paddw", "mm, mm/m64", .paddw, size: .any, feature: .mmx),
        .init(
            "NP 0F FE /r", "paddd", "mm, mm/m64", .paddd, size: .any, feature: .mmx),
        .init("NP 0F 38 00 /r", "pshufb", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 01 /r", "phaddw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 02 /r", "phaddd", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 03 /r", "phaddsw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 04 /r", "pmaddubsw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 05 /r", "phsubw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 06 /r", "phsubd", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 07 /r", "phsubsw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 08 /r", "psignb", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 09 /r", "psignw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 0A /r", "psignd", "mm, mm/m64", .notModelled, feature: .ssse3),
    ]

    /// MMX registers, continued.
    static let mmxForms3: [InstructionForm] = [
        .init("NP 0F 38 0B /r", "pmulhrsw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 1C /r", "pabsb", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 1D /r", "pabsw", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 38 1E /r", "pabsd", "mm, mm/m64", .notModelled, feature: .ssse3),
        .init("NP 0F 3A 0F /r ib", "palignr", "mm, mm/m64, imm8", .notModelled, feature: .ssse3),
        .init("NP 0F 77", "emms", "", .emms, size: .any, feature: .mmx),
    ]
}
