extension InstructionTable {
    /// SSE to SSE4.2, AES and PCLMULQDQ.
    static let sseForms1: [InstructionForm] = [
        .init(
            "NP 0F 10 /r", "movups", "xmm, xmm/m128", .movups, size: .any, feature: .sse),
        .init(
            "66 0F 10 /r", "movupd", "xmm, xmm/m128", .movups, size: .any, feature: .sse2),
        .init("F3 0F 10 /r", "movss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 10 /r", "movsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init(
            "NP 0F 11 /r", "movups", "xmm/m128, xmm", .movups, size: .any, feature: .sse),
        .init(
            "66 0F 11 /r", "movupd", "xmm/m128, xmm", .movups, size: .any, feature: .sse2),
        .init("F3 0F 11 /r", "movss", "xmm/m32, xmm", .notModelled, feature: .sse),
        .init("F2 0F 11 /r", "movsd", "xmm/m64, xmm", .notModelled, feature: .sse2),
        .init("NP 0F 12 /r", "movhlps", "xmm, xmm", .notModelled, feature: .sse),
        .init("NP 0F 12 /r", "movlps", "xmm, m64", .notModelled, feature: .sse),
        .init("66 0F 12 /r", "movlpd", "xmm, m64", .notModelled, feature: .sse2),
        .init("F3 0F 12 /r", "movsldup", "xmm, xmm/m128", .notModelled, feature: .sse3),
        .init("F2 0F 12 /r", "movddup", "xmm, xmm/m64", .notModelled, feature: .sse3),
        .init("NP 0F 13 /r", "movlps", "m64, xmm", .notModelled, feature: .sse),
        .init("66 0F 13 /r", "movlpd", "m64, xmm", .notModelled, feature: .sse2),
        .init("NP 0F 14 /r", "unpcklps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 14 /r", "unpcklpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 15 /r", "unpckhps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 15 /r", "unpckhpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 16 /r", "movlhps", "xmm, xmm", .notModelled, feature: .sse),
        .init("NP 0F 16 /r", "movhps", "xmm, m64", .notModelled, feature: .sse),
        .init("66 0F 16 /r", "movhpd", "xmm, m64", .notModelled, feature: .sse2),
        .init("F3 0F 16 /r", "movshdup", "xmm, xmm/m128", .notModelled, feature: .sse3),
        .init("NP 0F 17 /r", "movhps", "m64, xmm", .notModelled, feature: .sse),
        .init("66 0F 17 /r", "movhpd", "m64, xmm", .notModelled, feature: .sse2),
        .init(
            "NP 0F 28 /r", "movaps", "xmm, xmm/m128", .movaps, size: .any, feature: .sse),
        .init(
            "66 0F 28 /r", "movapd", "xmm, xmm/m128", .movaps, size: .any, feature: .sse2),
        .init(
            "NP 0F 29 /r", "movaps", "xmm/m128, xmm", .movaps, size: .any, feature: .sse),
        .init(
            "66 0F 29 /r", "movapd", "xmm/m128, xmm", .movaps, size: .any, feature: .sse2),
        .init("F3 0F 2A /r", "cvtsi2ss", "xmm, r/m32", .notModelled, feature: .sse),
        .init("F2 0F 2A /r", "cvtsi2sd", "xmm, r/m32", .notModelled, feature: .sse2),
        .init(
            "NP 0F 2B /r", "movntps", "m128, xmm", .movaps, size: .any, feature: .sse),
        .init(
            "66 0F 2B /r", "movntpd", "m128, xmm", .movaps, size: .any, feature: .sse2),
        .init("F3 0F 2C /r", "cvttss2si", "r32, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 2C /r", "cvttsd2si", "r32, xmm/m64", .notModelled, feature: .sse2),
        .init("F3 0F 2D /r", "cvtss2si", "r32, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 2D /r", "cvtsd2si", "r32, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 2E /r", "ucomiss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("66 0F 2E /r", "ucomisd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 2F /r", "comiss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("66 0F 2F /r", "comisd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 50 /r", "movmskps", "r32, xmm", .notModelled, feature: .sse),
        .init("66 0F 50 /r", "movmskpd", "r32, xmm", .notModelled, feature: .sse2),
        .init("NP 0F 51 /r", "sqrtps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 51 /r", "sqrtpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 51 /r", "sqrtss", "xmm, xmm/m32", .notModelled, feature: .sse),
    ]

    /// SSE to SSE4.2, AES and PCLMULQDQ, continued.
    static let sseForms2: [InstructionForm] = [
        .init("F2 0F 51 /r", "sqrtsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 52 /r", "rsqrtps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("F3 0F 52 /r", "rsqrtss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("NP 0F 53 /r", "rcpps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("F3 0F 53 /r", "rcpss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init(
            "NP 0F 54 /r", "andps", "xmm, xmm/m128", .pand, size: .any, feature: .sse),
        .init("66 0F 54 /r", "andpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 55 /r", "andnps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 55 /r", "andnpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "NP 0F 56 /r", "orps", "xmm, xmm/m128", .por, size: .any, feature: .sse),
        .init("66 0F 56 /r", "orpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "NP 0F 57 /r", "xorps", "xmm, xmm/m128", .pxor, size: .any, feature: .sse),
        .init("66 0F 57 /r", "xorpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 58 /r", "addps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 58 /r", "addpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 58 /r", "addss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 58 /r", "addsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 59 /r", "mulps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 59 /r", "mulpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 59 /r", "mulss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 59 /r", "mulsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 5A /r", "cvtps2pd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("66 0F 5A /r", "cvtpd2ps", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 5A /r", "cvtss2sd", "xmm, xmm/m32", .notModelled, feature: .sse2),
        .init("F2 0F 5A /r", "cvtsd2ss", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 5B /r", "cvtdq2ps", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 5B /r", "cvtps2dq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 5B /r", "cvttps2dq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("NP 0F 5C /r", "subps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 5C /r", "subpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 5C /r", "subss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 5C /r", "subsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 5D /r", "minps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 5D /r", "minpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 5D /r", "minss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 5D /r", "minsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 5E /r", "divps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 5E /r", "divpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 5E /r", "divss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 5E /r", "divsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("NP 0F 5F /r", "maxps", "xmm, xmm/m128", .notModelled, feature: .sse),
        .init("66 0F 5F /r", "maxpd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F 5F /r", "maxss", "xmm, xmm/m32", .notModelled, feature: .sse),
        .init("F2 0F 5F /r", "maxsd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("66 0F 60 /r", "punpcklbw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 61 /r", "punpcklwd", "xmm, xmm/m128", .notModelled, feature: .sse2),
    ]

    /// SSE to SSE4.2, AES and PCLMULQDQ, continued.
    static let sseForms3: [InstructionForm] = [
        .init("66 0F 62 /r", "punpckldq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 63 /r", "packsswb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 64 /r", "pcmpgtb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 65 /r", "pcmpgtw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 66 /r", "pcmpgtd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 67 /r", "packuswb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 68 /r", "punpckhbw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 69 /r", "punpckhwd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 6A /r", "punpckhdq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 6B /r", "packssdw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 6C /r", "punpcklqdq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 6D /r", "punpckhqdq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F 6F /r", "movdqa", "xmm, xmm/m128", .movaps, size: .any, feature: .sse2),
        .init(
            "F3 0F 6F /r", "movdqu", "xmm, xmm/m128", .movups, size: .any, feature: .sse2),
        .init("66 0F 70 /r ib", "pshufd", "xmm, xmm/m128, imm8", .notModelled, feature: .sse2),
        .init("F3 0F 70 /r ib", "pshufhw", "xmm, xmm/m128, imm8", .notModelled, feature: .sse2),
        .init("F2 0F 70 /r ib", "pshuflw", "xmm, xmm/m128, imm8", .notModelled, feature: .sse2),
        .init("66 0F 71 /2 ib", "psrlw", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 71 /4 ib", "psraw", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 71 /6 ib", "psllw", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 72 /2 ib", "psrld", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 72 /4 ib", "psrad", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 72 /6 ib", "pslld", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 73 /2 ib", "psrlq", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 73 /3 ib", "psrldq", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 73 /6 ib", "psllq", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 73 /7 ib", "pslldq", "xmm, imm8", .notModelled, feature: .sse2),
        .init("66 0F 74 /r", "pcmpeqb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 75 /r", "pcmpeqw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 76 /r", "pcmpeqd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F 7C /r", "haddpd", "xmm, xmm/m128", .notModelled, feature: .sse3),
        .init("F2 0F 7C /r", "haddps", "xmm, xmm/m128", .notModelled, feature: .sse3),
        .init("66 0F 7D /r", "hsubpd", "xmm, xmm/m128", .notModelled, feature: .sse3),
        .init("F2 0F 7D /r", "hsubps", "xmm, xmm/m128", .notModelled, feature: .sse3),
        // Before the forms with a general register: an assembler prefers these for memory.
        .init(
            "F3 0F 7E /r", "movq", "xmm, xmm/m64", .movq, size: .any, feature: .sse2),
        .init(
            "66 0F D6 /r", "movq", "xmm/m64, xmm", .movq, size: .any, feature: .sse2),
        .init(
            "66 REX.W 0F 6E /r", "movq", "xmm, r/m64", .movd,
            modes: .only64, size: .quadword, feature: .sse2),
        .init(
            "66 0F 6E /r", "movd", "xmm, r/m32", .movd, size: .any, feature: .sse2),
        .init(
            "66 REX.W 0F 7E /r", "movq", "r/m64, xmm", .movd,
            modes: .only64, size: .quadword, feature: .sse2),
        .init(
            "66 0F 7E /r", "movd", "r/m32, xmm", .movd, size: .any, feature: .sse2),
        .init(
            "66 0F 7F /r", "movdqa", "xmm/m128, xmm", .movaps, size: .any, feature: .sse2),
        .init(
            "F3 0F 7F /r", "movdqu", "xmm/m128, xmm", .movups, size: .any, feature: .sse2),
        .init("NP 0F C2 /r ib", "cmpps", "xmm, xmm/m128, imm8", .notModelled, feature: .sse),
        .init("66 0F C2 /r ib", "cmppd", "xmm, xmm/m128, imm8", .notModelled, feature: .sse2),
        .init("F3 0F C2 /r ib", "cmpss", "xmm, xmm/m32, imm8", .notModelled, feature: .sse),
        .init("F2 0F C2 /r ib", "cmpsd", "xmm, xmm/m64, imm8", .notModelled, feature: .sse2),
        .init("NP REX.W 0F C3 /r", "movnti", "m64, r64", .movnti, feature: .sse2),
        .init("NP 0F C3 /r", "movnti", "m32, r32", .movnti, size: .any, feature: .sse2),
        .init("66 0F C4 /r ib", "pinsrw", "xmm, r32/m16, imm8", .notModelled, feature: .sse),
        .init("66 0F C5 /r ib", "pextrw", "r32, xmm, imm8", .notModelled, feature: .sse),
    ]

    /// SSE to SSE4.2, AES and PCLMULQDQ, continued.
    static let sseForms4: [InstructionForm] = [
        .init("NP 0F C6 /r ib", "shufps", "xmm, xmm/m128, imm8", .notModelled, feature: .sse),
        .init("66 0F C6 /r ib", "shufpd", "xmm, xmm/m128, imm8", .notModelled, feature: .sse2),
        .init("66 0F D0 /r", "addsubpd", "xmm, xmm/m128", .notModelled, feature: .sse3),
        .init("F2 0F D0 /r", "addsubps", "xmm, xmm/m128", .notModelled, feature: .sse3),
        .init("66 0F D1 /r", "psrlw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F D2 /r", "psrld", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F D3 /r", "psrlq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F D4 /r", "paddq", "xmm, xmm/m128", .paddq, size: .any, feature: .sse2),
        .init("66 0F D5 /r", "pmullw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F D7 /r", "pmovmskb", "r32, xmm", .notModelled, feature: .sse2),
        .init("66 0F D8 /r", "psubusb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F D9 /r", "psubusw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F DA /r", "pminub", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F DB /r", "pand", "xmm, xmm/m128", .pand, size: .any, feature: .sse2),
        .init("66 0F DC /r", "paddusb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F DD /r", "paddusw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F DE /r", "pmaxub", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F DF /r", "pandn", "xmm, xmm/m128", .pandn, size: .any, feature: .sse2),
        .init("66 0F E0 /r", "pavgb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F E1 /r", "psraw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F E2 /r", "psrad", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F E3 /r", "pavgw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F E4 /r", "pmulhuw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F E5 /r", "pmulhw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F E6 /r", "cvttpd2dq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("F3 0F E6 /r", "cvtdq2pd", "xmm, xmm/m64", .notModelled, feature: .sse2),
        .init("F2 0F E6 /r", "cvtpd2dq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F E7 /r", "movntdq", "m128, xmm", .movaps, size: .any, feature: .sse2),
        .init("66 0F E8 /r", "psubsb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F E9 /r", "psubsw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F EA /r", "pminsw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F EB /r", "por", "xmm, xmm/m128", .por, size: .any, feature: .sse2),
        .init("66 0F EC /r", "paddsb", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F ED /r", "paddsw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F EE /r", "pmaxsw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F EF /r", "pxor", "xmm, xmm/m128", .pxor, size: .any, feature: .sse2),
        .init("F2 0F F0 /r", "lddqu", "xmm, m128", .notModelled, feature: .sse3),
        .init("66 0F F1 /r", "psllw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F F2 /r", "pslld", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F F3 /r", "psllq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F F4 /r", "pmuludq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F F5 /r", "pmaddwd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F F6 /r", "psadbw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F F7 /r", "maskmovdqu", "xmm, xmm", .notModelled, feature: .sse2),
        .init("66 0F F8 /r", "psubb", "xmm, xmm/m128", .notModelled, feature: .sse2),
    ]

    /// SSE to SSE4.2, AES and PCLMULQDQ, continued.
    static let sseForms5: [InstructionForm] = [
        .init("66 0F F9 /r", "psubw", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F FA /r", "psubd", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init("66 0F FB /r", "psubq", "xmm, xmm/m128", .notModelled, feature: .sse2),
        .init(
            "66 0F FC /r", "paddb", "xmm, xmm/m128", .paddb, size: .any, feature: .sse2),
        .init(
            "66 0F FD /r", "paddw", "xmm, xmm/m128", .paddw, size: .any, feature: .sse2),
        .init(
            "66 0F FE /r", "paddd", "xmm, xmm/m128", .paddd, size: .any, feature: .sse2),
        .init("66 0F 38 00 /r", "pshufb", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 01 /r", "phaddw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 02 /r", "phaddd", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 03 /r", "phaddsw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 04 /r", "pmaddubsw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 05 /r", "phsubw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 06 /r", "phsubd", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 07 /r", "phsubsw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 08 /r", "psignb", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 09 /r", "psignw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 0A /r", "psignd", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 0B /r", "pmulhrsw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 10 /r", "pblendvb", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 14 /r", "blendvps", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 15 /r", "blendvpd", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 17 /r", "ptest", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 1C /r", "pabsb", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 1D /r", "pabsw", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 1E /r", "pabsd", "xmm, xmm/m128", .notModelled, feature: .ssse3),
        .init("66 0F 38 20 /r", "pmovsxbw", "xmm, xmm/m64", .notModelled, feature: .sse41),
        .init("66 0F 38 21 /r", "pmovsxbd", "xmm, xmm/m32", .notModelled, feature: .sse41),
        .init("66 0F 38 22 /r", "pmovsxbq", "xmm, xmm/m16", .notModelled, feature: .sse41),
        .init("66 0F 38 23 /r", "pmovsxwd", "xmm, xmm/m64", .notModelled, feature: .sse41),
        .init("66 0F 38 24 /r", "pmovsxwq", "xmm, xmm/m32", .notModelled, feature: .sse41),
        .init("66 0F 38 25 /r", "pmovsxdq", "xmm, xmm/m64", .notModelled, feature: .sse41),
        .init("66 0F 38 28 /r", "pmuldq", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 29 /r", "pcmpeqq", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 2A /r", "movntdqa", "xmm, m128", .notModelled, feature: .sse41),
        .init("66 0F 38 2B /r", "packusdw", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 30 /r", "pmovzxbw", "xmm, xmm/m64", .notModelled, feature: .sse41),
        .init("66 0F 38 31 /r", "pmovzxbd", "xmm, xmm/m32", .notModelled, feature: .sse41),
        .init("66 0F 38 32 /r", "pmovzxbq", "xmm, xmm/m16", .notModelled, feature: .sse41),
        .init("66 0F 38 33 /r", "pmovzxwd", "xmm, xmm/m64", .notModelled, feature: .sse41),
        .init("66 0F 38 34 /r", "pmovzxwq", "xmm, xmm/m32", .notModelled, feature: .sse41),
        .init("66 0F 38 35 /r", "pmovzxdq", "xmm, xmm/m64", .notModelled, feature: .sse41),
        .init("66 0F 38 37 /r", "pcmpgtq", "xmm, xmm/m128", .notModelled, feature: .sse42),
        .init("66 0F 38 38 /r", "pminsb", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 39 /r", "pminsd", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 3A /r", "pminuw", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 3B /r", "pminud", "xmm, xmm/m128", .notModelled, feature: .sse41),
    ]

    /// SSE to SSE4.2, AES and PCLMULQDQ, continued.
    static let sseForms6: [InstructionForm] = [
        .init("66 0F 38 3C /r", "pmaxsb", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 3D /r", "pmaxsd", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 3E /r", "pmaxuw", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 3F /r", "pmaxud", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 40 /r", "pmulld", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 41 /r", "phminposuw", "xmm, xmm/m128", .notModelled, feature: .sse41),
        .init("66 0F 38 DB /r", "aesimc", "xmm, xmm/m128", .notModelled, feature: .aes),
        .init("66 0F 38 DC /r", "aesenc", "xmm, xmm/m128", .notModelled, feature: .aes),
        .init("66 0F 38 DD /r", "aesenclast", "xmm, xmm/m128", .notModelled, feature: .aes),
        .init("66 0F 38 DE /r", "aesdec", "xmm, xmm/m128", .notModelled, feature: .aes),
        .init("66 0F 38 DF /r", "aesdeclast", "xmm, xmm/m128", .notModelled, feature: .aes),
        .init("66 0F 3A 08 /r ib", "roundps", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 09 /r ib", "roundpd", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 0A /r ib", "roundss", "xmm, xmm/m32, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 0B /r ib", "roundsd", "xmm, xmm/m64, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 0C /r ib", "blendps", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 0D /r ib", "blendpd", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 0E /r ib", "pblendw", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 0F /r ib", "palignr", "xmm, xmm/m128, imm8", .notModelled, feature: .ssse3),
        .init("66 0F 3A 14 /r ib", "pextrb", "r32/m8, xmm, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 15 /r ib", "pextrw", "r32/m16, xmm, imm8", .notModelled, feature: .sse),
        .init("66 0F 3A 16 /r ib", "pextrd", "r/m32, xmm, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 17 /r ib", "extractps", "r/m32, xmm, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 20 /r ib", "pinsrb", "xmm, r32/m8, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 21 /r ib", "insertps", "xmm, xmm/m32, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 22 /r ib", "pinsrd", "xmm, r/m32, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 40 /r ib", "dpps", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 41 /r ib", "dppd", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init("66 0F 3A 42 /r ib", "mpsadbw", "xmm, xmm/m128, imm8", .notModelled, feature: .sse41),
        .init(
            "66 0F 3A 44 /r ib", "pclmulqdq", "xmm, xmm/m128, imm8", .notModelled,
            feature: .pclmulqdq
        ),
        .init(
            "66 0F 3A 60 /r ib", "pcmpestrm", "xmm, xmm/m128, imm8", .notModelled,
            feature: .sse42
        ),
        .init(
            "66 0F 3A 61 /r ib", "pcmpestri", "xmm, xmm/m128, imm8", .notModelled,
            feature: .sse42
        ),
        .init(
            "66 0F 3A 62 /r ib", "pcmpistrm", "xmm, xmm/m128, imm8", .notModelled,
            feature: .sse42
        ),
        .init(
            "66 0F 3A 63 /r ib", "pcmpistri", "xmm, xmm/m128, imm8", .notModelled,
            feature: .sse42
        ),
        .init(
            "66 0F 3A DF /r ib", "aeskeygenassist", "xmm, xmm/m128, imm8", .notModelled,
            feature: .aes
        ),
    ]
}
