/// The arithmetic of x87, by integers alone: every host computes the same. One value serves one
/// instruction; it collects the exceptions. SDM 1, "Programming with the x87 FPU".
struct X87Arithmetic {
    let control: UInt16
    private(set) var exceptions: UInt16 = 0
    /// The last rounding made the magnitude greater: C1.
    private(set) var isRoundedUp = false

    /// An operand was a denormal in memory: in extended precision it no longer is.
    var isFromDenormal = false

    private typealias Status = FloatingState.Status

    init(control: UInt16) { self.control = control }

    /// Exceptions of the operands that are not masked: there is no result.
    var isStopped: Bool {
        exceptions & ~control & (Status.invalid | Status.denormal | Status.zeroDivide) != 0
    }
    /// An invalid operand, not masked.
    var isInvalid: Bool { exceptions & ~control & Status.invalid != 0 }
    /// Those for which a store to memory does not take place.
    var keepsMemory: Bool {
        exceptions & ~control & Status.exceptions & ~Status.precision != 0
    }

    mutating func raise(_ exception: UInt16) { exceptions |= exception }

    /// SDM 1, "Rounding Control Field", in the order of its values.
    enum Rounding: UInt16 { case nearest, down, up, towardZero }

    private var rounding: Rounding { Rounding(rawValue: control >> 10 & 3) ?? .nearest }

    /// SDM 1, "Precision Control Field"; its reserved value is taken as extended.
    private var registerFormat: RealFormat {
        switch control >> 8 & 3 {
        case 0: .register(precision: 24)
        case 2: .register(precision: 53)
        default: .register(precision: 64)
        }
    }

    // MARK: Operands

    /// The answer that the operands alone give: to one that is no number at all, or not a valid one.
    /// SDM 1, "Operating on SNaNs and QNaNs".
    private mutating func answer(to left: ExtendedReal, _ right: ExtendedReal) -> ExtendedReal? {
        let kinds = (left.kind, right.kind)
        if kinds.0 == .unsupported || kinds.1 == .unsupported { return invalid() }
        if kinds.0 == .signalingNaN || kinds.1 == .signalingNaN { raise(Status.invalid) }
        guard left.isNaN || right.isNaN else { return nil }
        guard left.isNaN else { return right.quieted }
        guard right.isNaN, kinds != (.quietNaN, .signalingNaN) else { return left.quieted }
        if kinds == (.signalingNaN, .quietNaN) { return right }
        // The larger significand; of equal ones the positive.
        if left.significand != right.significand {
            return (left.significand > right.significand ? left : right).quieted
        }
        return (left.isNegative ? right : left).quieted
    }

    private mutating func invalid() -> ExtendedReal {
        raise(Status.invalid)
        return .indefinite
    }

    private mutating func noteDenormals(_ left: ExtendedReal, _ right: ExtendedReal = .zero) {
        if isFromDenormal || left.kind == .denormal || right.kind == .denormal {
            raise(Status.denormal)
        }
    }

    // MARK: The four operations, and the square root

    mutating func sum(_ left: ExtendedReal, _ right: ExtendedReal) -> ExtendedReal {
        if let answer = answer(to: left, right) { return answer }
        let isSame = left.isNegative == right.isNegative
        if left.kind == .infinity, right.kind == .infinity, !isSame { return invalid() }
        noteDenormals(left, right)
        if isStopped || left.kind == .infinity { return left }
        if right.kind == .infinity { return right }
        var (great, small) = (Exact(left), Exact(right))
        if small.isGreater(than: great) { swap(&great, &small) }
        // A bit is left free for the carry, and 63 below for what shifts out.
        let shift = great.exponent - small.exponent
        let addend = Exact.shifted(small.significand >> 1, by: shift)
        let carried = great.significand >> 1
        let total = isSame ? carried &+ addend : carried &- addend
        guard total != 0 else {
            let isNegative = isSame ? left.isNegative : rounding == .down
            return ExtendedReal(isNegative: isNegative, exponent: 0, significand: 0)
        }
        return rounded(
            Exact(
                isNegative: great.isNegative, exponent: great.exponent + 1, significand: total))
    }

    mutating func difference(_ left: ExtendedReal, _ right: ExtendedReal) -> ExtendedReal {
        // A NaN keeps its sign.
        sum(left, right.isNaN ? right : right.negated)
    }

