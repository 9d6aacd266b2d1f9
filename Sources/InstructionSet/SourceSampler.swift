/// Draws lines of assembly: every form of the table has the same chance, its operands, sizes,
/// addresses and prefixes are drawn. Most lines are valid; what is not, each assembler refuses by
/// its own rules. For holding this assembler against another.
public struct SourceSampler: Sendable {
    private let mode: CodeSize
    /// Rows to draw from.
    private let rows: [Int]

    public init(mode: CodeSize) {
        self.mode = mode
        rows = InstructionTable.forms.indices.filter { row in
            let form = InstructionTable.forms[row]
            return form.modes.contains(mode) && form.operation != .notModelled
                && !form.traits.contains(.decoderOnly)
        }
    }

    /// One instruction.
    ///
    /// - Parameter labels: names that the program defines.
    public func line(labels: [String], using generator: inout some RandomNumberGenerator) -> String
    {
        let row = rows.randomElement(using: &generator) ?? 0
        let form = InstructionTable.forms[row]
        let layout = DecodeTables.shared.layouts[row]
        var draft = LineDraft(mode: mode, form: form, layout: layout, labels: labels)
        return draft.line(&generator)
    }
}

/// A line that is being drawn.
private struct LineDraft {
    let mode: CodeSize
    let form: InstructionForm
    let layout: FormLayout
    let labels: [String]

    private func chance(_ percent: Int, _ generator: inout some RandomNumberGenerator) -> Bool {
        Int.random(in: 0..<100, using: &generator) < percent
    }

    private func pick<T>(_ list: [T], _ generator: inout some RandomNumberGenerator) -> T {
        list[Int.random(in: 0..<list.count, using: &generator)]
    }

    mutating func line<G: RandomNumberGenerator>(_ generator: inout G) -> String {
        let name = pick(MnemonicNames.all(form.mnemonic), &generator).name
        var operands: [String] = []
        for pattern in [layout.first, layout.second, layout.third] where pattern.place != .none {
            operands.append(operand(pattern, &generator))
        }
        var text = prefixes(operands, &generator) + name
        if !operands.isEmpty { text += " " + operands.joined(separator: ", ") }
        return text
    }

    // MARK: Prefixes

    private func prefixes<G: RandomNumberGenerator>(
        _ operands: [String], _ generator: inout G
    ) -> String {
        var text = ""
        if form.isLockable, operands.first?.contains("[") == true, chance(10, &generator) {
            text += "lock "
        }
        let operation = form.operation
        if operation.isString {
            if chance(40, &generator) { text += pick(["rep ", "repe ", "repne "], &generator) }
            if chance(15, &generator) { text += pick(["es ", "fs ", "gs ", "ss "], &generator) }
        }
        if operation.usesImplicitAddress, operation != .jcxz, chance(20, &generator) {
            text += mode == .bits64 ? "a32 " : pick(["a16 ", "a32 "], &generator)
        }
        switch operation {
        case .pushSegment, .popSegment, .leave, .enter, .ret, .retFar, .lgdt, .sidt:
            let sized: [OperandSizeRule] = [.word, .doubleword, .quadword]
            guard chance(10, &generator), !sized.contains(form.size) else { break }
            text += mode == .bits64 ? "o16 " : pick(["o16 ", "o32 "], &generator)
        default: break
        }
        return text
    }

    // MARK: Operands

    private func operand<G: RandomNumberGenerator>(
        _ pattern: OperandPattern, _ generator: inout G
    ) -> String {
        switch pattern.place {
        case .none: return ""
        case .reg, .opcode, .rmRegister, .vvvv: return register(pattern.size, &generator)
        case .rm:
            if chance(45, &generator) { return register(pattern.size, &generator) }
            return memory(pattern, &generator)
        case .memory, .offset: return memory(pattern, &generator)
        case .fixed: return RegisterNames.general(pattern.register, size: pattern.size)
        case .one: return "1"
        case .immediate: return immediate(pattern, &generator)
        case .relative: return target(pattern, &generator)
        case .farPointer:
            let word = RegisterNames.sizeKeyword(pattern.size) ?? ""
            return (chance(60, &generator) ? word + " " : "") + number(2, &generator) + ":"
                + number(pattern.size, &generator)
        case .segment: return RegisterNames.segment(UInt8.random(in: 0...5, using: &generator))
        case .fixedSegment: return RegisterNames.segment(pattern.register)
        case .control:
            return "cr" + pick(["0", "2", "3", "4"] + (mode == .bits64 ? ["8"] : []), &generator)
        case .debug: return "dr\(UInt8.random(in: 0...7, using: &generator))"
        case .opaqueRegister, .opaqueRMRegister: return media(pattern, &generator)
        case .fixedOpaque: return "st0"
        case .opaqueRM:
            return chance(50, &generator) ? media(pattern, &generator) : memory(pattern, &generator)
        }
    }

    private func register<G: RandomNumberGenerator>(
        _ size: UInt8, _ generator: inout G
    ) -> String {
        if size == 1, chance(mode == .bits64 ? 15 : 50, &generator) {
            return pick(RegisterNames.highBytes, &generator)
        }
        let count: UInt8 = mode == .bits64 ? 16 : size == 1 ? 4 : 8
        return RegisterNames.general(UInt8.random(in: 0..<count, using: &generator), size: size)
    }

