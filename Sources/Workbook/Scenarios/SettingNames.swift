import Architecture

/// The names that `set:` takes.
public enum SettingNames {
    /// Registers that can be set, by gdb's names, in every width.
    public static let registers: [String] = {
        var names: [String] = []
        for register in GeneralRegister.allCases {
            names += [8, 4, 2, 1].map { register.name(bytes: $0) }
            names += [GeneralRegister.highByteName(register.rawValue)].compactMap { $0 }
        }
        names += ["rip", "eip", "ip", "rflags", "eflags", "flags"]
        names += SegmentRegister.allCases.map(\.name)
        return names + ["cr0", "cr3", "cr4", "efer"]
    }()

    /// Whether the name can be set; tells if not.
    static func check(_ name: Located<String>, collector: DiagnosticCollector) -> Bool {
        if registers.contains(name.value) || VMCSField(name: name.value) != nil { return true }
        let names = registers + VMCSField.allCases.map(\.name)
        let suggestion = Spelling.suggestion(for: name.value, among: names)
        collector.report(
            name.position, "`\(name.value)` is no register or VMCS field\(suggestion)",
            expected: "a register as rax, or a field as CR0_MASK")
        return false
    }
}
