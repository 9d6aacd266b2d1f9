/// Whether a row of the table fits the operands of an instruction.
struct FormMatcher {
    let layout: FormLayout
    let form: InstructionForm
    let mode: CodeSize
    let prefixes: SourcePrefixes
    let location: Value
    /// The first operand is memory.
    let destinationIsMemory: Bool

    typealias Operand<Scope: ExpressionScope> = InstructionEncoder<Scope>.Operand

    private var naturalSize: UInt8 { mode == .bits16 ? 2 : 4 }
    /// The width of a target that no size word gives.
    private var targetSize: UInt8 {
        prefixes.operandSize == 2 || prefixes.operandSize == 4 ? prefixes.operandSize : naturalSize
    }
    /// The width of a near pointer.
    private var nearSize: UInt8 { mode == .bits16 ? 2 : mode == .bits32 ? 4 : 8 }

    func matches<Scope>(_ operands: [Operand<Scope>]) -> Bool {
        if layout.wide, mode != .bits64 { return false }
        let patterns = [layout.first, layout.second, layout.third]
        for (index, pattern) in patterns.enumerated() {
            if index >= operands.count {
                if pattern.place != .none { return false }
            } else if !matches(pattern, operands[index]) {
                return false
            }
        }
        // 90 with EAX is NOP, which leaves the high half alone: not what XCHG does.
        if form.operation == .xchg, layout.opcodeCount == 8, mode == .bits64,
            operands.allSatisfy({
                if case .register(let register) = $0.kind {
                    register.number == 0 && register.size == 4
                } else {
                    false
                }
            })
        {
            return false
        }
        return operands.count <= 3
    }

    /// The width of the memory operand, where the source leaves it to the form.
    func openMemorySize<Scope>(_ operands: [Operand<Scope>]) -> UInt8? {
        for (operand, pattern) in zip(operands, [layout.first, layout.second, layout.third])
        where operand.isMemory && operand.source.size == 0 {
            if pattern.place == .rm || pattern.place == .memory { return pattern.memorySize }
        }
        return nil
    }

    private func matches<Scope>(_ pattern: OperandPattern, _ operand: Operand<Scope>) -> Bool {
        switch operand.kind {
        case .register(let register): matches(pattern, register, operand.source)
        case .immediate(let value): matches(pattern, value, operand.source)
        case .memory(let address): matches(pattern, address, operand.source)
        case .far:
            pattern.place == .farPointer
                && pattern.size == (operand.source.size == 0 ? targetSize : operand.source.size)
        }
    }

    private func matches(
        _ pattern: OperandPattern, _ register: Register, _ source: SourceOperand
    ) -> Bool {
        switch register.kind {
        case .general, .highByte:
            guard register.size == pattern.size, source.size == 0 || source.size == register.size,
                source.distance != .far
            else { return false }
            switch pattern.place {
            case .reg, .rm, .rmRegister, .opcode, .vvvv: return true
            case .fixed: return register.kind == .general && register.number == pattern.register
            default: return false
            }
        case .segment:
            return pattern.place == .segment
                || pattern.place == .fixedSegment && pattern.register == register.number
        case .control: return pattern.place == .control
        case .debug: return pattern.place == .debug
        case .media(let file):
            guard pattern.file == file else { return false }
            return pattern.place != .fixedOpaque || register.number == 0
        }
    }

    private func matches(
        _ pattern: OperandPattern, _ address: Address, _ source: SourceOperand
    ) -> Bool {
        switch pattern.place {
        case .offset:
            guard address.base == nil, address.index == nil, !address.isInstructionRelative,
                mode != .bits64 || address.isFullOffset
            else { return false }
            return source.size == 0 || source.size == pattern.memorySize
        case .rm, .memory, .opaqueRM:
            if address.isFullOffset { return false }
            let isNearBranch = form.operation == .jmp || form.operation == .call
            let isFarBranch = form.operation == .jmpFar || form.operation == .callFar
            if isFarBranch {
                return source.distance == .far
                    && pattern.size == (source.size == 0 ? nearSize : source.size)
            }
            if source.distance == .far { return false }
            if isNearBranch, source.size == 0 { return pattern.memorySize == nearSize }
            return source.size == 0 || source.size == pattern.memorySize
                || pattern.memorySize == 0
        default: return false
        }
    }

