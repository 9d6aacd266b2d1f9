/// Makes the bytes of an instruction for a row that fits.
struct FormBuilder {
    let layout: FormLayout
    let condition: UInt8
    let mode: CodeSize
    let prefixes: SourcePrefixes
    /// In bytes, where a prefix or LOOP's counter gives it; 0 without.
    let addressSize: UInt8
    let source: SourceInstruction

    typealias Operand<Scope: ExpressionScope> = InstructionEncoder<Scope>.Operand

    /// By segment register number.
    static let segmentBytes: [UInt8] = [0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65]

    private var naturalSize: UInt8 { mode == .bits16 ? 2 : 4 }
    private var naturalAddressSize: UInt8 {
        mode == .bits16 ? 2 : mode == .bits32 ? 4 : 8
    }

    /// What the operands put into the encoding.
    private struct Parts {
        var rex: UInt8 = 0
        var needsREX = false
        var forbidsREX = false
        var reg: UInt8 = 0
        var rmRegister: UInt8 = 0
        var vvvv: UInt8 = 0
        var opcodeRegister: UInt8 = 0
        var address: Address?
        var offset: Address?
        var trailing: [EncodedInstruction.Field] = []
        var operandSizePrefix = false
        var addressSizePrefix = false
    }

    /// The bytes, or nil where the sizes that are asked for do not reach the form.
    func build<Scope>(_ operands: [Operand<Scope>]) throws(SourceFault) -> EncodedInstruction? {
        var parts = Parts()
        for (operand, pattern) in zip(operands, [layout.first, layout.second, layout.third]) {
            place(operand, pattern, &parts)
        }
        guard chooseOperandSize(operands, &parts), chooseAddressSize(&parts) else { return nil }
        if parts.needsREX || parts.rex != 0, mode != .bits64, !layout.map.isVEX { return nil }
        if parts.forbidsREX, parts.needsREX || parts.rex != 0 {
            throw SourceFault(
                "ah, ch, dh and bh cannot stand beside what needs a REX prefix",
                column: source.column, length: source.length)
        }
        var encoded = EncodedInstruction()
        appendPrefixes(parts, &encoded.bytes)
        appendOpcode(parts, &encoded.bytes)
        appendModRM(parts, &encoded)
        appendTrailing(parts, &encoded)
        guard encoded.bytes.count <= InstructionDecoder.maximumLength else {
            throw SourceFault(
                "an instruction longer than 15 bytes", column: source.column,
                length: source.length)
        }
        return encoded
    }

    // MARK: operands

    private func place<Scope>(
        _ operand: Operand<Scope>, _ pattern: OperandPattern, _ parts: inout Parts
    ) {
        switch operand.kind {
        case .register(let register): place(register, pattern, &parts)
        case .memory(let address):
            if pattern.place == .offset { parts.offset = address } else { place(address, &parts) }
        case .immediate(let value):
            guard pattern.place != .one else { return }
            var field = field(operand.source, value, size: pattern.size)
            if pattern.place == .relative {
                field.kind = .relative
            } else if layout.signExtends {
                field.isSignExtendedTo = max(
                    pattern.size, layout.effectiveSize(attribute: naturalSize, mode: mode))
            }
            parts.trailing.append(field)
        case .far(let selector, let offset):
            parts.trailing.append(field(operand.source, offset, size: pattern.size))
            parts.trailing.append(field(operand.source, selector, size: 2))
        }
    }

    private func field(
        _ source: SourceOperand, _ value: Value, size: UInt8
    ) -> EncodedInstruction.Field {
        EncodedInstruction.Field(
            kind: .absolute, position: 0, size: size, value: value, column: source.column,
            length: source.length)
    }

    private func place(_ address: Address, _ parts: inout Parts) {
        parts.address = address
        if let base = address.base, base >= 8 { parts.rex |= 1 }
        if let index = address.index, index >= 8 { parts.rex |= 2 }
    }