    private func media<G: RandomNumberGenerator>(
        _ pattern: OperandPattern, _ generator: inout G
    ) -> String {
        let count: UInt8 = pattern.file == .sse && mode == .bits64 ? 16 : 8
        return pattern.file?.name(UInt8.random(in: 0..<count, using: &generator)) ?? ""
    }

    private func target<G: RandomNumberGenerator>(
        _ pattern: OperandPattern, _ generator: inout G
    ) -> String {
        var text = ""
        switch form.operation {
        case .jmp, .jcc, .call:
            if form.operation != .call, pattern.size == 1, chance(20, &generator) {
                text = "short "
            }
            if pattern.size > 1, chance(30, &generator) { text = "near " }
        default: break
        }
        if chance(20, &generator) {
            return text + "$" + pick(["", "+2", "+5", "-3", "+100", "-100"], &generator)
        }
        return text + label(&generator)
    }

    private func label<G: RandomNumberGenerator>(_ generator: inout G) -> String {
        labels.isEmpty ? "$" : pick(labels, &generator)
    }

    // MARK: Numbers

    private func immediate<G: RandomNumberGenerator>(
        _ pattern: OperandPattern, _ generator: inout G
    ) -> String {
        var text = ""
        if chance(6, &generator), let word = RegisterNames.sizeKeyword(pattern.size) {
            text = (chance(30, &generator) ? "strict " : "") + word + " "
        }
        if pattern.size >= 2, chance(8, &generator) {
            return text + pick([label(&generator), label(&generator) + "-$$"], &generator)
        }
        return text + number(pattern.size, &generator)
    }

    /// A number that so many bytes hold, small ones and those at the edges of narrower fields more
    /// often; decimal, hexadecimal, or negative.
    private func number<G: RandomNumberGenerator>(
        _ size: UInt8, _ generator: inout G
    ) -> String {
        let edges: [Int64] = [0, 1, 2, 5, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000]
        let wide: [Int64] = [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, .max]
        let bits = Int64(size) * 8
        let limit = bits >= 64 ? Int64.max : (1 << bits) - 1
        var value = pick((edges + wide).filter { $0 <= limit }, &generator)
        if chance(30, &generator) { value = Int64.random(in: 0...limit, using: &generator) }
        if value <= (limit >> 1) + 1, chance(30, &generator) { return "-\(value)" }
        return chance(50, &generator) ? "\(value)" : "0x" + String(value, radix: 16)
    }

    // MARK: Memory

    private func memory<G: RandomNumberGenerator>(
        _ pattern: OperandPattern, _ generator: inout G
    ) -> String {
        var text = ""
        if form.operation == .jmpFar || form.operation == .callFar {
            text = "far "
            if chance(60, &generator), let word = RegisterNames.sizeKeyword(pattern.size) {
                text += word + " "
            }
        } else if pattern.place != .memory || chance(15, &generator), chance(85, &generator),
            let word = RegisterNames.sizeKeyword(pattern.memorySize)
        {
            text = word + " "
        }
        return text + "[" + override(&generator) + address(&generator) + "]"
    }

    private func override<G: RandomNumberGenerator>(_ generator: inout G) -> String {
        guard chance(12, &generator) else { return "" }
        return RegisterNames.segment(UInt8.random(in: 0...5, using: &generator)) + ":"
    }

    private func address<G: RandomNumberGenerator>(_ generator: inout G) -> String {
        if chance(15, &generator) {
            let place = chance(50, &generator) ? label(&generator) : number(2, &generator)
            return mode == .bits64 ? pick(["rel ", "abs ", "", ""], &generator) + place : place
        }
        let isNatural = chance(80, &generator)
        switch mode {
        case .bits16: return isNatural ? short(&generator) : long(4, &generator)
        case .bits32: return isNatural ? long(4, &generator) : short(&generator)
        case .bits64: return long(isNatural ? 8 : 4, &generator)
        }
    }

    private func short<G: RandomNumberGenerator>(_ generator: inout G) -> String {
        let registers = [
            "bx+si", "bx+di", "bp+si", "bp+di", "si", "di", "bp", "bx", "si+bx", "di+bp",
        ]
        return pick(registers, &generator) + displacement(2, &generator)
    }

    private func long<G: RandomNumberGenerator>(
        _ size: UInt8, _ generator: inout G
    ) -> String {
        func name(_ generator: inout G) -> String {
            let count: UInt8 = mode == .bits64 ? 16 : 8
            return RegisterNames.general(UInt8.random(in: 0..<count, using: &generator), size: size)
        }
        let base = name(&generator)
        let index = name(&generator)
        let scale = pick(["1", "2", "4", "8"], &generator)
        let registers = [
            base, base, "\(base)+\(index)", "\(base)+\(index)*\(scale)", "\(index)*\(scale)",
            "\(index)*\(scale)+\(base)", "\(base)*\(pick(["3", "5", "9"], &generator))",
        ]
        return pick(registers, &generator) + displacement(4, &generator)
    }

    private func displacement<G: RandomNumberGenerator>(
        _ size: UInt8, _ generator: inout G
    ) -> String {
        guard chance(60, &generator) else { return "" }
        if chance(10, &generator) { return "+" + label(&generator) }
        let text = number(chance(50, &generator) ? 1 : size, &generator)
        return text.hasPrefix("-") ? text : "+" + text
    }
}
