extension InstructionTable {
    /// VEX-encoded vector instructions of map 0F 3A.
    static let vex3AForms1: [InstructionForm] = [
        .init(
            "VEX.256.66.0F3A.W1 00 /r ib", "vpermq", "ymm, ymm/m256, imm8", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.256.66.0F3A.W1 01 /r ib", "vpermpd", "ymm, ymm/m256, imm8", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F3A.W0 02 /r ib", "vpblendd", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F3A.W0 04 /r ib", "vpermilps", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A.W0 05 /r ib", "vpermilpd", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.256.66.0F3A.W0 06 /r ib", "vperm2f128", "ymm, ymm, ymm/m256, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 08 /r ib", "vroundps", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 09 /r ib", "vroundpd", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 0A /r ib", "vroundss", "xmm, xmm, xmm/m32, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 0B /r ib", "vroundsd", "xmm, xmm, xmm/m64, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 0C /r ib", "vblendps", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 0D /r ib", "vblendpd", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 0E /r ib", "vpblendw", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 0F /r ib", "vpalignr", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 14 /r ib", "vpextrb", "r32/m8, xmm, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 15 /r ib", "vpextrw", "r32/m16, xmm, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 16 /r ib", "vpextrd", "r/m32, xmm, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W1 16 /r ib", "vpextrq", "r/m64, xmm, imm8", .notModelled,
            modes: .only64, feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A 17 /r ib", "vextractps", "r/m32, xmm, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.256.66.0F3A.W0 18 /r ib", "vinsertf128", "ymm, ymm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.256.66.0F3A.W0 19 /r ib", "vextractf128", "xmm/m128, ymm, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A.W0 1D /r ib", "vcvtps2ph", "xmm/m64, xmm, imm8", .notModelled,
            feature: .f16c
        ),
        .init(
            "VEX.128.66.0F3A.W0 20 /r ib", "vpinsrb", "xmm, xmm, r32/m8, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A 21 /r ib", "vinsertps", "xmm, xmm, xmm/m32, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 22 /r ib", "vpinsrd", "xmm, xmm, r/m32, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W1 22 /r ib", "vpinsrq", "xmm, xmm, r/m64, imm8", .notModelled,
            modes: .only64, feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 30 /r ib", "kshiftrb", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.128.66.0F3A.W1 30 /r ib", "kshiftrw", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.128.66.0F3A.W0 31 /r ib", "kshiftrd", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.128.66.0F3A.W1 31 /r ib", "kshiftrq", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.128.66.0F3A.W0 32 /r ib", "kshiftlb", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.128.66.0F3A.W1 32 /r ib", "kshiftlw", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.128.66.0F3A.W0 33 /r ib", "kshiftld", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.128.66.0F3A.W1 33 /r ib", "kshiftlq", "k, k, imm8", .notModelled,
            feature: .avx512
        ),
        .init(
            "VEX.256.66.0F3A.W0 38 /r ib", "vinserti128", "ymm, ymm, xmm/m128, imm8", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.256.66.0F3A.W0 39 /r ib", "vextracti128", "xmm/m128, ymm, imm8", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F3A 40 /r ib", "vdpps", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A 41 /r ib", "vdppd", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 42 /r ib", "vmpsadbw", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A 44 /r ib", "vpclmulqdq", "xmm, xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.256.66.0F3A.W0 46 /r ib", "vperm2i128", "ymm, ymm, ymm/m256, imm8", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F3A.W0 4A /r /is4", "vblendvps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A.W0 4B /r /is4", "vblendvpd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F3A.W0 4C /r /is4", "vpblendvb", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 60 /r ib", "vpcmpestrm", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 61 /r ib", "vpcmpestri", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
    ]

    /// VEX-encoded vector instructions of map 0F 3A, continued.
    static let vex3AForms2: [InstructionForm] = [
        .init(
            "VEX.128.66.0F3A.W0 62 /r ib", "vpcmpistrm", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A.W0 63 /r ib", "vpcmpistri", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.128.66.0F3A DF /r ib", "vaeskeygenassist", "xmm, xmm/m128, imm8", .notModelled,
            feature: .avx
        ),
    ]

    /// The EVEX-encoded instructions, told apart no further: a row for each length.
    static let evexForms: [InstructionForm] = [
        .init("EVEX.0F 00-6F /r", "avx512", "v, v/m", .notModelled, feature: .avx512),
        .init("EVEX.0F 70-73 /r ib", "avx512", "v, v/m, imm8", .notModelled, feature: .avx512),
        .init("EVEX.0F 74-C1 /r", "avx512", "v, v/m", .notModelled, feature: .avx512),
        .init("EVEX.0F C2-C6 /r ib", "avx512", "v, v/m, imm8", .notModelled, feature: .avx512),
        .init("EVEX.0F C7-FF /r", "avx512", "v, v/m", .notModelled, feature: .avx512),
        .init("EVEX.0F38 00-FF /r", "avx512", "v, v/m", .notModelled, feature: .avx512),
        .init("EVEX.0F3A 00-FF /r ib", "avx512", "v, v/m, imm8", .notModelled, feature: .avx512),
    ]
}
