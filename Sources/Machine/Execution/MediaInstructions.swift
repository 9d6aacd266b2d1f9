import Architecture
import InstructionSet

/// A small part of MMX and SSE: movement, logic and packed addition. SDM 2, by the instruction's
/// name.
extension Machine {
    /// What an MMX or SSE operand holds; MMX and scalar operands use the low word alone.
    private struct Packed {
        var low: UInt64 = 0
        var high: UInt64 = 0
    }

    mutating func executeMedia(_ i: DecodedInstruction) throws(Abort) {
        try checkFloatingAvailable(i)
        let isMMX = InstructionTable.forms[Int(i.form)].feature == .mmx
        if isMMX { try checkX87Error() }
        switch i.operation {
        case .emms: state.floating.tags = 0
        case .movd: try moveGeneral(i, isMMX)
        case .movq: try moveQuadword(i, isMMX)
        case .movaps, .movups:
            try write(try read(i.second, i, isMMX), to: i.first, i, isMMX)
        default:
            let left = try read(i.first, i, isMMX)
            let right = try read(i.second, i, isMMX)
            let result = Packed(
                low: combine(i.operation, left.low, right.low),
                high: combine(i.operation, left.high, right.high))
            try write(result, to: i.first, i, isMMX)
        }
    }

    private func combine(_ operation: InstructionSet.Operation, _ a: UInt64, _ b: UInt64) -> UInt64
    {
        switch operation {
        case .pand: a & b
        case .pandn: ~a & b
        case .por: a | b
        case .pxor: a ^ b
        case .paddb: Self.addLanes(a, b, topBits: 0x8080_8080_8080_8080)
        case .paddw: Self.addLanes(a, b, topBits: 0x8000_8000_8000_8000)
        case .paddd: Self.addLanes(a, b, topBits: 0x8000_0000_8000_0000)
        default: a &+ b
        }
    }

    /// Adds each lane by itself: the top bit of a lane takes no carry to the next.
    private static func addLanes(_ a: UInt64, _ b: UInt64, topBits: UInt64) -> UInt64 {
        ((a & ~topBits) &+ (b & ~topBits)) ^ ((a ^ b) & topBits)
    }

    // MARK: Movement

    /// MOVD, and MOVQ with a general register: the rest of the register is cleared.
    private mutating func moveGeneral(_ i: DecodedInstruction, _ isMMX: Bool) throws(Abort) {
        if i.first.kind == .media {
            try write(Packed(low: try get(i.second, i)), to: i.first, i, isMMX)
        } else {
            try set(i.first, try read(i.second, i, isMMX).low, i)
        }
    }

    /// To memory eight bytes; to an XMM register with the high word cleared.
    private mutating func moveQuadword(_ i: DecodedInstruction, _ isMMX: Bool) throws(Abort) {
        let value = try read(i.second, i, isMMX).low
        if i.first.kind == .memory {
            try set(Operand(.memory, size: 8), value, i)
        } else {
            try write(Packed(low: value), to: i.first, i, isMMX)
        }
    }

    // MARK: Operands

    private mutating func read(
        _ operand: Operand, _ i: DecodedInstruction, _ isMMX: Bool
    ) throws(Abort) -> Packed {
        if operand.kind == .memory {
            guard operand.size == 16 else {
                return Packed(low: try get(Operand(.memory, size: 8), i))
            }
            let address = try packedAddress(i, write: false)
            return Packed(
                low: try read(linear: address, size: 8),
                high: try read(linear: wrapped(address &+ 8), size: 8))
        }
        if isMMX {
            let number = Int(operand.register & 7)
            enterMMX()
            return Packed(low: state.floating.registers[number * 2])
        }
        let number = Int(operand.register & 15)
        return Packed(
            low: state.floating.vectors[number * 2], high: state.floating.vectors[number * 2 + 1])
    }

    private mutating func write(
        _ value: Packed, to operand: Operand, _ i: DecodedInstruction, _ isMMX: Bool
    ) throws(Abort) {
        if operand.kind == .memory {
            let address = try packedAddress(i, write: true)
            try probeWrite(address, size: 16)
            try write(linear: address, value.low, size: 8)
            try write(linear: wrapped(address &+ 8), value.high, size: 8)
        } else if isMMX {
            let number = Int(operand.register & 7)
            enterMMX()
            state.floating.registers[number * 2] = value.low
            state.floating.registers[number * 2 + 1] = 0xFFFF
        } else {
            let number = Int(operand.register & 15)
            state.floating.vectors[number * 2] = value.low
            state.floating.vectors[number * 2 + 1] = value.high
        }
    }

    /// All registers become valid, and the top of the stack 0. SDM 3A, "Effect of Instructions on
    /// the x87 Tag Word".
    private mutating func enterMMX() {
        state.floating.top = 0
        state.floating.tags = 0xFF
    }

    /// Sixteen bytes, aligned but for the moves that say otherwise.
    private mutating func packedAddress(
        _ i: DecodedInstruction, write: Bool
    ) throws(Abort) -> UInt64 {
        let address = try linear(i, size: 16, write: write)
        guard i.operation == .movups || address & 15 == 0 else {
            throw fault(.generalProtection, 0)
        }
        return address
    }
}