    // MARK: numbers

    private func matches(
        _ pattern: OperandPattern, _ value: Value, _ source: SourceOperand
    ) -> Bool {
        switch pattern.place {
        case .one:
            return value.isNumber && value.isKnown && value.number == 1 && source.size == 0
                && !source.isStrict
        case .relative: return matchesTarget(pattern, value, source)
        case .immediate:
            if form.operation == .push { return matchesPush(pattern, value, source) }
            if source.distance != .none { return false }
            return matchesImmediate(pattern, value, source)
        default: return false
        }
    }

    /// The operand size of the form in this mode.
    private var operandSize: UInt8 {
        layout.effectiveSize(attribute: naturalSize, mode: mode)
    }

    private func matchesImmediate(
        _ pattern: OperandPattern, _ value: Value, _ source: SourceOperand
    ) -> Bool {
        let size = operandSize
        guard layout.signExtends, pattern.size < size else {
            // MOV of 64 bits: strict, or what no shorter form holds.
            return source.size == 0 || source.size == pattern.size
        }
        if pattern.size == 1 {
            return source.size == 1
                || !source.isStrict && (source.size == 0 || source.size == size)
                    && Self.isSignedByte(value, size: size)
        }
        // Four bytes for an operation of eight.
        if form.operation == .mov, layout.first.place == .rm {
            if source.size == 4 { return true }
            if source.isStrict, source.size == 8 { return false }
            let fits =
                value.isNumber && value.isKnown
                && value.number == Int64(Int32(truncatingIfNeeded: value.number))
            // No MOV to memory has a longer immediate.
            return fits || destinationIsMemory
        }
        if form.operation == .imulTruncating, source.size == 4 { return true }
        return source.size == 0 || source.size == 8
    }

    static func isSignedByte(_ value: Value, size: UInt8) -> Bool {
        // Of what comes later the best is hoped first, as NASM does.
        guard value.isKnown else { return true }
        guard value.isNumber else { return false }
        if size == 2 { return UInt16(truncatingIfNeeded: value.number &+ 128) <= 255 }
        return UInt32(truncatingIfNeeded: value.number &+ 128) <= 255
    }

    private func matchesPush(
        _ pattern: OperandPattern, _ value: Value, _ source: SourceOperand
    ) -> Bool {
        let size = source.size > 1 ? source.size : nearSize
        if pattern.size == 1 {
            if source.size == 1 { return true }
            if source.isStrict { return false }
            return Self.isSignedByte(value, size: size) && reachesPush(size)
        }
        if source.size == 1 { return false }
        return pattern.size == min(size, 4) && reachesPush(size)
    }

    private func reachesPush(_ size: UInt8) -> Bool {
        mode == .bits64 || size <= 4
    }

    private func matchesTarget(
        _ pattern: OperandPattern, _ value: Value, _ source: SourceOperand
    ) -> Bool {
        if source.distance == .far { return false }
        guard pattern.size == 1 else {
            if source.distance == .short { return false }
            let wanted = source.size == 0 ? targetSize : min(source.size, 4)
            return pattern.size == wanted
        }
        // The short form; JCXZ and LOOP have no other.
        let hasNearForm = [.jmp, .jcc].contains(form.operation)
        guard hasNearForm, source.distance != .short else { return source.distance != .near }
        guard source.distance == .none, source.size == 0, !source.isStrict else { return false }
        // NASM begins with the shortest and lengthens what does not reach.
        if !value.isKnown { return true }
        guard value.section == location.section, value.section != 0 else { return false }
        let length = 2 + prefixes.count
        let distance = value.number &- location.number &- length
        return distance >= -128 && distance <= 127
    }
}
