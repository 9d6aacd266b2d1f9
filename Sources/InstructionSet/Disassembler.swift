import Architecture

/// Instructions to text, in NASM's syntax: what an assembler takes back.
///
/// Numbers are hexadecimal. A size word stands only where no register operand says the size;
/// immediates show the value that the operation uses, at its width.
public enum Disassembler {
    /// The text of a decoded instruction.
    ///
    /// - Parameters:
    ///   - instruction: as ``InstructionDecoder`` gave it.
    ///   - address: the instruction pointer at its first byte (an offset in its code segment), for
    ///     branch targets and RIP-relative operands.
    ///   - size: the code size that it was decoded in.
    public static func text(
        of instruction: Instruction, at address: UInt64 = 0, size: CodeSize
    ) -> String {
        let row = Int(instruction.form)
        guard row < InstructionTable.forms.count else { return "" }
        let writer = TextWriter(
            instruction: instruction, layout: DecodeTables.shared.layouts[row],
            form: InstructionTable.forms[row], address: address, mode: size)
        return writer.text()
    }

    /// The name of the instruction alone: `mov`, `jne`, `setc`, `cmovl`.
    public static func name(of instruction: Instruction) -> String {
        let row = Int(instruction.form)
        guard row < InstructionTable.forms.count else { return "" }
        return TextWriter.name(InstructionTable.forms[row], condition: instruction.condition)
    }
}

private struct TextWriter {
    let instruction: Instruction
    let layout: FormLayout
    let form: InstructionForm
    let address: UInt64
    let mode: CodeSize

    private var naturalSize: UInt8 { mode == .bits16 ? 2 : 4 }
    private var nextAddress: UInt64 { address &+ UInt64(instruction.length) }

    static func name(_ form: InstructionForm, condition: UInt8) -> String {
        let name = MnemonicNames.primary(form.mnemonic)
        guard name.hasSuffix("cc"), let condition = Condition(rawValue: condition) else {
            return name
        }
        return name.dropLast(2) + condition.name
    }

    func text() -> String {
        var text = prefixText()
        text += nameText()
        // Registers of instructions that are not executed are not decoded: a part of the operands
        // would mislead.
        if layout.hasOpaqueOperand, form.operation == .notModelled { return text }
        var separator = " "
        for (operand, pattern) in [
            (instruction.first, layout.first), (instruction.second, layout.second),
            (instruction.third, layout.third),
        ] where operand.kind != .none {
            text += separator
            text += operandText(operand, pattern)
            separator = pattern.place == .farPointer ? ":" : ", "
        }
        if layout.first.place == .farPointer {
            text = farPointerText()
        }
        return text
    }

    // MARK: prefixes and name

    private func prefixText() -> String {
        var text = ""
        let prefixes = instruction.prefixes
        if prefixes.contains(.lock) { text += "lock " }
        let operation = instruction.operation
        if operation.isString {
            let compares = operation == .cmps || operation == .scas
            if prefixes.contains(.rep) { text += compares ? "repe " : "rep " }
            if prefixes.contains(.repne) { text += "repne " }
        }
        if prefixes.contains(.segment), operation.readsImplicitMemory {
            text += RegisterNames.segment(instruction.segment.rawValue) + " "
        }
        if prefixes.contains(.addressSize), operation.usesImplicitAddress,
            layout.addressSizes == 7
        {
            text += "a\(instruction.addressSize * 8) "
        }
        if mode == .bits64, instruction.addressSize == 4, isBareAddress { text += "a32 " }
        if showsOperandSize { text += "o\(instruction.operandSize * 8) " }
        return text
    }

    /// Whether there is an address without registers, which would tell its width.
    private var isBareAddress: Bool {
        guard layout.usesMemory, instruction.index == Instruction.noRegister else { return false }
        let operands = [instruction.first, instruction.second, instruction.third]
        return operands.contains { $0.kind == .memory }
            && [Instruction.noRegister, Instruction.instructionPointer].contains(instruction.base)
    }

    /// Whether a prefix gave the size, and no operand tells it.
    private var showsOperandSize: Bool {
        switch instruction.operation {
        case .sysret, .sysexit, .retFar, .nop:
            if layout.operandSize == 0 || layout.wide, instruction.operandSize == 8 {
                return layout.modRM == .absent
            }
        case .ret, .enter, .leave, .jcc, .jmp, .jcxz, .loop, .loope, .loopne, .pushSegment,
            .popSegment, .sgdt, .sidt, .lgdt, .lidt:
            if mode == .bits64, form.size == .forced64 { return false }
            if form.size == .default64, instruction.operandSize == 8 { return false }
        default: return false
        }
        return instruction.prefixes.contains(.operandSize) && layout.operandSize == 0
            && instruction.operandSize != naturalSize
    }

    /// The mnemonic: the bare one where the size is the code's own (`pushf` for `pushfd`).
    private func nameText() -> String {
        let name = Self.name(form, condition: instruction.condition)
        switch instruction.operation {
        case .pusha, .popa, .pushf, .popf, .iret:
            let isPlain =
                !instruction.prefixes.contains(.operandSize) && !name.hasSuffix("q")
                || name.hasSuffix("fq")
            return isPlain ? String(name.dropLast()) : name
        default: return name
        }
    }

    // MARK: operands

