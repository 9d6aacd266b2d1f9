import Architecture

/// Bytes to instructions. SDM 2, "Instruction Format".
///
/// Operands are those of the form's row (``InstructionForm/operands``), in its order: what an
/// assembler writes. Registers and memory that the mnemonic alone implies (the stack of PUSH, RDX:RAX
/// of MUL, both sides of MOVS) are not among them.
/// - Memory is ``OperandKind/memory``; the address is in the instruction's own fields.
/// - A near target is ``OperandKind/relative``, `immediate` the sign-extended displacement.
/// - A direct far target is an immediate, the offset, and `secondImmediate` is the selector; of a far
///   pointer in memory `operandSize` is the offset's width and the operand's size the pointer's.
/// - ENTER has its frame size in `immediate` and its level in `secondImmediate`.
/// - Shifts by one have the immediate 1, shifts by CL the register.
/// - `immediate` is what the operation uses: sign-extended where the manual says so, then cut to the
///   operand's width.
/// - String instructions have no operands: `operandSize` is the element's width, `segment` the
///   source's.
/// - Instructions that the model does not execute have no register operands.
///
/// What the decoder decides is what the processor decides from the bytes and the code size alone:
/// which form it is, its length, its operands, and #UD for encodings that no processor of this kind
/// has. What depends on mode, privilege, control registers or CPUID (``InstructionForm/feature``)
/// is the machine's to check.
public enum InstructionDecoder {
    /// An instruction is never longer. SDM 3A, "Limits on Instruction Length": #GP(0).
    public static let maximumLength = 15