    mutating func product(_ left: ExtendedReal, _ right: ExtendedReal) -> ExtendedReal {
        if let answer = answer(to: left, right) { return answer }
        let isNegative = left.isNegative != right.isNegative
        let kinds = [left.kind, right.kind]
        if kinds.contains(.infinity), kinds.contains(.zero) { return invalid() }
        noteDenormals(left, right)
        if isStopped { return left }
        if kinds.contains(.infinity) { return .infinity(isNegative: isNegative) }
        if kinds.contains(.zero) {
            return ExtendedReal(isNegative: isNegative, exponent: 0, significand: 0)
        }
        let (a, b) = (Exact(left), Exact(right))
        let full = UInt128(left.significand) * UInt128(right.significand)
        return rounded(
            Exact(
                isNegative: isNegative, exponent: a.exponent + b.exponent - ExtendedReal.bias + 1,
                significand: full))
    }

    mutating func quotient(_ left: ExtendedReal, _ right: ExtendedReal) -> ExtendedReal {
        if let answer = answer(to: left, right) { return answer }
        let isNegative = left.isNegative != right.isNegative
        if left.kind == right.kind, left.kind == .zero || left.kind == .infinity {
            return invalid()
        }
        if right.kind == .zero {
            if left.kind != .infinity { raise(Status.zeroDivide) }
            return .infinity(isNegative: isNegative)
        }
        noteDenormals(left, right)
        if isStopped { return left }
        if left.kind == .infinity { return .infinity(isNegative: isNegative) }
        if left.kind == .zero || right.kind == .infinity {
            return ExtendedReal(isNegative: isNegative, exponent: 0, significand: 0)
        }
        let (a, b) = (Exact(left).normalized, Exact(right).normalized)
        let divisor = b.significand >> 64
        // 62 bits more than the first division gives, and whether anything is left.
        let (first, rest) = a.significand.quotientAndRemainder(dividingBy: divisor)
        let (second, last) = (rest << 62).quotientAndRemainder(dividingBy: divisor)
        let digits = first << 62 | second | (last == 0 ? 0 : 1)
        return rounded(
            Exact(
                isNegative: isNegative,
                exponent: a.exponent - b.exponent + ExtendedReal.bias + 1, significand: digits))
    }

    mutating func squareRoot(_ value: ExtendedReal) -> ExtendedReal {
        if let answer = answer(to: value, .zero) { return answer }
        if value.kind == .zero { return value }
        if value.isNegative { return invalid() }
        noteDenormals(value)
        if isStopped || value.kind == .infinity { return value }
        let exact = Exact(value).normalized
        // An even exponent without its bias, and 126 or 127 bits to take the root of.
        let power = exact.exponent - ExtendedReal.bias
        let isOdd = power & 1 != 0
        let (root, rest) = Self.integerRoot(isOdd ? exact.significand : exact.significand >> 1)
        // More than a half is left where the rest is greater than the root; never a half.
        let tail: UInt128 = rest == 0 ? 0 : rest > root ? 3 << 62 : 1
        return rounded(
            Exact(
                isNegative: false, exponent: (power - (isOdd ? 1 : 0)) / 2 + ExtendedReal.bias,
                significand: root << 64 | tail))
    }

    /// The root, bit by bit, and what is left.
    private static func integerRoot(_ value: UInt128) -> (root: UInt128, rest: UInt128) {
        var root: UInt128 = 0
        var rest: UInt128 = 0
        for place in stride(from: 126, through: 0, by: -2) {
            rest = rest << 2 | value >> UInt128(place) & 3
            let trial = root << 2 | 1
            root <<= 1
            if rest >= trial {
                rest -= trial
                root |= 1
            }
        }
        return (root, rest)
    }

    // MARK: Comparison

    enum Order { case less, equal, greater, unordered }

    /// - Parameter isQuiet: a quiet NaN is no exception: FUCOM and its kin.
    mutating func order(
        _ left: ExtendedReal, _ right: ExtendedReal, isQuiet: Bool = false
    ) -> Order {
        let kinds = [left.kind, right.kind]
        let isBroken = kinds.contains(.unsupported) || kinds.contains(.signalingNaN)
        guard !isBroken, !left.isNaN, !right.isNaN else {
            if isBroken || !isQuiet { raise(Status.invalid) }
            return .unordered
        }
        noteDenormals(left, right)
        if left.kind == .zero, right.kind == .zero { return .equal }
        if left.isNegative != right.isNegative { return left.isNegative ? .less : .greater }
        let (a, b) = (Exact(left), Exact(right))
        if a.isGreater(than: b) { return left.isNegative ? .less : .greater }
        if b.isGreater(than: a) { return left.isNegative ? .greater : .less }
        return .equal
    }

