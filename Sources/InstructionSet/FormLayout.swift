/// How a form uses the ModRM byte.
enum ModRMUse: UInt8 {
    case absent
    /// ModRM.reg is an operand, or of no concern.
    case register
    /// ModRM.reg is part of the opcode.
    case digit
    /// The whole byte is part of the opcode.
    case fixed
}

/// Which values of ModRM.mod select a form.
enum ModRule: UInt8 {
    case any, memoryOnly, registerOnly
}

/// One row of the table in the shape that decoder and assembler work with: its notation, read once.
struct FormLayout {
    var map = OpcodeMap.oneByte
    var opcode: UInt8 = 0
    /// How many consecutive opcodes: 1, or 8 for `+r`, or 16 for `+cc`, or a range's length.
    var opcodeCount: UInt16 = 1
    /// FWAIT in front of an assembler's own form.
    var waitPrefix = false
    var prefixes = PrefixClasses.any
    /// The mandatory prefix byte that an assembler writes, or 0.
    var mandatoryPrefix: UInt8 = 0
    var modRM = ModRMUse.absent
    /// The digit, or the whole fixed byte; the fixed second byte of AAM and AAD.
    var digit: UInt8 = 0
    var mod = ModRule.any
    /// REX.W or VEX.W1 in the notation.
    var wide = false
    /// VEX.W0 or W1 matters: in 64-bit mode only where a general register is an operand.
    var vexWMatters = false
    var hasGeneralRegister = false
    /// VEX.vvvv has an operand.
    var usesVVVV = false
    /// VEX.L: 0, 1, or 2 where it does not matter.
    var vexL: UInt8 = 2
    /// Operand-size attributes that select the form: bits 0, 1, 2 for 16, 32, 64 bits.
    var sizes: UInt8 = 7
    /// The size in bytes that the form fixes, or 0 where the attribute decides.
    var operandSize: UInt8 = 0
    var first = OperandPattern.none
    var second = OperandPattern.none
    var third = OperandPattern.none
    /// How 64-bit mode changes the operand size.
    var sizeRule = OperandSizeRule.derived
    /// Address sizes that select the form: bits 0, 1, 2 for 16, 32, 64 bits.
    var addressSizes: UInt8 = 7
    var withoutREXB = false
    /// LOCK is allowed where the first operand is memory.
    var lockable = false
    var signExtends = false
    /// An immediate byte follows that is no operand here.
    var trailingByte = false
    /// An operand can be memory that ModRM describes.
    var usesMemory = false
    /// Widths in bytes of the first and the second immediate field.
    var immediateSize: UInt8 = 0
    var secondImmediateSize: UInt8 = 0

    /// Reads the notation of a row.
    init(_ form: InstructionForm) {
        readOpcode(form.opcode)
        readOperands(form.operands)
        placeRegisters()
        readTraits(form.traits)
        decideSizes(form)
        sizeRule = form.size
        usesMemory = hasPlace(.rm) || hasPlace(.memory) || hasPlace(.opaqueRM)
        lockable = form.operation.isLockable
        signExtends = form.operation.signExtendsImmediate
    }

    private mutating func readTraits(_ traits: FormTraits) {
        if traits.contains(.registerForm) { mod = .registerOnly }
        if traits.contains(.modIgnored) { mod = .any }
        if traits.contains(.address16) { addressSizes = 1 }
        if traits.contains(.address32) { addressSizes = 2 }
        if traits.contains(.address64) { addressSizes = 4 }
        withoutREXB = traits.contains(.withoutREXB)
    }

    /// Reads the opcode column, word by word. Byte by byte too: this is part of every start.
    private mutating func readOpcode(_ notation: String) {
        var bytes: [UInt8] = []
        for word in Array(notation.utf8).split(separator: UInt8(ascii: " ")) {
            let second = word.count > 1 ? word[word.startIndex + 1] : 0
            switch word[word.startIndex] {
            case UInt8(ascii: "N"):
                prefixes = second == UInt8(ascii: "P") ? .none : [.none, .operandSize]
            case UInt8(ascii: "R"): wide = true
            case UInt8(ascii: "/"): readModRM(second)
            case UInt8(ascii: "i"), UInt8(ascii: "c"): addImmediate(second)
            case UInt8(ascii: "V"): readVEX(word)
            case UInt8(ascii: "E") where second == UInt8(ascii: "V"): readEVEX(word)
            default: readByte(word, &bytes)
            }
        }
        takeOpcode(bytes)
    }

