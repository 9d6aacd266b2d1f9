/// Draws encodings of the table's forms: every form has the same chance, however many encodings it
/// has. For fuzzing, and for holding the model against other processors.
public struct InstructionSampler: Sendable {
    private let mode: CodeSize
    /// Rows to draw from.
    private let rows: [Int]

    /// - Parameters:
    ///   - mode: the code size; forms that it lacks are left out.
    ///   - isWanted: which forms to draw from.
    public init(mode: CodeSize, where isWanted: (InstructionForm) -> Bool = { _ in true }) {
        self.mode = mode
        rows = InstructionTable.forms.indices.filter { row in
            let form = InstructionTable.forms[row]
            return form.modes.contains(mode) && !form.traits.contains(.assemblerOnly)
                && DecodeTables.shared.layouts[row].map.rawValue < OpcodeMap.evex0F.rawValue
                && isWanted(form)
        }
    }

    public var isEmpty: Bool { rows.isEmpty }

    /// The bytes of one instruction: prefixes, registers, address and immediate drawn at random.
    /// Displacements are small and branches go forward by a few bytes, so that code made of these
    /// stays where it is. Nil where the draw gave an encoding that does not exist.
    public func code(using generator: inout some RandomNumberGenerator) -> [UInt8]? {
        guard let row = rows.randomElement(using: &generator) else { return nil }
        var draft = EncodingDraft(layout: DecodeTables.shared.layouts[row], mode: mode)
        draft.write(using: &generator)
        guard let instruction = try? InstructionDecoder.decode(draft.bytes, size: mode) else {
            return nil
        }
        return Array(draft.bytes.prefix(Int(instruction.length)))
    }
}

/// An encoding that is being drawn.
private struct EncodingDraft {
    let layout: FormLayout
    let mode: CodeSize
    var bytes: [UInt8] = []

    init(layout: FormLayout, mode: CodeSize) {
        self.layout = layout
        self.mode = mode
    }

    private static func chance(
        _ percent: UInt64, _ generator: inout some RandomNumberGenerator
    ) -> Bool {
        generator.next(upperBound: UInt64(100)) < percent
    }

    mutating func write<G: RandomNumberGenerator>(using generator: inout G) {
        if layout.map.isVEX {
            writeVEX(&generator)
        } else {
            writePrefixes(&generator)
            switch layout.map {
            case .twoByte: bytes.append(0x0F)
            case .map38: bytes += [0x0F, 0x38]
            case .map3A: bytes += [0x0F, 0x3A]
            default: break
            }
        }
        let offset = generator.next(upperBound: UInt64(layout.opcodeCount))
        bytes.append(layout.opcode &+ UInt8(truncatingIfNeeded: offset))
        if layout.modRM != .absent { writeModRM(&generator) }
        writeTail(&generator)
    }

    // MARK: Prefixes

    private mutating func writePrefixes<G: RandomNumberGenerator>(_ generator: inout G) {
        if Self.chance(6, &generator) {
            bytes.append(
                [0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65].randomElement(using: &generator) ?? 0)
        }
        if layout.lockable, Self.chance(10, &generator) { bytes.append(0xF0) }
        let wide = writeSizes(&generator)
        if layout.mandatoryPrefix != 0 {
            if !bytes.contains(layout.mandatoryPrefix) { bytes.append(layout.mandatoryPrefix) }
        } else if layout.prefixes == .any, Self.chance(layout.modRM == .absent ? 30 : 2, &generator)
        {
            bytes.append(Bool.random(using: &generator) ? 0xF3 : 0xF2)
        }
        guard mode == .bits64 else { return }
        if wide {
            bytes.append(0x48 | UInt8(generator.next(upperBound: UInt64(8))))
        } else if Self.chance(40, &generator) {
            bytes.append(0x40 | UInt8(generator.next(upperBound: UInt64(8))))
        }
    }

