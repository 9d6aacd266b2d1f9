/// The code sizes in which a form exists.
public struct CodeSizes: OptionSet, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let bits16 = CodeSizes(rawValue: 1)
    public static let bits32 = CodeSizes(rawValue: 2)
    public static let bits64 = CodeSizes(rawValue: 4)
    public static let all: CodeSizes = [.bits16, .bits32, .bits64]
    /// "Invalid in 64-bit mode", in the manual's column.
    public static let not64: CodeSizes = [.bits16, .bits32]
    /// "N.E." or "Invalid" in the manual's column for compatibility and legacy mode.
    public static let only64: CodeSizes = [.bits64]

    /// Whether the form exists in code of this size.
    public func contains(_ size: CodeSize) -> Bool { rawValue & CodeSizes.bit(size) != 0 }

    static func bit(_ size: CodeSize) -> UInt8 {
        switch size {
        case .bits16: 1
        case .bits32: 2
        case .bits64: 4
        }
    }
}

/// How a form depends on the operand-size attribute (66, REX.W and the code segment's D bit).
public enum OperandSizeRule: UInt8, Sendable {
    /// The first sized operand says it: `r16` needs the 16-bit attribute, `r32` the 32-bit one.
    case derived
    /// The attribute does not select the form, though it may still matter to what the form does.
    case any
    /// Forms without operands that say it: string and stack instructions.
    case byte, word, doubleword, quadword
    /// In 64-bit mode the size is 64 bits unless a 66 prefix makes it 16; elsewhere as `derived`.
    case default64
    /// In 64-bit mode the size is 64 bits whatever the prefixes; elsewhere as `derived`.
    case forced64
}

/// What a row says beyond its notation.
public struct FormTraits: OptionSet, Sendable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A second way to write what another row decodes: the decoder does not look at it.
    public static let assemblerOnly = FormTraits(rawValue: 1)
    /// An encoding that exists beside the one that an assembler writes.
    public static let decoderOnly = FormTraits(rawValue: 2)
    /// Only without REX.B: 90 is NOP, 41 90 is XCHG.
    public static let withoutREXB = FormTraits(rawValue: 4)
    /// ModRM.mod is ignored and r/m is a register: MOV to and from control and debug registers.
    public static let modIgnored = FormTraits(rawValue: 8)
    /// Only with ModRM.mod = 11, though no operand says so.
    public static let registerForm = FormTraits(rawValue: 16)
    /// Only with this address size: JCXZ, JECXZ, JRCXZ.
    public static let address16 = FormTraits(rawValue: 32)
    public static let address32 = FormTraits(rawValue: 64)
    public static let address64 = FormTraits(rawValue: 128)
}

/// One row of the instruction table: one encoding of one instruction, in the notation of SDM 2,
/// "Interpreting the Instruction Reference Pages". Decoder, assembler and disassembler are derived
/// from `opcode` and `operands`; nothing about an encoding is written down anywhere else.
///
/// Notation of the opcode column: `NP` (none of 66, F2, F3), `NFx` (neither F2 nor F3), `66`,
/// `F2`, `F3` (mandatory prefix), `REX.W`, the opcode bytes, `/r`, `/0` to `/7`, a third opcode
/// byte behind 0F 01 or 0F AE being the whole ModRM byte, `+rb` `+rw` `+rd` `+ro` (a register
/// in the low three bits), `+cc` (a condition in the low four bits), `ib` `iw` `id` `io` (immediate),
/// `cb` `cw` `cd` (relative target), `cp` (far pointer), `/is4` (a register in an immediate byte),
/// and `VEX.LZ.66.0F38.W1` and the like (without a length: 128 and 256 bits).
public struct InstructionForm: Sendable {
    public let opcode: String
    /// The mnemonic, lower case; further ones that mean the same after a slash. `cc` at the end
    /// stands for the sixteen conditions where the opcode has `+cc`.
    public let mnemonic: String
    /// The operands as the manual writes them: `r64, r/m64`.
    public let operands: String
    public let operation: Operation
    public let modes: CodeSizes
    public let size: OperandSizeRule
    public let feature: Feature
    public let traits: FormTraits

    public init(
        _ opcode: String, _ mnemonic: String, _ operands: String, _ operation: Operation,
        modes: CodeSizes = .all, size: OperandSizeRule = .derived, feature: Feature = .base,
        traits: FormTraits = []
    ) {
        self.opcode = opcode
        self.mnemonic = mnemonic
        self.operands = operands
        self.operation = operation
        self.modes = modes
        self.size = size
        self.feature = feature
        self.traits = traits
    }

    /// The first mnemonic: what the disassembler writes.
    public var name: String { MnemonicNames.primary(mnemonic) }

    /// Whether it can cause a VM exit by being executed in VMX non-root operation.
    public var mayExit: ExitFact? { operation.mayExit }

    /// Whether a LOCK prefix is allowed when the first operand is memory.
    public var isLockable: Bool { operation.isLockable }

    /// The title of its entry in SDM 2, or for what is not modelled the name in capitals.
    public var title: String { operation.title ?? name.uppercased() }
}