    /// Decodes the instruction at the start of `bytes`, of which no more are read than it has.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, size: CodeSize
    ) throws(DecodeError) -> Instruction {
        guard let base = bytes.baseAddress else { throw .truncated }
        var state = DecodeState(base: base, count: bytes.count, mode: size)
        return try state.decode(DecodeTables.shared)
    }

    /// Decodes the instruction at the start of `bytes`.
    public static func decode(
        _ bytes: [UInt8], size: CodeSize
    ) throws(DecodeError) -> Instruction {
        let result = bytes.withUnsafeBytes { buffer -> Result<Instruction, DecodeError> in
            do throws(DecodeError) {
                return .success(try decode(buffer, size: size))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Builds the lookup tables now rather than at the first instruction.
    public static func prepare() {
        _ = DecodeTables.shared.layouts
    }
}

/// The position in the bytes, and what the prefixes said.
struct DecodeState {
    let base: UnsafeRawPointer
    let mode: CodeSize
    /// Bytes that may be read, and never more than the longest instruction.
    let limit: Int
    var position = 0
    var prefixes: Prefixes = []
    /// The segment override that counts.
    var override: SegmentRegister?
    /// REX, or its bits taken from a VEX prefix; 0 without.
    var rex: UInt8 = 0
    var map = OpcodeMap.oneByte
    var prefixClass = PrefixClasses.none
    var vvvv: UInt8 = 0
    var vexL: UInt8 = 0
    var opcode: UInt8 = 0
    var modRM: UInt8 = 0
    var addressSize: UInt8 = 0

    init(base: UnsafeRawPointer, count: Int, mode: CodeSize) {
        self.base = base
        self.mode = mode
        limit = min(count, InstructionDecoder.maximumLength)
    }

    var mod: UInt8 { modRM >> 6 }
    var reg: UInt8 { modRM >> 3 & 7 }
    var rm: UInt8 { modRM & 7 }
    var rexW: Bool { rex & 8 != 0 }
    /// REX.R, REX.X, REX.B as the register number's fourth bit.
    var extendedReg: UInt8 { reg | (rex & 4) << 1 }
    var extendedRM: UInt8 { rm | (rex & 1) << 3 }

    var shortage: DecodeError {
        position >= InstructionDecoder.maximumLength ? .tooLong : .truncated
    }

    @inline(__always)
    mutating func byte() throws(DecodeError) -> UInt8 {
        guard position < limit else { throw shortage }
        defer { position &+= 1 }
        return base.load(fromByteOffset: position, as: UInt8.self)
    }

    /// A little-endian number of 1 to 8 bytes, zero-extended.
    mutating func number(_ size: UInt8) throws(DecodeError) -> UInt64 {
        guard position &+ Int(size) <= limit else {
            position = limit
            throw limit == InstructionDecoder.maximumLength ? .tooLong : .truncated
        }
        var value: UInt64 = 0
        for index in 0..<Int(size) {
            let byte = base.load(fromByteOffset: position &+ index, as: UInt8.self)
            value |= UInt64(byte) &<< UInt64(index &* 8)
        }
        position &+= Int(size)
        return value
    }

    /// The same, sign-extended to 64 bits.
    @inline(__always)
    mutating func signedNumber(_ size: UInt8) throws(DecodeError) -> UInt64 {
        try number(size).signExtended(bytes: size)
    }

    mutating func decode(_ tables: DecodeTables) throws(DecodeError) -> Instruction {
        var byte = try readPrefixes()
        if mode == .bits64, byte & 0xF0 == 0x40 {
            rex = byte
            prefixes.insert(.rex)
            byte = try self.byte()
        }
        try readOpcode(byte)
        let hasModRM = tables.hasModRM(mode, map, opcode)
        if hasModRM { modRM = try self.byte() }
        addressSize = effectiveAddressSize
        let row = try findForm(tables, reg: hasModRM ? reg : 0)
        let layout = tables.layouts + Int(row)
        var instruction = Instruction(
            operation: tables.operations[Int(row)], form: row, prefixes: prefixes)
        instruction.operandSize = layout.pointee.effectiveSize(
            attribute: attributeSize, mode: mode)
        instruction.addressSize = addressSize
        instruction.segment = override ?? .ds
        if layout.pointee.opcodeCount == 16 { instruction.condition = opcode & 15 }
        if layout.pointee.usesMemory, mod != 3 {
            try readAddress(&instruction)
        }
        try readOperands(layout, &instruction)
        if prefixes.contains(.lock) {
            guard layout.pointee.lockable, instruction.first.kind == .memory else {
                throw .invalidOpcode
            }
        }
        instruction.length = UInt8(truncatingIfNeeded: position)
        return instruction
    }

    /// Legacy prefixes in any order and number; returns the byte behind them.
    private mutating func readPrefixes() throws(DecodeError) -> UInt8 {
        while true {
            let byte = try self.byte()
            switch byte {
            case 0x66: prefixes.insert(.operandSize)
            case 0x67: prefixes.insert(.addressSize)
            case 0xF0: prefixes.insert(.lock)
            case 0xF2:
                prefixes.remove(.rep)
                prefixes.insert(.repne)
            case 0xF3:
                prefixes.remove(.repne)
                prefixes.insert(.rep)
            case 0x26: overrideSegment(.es)
            case 0x2E: overrideSegment(.cs)
            case 0x36: overrideSegment(.ss)
            case 0x3E: overrideSegment(.ds)
            case 0x64: overrideSegment(.fs)
            case 0x65: overrideSegment(.gs)
            // A REX prefix that another prefix follows has no effect.
            case 0x40...0x4F where mode == .bits64 && nextIsPrefix: break
            default: return byte
            }
        }
    }

    /// Whether the byte at the position is one of the prefixes, REX included.
    private var nextIsPrefix: Bool {
        guard position < limit else { return false }
        switch base.load(fromByteOffset: position, as: UInt8.self) {
        case 0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x40...0x4F:
            return true
        default: return false
        }
    }

    /// In 64-bit mode overrides other than FS and GS are ignored, as if they were not there.
    private mutating func overrideSegment(_ segment: SegmentRegister) {
        if mode == .bits64, segment != .fs, segment != .gs { return }
        override = segment
        prefixes.insert(.segment)
    }

    /// Escape bytes or a VEX prefix, and the opcode.
    private mutating func readOpcode(_ first: UInt8) throws(DecodeError) {
        switch first {
        case 0x0F:
            let second = try byte()
            switch second {
            case 0x38, 0x3A:
                map = second == 0x38 ? .map38 : .map3A
                opcode = try byte()
            default:
                map = .twoByte
                opcode = second
            }
        case 0xC4, 0xC5:
            // Outside 64-bit mode these are LES and LDS, unless their ModRM would be a register.
            if mode != .bits64 {
                guard position < limit else { throw shortage }
                if base.load(fromByteOffset: position, as: UInt8.self) < 0xC0 {
                    opcode = first
                    break
                }
            }
            return try readVEX(first)
        case 0x62:
            // Outside 64-bit mode this is BOUND, unless its ModRM would be a register.
            if mode != .bits64 {
                guard position < limit else { throw shortage }
                if base.load(fromByteOffset: position, as: UInt8.self) < 0xC0 {
                    opcode = first
                    break
                }
            }
            return try readEVEX()
        default:
            opcode = first
        }
        takePrefixClass()
    }

    private mutating func takePrefixClass() {
        if prefixes.contains(.rep) {
            prefixClass = .rep
        } else if prefixes.contains(.repne) {
            prefixClass = .repne
        } else if prefixes.contains(.operandSize) {
            prefixClass = .operandSize
        }
    }

    /// SDM 2, "Intel Advanced Vector Extensions", "The VEX Prefix".
    private mutating func readVEX(_ first: UInt8) throws(DecodeError) {
        guard prefixes.isDisjoint(with: [.rex, .lock, .rep, .repne, .operandSize]) else {
            throw .invalidOpcode
        }
        var last = try byte()
        rex = 0x40 | (~last >> 5 & 4)
        map = .vex0F
        if first == 0xC4 {
            rex = 0x40 | (~last >> 5)
            switch last & 31 {
            case 1: map = .vex0F
            case 2: map = .vex38
            case 3: map = .vex3A
            default: throw .invalidOpcode
            }
            last = try byte()
            if last & 0x80 != 0 { rex |= 8 }
        }
        vvvv = ~last >> 3 & 15
        vexL = last >> 2 & 1
        switch last & 3 {
        case 1: prefixClass = .operandSize
        case 2: prefixClass = .rep
        case 3: prefixClass = .repne
        default: prefixClass = .none
        }
        // Registers 8 to 15 and a width of 64 bits do not exist outside 64-bit mode.
        if mode != .bits64 {
            rex &= 0x48
            vvvv &= 7
        }
        opcode = try byte()
    }

    /// SDM 2, "Intel AVX-512 Encoding". What EVEX instructions do is not modelled; the length is.
    private mutating func readEVEX() throws(DecodeError) {
        guard prefixes.isDisjoint(with: [.rex, .lock, .rep, .repne, .operandSize]) else {
            throw .invalidOpcode
        }
        let payload = (try byte(), try byte(), try byte())
        guard payload.0 & 0x0C == 0, payload.1 & 4 != 0 else { throw .invalidOpcode }
        switch payload.0 & 3 {
        case 1: map = .evex0F
        case 2: map = .evex38
        case 3: map = .evex3A
        default: throw .invalidOpcode
        }
        rex = 0x40
        opcode = try byte()
    }

    private var effectiveAddressSize: UInt8 {
        let other = prefixes.contains(.addressSize)
        switch mode {
        case .bits16: return other ? 4 : 2
        case .bits32: return other ? 2 : 4
        case .bits64: return other ? 4 : 8
        }
    }

    /// The operand-size attribute in bytes.
    private var attributeSize: UInt8 {
        let other = prefixes.contains(.operandSize)
        switch mode {
        case .bits16: return other ? 4 : 2
        case .bits32: return other ? 2 : 4
        case .bits64: return rexW ? 8 : other ? 2 : 4
        }
    }

    private func findForm(
        _ tables: DecodeTables, reg: UInt8
    ) throws(DecodeError) -> UInt16 {
        let attribute = map.isVEX ? 2 : attributeSize
        let sizeIndex = attribute == 2 ? 0 : attribute == 4 ? 1 : 2
        for row in tables.candidates(mode, map, opcode, sizeIndex: sizeIndex, reg: reg)
        where matches(tables.layouts + Int(row)) {
            return row
        }
        // REX.W without a 64-bit form is ignored: 48 ED is IN EAX, DX.
        if attribute == 8 {
            for row in tables.candidates(mode, map, opcode, sizeIndex: 1, reg: reg)
            where matches(tables.layouts + Int(row)) {
                return row
            }
        }
        throw .invalidOpcode
    }

    @inline(__always)
    private func matches(_ layout: UnsafePointer<FormLayout>) -> Bool {
        guard layout.pointee.prefixes.contains(prefixClass) else { return false }
        switch layout.pointee.mod {
        case .any: break
        case .memoryOnly: if mod == 3 { return false }
        case .registerOnly: if mod != 3 { return false }
        }
        if layout.pointee.modRM == .fixed, layout.pointee.digit != modRM { return false }
        if layout.pointee.withoutREXB, rex & 1 != 0 { return false }
        // The address sizes 2, 4, 8 are bits 0, 1, 2.
        if layout.pointee.addressSizes & addressSize >> 1 == 0 { return false }
        return !layout.pointee.map.isVEX || matchesVEX(layout)
    }

    private func matchesVEX(_ layout: UnsafePointer<FormLayout>) -> Bool {
        if layout.pointee.vexL != 2, layout.pointee.vexL != vexL { return false }
        if !layout.pointee.usesVVVV, vvvv != 0 { return false }
        guard layout.pointee.vexWMatters, mode == .bits64 || !layout.pointee.hasGeneralRegister
        else {
            return true
        }
        return layout.pointee.wide == rexW
    }
}

extension UInt64 {
    /// The low `bytes` bytes (1 to 8) as a signed number, extended to 64 bits.
    @inlinable func signExtended(bytes: UInt8) -> UInt64 {
        let shift = UInt64(64 &- Int(bytes) &* 8)
        return UInt64(bitPattern: Int64(bitPattern: self &<< shift) &>> Int64(shift))
    }

    /// The low `bytes` bytes (1 to 8), the rest zero.
    @inlinable func truncated(bytes: UInt8) -> UInt64 {
        bytes >= 8 ? self : self & (1 &<< (UInt64(bytes) &* 8) &- 1)
    }
}
