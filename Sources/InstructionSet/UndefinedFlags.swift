import Architecture

/// The flags that the manual leaves undefined behind an instruction: what two processors may have
/// differently, and what no comparison of two may look at.
///
/// SDM 2, "Flags Affected" of each instruction; SDM 1, "EFLAGS Cross-Reference".
extension Operation {
    /// Flags that are undefined behind it whatever its operands are, and those that are undefined
    /// for some of them only: shifts and rotations by more than 1 or by more than the width.
    public var undefinedFlags: UInt64 { Self.mask(undefinedFlagBits) }

    private static func mask(_ bits: [FlagBit]) -> UInt64 { bits.reduce(0) { $0 | $1.mask } }

    private var undefinedFlagBits: [FlagBit] {
        switch self {
        case .and, .or, .xor, .test: [.af]
        case .andn, .blsi, .blsmsk, .blsr, .bzhi: [.af, .pf]
        case .bextr: [.af, .pf, .sf]
        case .bsf, .bsr: [.cf, .of, .sf, .af, .pf]
        case .tzcnt, .lzcnt: [.of, .sf, .pf, .af]
        case .bt, .bts, .btr, .btc: [.of, .sf, .af, .pf]
        case .mul, .imul, .imulTruncating: [.sf, .zf, .af, .pf]
        case .div, .idiv: [.cf, .of, .sf, .zf, .af, .pf]
        case .rol, .ror, .rcl, .rcr: [.of]
        case .shl, .shr, .sar: [.cf, .of, .af]
        case .shld, .shrd: [.cf, .of, .sf, .zf, .af, .pf]
        case .aaa, .aas: [.of, .sf, .zf, .pf]
        case .aam, .aad: [.of, .af, .cf]
        case .daa, .das: [.of]
        default: []
        }
    }
}

extension Instruction {
    /// The flags that may be undefined behind this instruction. Where the count of a shift is part
    /// of it, only those that the count leaves undefined.
    public var undefinedFlags: UInt64 {
        let all = operation.undefinedFlags
        let width = UInt64(first.size) &* 8
        // The count is the last operand that there is.
        let last = third.kind != .none ? third : second
        guard last.kind == .immediate, width > 0 else { return all }
        let count = immediate & (width == 64 ? 63 : 31)
        switch operation {
        case .rol, .ror, .rcl, .rcr: return count <= 1 ? 0 : all
        case .shl, .shr, .sar, .shld, .shrd:
            if count == 0 { return 0 }
            let isDouble = operation == .shld || operation == .shrd
            if isDouble, count > width { return all }
            var flags = FlagBit.af.mask
            if count > 1 { flags |= FlagBit.of.mask }
            if !isDouble, operation != .sar, count >= width { flags |= FlagBit.cf.mask }
            return flags
        default: return all
        }
    }

    /// Whether the manual leaves the result itself undefined, for some operands at least.
    public var mayHaveUndefinedResult: Bool {
        switch operation {
        // A source of 0. SDM 2, "BSF—Bit Scan Forward", "BSR—Bit Scan Reverse".
        case .bsf, .bsr: true
        // A count above the width. SDM 2, "SHLD", "SHRD".
        case .shld, .shrd: first.size == 2
        // SDM 2, "BSWAP—Byte Swap".
        case .bswap: operandSize == 2
        default: false
        }
    }
}
