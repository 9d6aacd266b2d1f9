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
        if registers.contains(name.value) || isFieldName(name.value) { return true }
        let suggestion = Spelling.suggestion(for: name.value, among: registers)
        collector.report(
            name.position, "`\(name.value)` is no register or VMCS field\(suggestion)",
            expected: "a register as rax, or a field as CR0_MASK")
        return false
    }

    /// Whether a name has the form of a VMCS field's: capital letters, digits and `_`.
    private static func isFieldName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isCapital(first), name.utf8.count <= 40 else {
            return false
        }
        return name.utf8.allSatisfy {
            isCapital($0) || $0 == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
