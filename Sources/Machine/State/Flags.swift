import Architecture

/// RFLAGS.
///
/// Most instructions write the six arithmetic flags and few read them. So they are kept as what they
/// follow from, the result and the carries of the last operation, and computed when asked for.
public struct Flags: Sendable, Equatable {
    /// CF, PF, AF, ZF, SF and OF.
    public static let arithmetic: UInt64 = 0x8D5

    /// All flags but the arithmetic ones; bit 1 is always set.
    @usableFromInline var control: UInt64 = 2
    /// The last result, sign-extended: ZF where it is 0, SF its top bit, PF from its low byte.
    @usableFromInline var result: UInt64 = 1
    /// Carries out of the last operation's bits. 63: out of the top bit, which is CF. 62: into the
    /// top bit; OF where it differs. 3: AF. Where flags did not come from one result, bit 0 turns
    /// SF around and bit 8 PF.
    @usableFromInline var carries: UInt64 = 0

    public init() {}

    // MARK: Reading

    @inlinable @inline(always) var carry: Bool { carries >> 63 == 1 }
    @inlinable @inline(always) var overflow: Bool { (carries ^ carries &<< 1) >> 63 == 1 }
    @inlinable @inline(always) var adjust: Bool { carries & 8 != 0 }
    @inlinable @inline(always) var zero: Bool { result == 0 }
    @inlinable @inline(always) var sign: Bool { (result >> 63 ^ carries) & 1 == 1 }
    @inlinable @inline(always) var parity: Bool {
        ((result & 0xFF) ^ (carries >> 8 & 1)).nonzeroBitCount & 1 == 0
    }

    /// CF as a number, for operations that add it.
    @inlinable @inline(always) var carryIn: UInt64 { carries >> 63 }

    /// DF: string instructions go to lower addresses.
    @inlinable @inline(always) var isBackward: Bool { control & 0x400 != 0 }

    /// The whole register.
    @inlinable @inline(always) public var value: UInt64 {
        get { control | arithmetic }
        set {
            control = newValue & ~Self.arithmetic | 2
            arithmetic = newValue
        }
    }

    /// The six arithmetic flags in their places.
    @inlinable @inline(always) var arithmetic: UInt64 {
        get {
            var bits = carries >> 63
            bits |= parity ? 1 << 2 : 0
            bits |= (carries & 8) << 1
            bits |= zero ? 1 << 6 : 0
            bits |= ((result >> 63 ^ carries) & 1) << 7
            bits |= ((carries ^ carries &<< 1) >> 63) << 11
            return bits
        }
        set {
            let isZero = newValue >> 6 & 1
            let carry = newValue & 1
            result = isZero ^ 1
            carries = carry << 63 | (carry ^ newValue >> 11 & 1) << 62 | (newValue >> 4 & 1) << 3
            // A result of 0 has PF set and SF clear, one of 1 has both clear.
            carries |= newValue >> 7 & 1
            carries |= (newValue >> 2 & 1 ^ isZero) << 8
        }
    }

    // MARK: Writing

    /// Flags of a result with the carries out of each of its bits. `shift` is 64 less the width.
    @inline(always)
    mutating func set(_ value: UInt64, carries vector: UInt64, shift: UInt64) {
        result = UInt64(bitPattern: Int64(bitPattern: value &<< shift) &>> Int64(shift))
        carries = (vector &<< shift) & 3 << 62 | vector & 8
    }

    /// Of `left + right (+ 1)`. SDM 2, "ADD", "ADC".
    @inline(always)
    mutating func setAdd(_ left: UInt64, _ right: UInt64, _ sum: UInt64, size: UInt8) {
        let carries = left & right | (left | right) & ~sum
        set(sum, carries: carries, shift: Self.shift(size))
    }

    /// Of `left - right (- 1)`; the carries are borrows. SDM 2, "SUB", "SBB", "CMP".
    @inline(always)
    mutating func setSubtract(
        _ left: UInt64, _ right: UInt64, _ difference: UInt64, size: UInt8
    ) {
        let borrows = ~left & right | (~left | right) & difference
        set(difference, carries: borrows, shift: Self.shift(size))
    }

    /// CF and OF clear, AF too, which the manual leaves undefined. SDM 2, "AND", "OR", "XOR", "TEST".
    @inline(always)
    mutating func setLogic(_ value: UInt64, size: UInt8) {
        set(value, carries: 0, shift: Self.shift(size))
    }

    /// All but CF, as INC and DEC leave it.
    @inline(always)
    mutating func keepingCarry(_ body: (inout Flags) -> Void) {
        let carry = self.carry
        body(&self)
        let overflow = self.overflow
        setCarry(carry, overflow: overflow)
    }

    /// Changes CF and OF alone.
    @inline(always)
    mutating func setCarry(_ carry: Bool, overflow: Bool) {
        let top: UInt64 = carry ? 1 << 63 : 0
        let below: UInt64 = carry != overflow ? 1 << 62 : 0
        carries = carries & ~(3 << 62) | top | below
    }

    /// Changes CF alone.
    @inline(always)
    mutating func setCarry(_ carry: Bool) { setCarry(carry, overflow: overflow) }

    /// Changes any arithmetic flag alone.
    mutating func set(_ bit: FlagBit, _ isSet: Bool) {
        value = isSet ? value | bit.mask : value & ~bit.mask
    }

    @inline(always) static func shift(_ size: UInt8) -> UInt64 { 64 &- UInt64(size) &* 8 }

    // MARK: Conditions

    /// Of Jcc, SETcc and CMOVcc, by the low four opcode bits. SDM 1, "EFLAGS Condition Codes".
    @inline(always)
    func holds(_ condition: UInt8) -> Bool {
        let positive: Bool =
            switch condition &>> 1 {
            case 0: overflow
            case 1: carry
            case 2: zero
            case 3: carry || zero
            case 4: sign
            case 5: parity
            case 6: sign != overflow
            default: zero || sign != overflow
            }
        return positive != (condition & 1 == 1)
    }

    public static func == (left: Self, right: Self) -> Bool { left.value == right.value }
}