    /// `/r`, `/0` to `/7`, `/is4`.
    private mutating func readModRM(_ letter: UInt8) {
        switch letter {
        case UInt8(ascii: "r"): modRM = .register
        case UInt8(ascii: "i"): trailingByte = true
        default:
            modRM = .digit
            digit = letter &- UInt8(ascii: "0")
        }
    }

    private mutating func addImmediate(_ letter: UInt8) {
        let size: UInt8
        switch letter {
        case UInt8(ascii: "b"): size = 1
        case UInt8(ascii: "w"): size = 2
        case UInt8(ascii: "d"): size = 4
        case UInt8(ascii: "p"): size = 6
        default: size = 8
        }
        if immediateSize == 0 { immediateSize = size } else { secondImmediateSize = size }
    }

    /// A mandatory prefix, an opcode byte, a range of them, or one with `+r` or `+cc`.
    private mutating func readByte(_ word: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
        guard let byte = Self.hexadecimal(word.prefix(2)) else { return }
        if bytes.isEmpty, !map.isVEX, word.count == 2, takePrefix(byte) { return }
        bytes.append(byte)
        guard word.count > 2 else { return }
        if word[word.startIndex + 2] == UInt8(ascii: "-") {
            opcodeCount = UInt16((Self.hexadecimal(word.suffix(2)) ?? byte) &- byte) + 1
        } else {
            opcodeCount = word.last == UInt8(ascii: "c") ? 16 : 8
        }
    }

