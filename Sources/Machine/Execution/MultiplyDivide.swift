import Architecture
import InstructionSet

/// MUL, IMUL, DIV, IDIV, MULX. SDM 2, by the instruction's name.
extension Machine {
    /// The double-width accumulator: AX for bytes, else rDX:rAX.
    private mutating func accumulator(_ size: UInt8) -> (high: UInt64, low: UInt64) {
        let mask = Self.mask(size)
        let low = state.registers[.rax] & mask
        let high = size == 1 ? state.registers[.rax] >> 8 : state.registers[.rdx]
        return (high & mask, low)
    }

    private mutating func setAccumulator(_ high: UInt64, _ low: UInt64, _ size: UInt8) {
        guard size > 1 else {
            let word = (high & 0xFF) << 8 | low & 0xFF
            return setRegister(GeneralRegister.rax.rawValue, word, size: 2)
        }
        setRegister(GeneralRegister.rax.rawValue, low, size: size)
        setRegister(GeneralRegister.rdx.rawValue, high, size: size)
    }

    /// High and low half of a product of two values of `size` bytes.
    @inline(always)
    private static func product(
        _ left: UInt64, _ right: UInt64, _ size: UInt8
    ) -> (high: UInt64, low: UInt64) {
        guard size < 8 else {
            let full = left.multipliedFullWidth(by: right)
            return (full.high, full.low)
        }
        let product = left &* right
        return (product &>> (UInt64(size) &* 8), product & mask(size))
    }

    @inline(always)
    private static func signedProduct(
        _ left: UInt64, _ right: UInt64, _ size: UInt8
    ) -> (high: UInt64, low: UInt64) {
        let left = Int64(bitPattern: signExtended(left, size))
        let right = Int64(bitPattern: signExtended(right, size))
        let full = left.multipliedFullWidth(by: right)
        guard size < 8 else { return (UInt64(bitPattern: full.high), full.low) }
        return (full.low &>> (UInt64(size) &* 8) & mask(size), full.low & mask(size))
    }

    /// CF and OF tell that the upper half matters. The manual leaves the others undefined; they
    /// follow the lower half here.
    private mutating func setProductFlags(_ low: UInt64, _ size: UInt8, matters: Bool) {
        state.flags.setLogic(low, size: size)
        state.flags.setCarry(matters, overflow: matters)
    }

    mutating func executeMultiply(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let source = try get(i.first, i)
        let (high, low) = Self.product(accumulator(size).low, source, size)
        setAccumulator(high, low, size)
        setProductFlags(low, size, matters: high != 0)
    }

    mutating func executeMultiplySigned(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let source = try get(i.first, i)
        let (high, low) = Self.signedProduct(accumulator(size).low, source, size)
        setAccumulator(high, low, size)
        let sign = Self.topBit(low, size) ? Self.mask(size) : 0
        setProductFlags(low, size, matters: high != sign)
    }

    /// IMUL with two or three operands: the upper half is lost.
    @inline(never)
    mutating func executeMultiplyTruncating<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        let size = D.size(i.first)
        let source = try S.read(i.second, i, &self)
        let other = try i.third.kind == .none ? D.read(i.first, i, &self) : get(i.third, i)
        let (high, low) = Self.signedProduct(source, other, size)
        setRegister(i.first.register, low, size: size)
        let sign = Self.topBit(low, size) ? Self.mask(size) : 0
        setProductFlags(low, size, matters: high != sign)
    }

    mutating func executeMultiplyWithoutFlags(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        let size = i.first.size
        let (high, low) = Self.product(
            state.registers[.rdx] & Self.mask(size), try get(i.third, i), size)
        setRegister(i.second.register, low, size: size)
        setRegister(i.first.register, high, size: size)
    }

    // MARK: Division

    /// Quotient and remainder, or nil where the quotient has no room: #DE.
    private static func divide(
        _ high: UInt64, _ low: UInt64, by divisor: UInt64, _ size: UInt8
    ) -> (quotient: UInt64, remainder: UInt64)? {
        guard divisor != 0, high < divisor else { return nil }
        if size == 8 { return divisor.dividingFullWidth((high, low)) }
        let dividend = high &<< (UInt64(size) &* 8) | low
        return dividend.quotientAndRemainder(dividingBy: divisor)
    }

    mutating func executeDivide(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let divisor = try get(i.first, i)
        let (high, low) = accumulator(size)
        guard let result = Self.divide(high, low, by: divisor, size) else {
            throw fault(.divideError)
        }
        setAccumulator(result.remainder, result.quotient, size)
    }

    /// By magnitudes: the quotient's sign is the operands' together, the remainder's the dividend's.
    mutating func executeDivideSigned(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let mask = Self.mask(size)
        var divisor = try get(i.first, i)
        var (high, low) = accumulator(size)
        let isNegative = Self.topBit(high, size)
        let quotientIsNegative = isNegative != Self.topBit(divisor, size)
        if isNegative {
            let carry: UInt64 = low == 0 ? 1 : 0
            low = (0 &- low) & mask
            high = (~high &+ carry) & mask
        }
        if Self.topBit(divisor, size) { divisor = (0 &- divisor) & mask }
        let limit = (mask >> 1) &+ (quotientIsNegative ? 1 : 0)
        guard let (quotient, remainder) = Self.divide(high, low, by: divisor, size),
            quotient <= limit
        else { throw fault(.divideError) }
        setAccumulator(
            isNegative ? 0 &- remainder : remainder, quotientIsNegative ? 0 &- quotient : quotient,
            size)
    }
}
