import Architecture

/// What one operand of a decoded instruction is.
public enum OperandKind: UInt8, Sendable {
    case none
    /// A general register, `register` its number, `size` its width.
    case general
    /// `ah`, `ch`, `dh` or `bh`: bits 15:8 of register `register` (0 to 3).
    case highByte
    /// The memory operand that the instruction's address fields describe.
    case memory
    /// `immediate`, sign-extended already where the form says so; `size` is the operand's width.
    case immediate
    /// The second immediate (ENTER's level, a far pointer's selector).
    case secondImmediate
    /// A branch target: `immediate` is the displacement from the next instruction.
    case relative
    case segment, control, debug
    /// An x87, MMX or SSE register: the operation and the form know of which file.
    case media
}

/// One operand: three bytes, so that an instruction stays small.
public struct Operand: Sendable, Equatable {
    public var kind: OperandKind
    /// The register's number, where `kind` is a register.
    public var register: UInt8
    /// Width in bytes: 1, 2, 4, 8; 6 or 10 for far and descriptor-table pointers; 0 where it has none.
    public var size: UInt8

    @inlinable public init(_ kind: OperandKind, register: UInt8 = 0, size: UInt8 = 0) {
        self.kind = kind
        self.register = register
        self.size = size
    }

    public static let none = Operand(.none)
}

/// Prefixes that were present and matter to execution.
public struct Prefixes: OptionSet, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let lock = Prefixes(rawValue: 1)
    /// F3: REP, REPE.
    public static let rep = Prefixes(rawValue: 2)
    /// F2: REPNE.
    public static let repne = Prefixes(rawValue: 4)
    /// A segment-override prefix was present (and not ignored).
    public static let segment = Prefixes(rawValue: 8)
    public static let rex = Prefixes(rawValue: 16)
    public static let operandSize = Prefixes(rawValue: 32)
    public static let addressSize = Prefixes(rawValue: 64)
}

/// One decoded instruction. Plain data without references: the machine caches these.
public struct Instruction: Sendable, Equatable {
    public var operation: Operation
    /// Row of the form in ``InstructionTable/forms``.
    public var form: UInt16
    /// Length in bytes, 1 to 15.
    public var length: UInt8
    /// Effective operand size in bytes: 2, 4 or 8; 1 for byte forms.
    public var operandSize: UInt8
    /// Effective address size in bytes: 2, 4 or 8.
    public var addressSize: UInt8
    public var prefixes: Prefixes
    /// Condition of Jcc, SETcc, CMOVcc: 0 to 15, the low four opcode bits.
    public var condition: UInt8
    /// The memory operand: effective segment; base and index register number or `noRegister`
    /// (`instructionPointer` as base: RIP-relative); scale as a shift, 0 to 3.
    public var segment: SegmentRegister
    public var base: UInt8
    public var index: UInt8
    public var scale: UInt8
    public var first: Operand
    public var second: Operand
    public var third: Operand
    /// A far pointer's selector, or ENTER's level.
    public var secondImmediate: UInt16
    /// Displacement, sign-extended (or the 64-bit offset of the MOV forms that have one).
    public var displacement: UInt64
    public var immediate: UInt64

    /// No instruction: what an empty slot of a cache holds.
    public static let empty = Instruction(
        operation: .notModelled, form: 0, length: 0, operandSize: 0, addressSize: 0, prefixes: [],
        condition: 0, segment: .ds, base: noRegister, index: noRegister, scale: 0, first: .none,
        second: .none, third: .none, secondImmediate: 0, displacement: 0, immediate: 0)

    public static let noRegister: UInt8 = 0xFF
    public static let instructionPointer: UInt8 = 0xFE
}

/// The size in which code is decoded: D/B and L of the code segment decide.
public enum CodeSize: UInt8, Sendable, CaseIterable {
    case bits16 = 2
    case bits32 = 4
    case bits64 = 8
}

/// Why bytes are no instruction.
public enum DecodeError: Error, Equatable {
    /// #UD: no such encoding on this processor.
    case invalidOpcode
    /// #GP(0): longer than 15 bytes.
    case tooLong
    /// The bytes ended first: more are needed (`decode` of a fixed buffer).
    case truncated
}