    private func operandText(_ operand: Operand, _ pattern: OperandPattern) -> String {
        switch operand.kind {
        case .none: return ""
        case .media: return pattern.file?.name(operand.register) ?? ""
        case .general: return RegisterNames.general(operand.register, size: operand.size)
        case .highByte: return RegisterNames.highBytes[Int(operand.register & 3)]
        case .memory: return memoryText(operand, pattern)
        case .immediate: return immediateText(operand, pattern)
        case .secondImmediate: return hex(UInt64(instruction.secondImmediate))
        case .relative:
            let target = nextAddress &+ instruction.immediate
            return targetSizeText(pattern)
                + hex(target.truncated(bytes: instruction.operandSize))
        case .segment: return RegisterNames.segment(operand.register)
        case .control: return "cr\(operand.register)"
        case .debug: return "dr\(operand.register)"
        }
    }

    /// The width of a near target, where a prefix gave it.
    private func targetSizeText(_ pattern: OperandPattern) -> String {
        guard pattern.size > 1, mode != .bits64, instruction.operandSize != naturalSize,
            let word = RegisterNames.sizeKeyword(instruction.operandSize)
        else { return "" }
        return word + " "
    }

    private func immediateText(_ operand: Operand, _ pattern: OperandPattern) -> String {
        if pattern.place == .one { return "1" }
        // PUSH of an immediate has no register that would tell its size.
        let usual = mode == .bits64 ? 8 : naturalSize
        if instruction.operation == .push, instruction.operandSize != usual,
            let word = RegisterNames.sizeKeyword(instruction.operandSize)
        {
            return word + " " + hex(instruction.immediate)
        }
        return hex(instruction.immediate)
    }

    private func farPointerText() -> String {
        var text = Self.name(form, condition: 0) + " "
        if instruction.operandSize != naturalSize,
            let word = RegisterNames.sizeKeyword(instruction.operandSize)
        {
            text += word + " "
        }
        return text + hex(UInt64(instruction.secondImmediate)) + ":" + hex(instruction.immediate)
    }

    private func memoryText(_ operand: Operand, _ pattern: OperandPattern) -> String {
        var text = sizeText(operand, pattern) + "["
        if instruction.prefixes.contains(.segment) {
            text += RegisterNames.segment(instruction.segment.rawValue) + ":"
        }
        let none = Instruction.noRegister
        let hasIndex = instruction.index != none
        if instruction.base == Instruction.instructionPointer {
            let target = nextAddress &+ instruction.displacement
            return text + "rel " + hex(target.truncated(bytes: instruction.addressSize)) + "]"
        }
        guard instruction.base != none || hasIndex else {
            return text + absoluteText(pattern) + "]"
        }
        if instruction.base != none { text += addressRegister(instruction.base) }
        if hasIndex {
            if instruction.base != none { text += "+" }
            text += addressRegister(instruction.index)
            // An index without a base would be taken for a base unless its scale is written.
            if instruction.scale != 0 || instruction.base == none {
                text += "*\(1 << instruction.scale)"
            }
        }
        return text + displacementText + "]"
    }

    private func addressRegister(_ number: UInt8) -> String {
        RegisterNames.general(number, size: instruction.addressSize)
    }

    private var displacementText: String {
        let value = Int64(bitPattern: instruction.displacement)
        if value == 0 { return "" }
        return (value < 0 ? "-" : "+") + hex(value.magnitude)
    }

    /// An address without registers; the width is written where it is not the code's own.
    private func absoluteText(_ pattern: OperandPattern) -> String {
        let value = hex(instruction.displacement.truncated(bytes: instruction.addressSize))
        if pattern.place == .offset, instruction.addressSize == 8 { return "qword " + value }
        if instruction.prefixes.contains(.addressSize), mode != .bits64 || pattern.place == .offset,
            let word = RegisterNames.sizeKeyword(instruction.addressSize)
        {
            return word + " " + value
        }
        return value
    }

    /// The size word and a space, or nothing where another operand tells the size or none is needed.
    private func sizeText(_ operand: Operand, _ pattern: OperandPattern) -> String {
        switch instruction.operation {
        case .jmpFar, .callFar:
            let natural = instruction.operandSize == (mode == .bits64 ? 8 : naturalSize)
            let word = RegisterNames.sizeKeyword(instruction.operandSize) ?? ""
            return natural ? "far " : "far " + word + " "
        default: break
        }
        let needsWord = form.operation == .notModelled || form.operation.takesNumber
        guard pattern.place == .rm || needsWord else { return "" }
        // Where the destination can be wider it says nothing of the source.
        let extends: [Operation] = [.crc32, .movzx, .movsx, .movsxd]
        for other in [layout.first, layout.second] where !extends.contains(form.operation) {
            switch other.place {
            case .reg, .vvvv: if other.size == pattern.memorySize { return "" }
            case .opaqueRegister: return ""
            default: break
            }
        }
        guard let word = RegisterNames.sizeKeyword(operand.size) else { return "" }
        return word + " "
    }

    private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}

extension Operation {
    /// x87 operations on numbers of several widths.
    var takesNumber: Bool {
        switch self {
        case .fld, .fild, .fst, .fstp, .fist, .fisttp, .fadd, .fmul, .fsub, .fsubr, .fdiv, .fdivr,
            .fcom, .ficom:
            true
        default: false
        }
    }

    /// Reads memory that no operand names, through a segment that a prefix can override.
    var readsImplicitMemory: Bool {
        switch self {
        case .movs, .cmps, .lods, .outs, .xlat, .monitor: true
        default: false
        }
    }

    /// Addresses memory or counts with a register that no operand names.
    var usesImplicitAddress: Bool {
        switch self {
        case .xlat, .monitor, .loop, .loope, .loopne, .jcxz: true
        default: isString
        }
    }
}