    private func place(_ register: Register, _ pattern: OperandPattern, _ parts: inout Parts) {
        if register.kind == .highByte { parts.forbidsREX = true }
        // SPL, BPL, SIL, DIL exist only with a REX prefix.
        if register.kind == .general, register.size == 1, register.number >= 4,
            pattern.place != .fixed
        {
            parts.needsREX = true
        }
        let number = register.kind == .highByte ? register.number + 4 : register.number
        switch pattern.place {
        case .reg, .segment, .control, .debug, .opaqueRegister:
            parts.reg = number & 7
            if number >= 8 { parts.rex |= 4 }
        case .rm, .rmRegister, .opaqueRM, .opaqueRMRegister:
            parts.rmRegister = number & 7
            if number >= 8 { parts.rex |= 1 }
        case .opcode:
            parts.opcodeRegister = number & 7
            if number >= 8 { parts.rex |= 1 }
        case .vvvv: parts.vvvv = number
        default: break
        }
    }

    // MARK: sizes

    /// Chooses the operand-size attribute that selects the form with the fewest prefixes.
    private func chooseOperandSize<Scope>(
        _ operands: [Operand<Scope>], _ parts: inout Parts
    ) -> Bool {
        if layout.map.isVEX { return true }
        let sizes = layout.selectingSizes(in: mode)
        let natural: UInt8 = mode == .bits16 ? 1 : 2
        var wanted: UInt8 = 0
        switch prefixes.operandSize {
        case 2: wanted = 1
        case 4: wanted = 2
        case 8: wanted = 4
        default: break
        }
        // PUSH of a number takes its width from the size word.
        if source.pushesNumber, let size = operands.first?.source.size, size > 1,
            mode != .bits64 || size == 2
        {
            wanted = size == 2 ? 1 : 2
        }
        let chosen: UInt8
        if wanted != 0 {
            guard sizes & wanted != 0 else { return false }
            chosen = wanted
        } else if sizes & natural != 0 {
            chosen = natural
        } else if sizes & 3 != 0 {
            chosen = sizes & 3
        } else {
            chosen = 4
        }
        if chosen == 4 {
            guard mode == .bits64 else { return false }
            parts.rex |= 8
        } else if chosen != natural, layout.mandatoryPrefix != 0x66 {
            parts.operandSizePrefix = true
        }
        if layout.wide { parts.rex |= 8 }
        return true
    }

    private func chooseAddressSize(_ parts: inout Parts) -> Bool {
        var size = parts.address?.size ?? parts.offset?.size ?? addressSize
        if size == 0 { size = naturalAddressSize }
        if layout.addressSizes != 7 {
            let wanted: UInt8 = layout.addressSizes * 2
            if addressSize != 0, addressSize != wanted { return false }
            size = wanted
        }
        if size == naturalAddressSize { return true }
        parts.addressSizePrefix = true
        switch mode {
        case .bits16: return size == 4
        case .bits32: return size == 2
        case .bits64: return size == 4
        }
    }

    // MARK: bytes

    private func appendPrefixes(_ parts: Parts, _ bytes: inout [UInt8]) {
        if layout.waitPrefix { bytes.append(0x9B) }
        if let rep = prefixes.rep { bytes.append(rep) }
        if prefixes.lock { bytes.append(0xF0) }
        let segment = parts.address?.segment ?? parts.offset?.segment ?? prefixes.segment
        if let segment { bytes.append(Self.segmentBytes[Int(segment)]) }
        if parts.operandSizePrefix { bytes.append(0x66) }
        if parts.addressSizePrefix { bytes.append(0x67) }
        if layout.mandatoryPrefix != 0, !layout.map.isVEX { bytes.append(layout.mandatoryPrefix) }
    }

    private func appendOpcode(_ parts: Parts, _ bytes: inout [UInt8]) {
        let rex = parts.rex
        if layout.map.isVEX { return appendVEX(rex, parts.vvvv, &bytes) }
        if rex != 0 || parts.needsREX { bytes.append(0x40 | rex) }
        switch layout.map {
        case .twoByte: bytes.append(0x0F)
        case .map38: bytes += [0x0F, 0x38]
        case .map3A: bytes += [0x0F, 0x3A]
        default: break
        }
        let low = layout.opcodeCount == 16 ? condition : parts.opcodeRegister
        bytes.append(layout.opcode + low)
    }