    // MARK: Integers and formats

    /// Two's complement in so many bytes. What does not fit is invalid: "integer indefinite".
    mutating func integer(
        _ value: ExtendedReal, size: UInt8, isTruncated: Bool = false
    ) -> UInt64 {
        let indefinite: UInt64 = 1 << (UInt64(size) * 8 - 1)
        let invalid = exceptions | Status.invalid
        switch value.kind {
        case .zero: return 0
        case .denormal, .normal: break
        default:
            exceptions = invalid
            return indefinite
        }
        let before = exceptions
        let whole = wholeNumber(value, isTruncated: isTruncated)
        let limit = UInt128(indefinite) - (value.isNegative ? 0 : 1)
        guard let whole, whole <= limit else {
            exceptions = before | Status.invalid
            isRoundedUp = false
            return indefinite
        }
        let magnitude = UInt64(whole)
        return (value.isNegative ? 0 &- magnitude : magnitude) & Machine.mask(size)
    }

    /// FRNDINT.
    mutating func roundedToInteger(_ value: ExtendedReal) -> ExtendedReal {
        if let answer = answer(to: value, .zero) { return answer }
        noteDenormals(value)
        guard value.kind == .normal || value.kind == .denormal, !isStopped else { return value }
        // From here on all its bits are integer.
        if value.exponent >= ExtendedReal.bias + 63 { return value }
        guard let whole = wholeNumber(value), whole != 0 else {
            return ExtendedReal(isNegative: value.isNegative, exponent: 0, significand: 0)
        }
        let shift = UInt64(whole).leadingZeroBitCount
        return ExtendedReal(
            isNegative: value.isNegative, exponent: ExtendedReal.bias + 63 - shift,
            significand: UInt64(whole) << UInt64(shift))
    }

    /// The magnitude as an integer; nil: beyond any format.
    private mutating func wholeNumber(
        _ value: ExtendedReal, isTruncated: Bool = false
    ) -> UInt128? {
        let distance = ExtendedReal.bias + 63 - value.exponent
        guard distance >= 0 else { return nil }
        let exact = Exact.shifted(UInt128(value.significand) << 64, by: distance)
        return cut(
            exact, below: 64, isNegative: value.isNegative,
            isTruncated ? .towardZero : rounding)
    }

    /// FLD of another format.
    mutating func loaded(_ value: ExtendedReal) -> ExtendedReal {
        if value.kind == .signalingNaN { raise(Status.invalid) }
        noteDenormals(value)
        return value.quieted
    }

    /// In single or double precision, as FST stores it.
    mutating func converted(_ value: ExtendedReal, to format: RealFormat) -> UInt64 {
        switch value.kind {
        case .zero, .infinity, .quietNaN: break
        case .signalingNaN: raise(Status.invalid)
        case .unsupported: return invalid().bits(format)
        case .denormal, .normal:
            let result = rounded(Exact(value), to: format)
            if keepsMemory {
                // Nothing is stored, and so nothing has been rounded.
                exceptions &= ~Status.precision
                isRoundedUp = false
            }
            return result.bits(format)
        }
        return value.kind == .zero
            ? UInt64(value.isNegative ? 1 : 0) << UInt64(format.size * 8 - 1)
            : value.quieted.bits(format)
    }
}

// MARK: - Rounding

/// A result before rounding: its significand times two to its exponent, both of any size. The lowest
/// bit stands for all that is left of the exact number.
private struct Exact {
    var isNegative: Bool
    var exponent: Int
    /// The integer bit is bit 127.
    var significand: UInt128

    init(isNegative: Bool, exponent: Int, significand: UInt128) {
        self.isNegative = isNegative
        self.exponent = exponent
        self.significand = significand
    }

    init(_ value: ExtendedReal) {
        // The exponent of denormals counts as 1.
        self.init(
            isNegative: value.isNegative, exponent: max(value.exponent, 1),
            significand: UInt128(value.significand) << 64)
    }

