extension InstructionTable {
    /// SDM 3C, "VMX Instruction Reference". The operand size prefix does not matter to any of them.
    static let vmxForms: [InstructionForm] = [
        .init("NP 0F 01 C1", "vmcall", "", .vmcall, size: .any, feature: .vmx),
        .init("66 0F C7 /6", "vmclear", "m64", .vmclear, size: .any, feature: .vmx),
        .init("NP 0F 01 C2", "vmlaunch", "", .vmlaunch, size: .any, feature: .vmx),
        .init("NP 0F 01 C3", "vmresume", "", .vmresume, size: .any, feature: .vmx),
        .init("NP 0F C7 /6", "vmptrld", "m64", .vmptrld, size: .any, feature: .vmx),
        .init("NP 0F C7 /7", "vmptrst", "m64", .vmptrst, size: .any, feature: .vmx),
        .init(
            "NP 0F 78 /r", "vmread", "r/m32, r32", .vmread,
            modes: .not64, size: .any, feature: .vmx
        ),
        .init(
            "NP 0F 78 /r", "vmread", "r/m64, r64", .vmread,
            modes: .only64, size: .any, feature: .vmx
        ),
        .init(
            "NP 0F 79 /r", "vmwrite", "r32, r/m32", .vmwrite,
            modes: .not64, size: .any, feature: .vmx
        ),
        .init(
            "NP 0F 79 /r", "vmwrite", "r64, r/m64", .vmwrite,
            modes: .only64, size: .any, feature: .vmx
        ),
        .init("F3 0F C7 /6", "vmxon", "m64", .vmxon, size: .any, feature: .vmx),
        .init("NP 0F 01 C4", "vmxoff", "", .vmxoff, size: .any, feature: .vmx),
        .init(
            "66 0F 38 80 /r", "invept", "r32, m128", .invept,
            modes: .not64, size: .any, feature: .vmx
        ),
        .init(
            "66 0F 38 80 /r", "invept", "r64, m128", .invept,
            modes: .only64, size: .any, feature: .vmx
        ),
        .init(
            "66 0F 38 81 /r", "invvpid", "r32, m128", .invvpid,
            modes: .not64, size: .any, feature: .vmx
        ),
        .init(
            "66 0F 38 81 /r", "invvpid", "r64, m128", .invvpid,
            modes: .only64, size: .any, feature: .vmx
        ),
        .init("NP 0F 01 D4", "vmfunc", "", .vmfunc, size: .any, feature: .vmx),
    ]
}