    private func appendVEX(_ rex: UInt8, _ vvvv: UInt8, _ bytes: inout [UInt8]) {
        let prefix: UInt8
        switch layout.mandatoryPrefix {
        case 0x66: prefix = 1
        case 0xF3: prefix = 2
        case 0xF2: prefix = 3
        default: prefix = 0
        }
        let low = (~vvvv & 15) << 3 | (layout.vexL & 1) << 2 | prefix
        if rex & 3 == 0, !layout.wide, layout.map == .vex0F {
            bytes += [0xC5, (rex & 4 == 0 ? 0x80 : 0) | low]
        } else {
            let map: UInt8 = layout.map == .vex0F ? 1 : layout.map == .vex38 ? 2 : 3
            bytes += [0xC4, ~rex << 5 | map, (layout.wide ? 0x80 : 0) | low]
        }
        bytes.append(layout.opcode)
    }

    private func appendModRM(_ parts: Parts, _ encoded: inout EncodedInstruction) {
        let reg: UInt8
        switch layout.modRM {
        case .absent: return
        case .fixed:
            encoded.bytes.append(layout.digit)
            return
        case .digit: reg = layout.digit
        case .register: reg = parts.reg
        }
        guard let address = parts.address else {
            encoded.bytes.append(0xC0 | reg << 3 | parts.rmRegister)
            return
        }
        if address.size == 2 {
            append16(address, reg, &encoded)
        } else {
            appendAddress(address, reg, &encoded)
        }
    }

    private func displacementField(_ address: Address, size: UInt8) -> EncodedInstruction.Field {
        EncodedInstruction.Field(
            kind: address.isInstructionRelative ? .relative : .absolute, position: 0, size: size,
            value: address.displacement, column: source.column, length: source.length)
    }

    private func append16(_ address: Address, _ reg: UInt8, _ encoded: inout EncodedInstruction) {
        guard let rm = address.rm16 else {
            encoded.bytes.append(reg << 3 | 6)
            return encoded.appendField(displacementField(address, size: 2))
        }
        let (size, mod) = address.displacementShape(baseNeedsOne: rm == 6)
        encoded.bytes.append(mod << 6 | reg << 3 | rm)
        if size != 0 { encoded.appendField(displacementField(address, size: size)) }
    }

    private func appendAddress(
        _ address: Address, _ reg: UInt8, _ encoded: inout EncodedInstruction
    ) {
        let scale: UInt8 =
            address.scale == 8 ? 3 : address.scale == 4 ? 2 : address.scale == 2 ? 1 : 0
        guard let base = address.base else {
            if let index = address.index {
                encoded.bytes += [reg << 3 | 4, scale << 6 | (index & 7) << 3 | 5]
            } else if mode == .bits64, !address.isInstructionRelative {
                // What was an absolute address is relative to RIP in 64-bit mode.
                encoded.bytes += [reg << 3 | 4, 0x25]
            } else {
                encoded.bytes.append(reg << 3 | 5)
            }
            return encoded.appendField(displacementField(address, size: 4))
        }
        let (size, mod) = address.displacementShape(baseNeedsOne: base & 7 == 5)
        if let index = address.index {
            encoded.bytes += [
                mod << 6 | reg << 3 | 4, scale << 6 | (index & 7) << 3 | base & 7,
            ]
        } else if base & 7 == 4 {
            encoded.bytes += [mod << 6 | reg << 3 | 4, 0x24]
        } else {
            encoded.bytes.append(mod << 6 | reg << 3 | base & 7)
        }
        if size != 0 { encoded.appendField(displacementField(address, size: size)) }
    }

    private func appendTrailing(_ parts: Parts, _ encoded: inout EncodedInstruction) {
        if let offset = parts.offset {
            encoded.appendField(displacementField(offset, size: offset.size))
        }
        for field in parts.trailing { encoded.appendField(field) }
        // The fixed second byte of AAM and AAD is no ModRM.
    }
}

extension SourceInstruction {
    /// PUSH with a number.
    var pushesNumber: Bool {
        guard let first = candidates.first, InstructionTable.forms[first.row].operation == .push,
            operands.count == 1, case .immediate = operands[0].kind
        else { return false }
        return true
    }
}
