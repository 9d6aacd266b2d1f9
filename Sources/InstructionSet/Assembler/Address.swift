/// A memory operand, worked out: what goes into ModRM, SIB and displacement.
struct Address {
    var base: UInt8?
    var index: UInt8?
    /// 1, 2, 4 or 8.
    var scale: Int64 = 1
    var displacement = Value()
    /// In bytes.
    var size: UInt8
    var segment: UInt8?
    /// The displacement's width that the source asks for: 1, or another for the full width.
    var wantedDisplacement: UInt8 = 0
    var isInstructionRelative = false
    /// `[qword x]`: the whole 64-bit offset.
    var isFullOffset = false

    /// Sorts a value's registers into base and index as NASM does.
    init(
        _ source: SourceAddress, value: Value, mode: CodeSize, prefixSize: UInt8
    ) throws(SourceFault) {
        let expression = source.expression
        func fault(_ message: String) -> SourceFault {
            SourceFault(message, column: expression.column, length: expression.length)
        }
        let natural: UInt8 = mode == .bits16 ? 2 : mode == .bits32 ? 4 : 8
        displacement = Value(number: value.number, isKnown: value.isKnown)
        segment = source.segment
        size = prefixSize != 0 ? prefixSize : natural
        var registers: [(register: Register, term: Value.Term)] = []
        for term in value.terms {
            if case .register(let register) = term.base {
                registers.append((register, term))
            } else {
                displacement.terms.append(term)
            }
        }
        guard displacement.isPlain || !displacement.isKnown else {
            throw fault("expected the address of one place")
        }
        guard let first = registers.first?.register else {
            if prefixSize == 0, source.size == 2 || source.size == 4, mode != .bits64 {
                size = source.size
            }
            isFullOffset = mode == .bits64 && source.size == 8
            isInstructionRelative =
                mode == .bits64 && source.isRelative && displacement.section != 0 && !isFullOffset
            try checkSize(mode, fault)
            return
        }
        guard registers.count <= 2, first.size >= 2,
            registers.allSatisfy({ $0.register.kind == .general && $0.register.size == first.size })
        else { throw fault("expected at most two general registers of one width in an address") }
        if prefixSize != 0, prefixSize != first.size {
            throw fault("expected registers of the width that the prefix gives")
        }
        size = first.size
        wantedDisplacement = source.size
        try checkSize(mode, fault)
        try arrange(registers.map { ($0.register.number, $0.term) }, fault)
    }

    private func checkSize(
        _ mode: CodeSize, _ fault: (String) -> SourceFault
    ) throws(SourceFault) {
        if mode == .bits64 ? size == 2 : size == 8 {
            throw fault("\(size * 8)-bit addresses do not exist in \(mode.rawValue * 8)-bit code")
        }
    }

    private mutating func arrange(
        _ registers: [(number: UInt8, term: Value.Term)], _ fault: (String) -> SourceFault
    ) throws(SourceFault) {
        for (number, term) in registers {
            if term.factor == 1, base == nil, !term.isMultiplied || index != nil {
                base = number
            } else if index == nil {
                index = number
                scale = term.factor
            } else if base == nil, term.factor == 1 {
                base = number
            } else {
                throw fault("expected one register without a factor")
            }
        }
        if size == 2 { return try arrange16(fault) }
        // ESP has no encoding as an index.
        if index == 4, scale == 1 { swap(&base, &index) }
        // Without a base, 2, 3, 5 and 9 times a register are shorter with it as base, too.
        if base == nil, let only = index {
            switch scale {
            case 1: (base, index) = (only, nil)
            case 2, 3, 5, 9:
                base = only
                scale -= 1
            default: break
            }
        }
        guard index != 4, index == nil || [1, 2, 4, 8].contains(scale) else {
            throw fault("expected an index other than esp with a factor of 1, 2, 4 or 8")
        }
    }

    private mutating func arrange16(_ fault: (String) -> SourceFault) throws(SourceFault) {
        if base == nil, scale == 1 { swap(&base, &index) }
        if let first = base, let second = index, first == 6 || first == 7 {
            (base, index) = (second, first)
        }
        guard scale == 1, rm16 != nil else {
            throw fault("expected bx or bp, si or di, or the sum of one of each")
        }
    }

    /// ModRM.r/m of a 16-bit address with registers.
    var rm16: UInt8? {
        switch (base, index) {
        case (3, 6): 0
        case (3, 7): 1
        case (5, 6): 2
        case (5, 7): 3
        case (6, nil): 4
        case (7, nil): 5
        case (5, nil): 6
        case (3, nil): 7
        default: nil
        }
    }

    /// The displacement's width in bytes, and ModRM.mod, where registers are in the address.
    func displacementShape(baseNeedsOne: Bool) -> (size: UInt8, mod: UInt8) {
        let full: UInt8 = size == 2 ? 2 : 4
        if wantedDisplacement == 1 { return (1, 1) }
        if wantedDisplacement != 0 { return (full, 2) }
        guard displacement.isNumber, displacement.isKnown else { return (full, 2) }
        let value: Int64
        if size == 2 {
            value = Int64(Int16(truncatingIfNeeded: displacement.number))
        } else {
            value = Int64(Int32(truncatingIfNeeded: displacement.number))
        }
        if value == 0, !baseNeedsOne { return (0, 0) }
        return value >= -128 && value <= 127 ? (1, 1) : (full, 2)
    }
}
