import Architecture

extension DecodeState {
    /// The memory operand that ModRM, SIB and displacement describe.
    mutating func readAddress(_ instruction: inout Instruction) throws(DecodeError) {
        if addressSize == 2 { return try readAddress16(&instruction) }
        var displacementSize: UInt8 = mod == 1 ? 1 : mod == 2 ? 4 : 0
        if rm == 4 {
            let sib = try byte()
            let index = sib >> 3 & 7 | (rex & 2) << 2
            if index != 4 {
                instruction.index = index
                instruction.scale = sib >> 6
            }
            if sib & 7 == 5, mod == 0 {
                displacementSize = 4
            } else {
                instruction.base = sib & 7 | (rex & 1) << 3
            }
        } else if rm == 5, mod == 0 {
            displacementSize = 4
            if mode == .bits64 { instruction.base = Instruction.instructionPointer }
        } else {
            instruction.base = extendedRM
        }
        if displacementSize != 0 {
            instruction.displacement = try signedNumber(displacementSize)
        }
        // RSP and RBP address the stack.
        if override == nil, instruction.base == 4 || instruction.base == 5 {
            instruction.segment = .ss
        }
    }

    /// SDM 2, "16-Bit Addressing Forms with the ModR/M Byte".
    private mutating func readAddress16(_ instruction: inout Instruction) throws(DecodeError) {
        let none = Instruction.noRegister
        let pairs: (base: UInt8, index: UInt8)
        switch rm {
        case 0: pairs = (3, 6)
        case 1: pairs = (3, 7)
        case 2: pairs = (5, 6)
        case 3: pairs = (5, 7)
        case 4: pairs = (6, none)
        case 5: pairs = (7, none)
        case 6: pairs = (mod == 0 ? none : 5, none)
        default: pairs = (3, none)
        }
        instruction.base = pairs.base
        instruction.index = pairs.index
        if mod == 1 {
            instruction.displacement = try signedNumber(1)
        } else if mod == 2 || (mod == 0 && rm == 6) {
            instruction.displacement = try signedNumber(2)
        }
        if override == nil, pairs.base == 5 { instruction.segment = .ss }
    }

    mutating func readOperands(
        _ layout: UnsafePointer<FormLayout>, _ instruction: inout Instruction
    ) throws(DecodeError) {
        instruction.first = try operand(layout.pointee.first, layout, &instruction)
        instruction.second = try operand(layout.pointee.second, layout, &instruction)
        instruction.third = try operand(layout.pointee.third, layout, &instruction)
        if layout.pointee.trailingByte { _ = try byte() }
    }

    private mutating func operand(
        _ pattern: OperandPattern, _ layout: UnsafePointer<FormLayout>,
        _ instruction: inout Instruction
    ) throws(DecodeError) -> Operand {
        switch pattern.place {
        case .none: return .none
        case .opaqueRegister: return opaque(extendedReg, pattern, instruction.operation)
        case .opaqueRMRegister: return opaque(extendedRM, pattern, instruction.operation)
        case .fixedOpaque: return opaque(0, pattern, instruction.operation)
        case .reg: return general(extendedReg, pattern.size)
        case .rm:
            if mod == 3 { return general(extendedRM, pattern.size) }
            return Operand(.memory, size: pattern.memorySize)
        case .rmRegister: return general(extendedRM, pattern.size)
        case .memory: return Operand(.memory, size: pattern.memorySize)
        case .opcode: return general(opcode & 7 | (rex & 1) << 3, pattern.size)
        case .vvvv: return general(vvvv, pattern.size)
        case .fixed: return Operand(.general, register: pattern.register, size: pattern.size)
        case .opaqueRM:
            if mod == 3 { return opaque(extendedRM, pattern, instruction.operation) }
            return Operand(.memory, size: pattern.memorySize)
        case .one:
            instruction.immediate = 1
            return Operand(.immediate, size: 1)
        case .immediate: return try immediate(pattern, layout, &instruction)
        case .relative:
            instruction.immediate = try signedNumber(pattern.size)
            return Operand(.relative, size: instruction.operandSize)
        case .farPointer:
            instruction.immediate = try number(pattern.size)
            instruction.secondImmediate = UInt16(truncatingIfNeeded: try number(2))
            return Operand(.immediate, size: pattern.size)
        case .offset:
            instruction.displacement = try number(addressSize)
            return Operand(.memory, size: pattern.memorySize)
        case .segment, .fixedSegment, .control, .debug:
            return try special(pattern, instruction.operation)
        }
    }

    /// A general register; AH to BH where there is no REX prefix.
    @inline(__always)
    private func general(_ number: UInt8, _ size: UInt8) -> Operand {
        if size == 1, number >= 4, number < 8, rex == 0 {
            return Operand(.highByte, register: number - 4, size: 1)
        }
        return Operand(.general, register: number, size: size)
    }

    /// A vector or x87 register, of the operations that are executed.
    private func opaque(
        _ number: UInt8, _ pattern: OperandPattern, _ operation: Operation
    ) -> Operand {
        guard operation != .notModelled else { return .none }
        // REX reaches more registers of SSE alone.
        return Operand(.media, register: pattern.file == .sse ? number : number & 7)
    }

    private mutating func immediate(
        _ pattern: OperandPattern, _ layout: UnsafePointer<FormLayout>,
        _ instruction: inout Instruction
    ) throws(DecodeError) -> Operand {
        // The second immediate comes second: ENTER's level.
        if instruction.first.kind == .immediate {
            instruction.secondImmediate = UInt16(truncatingIfNeeded: try number(pattern.size))
            return Operand(.secondImmediate, size: pattern.size)
        }
        guard layout.pointee.signExtends else {
            instruction.immediate = try number(pattern.size)
            return Operand(.immediate, size: pattern.size)
        }
        let size = instruction.operandSize
        instruction.immediate = try signedNumber(pattern.size).truncated(bytes: size)
        return Operand(.immediate, size: size)
    }

    private func special(
        _ pattern: OperandPattern, _ operation: Operation
    ) throws(DecodeError) -> Operand {
        switch pattern.place {
        case .fixedSegment:
            return Operand(.segment, register: pattern.register, size: 2)
        case .segment:
            // There are six; and CS is not loaded by MOV.
            guard reg < 6, operation != .movToSegment || reg != SegmentRegister.cs.rawValue else {
                throw .invalidOpcode
            }
            return Operand(.segment, register: reg, size: 2)
        case .control:
            guard extendedReg == 8 || extendedReg <= 4 && extendedReg != 1 else {
                throw .invalidOpcode
            }
            return Operand(.control, register: extendedReg, size: mode == .bits64 ? 8 : 4)
        default:
            guard extendedReg < 8 else { throw .invalidOpcode }
            return Operand(.debug, register: reg, size: mode == .bits64 ? 8 : 4)
        }
    }
}

extension Instruction {
    /// An instruction of a form, before its operands are read.
    init(operation: Operation, form: UInt16, prefixes: Prefixes) {
        self.init(
            operation: operation, form: form, length: 0, operandSize: 0, addressSize: 0,
            prefixes: prefixes, condition: 0, segment: .ds, base: Self.noRegister,
            index: Self.noRegister, scale: 0, first: .none, second: .none, third: .none,
            secondImmediate: 0, displacement: 0, immediate: 0)
    }
}