    var normalized: Exact {
        guard significand != 0 else { return self }
        let shift = significand.leadingZeroBitCount
        return Exact(
            isNegative: isNegative, exponent: exponent - shift,
            significand: significand << UInt128(shift))
    }

    func isGreater(than other: Exact) -> Bool {
        (exponent, significand) > (other.exponent, other.significand)
    }

    /// To the right; what falls out is kept as the lowest bit.
    static func shifted(_ significand: UInt128, by distance: Int) -> UInt128 {
        guard distance < 128 else { return significand == 0 ? 0 : 1 }
        let kept = significand >> UInt128(distance)
        return kept << UInt128(distance) == significand ? kept : kept | 1
    }
}

extension X87Arithmetic {
    /// What is added to or taken from the exponent of a result out of range whose exception is not
    /// masked. SDM 1, "Numeric Overflow Exception (#O)", "Numeric Underflow Exception (#U)".
    private static let wrap = 24576

    private mutating func rounded(_ exact: Exact) -> ExtendedReal {
        rounded(exact, to: registerFormat)
    }

    /// The significand's digits above a place, rounded. Exceptions and C1 tell of it.
    private mutating func cut(
        _ digits: UInt128, below place: Int, isNegative: Bool, _ rounding: Rounding
    ) -> UInt128 {
        let kept = digits >> UInt128(place)
        let rest = digits & ((1 << UInt128(place)) - 1)
        guard rest != 0 else { return kept }
        let half: UInt128 = 1 << UInt128(place - 1)
        let goesUp =
            switch rounding {
            case .nearest: rest > half || rest == half && kept & 1 == 1
            case .down: isNegative
            case .up: !isNegative
            case .towardZero: false
            }
        raise(Status.precision)
        isRoundedUp = goesUp
        return goesUp ? kept + 1 : kept
    }

    private mutating func rounded(_ exact: Exact, to format: RealFormat) -> ExtendedReal {
        var exact = exact.normalized
        let place = 128 - format.precision
        let before = self
        if exact.exponent < format.smallestExponent {
            // Tiny is what would still be too small if it were rounded with any exponent.
            let digits = cut(
                exact.significand, below: place, isNegative: exact.isNegative, rounding)
            let isTiny =
                exact.exponent + (digits >> UInt128(format.precision) == 0 ? 0 : 1)
                < format.smallestExponent
            let isLost =
                Exact.shifted(
                    exact.significand, by: format.smallestExponent - exact.exponent)
                & ((1 << UInt128(place)) - 1) != 0
            self = before
            if isTiny {
                let isMasked = control & Status.underflow != 0
                if isLost || !isMasked { raise(Status.underflow) }
                if !isMasked {
                    guard format.isRegister else { return .zero }
                    exact.exponent += Self.wrap
                }
            }
        }
        if exact.exponent < format.smallestExponent {
            exact.significand = Exact.shifted(
                exact.significand, by: format.smallestExponent - exact.exponent)
            exact.exponent = format.smallestExponent
        }
        var digits = cut(exact.significand, below: place, isNegative: exact.isNegative, rounding)
        if digits >> UInt128(format.precision) != 0 {
            digits >>= 1
            exact.exponent += 1
        }
        if exact.exponent > format.greatestExponent {
            raise(Status.overflow)
            guard control & Status.overflow == 0 else { return overflowed(exact, format) }
            guard format.isRegister else { return .zero }
            exact.exponent -= Self.wrap
        }
        let significand = UInt64(digits << UInt128(64 - format.precision))
        return ExtendedReal(
            isNegative: exact.isNegative,
            exponent: significand & ExtendedReal.integerBit == 0 ? 0 : exact.exponent,
            significand: significand)
    }

    /// The masked answer to overflow: infinity, or the greatest number where rounding leads there.
    private mutating func overflowed(_ exact: Exact, _ format: RealFormat) -> ExtendedReal {
        raise(Status.precision)
        let isNegative = exact.isNegative
        isRoundedUp =
            rounding == .nearest || rounding == .up && !isNegative
            || rounding == .down && isNegative
        if isRoundedUp { return .infinity(isNegative: isNegative) }
        return ExtendedReal(
            isNegative: isNegative, exponent: format.greatestExponent,
            significand: ~0 << UInt64(64 - format.precision))
    }
}
