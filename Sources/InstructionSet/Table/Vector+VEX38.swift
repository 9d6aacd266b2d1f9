extension InstructionTable {
    /// VEX-encoded vector instructions of map 0F 38.
    static let vex38Forms1: [InstructionForm] = [
        .init("VEX.66.0F38 00 /r", "vpshufb", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 01 /r", "vphaddw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 02 /r", "vphaddd", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 03 /r", "vphaddsw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 04 /r", "vpmaddubsw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 05 /r", "vphsubw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38.W0 06 /r", "vphsubd", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 07 /r", "vphsubsw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 08 /r", "vpsignb", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 09 /r", "vpsignw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 0A /r", "vpsignd", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 0B /r", "vpmulhrsw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init(
            "VEX.66.0F38.W0 0C /r", "vpermilps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.66.0F38.W0 0D /r", "vpermilpd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
        .init("VEX.66.0F38.W0 0E /r", "vtestps", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38.W0 0F /r", "vtestpd", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38.W0 13 /r", "vcvtph2ps", "xmm, xmm/m64", .notModelled, feature: .f16c),
        .init(
            "VEX.256.66.0F38.W0 16 /r", "vpermps", "ymm, ymm, ymm/m256", .notModelled,
            feature: .avx2
        ),
        .init("VEX.66.0F38 17 /r", "vptest", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38.W0 18 /r", "vbroadcastss", "xmm, xmm/m32", .notModelled, feature: .avx),
        .init(
            "VEX.256.66.0F38.W0 19 /r", "vbroadcastsd", "ymm, xmm/m64", .notModelled,
            feature: .avx
        ),
        .init(
            "VEX.256.66.0F38.W0 1A /r", "vbroadcastf128", "ymm, m128", .notModelled,
            feature: .avx
        ),
        .init("VEX.66.0F38 1C /r", "vpabsb", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 1D /r", "vpabsw", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 1E /r", "vpabsd", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 20 /r", "vpmovsxbw", "xmm, xmm/m64", .notModelled, feature: .avx),
        .init("VEX.66.0F38 21 /r", "vpmovsxbd", "xmm, xmm/m32", .notModelled, feature: .avx),
        .init("VEX.66.0F38 22 /r", "vpmovsxbq", "xmm, xmm/m16", .notModelled, feature: .avx),
        .init("VEX.66.0F38 23 /r", "vpmovsxwd", "xmm, xmm/m64", .notModelled, feature: .avx),
        .init("VEX.66.0F38 24 /r", "vpmovsxwq", "xmm, xmm/m32", .notModelled, feature: .avx),
        .init("VEX.66.0F38 25 /r", "vpmovsxdq", "xmm, xmm/m64", .notModelled, feature: .avx),
        .init("VEX.66.0F38 28 /r", "vpmuldq", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 29 /r", "vpcmpeqq", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 2A /r", "vmovntdqa", "xmm, m128", .notModelled, feature: .avx),
        .init(
            "VEX.66.0F38.W0 2B /r", "vpackusdw", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
        .init("VEX.66.0F38.W0 2C /r", "vmaskmovps", "xmm, xmm, m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38.W0 2D /r", "vmaskmovpd", "xmm, xmm, m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38.W0 2E /r", "vmaskmovps", "m128, xmm, xmm", .notModelled, feature: .avx),
        .init("VEX.66.0F38.W0 2F /r", "vmaskmovpd", "m128, xmm, xmm", .notModelled, feature: .avx),
        .init("VEX.66.0F38 30 /r", "vpmovzxbw", "xmm, xmm/m64", .notModelled, feature: .avx),
        .init("VEX.66.0F38 31 /r", "vpmovzxbd", "xmm, xmm/m32", .notModelled, feature: .avx),
        .init("VEX.66.0F38 32 /r", "vpmovzxbq", "xmm, xmm/m16", .notModelled, feature: .avx),
        .init("VEX.66.0F38 33 /r", "vpmovzxwd", "xmm, xmm/m64", .notModelled, feature: .avx),
        .init("VEX.66.0F38 34 /r", "vpmovzxwq", "xmm, xmm/m32", .notModelled, feature: .avx),
        .init("VEX.66.0F38 35 /r", "vpmovzxdq", "xmm, xmm/m64", .notModelled, feature: .avx),
        .init(
            "VEX.256.66.0F38.W0 36 /r", "vpermd", "ymm, ymm, ymm/m256", .notModelled,
            feature: .avx2
        ),
    ]

    /// VEX-encoded vector instructions of map 0F 38, continued.
    static let vex38Forms2: [InstructionForm] = [
        .init("VEX.66.0F38 37 /r", "vpcmpgtq", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 38 /r", "vpminsb", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 39 /r", "vpminsd", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 3A /r", "vpminuw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 3B /r", "vpminud", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 3C /r", "vpmaxsb", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 3D /r", "vpmaxsd", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 3E /r", "vpmaxuw", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 3F /r", "vpmaxud", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 40 /r", "vpmulld", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.128.66.0F38 41 /r", "vphminposuw", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init(
            "VEX.66.0F38.W0 45 /r", "vpsrlvd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F38.W1 45 /r", "vpsrlvq", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F38.W0 46 /r", "vpsravd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F38.W0 47 /r", "vpsllvd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx2
        ),
        .init(
            "VEX.66.0F38.W1 47 /r", "vpsllvq", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx2
        ),
        .init("VEX.66.0F38.W0 58 /r", "vpbroadcastd", "xmm, xmm/m32", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 59 /r", "vpbroadcastq", "xmm, xmm/m64", .notModelled, feature: .avx2),
        .init(
            "VEX.256.66.0F38.W0 5A /r", "vbroadcasti128", "ymm, m128", .notModelled,
            feature: .avx2
        ),
        .init("VEX.66.0F38.W0 78 /r", "vpbroadcastb", "xmm, xmm/m8", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 79 /r", "vpbroadcastw", "xmm, xmm/m16", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 8C /r", "vpmaskmovd", "xmm, xmm, m128", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W1 8C /r", "vpmaskmovq", "xmm, xmm, m128", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 8E /r", "vpmaskmovd", "m128, xmm, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W1 8E /r", "vpmaskmovq", "m128, xmm, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 90 /r", "vpgatherdd", "xmm, m128, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W1 90 /r", "vpgatherdq", "xmm, m128, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 91 /r", "vpgatherqd", "xmm, m64, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W1 91 /r", "vpgatherqq", "xmm, m128, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 92 /r", "vgatherdps", "xmm, m128, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W1 92 /r", "vgatherdpd", "xmm, m128, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W0 93 /r", "vgatherqps", "xmm, m64, xmm", .notModelled, feature: .avx2),
        .init("VEX.66.0F38.W1 93 /r", "vgatherqpd", "xmm, m128, xmm", .notModelled, feature: .avx2),
        .init(
            "VEX.66.0F38.W0 96 /r", "vfmaddsub132ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 96 /r", "vfmaddsub132pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 97 /r", "vfmsubadd132ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 97 /r", "vfmsubadd132pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 98 /r", "vfmadd132ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 98 /r", "vfmadd132pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 99 /r", "vfmadd132ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 99 /r", "vfmadd132sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 9A /r", "vfmsub132ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 9A /r", "vfmsub132pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 9B /r", "vfmsub132ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 9B /r", "vfmsub132sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 9C /r", "vfnmadd132ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
    ]

    /// VEX-encoded vector instructions of map 0F 38, continued.
    static let vex38Forms3: [InstructionForm] = [
        .init(
            "VEX.66.0F38.W1 9C /r", "vfnmadd132pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 9D /r", "vfnmadd132ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 9D /r", "vfnmadd132sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 9E /r", "vfnmsub132ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 9E /r", "vfnmsub132pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 9F /r", "vfnmsub132ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 9F /r", "vfnmsub132sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 A6 /r", "vfmaddsub213ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 A6 /r", "vfmaddsub213pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 A7 /r", "vfmsubadd213ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 A7 /r", "vfmsubadd213pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 A8 /r", "vfmadd213ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 A8 /r", "vfmadd213pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 A9 /r", "vfmadd213ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 A9 /r", "vfmadd213sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 AA /r", "vfmsub213ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 AA /r", "vfmsub213pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 AB /r", "vfmsub213ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 AB /r", "vfmsub213sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 AC /r", "vfnmadd213ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 AC /r", "vfnmadd213pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 AD /r", "vfnmadd213ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 AD /r", "vfnmadd213sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 AE /r", "vfnmsub213ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 AE /r", "vfnmsub213pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 AF /r", "vfnmsub213ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 AF /r", "vfnmsub213sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 B6 /r", "vfmaddsub231ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 B6 /r", "vfmaddsub231pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 B7 /r", "vfmsubadd231ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 B7 /r", "vfmsubadd231pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 B8 /r", "vfmadd231ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 B8 /r", "vfmadd231pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 B9 /r", "vfmadd231ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 B9 /r", "vfmadd231sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 BA /r", "vfmsub231ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 BA /r", "vfmsub231pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 BB /r", "vfmsub231ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 BB /r", "vfmsub231sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 BC /r", "vfnmadd231ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 BC /r", "vfnmadd231pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 BD /r", "vfnmadd231ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 BD /r", "vfnmadd231sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 BE /r", "vfnmsub231ps", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W1 BE /r", "vfnmsub231pd", "xmm, xmm, xmm/m128", .notModelled,
            feature: .fma
        ),
        .init(
            "VEX.66.0F38.W0 BF /r", "vfnmsub231ss", "xmm, xmm, xmm/m32", .notModelled,
            feature: .fma
        ),
    ]

    /// VEX-encoded vector instructions of map 0F 38, continued.
    static let vex38Forms4: [InstructionForm] = [
        .init(
            "VEX.66.0F38.W1 BF /r", "vfnmsub231sd", "xmm, xmm, xmm/m64", .notModelled,
            feature: .fma
        ),
        .init("VEX.128.66.0F38 DB /r", "vaesimc", "xmm, xmm/m128", .notModelled, feature: .avx),
        .init("VEX.66.0F38 DC /r", "vaesenc", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init(
            "VEX.66.0F38 DD /r", "vaesenclast", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
        .init("VEX.66.0F38 DE /r", "vaesdec", "xmm, xmm, xmm/m128", .notModelled, feature: .avx),
        .init(
            "VEX.66.0F38 DF /r", "vaesdeclast", "xmm, xmm, xmm/m128", .notModelled,
            feature: .avx
        ),
    ]
}
