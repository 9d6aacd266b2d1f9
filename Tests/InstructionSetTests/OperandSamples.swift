@testable import InstructionSet

/// Operands for every form of the table, as source text.
struct OperandSamples {
    let form: InstructionForm
    let layout: FormLayout
    let mode: CodeSize

    init(_ form: InstructionForm, mode: CodeSize) {
        self.form = form
        self.mode = mode
        layout = FormLayout(form)
    }

    private static let addresses: [CodeSize: [String]] = [
        .bits16: [
            "bx", "bp", "si", "bx+si", "bp+di-5", "bx+0x1234", "0x1234", "ebx", "eax+ecx*4+8",
            "esp+4", "fs:di",
        ],
        .bits32: [
            "ebx", "ebp", "esp", "eax+ecx*8-0x80", "edx+0x12345678", "esi*4", "edi*2", "0x12345678",
            "bx+si+3", "gs:eax", "ebp+esi",
        ],
        .bits64: [
            "rbx", "rbp", "rsp", "r12", "r13", "rax+rcx*8-0x80", "r8+r15*2+0x12345678", "r9*4",
            "0x12345678", "ebx+esi*4", "fs:rax", "rel $", "rel $+0x100",
        ],
    ]

    private func registers(_ size: UInt8) -> [String] {
        var names: [String] = []
        for number: UInt8 in [0, 1, 3, 4, 6, 9, 12, 15] where mode == .bits64 || number < 8 {
            if size == 1, number >= 4, mode != .bits64 { continue }
            if size == 8, mode != .bits64 { continue }
            names.append(RegisterNames.general(number, size: size))
        }
        if size == 1 { names += ["ah", "bh"] }
        return names
    }

    private func mediaRegisters(_ pattern: OperandPattern) -> [String] {
        let numbers: [UInt8] =
            pattern.file == .sse && mode == .bits64 ? [0, 3, 7, 8, 15] : [0, 3, 7]
        return numbers.compactMap { pattern.file?.name($0) }
    }

    /// Texts for one operand.
    private func texts(_ pattern: OperandPattern) -> [String] {
        let addresses = Self.addresses[mode] ?? []
        switch pattern.place {
        case .none: return []
        case .opaqueRegister, .opaqueRMRegister: return mediaRegisters(pattern)
        case .opaqueRM:
            let word = RegisterNames.sizeKeyword(pattern.memorySize) ?? ""
            let size = form.operation == .movd ? "" : word + " "
            return mediaRegisters(pattern) + addresses.map { "\(size)[\($0)]" }
        case .fixedOpaque: return ["st0"]
        case .reg, .opcode, .rmRegister, .vvvv: return registers(pattern.size)
        case .rm:
            let word = RegisterNames.sizeKeyword(pattern.memorySize) ?? ""
            return registers(pattern.size) + addresses.map { "\(word) [\($0)]" }
        case .memory:
            if form.operation == .jmpFar || form.operation == .callFar {
                let word = RegisterNames.sizeKeyword(pattern.size) ?? ""
                return addresses.map { "far \(word) [\($0)]" }
            }
            return addresses.map { "[\($0)]" }
        case .offset:
            let word = RegisterNames.sizeKeyword(pattern.memorySize) ?? ""
            switch mode {
            case .bits16: return ["\(word) [0x1234]", "[dword 0x12345678]", "[es:5]"]
            case .bits32: return ["\(word) [0x12345678]", "[word 0x1234]", "[es:5]"]
            case .bits64: return ["\(word) [qword 0x123456789abcdef0]", "[gs:qword 5]"]
            }
        case .fixed: return [RegisterNames.general(pattern.register, size: pattern.size)]
        case .one: return ["1"]
        case .immediate: return immediates(pattern)
        case .relative:
            let near = ["$", "$+2", "$-100", "$+0x1000"]
            if pattern.size > 1 { return near.map { "near \($0)" } }
            let jumps = form.operation == .jmp || form.operation == .jcc
            return ["$", "$+2", "$-100"] + (jumps ? ["short $+50"] : ["$+50"])
        case .farPointer:
            let word = RegisterNames.sizeKeyword(pattern.size) ?? ""
            return ["\(word) 0x10:0x1234", "\(word) 0xffff:0"]
        case .segment: return ["es", "ss", "ds", "fs", "gs"]
        case .fixedSegment: return [RegisterNames.segment(pattern.register)]
        case .control: return ["cr0", "cr2", "cr3", "cr4"] + (mode == .bits64 ? ["cr8"] : [])
        case .debug: return ["dr0", "dr3", "dr6", "dr7"]
        }
    }

    private func immediates(_ pattern: OperandPattern) -> [String] {
        switch pattern.size {
        case 1:
            return layout.signExtends ? ["0", "1", "-1", "5", "127", "-128"] : ["0", "5", "255"]
        case 2:
            let numbers = ["0x1234", "-2", "0xfff0", "200"]
            return layout.signExtends ? numbers + ["strict word 5"] : numbers
        case 4: return ["0x12345678", "-200", "0x7fffffff", "128", "strict dword 5"]
        default: return ["0x123456789abcdef0", "0x80000000", "-1", "-0x80000000", "7"]
        }
    }

    /// Source lines of the form: each operand varied in turn, the others at their first texts; and
    /// for lockable ones the prefix.
    func lines() -> [String] {
        var lists: [[String]] = []
        for pattern in [layout.first, layout.second, layout.third] where pattern.place != .none {
            lists.append(texts(pattern))
        }
        if lists.contains(where: \.isEmpty) { return [] }
        var operands: Set<[String]> = []
        var ordered: [[String]] = []
        for (index, list) in lists.enumerated() {
            for (turn, text) in list.enumerated() {
                var choice = lists.map { $0[turn % $0.count] }
                choice[index] = text
                if operands.insert(choice).inserted { ordered.append(choice) }
            }
        }
        if lists.isEmpty { ordered = [[]] }
        return MnemonicNames.all(form.mnemonic).flatMap { name, _ in
            ordered.map { operands in
                operands.isEmpty ? name : name + " " + operands.joined(separator: ", ")
            }
        }
    }
}