    /// Writes 66 and 67 as the form needs them; returns whether it needs REX.W.
    private mutating func writeSizes<G: RandomNumberGenerator>(_ generator: inout G) -> Bool {
        let sizes = layout.selectingSizes(in: mode)
        let allowed = (UInt8(0)..<3).filter {
            sizes >> $0 & 1 == 1 && ($0 < 2 || mode == .bits64)
        }
        let natural: UInt8 = mode == .bits16 ? 0 : 1
        let size = allowed.randomElement(using: &generator) ?? natural
        if size < 2, size != natural { bytes.append(0x66) }
        let naturalAddress: UInt8 = mode == .bits16 ? 1 : mode == .bits32 ? 2 : 4
        if layout.addressSizes & naturalAddress == 0 || Self.chance(5, &generator) {
            bytes.append(0x67)
        }
        return size == 2 || layout.wide
    }

    private mutating func writeVEX<G: RandomNumberGenerator>(_ generator: inout G) {
        let map: UInt8 = layout.map == .vex0F ? 1 : layout.map == .vex38 ? 2 : 3
        let prefix: UInt8 =
            switch layout.mandatoryPrefix {
            case 0x66: 1
            case 0xF3: 2
            case 0xF2: 3
            default: 0
            }
        // Inverted: R, X and B; outside 64-bit mode they are 1, or this is LES.
        let high: UInt8 = mode == .bits64 ? UInt8(generator.next(upperBound: UInt64(8))) << 5 : 0xE0
        let vvvv = layout.usesVVVV ? UInt8(generator.next(upperBound: UInt64(16))) << 3 : 0x78
        let length: UInt8 = layout.vexL == 1 ? 4 : 0
        bytes += [0xC4, high | map, (layout.wide ? 0x80 : 0) | vvvv | length | prefix]
    }

    // MARK: Operands

    private mutating func writeModRM<G: RandomNumberGenerator>(_ generator: inout G) {
        if layout.modRM == .fixed { return bytes.append(layout.digit) }
        var reg = UInt8(generator.next(upperBound: UInt64(8)))
        if layout.modRM == .digit { reg = layout.digit }
        var mod: UInt8 = [0, 1, 1, 2, 3, 3].randomElement(using: &generator) ?? 3
        if layout.mod == .registerOnly { mod = 3 }
        if layout.mod == .memoryOnly, mod == 3 { mod = 1 }
        let rm = UInt8(generator.next(upperBound: UInt64(8)))
        bytes.append(mod << 6 | reg << 3 | rm)
        guard mod != 3 else { return }
        let addressIs16 = bytes.contains(0x67) ? mode == .bits32 : mode == .bits16
        if !addressIs16, rm == 4 { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
        if mod == 1 { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
        if mod == 2 { writeSmall(addressIs16 ? 2 : 4, &generator) }
    }

    /// A number near 0 of so many bytes, negative now and then.
    private mutating func writeSmall<G: RandomNumberGenerator>(_ size: Int, _ generator: inout G) {
        let sign: UInt8 = Self.chance(20, &generator) ? 0xFF : 0
        bytes.append(UInt8.random(in: 0...255, using: &generator))
        for _ in 1..<size { bytes.append(sign) }
    }

    /// More bytes than any form takes behind its address: displacement, immediate, target.
    private mutating func writeTail<G: RandomNumberGenerator>(_ generator: inout G) {
        if layout.hasPlace(.relative) {
            bytes.append(UInt8(generator.next(upperBound: UInt64(8))))
            bytes += [0, 0, 0]
        }
        if layout.hasPlace(.offset) {
            bytes += [UInt8.random(in: 0...255, using: &generator), 0x20]
            bytes += Array(repeating: 0, count: 6)
        }
        // Numbers at the edges are more telling than any others.
        let edges: [UInt8] = [0, 0, 1, 0x7F, 0x80, 0xFF, 0xFF]
        while bytes.count < InstructionDecoder.maximumLength {
            let isEdge = Self.chance(40, &generator)
            let byte = isEdge ? edges.randomElement(using: &generator) ?? 0 : nil
            bytes.append(byte ?? UInt8.random(in: 0...255, using: &generator))
        }
    }
}