    private mutating func takePrefix(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x66: prefixes = .operandSize
        case 0xF2: prefixes = .repne
        case 0xF3: prefixes = .rep
        default: return false
        }
        mandatoryPrefix = byte
        return true
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        var value: UInt8 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | (digit - 0x30)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | (digit - 0x37)
            default: return nil
            }
        }
        return value
    }

    /// `VEX`, then length, prefix, map and W as far as they matter.
    private mutating func readVEX(_ word: ArraySlice<UInt8>) {
        map = .vex0F
        prefixes = .none
        for part in word.split(separator: UInt8(ascii: ".")).dropFirst() {
            let last = part[part.endIndex - 1]
            switch part[part.startIndex] {
            case UInt8(ascii: "L"), UInt8(ascii: "1"): vexL = 0
            case UInt8(ascii: "2"): vexL = 1
            case UInt8(ascii: "W"):
                vexWMatters = true
                wide = last == UInt8(ascii: "1")
            case UInt8(ascii: "0"):
                if part.count > 2 { map = last == UInt8(ascii: "8") ? .vex38 : .vex3A }
            default: _ = takePrefix(Self.hexadecimal(part) ?? 0)
            }
        }
    }

    /// The rows of EVEX tell the opcode map alone.
    private mutating func readEVEX(_ word: ArraySlice<UInt8>) {
        switch word.last {
        case UInt8(ascii: "8"): map = .evex38
        case UInt8(ascii: "A"): map = .evex3A
        default: map = .evex0F
        }
    }

    /// Splits the bytes into map, opcode and a fixed ModRM or second byte.
    private mutating func takeOpcode(_ all: [UInt8]) {
        var bytes = all[...]
        if bytes.first == 0x9B, bytes.count > 1 {
            waitPrefix = true
            bytes.removeFirst()
        }
        if bytes.first == 0x0F, bytes.count > 1 {
            bytes.removeFirst()
            map = .twoByte
            if bytes.count > 1, bytes.first == 0x38 || bytes.first == 0x3A {
                map = bytes.first == 0x38 ? .map38 : .map3A
                bytes.removeFirst()
            }
        }
        opcode = bytes.first ?? 0
        if bytes.count > 1, let last = bytes.last {
            modRM = .fixed
            mod = .registerOnly
            digit = last
        }
    }

    private mutating func readOperands(_ notation: String) {
        let operands = Array(notation.utf8).split(separator: UInt8(ascii: ","))
        for (index, operand) in operands.enumerated() {
            // A space stands behind each comma.
            let name = String(decoding: operand.dropFirst(index == 0 ? 0 : 1), as: UTF8.self)
            let pattern = OperandPattern.notation[name] ?? .none
            switch index {
            case 0: first = pattern
            case 1: second = pattern
            case 2: third = pattern
            default: trailingByte = true
            }
        }
    }

    /// Gives each general register its place: manual rows name it by kind only.
    private mutating func placeRegisters() {
        let hasRM = hasPlace(.rm) || hasPlace(.memory) || hasPlace(.opaqueRM)
        let place: OperandPlace
        if opcodeCount == 8 {
            place = .opcode
        } else if map.isVEX, modRM == .digit, hasRM {
            place = .vvvv
        } else if hasRM || (modRM == .register && hasPlace(.opaqueRegister)) {
            place = .reg
        } else {
            place = .rmRegister
        }
        first.settle(place)
        second.settle(place)
        third.settle(place)
        decideVector()
        if !hasRM, !hasPlace(.rmRegister) { placeOpaqueRegister() }
        if hasPlace(.memory) { mod = .memoryOnly }
        if !hasRM, first.place != .none, modRM == .register || modRM == .digit {
            mod = .registerOnly
        }
    }

    /// Where nothing else is in ModRM.r/m, the last vector or x87 register is.
    private mutating func placeOpaqueRegister() {
        if second.place == .opaqueRegister {
            second.place = .opaqueRMRegister
        } else if first.place == .opaqueRegister {
            first.place = .opaqueRMRegister
        }
    }

    /// VEX.vvvv is the operand that ModRM has no room for.
    private mutating func decideVector() {
        let isVector = hasPlace(.opaqueRegister) || hasPlace(.opaqueRM)
        hasGeneralRegister =
            hasPlace(.reg) || hasPlace(.rm) || hasPlace(.rmRegister) || hasPlace(.vvvv)
        let fields = [first, second, third].filter {
            $0.place != .none && $0.place != .immediate
        }
        let hasThird = fields.count == 3 || (fields.count == 2 && modRM == .digit)
        let isEVEX = map.rawValue >= OpcodeMap.evex0F.rawValue
        usesVVVV = map.isVEX && (hasPlace(.vvvv) || isVector && hasThird || isEVEX)
    }

    /// An operand is a vector or x87 register.
    var hasOpaqueOperand: Bool {
        hasPlace(.opaqueRegister) || hasPlace(.opaqueRMRegister) || hasPlace(.opaqueRM)
    }

    func hasPlace(_ place: OperandPlace) -> Bool {
        first.place == place || second.place == place || third.place == place
    }

    /// The size that the first deciding operand has, or the width of a target.
    private var impliedSize: UInt8 {
        for operand in [first, second, third] where operand.decidesSize {
            return operand.size != 0 ? operand.size : operand.memorySize
        }
        switch first.place {
        case .relative where first.size > 1, .farPointer: return first.size
        default: return 0
        }
    }

    private mutating func decideSizes(_ form: InstructionForm) {
        let implied = impliedSize
        switch form.size {
        case .byte: operandSize = 1
        case .word: (sizes, operandSize) = (1, 2)
        case .doubleword: (sizes, operandSize) = (2, 4)
        case .quadword: (sizes, operandSize) = (4, 8)
        case .any: operandSize = implied
        case .derived where form.operation == .notModelled: operandSize = implied
        case .derived, .default64, .forced64:
            switch implied {
            case 2: sizes = 1
            case 4: sizes = 2
            case 8: sizes = 4
            default: break
            }
            operandSize = implied
        }
        if wide, !map.isVEX { sizes = 4 }
        if map.isVEX { sizes = 1 }
    }
}

extension FormLayout {
    /// The operand-size attributes that select the form in code of `mode`, as in `sizes`.
    func selectingSizes(in mode: CodeSize) -> UInt8 {
        guard mode == .bits64, !map.isVEX else { return sizes }
        switch sizeRule {
        case .forced64: return 7
        case .default64: return sizes == 7 ? 7 : 6
        default: return sizes
        }
    }

    /// The operand size in bytes that the form has, given the attribute's size in bytes.
    @inline(__always)
    func effectiveSize(attribute: UInt8, mode: CodeSize) -> UInt8 {
        if mode == .bits64 {
            if sizeRule == .forced64 { return 8 }
            if sizeRule == .default64 { return attribute == 2 ? 2 : 8 }
        }
        return operandSize != 0 ? operandSize : attribute
    }
}

extension OperandPattern {
    fileprivate mutating func settle(_ generalPlace: OperandPlace) {
        if place == .reg { place = generalPlace }
    }
}
