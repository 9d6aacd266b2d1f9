import Architecture
import InstructionSet

/// Shifts and rotates. SDM 2, "SAL/SAR/SHL/SHR", "RCL/RCR/ROL/ROR", "SHLD", "SHRD".
///
/// A count of 0 changes no flag. Where the manual leaves OF undefined, for counts other than 1, it
/// is computed as for a count of 1, as recent processors do.
extension Machine {
    /// The count: its low five bits, or six for a 64-bit operand.
    @inline(always)
    private mutating func shiftCount(
        _ operand: Operand, _ i: DecodedInstruction, _ size: UInt8
    ) throws(Abort) -> UInt64 {
        try get(operand, i) & (size == 8 ? 63 : 31)
    }

    /// Whether the two top bits of a value differ: OF of a shift to the right.
    @inline(always)
    private static func topBitsDiffer(_ value: UInt64, _ size: UInt8) -> Bool {
        topBit(value ^ value &<< 1, size)
    }

    // MARK: Shifts

    @inline(never)
    mutating func executeShiftLeft<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        let size = D.size(i.first)
        let count = try S.read(i.second, i, &self) & (size == 8 ? 63 : 31)
        let opened = try D.open(i.first, i, &self)
        let value = opened.value
        let result = value &<< count
        try D.close(i.first, opened, result, &self)
        guard count != 0 else { return }
        // Bits beyond 8- and 16-bit operands are shifted out like the others.
        let carry = Self.topBit(value &<< (count &- 1), size)
        state.flags.setLogic(result, size: size)
        state.flags.setCarry(carry, overflow: carry != Self.topBit(result, size))
    }

    @inline(never)
    mutating func executeShiftRight<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        let size = D.size(i.first)
        let count = try S.read(i.second, i, &self) & (size == 8 ? 63 : 31)
        let opened = try D.open(i.first, i, &self)
        let value = opened.value
        let result = value &>> count
        try D.close(i.first, opened, result, &self)
        guard count != 0 else { return }
        let carry = value &>> (count &- 1) & 1 == 1
        state.flags.setLogic(result, size: size)
        state.flags.setCarry(carry, overflow: Self.topBitsDiffer(result, size))
    }

    mutating func executeShiftArithmetic(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let count = try shiftCount(i.second, i, size)
        let (address, raw) = try open(i.first, i)
        let value = Int64(bitPattern: Self.signExtended(raw, size))
        let result = UInt64(bitPattern: value &>> Int64(count))
        try close(i.first, address, result)
        guard count != 0 else { return }
        let carry = value &>> Int64(count &- 1) & 1 == 1
        state.flags.setLogic(result, size: size)
        state.flags.setCarry(carry, overflow: false)
    }

    /// SARX, SHLX, SHRX, RORX.
    mutating func executeShiftWithoutFlags(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        let size = i.first.size
        let value = try get(i.second, i)
        let count = try shiftCount(i.third, i, size)
        let signed = Int64(bitPattern: Self.signExtended(value, size))
        let result: UInt64 =
            switch i.operation {
            case .shlx: value &<< count
            case .shrx: value &>> count
            case .sarx: UInt64(bitPattern: signed &>> Int64(count))
            default: Self.rotatedRight(value, count, size)
            }
        setRegister(i.first.register, result, size: size)
    }

    // MARK: Rotates

    @inline(always)
    private static func rotatedRight(_ value: UInt64, _ count: UInt64, _ size: UInt8) -> UInt64 {
        let width = UInt64(size) &* 8
        let count = count & (width &- 1)
        guard count != 0 else { return value }
        return value &>> count | value &<< (width &- count)
    }

    mutating func executeRotateLeft(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let count = try shiftCount(i.second, i, size)
        let (address, value) = try open(i.first, i)
        let result = Self.rotatedRight(value, 0 &- count, size)
        try close(i.first, address, result)
        guard count != 0 else { return }
        let carry = result & 1 == 1
        state.flags.setCarry(carry, overflow: carry != Self.topBit(result, size))
    }

    mutating func executeRotateRight(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let count = try shiftCount(i.second, i, size)
        let (address, value) = try open(i.first, i)
        let result = Self.rotatedRight(value, count, size)
        try close(i.first, address, result)
        guard count != 0 else { return }
        state.flags.setCarry(
            Self.topBit(result, size), overflow: Self.topBitsDiffer(result, size))
    }

    /// RCL and RCR: CF is one more bit of what rotates.
    mutating func executeRotateThroughCarry(_ i: DecodedInstruction, left: Bool) throws(Abort) {
        let size = i.first.size
        let width = UInt64(size) &* 8
        var count = try shiftCount(i.second, i, size)
        if size < 4 { count %= width &+ 1 }
        let (address, value) = try open(i.first, i)
        guard count != 0 else { return try close(i.first, address, value) }
        // To the left by `count` is to the right by what is missing to a full turn.
        if left { count = width &+ 1 &- count }
        let carryIn = state.flags.carryIn
        // A smart shift gives 0 where the count is the width, as is needed here.
        var result = value >> count | carryIn << (width &- count)
        result |= value << (width &+ 1 &- count)
        let carry = value >> (count &- 1) & 1 == 1
        try close(i.first, address, result)
        let isOverflow =
            left ? carry != Self.topBit(result, size) : Self.topBitsDiffer(result, size)
        state.flags.setCarry(carry, overflow: isOverflow)
    }

    // MARK: Double shifts

    mutating func executeDoubleShiftLeft(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let width = UInt64(size) &* 8
        let count = try shiftCount(i.third, i, size)
        let (address, value) = try open(i.first, i)
        let filler = try get(i.second, i)
        guard count != 0 else { return try close(i.first, address, value) }
        var result = value << count
        let carry: Bool
        if count <= width {
            result |= filler >> (width &- count)
            carry = value >> (width &- count) & 1 == 1
        } else {
            // Only for 16 bits; undefined in the manual. Behind the filler stands the value again.
            result = filler << (count &- width) | value >> (2 &* width &- count)
            carry = filler >> (2 &* width &- count) & 1 == 1
        }
        try close(i.first, address, result)
        state.flags.setLogic(result, size: size)
        state.flags.setCarry(carry, overflow: Self.topBit(result ^ value, size))
    }

    mutating func executeDoubleShiftRight(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let width = UInt64(size) &* 8
        let count = try shiftCount(i.third, i, size)
        let (address, value) = try open(i.first, i)
        let filler = try get(i.second, i)
        guard count != 0 else { return try close(i.first, address, value) }
        var result = value >> count
        let carry: Bool
        if count <= width {
            result |= filler << (width &- count)
            carry = value >> (count &- 1) & 1 == 1
        } else {
            result = filler >> (count &- width) | value << (2 &* width &- count)
            carry = filler >> (count &- width &- 1) & 1 == 1
        }
        try close(i.first, address, result)
        state.flags.setLogic(result, size: size)
        state.flags.setCarry(carry, overflow: Self.topBitsDiffer(result, size))
    }
}
