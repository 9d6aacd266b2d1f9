extension InstructionTable {
    /// Of x87 and SSE what kernels need: control words and saved state.
    static let floatingStateForms: [InstructionForm] = [
        .init("9B", "fwait/wait", "", .fwait, size: .any, feature: .fpu),
        .init("DB E3", "fninit", "", .fninit, size: .any, feature: .fpu),
        .init("9B DB E3", "finit", "", .fninit, size: .any, feature: .fpu, traits: .assemblerOnly),
        .init("DB E2", "fnclex", "", .fnclex, size: .any, feature: .fpu),
        .init("9B DB E2", "fclex", "", .fnclex, size: .any, feature: .fpu, traits: .assemblerOnly),
        .init("D9 /7", "fnstcw", "m16", .fnstcw, size: .any, feature: .fpu),
        .init(
            "9B D9 /7", "fstcw", "m16", .fnstcw,
            size: .any, feature: .fpu, traits: .assemblerOnly
        ),
        .init("D9 /5", "fldcw", "m16", .fldcw, size: .any, feature: .fpu),
        .init("DD /7", "fnstsw", "m16", .fnstsw, size: .any, feature: .fpu),
        .init("DF E0", "fnstsw", "AX", .fnstsw, size: .any, feature: .fpu),
        .init(
            "9B DD /7", "fstsw", "m16", .fnstsw,
            size: .any, feature: .fpu, traits: .assemblerOnly
        ),
        .init(
            "9B DF E0", "fstsw", "AX", .fnstsw,
            size: .any, feature: .fpu, traits: .assemblerOnly
        ),
        .init(
            "NP REX.W 0F AE /0", "fxsave64", "m", .fxsave,
            modes: .only64, size: .quadword, feature: .fxsr
        ),
        .init("NP 0F AE /0", "fxsave", "m", .fxsave, size: .any, feature: .fxsr),
        .init(
            "NP REX.W 0F AE /1", "fxrstor64", "m", .fxrstor,
            modes: .only64, size: .quadword, feature: .fxsr
        ),
        .init("NP 0F AE /1", "fxrstor", "m", .fxrstor, size: .any, feature: .fxsr),
        .init("NP 0F AE /2", "ldmxcsr", "m32", .ldmxcsr, size: .any, feature: .sse),
        .init("NP 0F AE /3", "stmxcsr", "m32", .stmxcsr, size: .any, feature: .sse),
        .init(
            "NP REX.W 0F AE /4", "xsave64", "m", .xsave,
            modes: .only64, size: .quadword, feature: .xsave
        ),
        .init("NP 0F AE /4", "xsave", "m", .xsave, size: .any, feature: .xsave),
        .init(
            "NP REX.W 0F AE /5", "xrstor64", "m", .xrstor,
            modes: .only64, size: .quadword, feature: .xsave
        ),
        .init("NP 0F AE /5", "xrstor", "m", .xrstor, size: .any, feature: .xsave),
        .init(
            "NP REX.W 0F AE /6", "xsaveopt64", "m", .xsaveopt,
            modes: .only64, size: .quadword, feature: .xsaveopt
        ),
        .init("NP 0F AE /6", "xsaveopt", "m", .xsaveopt, size: .any, feature: .xsaveopt),
        .init(
            "NP REX.W 0F C7 /4", "xsavec64", "m", .xsavec,
            modes: .only64, size: .quadword, feature: .xsavec
        ),
        .init("NP 0F C7 /4", "xsavec", "m", .xsavec, size: .any, feature: .xsavec),
        .init(
            "NP REX.W 0F C7 /5", "xsaves64", "m", .xsaves,
            modes: .only64, size: .quadword, feature: .xsaves
        ),
        .init("NP 0F C7 /5", "xsaves", "m", .xsaves, size: .any, feature: .xsaves),
        .init(
            "NP REX.W 0F C7 /3", "xrstors64", "m", .xrstors,
            modes: .only64, size: .quadword, feature: .xsaves
        ),
        .init("NP 0F C7 /3", "xrstors", "m", .xrstors, size: .any, feature: .xsaves),
    ]
}
