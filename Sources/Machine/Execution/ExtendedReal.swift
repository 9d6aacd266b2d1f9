/// A number of double extended precision, as its parts. SDM 1, "Floating-Point Data Types".
struct ExtendedReal: Equatable, Sendable {
    var isNegative: Bool
    /// Biased, 15 bits.
    var exponent: Int
    /// With its integer bit, which the other formats leave out.
    var significand: UInt64

    static let bias = 16383
    static let largestExponent = 0x7FFF
    static let integerBit: UInt64 = 1 << 63
    static let quietBit: UInt64 = 1 << 62

    static let zero = ExtendedReal(isNegative: false, exponent: 0, significand: 0)
    static let one = ExtendedReal(isNegative: false, exponent: bias, significand: integerBit)
    /// The default NaN, "real indefinite".
    static let indefinite = ExtendedReal(
        isNegative: true, exponent: largestExponent, significand: integerBit | quietBit)

    static func infinity(isNegative: Bool) -> ExtendedReal {
        ExtendedReal(
            isNegative: isNegative, exponent: largestExponent, significand: integerBit)
    }

    /// SDM 1, "Real Number and NaN Encodings", "Unsupported Double Extended-Precision Floating-Point
    /// Encodings and Pseudo-Denormals".
    enum Kind: Sendable {
        case zero, denormal, normal, infinity, quietNaN, signalingNaN
        /// Without the integer bit where the exponent asks for it: any use is invalid.
        case unsupported
    }

    var kind: Kind {
        if exponent == 0 { return significand == 0 ? .zero : .denormal }
        guard significand & Self.integerBit != 0 else { return .unsupported }
        guard exponent == Self.largestExponent else { return .normal }
        if significand == Self.integerBit { return .infinity }
        return significand & Self.quietBit != 0 ? .quietNaN : .signalingNaN
    }

    var isNaN: Bool { kind == .quietNaN || kind == .signalingNaN }

    /// A NaN as it is after having been told of.
    var quieted: ExtendedReal {
        var value = self
        if kind == .signalingNaN { value.significand |= Self.quietBit }
        return value
    }

    var negated: ExtendedReal {
        var value = self
        value.isNegative.toggle()
        return value
    }
}

extension ExtendedReal {
    /// From the halves of a register: the upper has the exponent, and the sign above it.
    init(significand: UInt64, high: UInt16) {
        self.init(
            isNegative: high >> 15 == 1, exponent: Int(high & 0x7FFF), significand: significand)
    }

    var high: UInt16 { UInt16(truncatingIfNeeded: exponent) | (isNegative ? 0x8000 : 0) }
}

// MARK: Integers, and the formats of memory

extension ExtendedReal {
    init(_ integer: Int64) {
        guard integer != 0 else {
            self = .zero
            return
        }
        let shift = integer.magnitude.leadingZeroBitCount
        self.init(
            isNegative: integer < 0, exponent: Self.bias + 63 - shift,
            significand: integer.magnitude << UInt64(shift))
    }

    /// From single or double precision. A NaN keeps its kind.
    init(bits: UInt64, format: RealFormat) {
        let width = format.precision - 1
        let fraction = bits & ((1 << UInt64(width)) - 1)
        let field = Int(truncatingIfNeeded: bits >> UInt64(width)) & format.largestField
        let isNegative = bits >> UInt64(format.size * 8 - 1) & 1 == 1
        let aligned = fraction << UInt64(63 - width)
        if field == format.largestField {
            self.init(
                isNegative: isNegative, exponent: Self.largestExponent,
                significand: Self.integerBit | aligned)
        } else if field > 0 {
            self.init(
                isNegative: isNegative, exponent: field + format.smallestExponent - 1,
                significand: Self.integerBit | aligned)
        } else if fraction == 0 {
            self.init(isNegative: isNegative, exponent: 0, significand: 0)
        } else {
            // What is a denormal there is a normal number here.
            let shift = aligned.leadingZeroBitCount
            self.init(
                isNegative: isNegative, exponent: format.smallestExponent - shift,
                significand: aligned << UInt64(shift))
        }
    }

    /// In single or double precision, whose numbers alone it may be one of; a NaN is cut off.
    func bits(_ format: RealFormat) -> UInt64 {
        let width = UInt64(format.precision - 1)
        let field: Int
        if exponent == Self.largestExponent {
            field = format.largestField
        } else {
            let isNormal = significand & Self.integerBit != 0
            field = isNormal ? exponent - format.smallestExponent + 1 : 0
        }
        let fraction = (significand & ~Self.integerBit) >> (63 - width)
        return UInt64(isNegative ? 1 : 0) << UInt64(format.size * 8 - 1)
            | UInt64(field) << width | fraction
    }
}

/// How far a format reaches: what is rounded to it loses the rest.
struct RealFormat: Sendable {
    /// Bytes in memory.
    let size: Int
    /// Bits of the significand, the integer bit among them.
    let precision: Int
    /// Of normal numbers, with the bias of the extended format.
    let smallestExponent: Int
    let greatestExponent: Int

    static let single = RealFormat(
        size: 4, precision: 24, smallestExponent: ExtendedReal.bias - 126,
        greatestExponent: ExtendedReal.bias + 127)
    static let double = RealFormat(
        size: 8, precision: 53, smallestExponent: ExtendedReal.bias - 1022,
        greatestExponent: ExtendedReal.bias + 1023)
    /// A register, whose exponent keeps its range at every precision.
    static func register(precision: Int) -> RealFormat {
        RealFormat(size: 10, precision: precision, smallestExponent: 1, greatestExponent: 0x7FFE)
    }

    var isRegister: Bool { size == 10 }

    func isDenormal(_ bits: UInt64) -> Bool {
        let width = UInt64(precision - 1)
        let fraction = bits & ((1 << width) - 1)
        return fraction != 0 && Int(truncatingIfNeeded: bits >> width) & largestField == 0
    }

    /// The exponent's field, all ones.
    fileprivate var largestField: Int { greatestExponent - smallestExponent + 2 }
}
