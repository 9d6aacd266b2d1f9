/// An operand of an instruction, as written.
struct SourceOperand {
    enum Kind {
        case register(Register)
        case immediate(Expression)
        case memory(SourceAddress)
        /// `selector:offset`.
        case far(Expression, Expression)
    }

    var kind: Kind
    /// The width that `byte`, `word` and the like give, in bytes; 0 without.
    var size: UInt8 = 0
    /// `strict`: the width may not be shortened.
    var isStrict = false
    var distance = Distance.none
    var column = 0
    var length = 0

    enum Distance { case none, short, near, far }

    func fault(_ message: String) -> SourceFault {
        SourceFault(message, column: column, length: length)
    }
}

/// What stands between brackets.
struct SourceAddress {
    var expression: Expression
    var segment: UInt8?
    /// The width of displacement or address that a size word inside the brackets gives, in bytes.
    var size: UInt8 = 0
    var isRelative: Bool
}

/// Prefixes written in front of an instruction.
struct SourcePrefixes {
    var rep: UInt8?
    var lock = false
    var segment: UInt8?
    /// In bytes; 0 without.
    var operandSize: UInt8 = 0
    var addressSize: UInt8 = 0

    /// Bytes of REP, LOCK and segment prefixes.
    var count: Int64 {
        (rep == nil ? 0 : 1) + (lock ? 1 : 0) + (segment == nil ? 0 : 1)
    }
}

struct SourceInstruction {
    var prefixes = SourcePrefixes()
    /// Rows of the table that the mnemonic can be, with the condition; empty: prefixes alone.
    var candidates: [MnemonicTable.Candidate]
    var operands: [SourceOperand]
    var mode: CodeSize
    var column: Int
    var length: Int
}

/// One statement, read once and then worked out in every pass.
struct Statement {
    enum Body {
        case empty
        case instruction(SourceInstruction)
        /// Width of each item in bytes.
        case data(UInt8, [DataItem])
        /// Bytes of each item, and how many items.
        case reserve(Int64, Expression)
        case equate(Int, Expression)
        /// Boundary; the byte to fill with.
        case align(Expression, UInt8)
        case origin(Expression)
        case section(Int)
    }

    indirect enum DataItem {
        case bytes([UInt8])
        case number(Expression)
        case uninitialized
        case repeated(Expression, [DataItem])
    }

    var label: Int?
    var times: Expression?
    var body: Body
    var source: SourceLine
}
