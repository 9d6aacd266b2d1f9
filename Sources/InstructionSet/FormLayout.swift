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

    private mutating func readOpcode(_ notation: String) {
        var bytes: [UInt8] = []
        for token in notation.split(separator: " ") {
            switch token {
            case "NP": prefixes = .none
            case "NFx": prefixes = [.none, .operandSize]
            case "66" where bytes.isEmpty && !map.isVEX:
                prefixes = .operandSize
                mandatoryPrefix = 0x66
            case "F2" where bytes.isEmpty && !map.isVEX:
                prefixes = .repne
                mandatoryPrefix = 0xF2
            case "F3" where bytes.isEmpty && !map.isVEX:
                prefixes = .rep
                mandatoryPrefix = 0xF3
            case "REX.W": wide = true
            case "/r": modRM = .register
            case "/is4": trailingByte = true
            case "ib", "cb": addImmediate(1)
            case "iw", "cw": addImmediate(2)
            case "id", "cd": addImmediate(4)
            case "cp": addImmediate(6)
            case "io": addImmediate(8)
            default: readSpecial(token, &bytes)
            }
        }
        takeOpcode(bytes)
    }

    private mutating func addImmediate(_ size: UInt8) {
        if immediateSize == 0 { immediateSize = size } else { secondImmediateSize = size }
    }

    /// `/digit`, `VEX.…`, or an opcode byte with or without `+r`.
    private mutating func readSpecial(_ token: Substring, _ bytes: inout [UInt8]) {
        let text = token.utf8
        guard let start = text.first else { return }
        if start == UInt8(ascii: "/") {
            modRM = .digit
            digit = (text.last ?? 0) &- UInt8(ascii: "0")
        } else if start == UInt8(ascii: "V") {
            readVEX(token)
        } else if start == UInt8(ascii: "E"), text.count > 2, token.hasPrefix("EVEX") {
            readEVEX(token)
        } else if let byte = UInt8(token.prefix(2), radix: 16) {
            bytes.append(byte)
            guard text.count > 2 else { return }
            if token.dropFirst(2).first == "-", let last = UInt8(token.suffix(2), radix: 16) {
                opcodeCount = UInt16(last &- byte) + 1
            } else {
                opcodeCount = token.hasSuffix("cc") ? 16 : 8
            }
        }
    }

    private mutating func readVEX(_ token: Substring) {
        map = .vex0F
        prefixes = .none
        for part in token.split(separator: ".").dropFirst() {
            switch part {
            case "66":
                prefixes = .operandSize
                mandatoryPrefix = 0x66
            case "F2":
                prefixes = .repne
                mandatoryPrefix = 0xF2
            case "F3":
                prefixes = .rep
                mandatoryPrefix = 0xF3
            case "0F38": map = .vex38
            case "0F3A": map = .vex3A
            case "W0": vexWMatters = true
            case "W1":
                vexWMatters = true
                wide = true
            case "LZ", "128": vexL = 0
            case "256": vexL = 1
            default: break
            }
        }
    }

    /// The rows of EVEX tell the opcode map alone.
    private mutating func readEVEX(_ token: Substring) {
        switch token.dropFirst(5) {
        case "0F38": map = .evex38
        case "0F3A": map = .evex3A
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
        var rest = notation[...]
        var count = 0
        while !rest.isEmpty {
            let end = rest.firstIndex(of: ",") ?? rest.endIndex
            let pattern = OperandPattern.notation[String(rest[..<end])] ?? .none
            switch count {
            case 0: first = pattern
            case 1: second = pattern
            case 2: third = pattern
            default: trailingByte = true
            }
            count += 1
            rest = rest[end...].dropFirst(2)
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
        if hasPlace(.memory) { mod = .memoryOnly }
        if !hasRM, first.place != .none, modRM == .register || modRM == .digit {
            mod = .registerOnly
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
