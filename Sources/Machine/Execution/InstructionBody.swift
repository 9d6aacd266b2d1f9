import InstructionSet

/// Which code of the machine carries out an instruction: found once, when it is decoded.
///
/// What makes up most of what runs has a case of its own, named by its operands: R for a general
/// register, M for memory, C for a constant, and their bits. One jump then leads to code that asks
/// nothing about its operands. Everything else is `shaped`, if ``OperandShape`` knows its operands,
/// or `any`.
enum InstructionBody: UInt8 {
    case any, shaped

    /// Jumps whose only target lies in their page; the conditional ones in ``Condition``'s order.
    case jump
    case jumpO, jumpNO, jumpB, jumpAE, jumpE, jumpNE, jumpBE, jumpA
    case jumpS, jumpNS, jumpP, jumpNP, jumpL, jumpGE, jumpLE, jumpG
    case jumpElsewhere

    case moveMR8, moveMC8, moveRM8to32
    case moveRR32, moveRM32, moveRC32, moveMR32, moveMC32
    case moveRR64, moveRM64, moveRC64, moveMR64, moveMC64
    case leaRM32, leaRM64
    case addRR32, addRM32, addRC32, addRR64, addRM64, addRC64
    case subtractRR32, subtractRC32, subtractRR64, subtractRC64
    case compareMC8, compareRR32, compareRM32, compareRC32, compareMC32
    case compareRR64, compareRM64, compareRC64, compareMC64
    case andRR32, andRC32, andRR64, andRC64
    case orRR32, orRC32, orRR64, orRC64
    case xorRR32, xorRC32, xorRR64, xorRC64
    case testMC8, testRR32, testRC32, testRR64
    case incrementR32, decrementR32, incrementR64, decrementR64
    case shiftLeftRC32, shiftRightRC32, shiftLeftRC64, shiftRightRC64
    case multiplyRR32, multiplyRR64

    /// - Parameter start: offset of the instruction in its page.
    init(_ i: Instruction, _ shape: OperandShape, at start: UInt16) {
        self =
            Self.ofJump(i, at: start) ?? Self.ofMove(i.operation, shape)
            ?? Self.ofArithmetic(i.operation, shape) ?? Self.ofLogic(i.operation, shape)
            ?? Self.ofOneOperand(i.operation, shape) ?? (shape == .any ? .any : .shaped)
    }

    private static func ofJump(_ i: Instruction, at start: UInt16) -> InstructionBody? {
        let target = UInt64(start) &+ UInt64(i.length) &+ i.immediate
        // A 16-bit jump also cuts RIP.
        let staysInPage = target < 4096 && i.operandSize > 2
        switch i.operation {
        case .jcc where staysInPage:
            return InstructionBody(rawValue: Self.jumpO.rawValue &+ i.condition & 15)
        case .jcc: return .jumpElsewhere
        case .jmp where staysInPage && i.first.kind == .relative: return .jump
        default: return nil
        }
    }

    private static func ofMove(
        _ operation: Operation, _ shape: OperandShape
    ) -> InstructionBody? {
        switch (operation, shape) {
        case (.mov, .memoryRegister8): .moveMR8
        case (.mov, .memoryConstant8): .moveMC8
        case (.movzx, .registerByte32): .moveRM8to32
        case (.mov, .registerRegister32): .moveRR32
        case (.mov, .registerMemory32): .moveRM32
        case (.mov, .registerConstant32): .moveRC32
        case (.mov, .memoryRegister32): .moveMR32
        case (.mov, .memoryConstant32): .moveMC32
        case (.mov, .registerRegister64): .moveRR64
        case (.mov, .registerMemory64): .moveRM64
        case (.mov, .registerConstant64): .moveRC64
        case (.mov, .memoryRegister64): .moveMR64
        case (.mov, .memoryConstant64): .moveMC64
        case (.lea, .registerMemory32), (.lea, .registerAny32): .leaRM32
        case (.lea, .registerMemory64), (.lea, .registerAny64): .leaRM64
        default: nil
        }
    }

    private static func ofArithmetic(
        _ operation: Operation, _ shape: OperandShape
    ) -> InstructionBody? {
        switch (operation, shape) {
        case (.add, .registerRegister32): .addRR32
        case (.add, .registerMemory32): .addRM32
        case (.add, .registerConstant32): .addRC32
        case (.add, .registerRegister64): .addRR64
        case (.add, .registerMemory64): .addRM64
        case (.add, .registerConstant64): .addRC64
        case (.sub, .registerRegister32): .subtractRR32
        case (.sub, .registerConstant32): .subtractRC32
        case (.sub, .registerRegister64): .subtractRR64
        case (.sub, .registerConstant64): .subtractRC64
        case (.cmp, .memoryConstant8): .compareMC8
        case (.cmp, .registerRegister32): .compareRR32
        case (.cmp, .registerMemory32): .compareRM32
        case (.cmp, .registerConstant32): .compareRC32
        case (.cmp, .memoryConstant32): .compareMC32
        case (.cmp, .registerRegister64): .compareRR64
        case (.cmp, .registerMemory64): .compareRM64
        case (.cmp, .registerConstant64): .compareRC64
        case (.cmp, .memoryConstant64): .compareMC64
        case (.imulTruncating, .registerRegister32): .multiplyRR32
        case (.imulTruncating, .registerRegister64): .multiplyRR64
        default: nil
        }
    }

    private static func ofLogic(
        _ operation: Operation, _ shape: OperandShape
    ) -> InstructionBody? {
        switch (operation, shape) {
        case (.and, .registerRegister32): .andRR32
        case (.and, .registerConstant32): .andRC32
        case (.and, .registerRegister64): .andRR64
        case (.and, .registerConstant64): .andRC64
        case (.or, .registerRegister32): .orRR32
        case (.or, .registerConstant32): .orRC32
        case (.or, .registerRegister64): .orRR64
        case (.or, .registerConstant64): .orRC64
        case (.xor, .registerRegister32): .xorRR32
        case (.xor, .registerConstant32): .xorRC32
        case (.xor, .registerRegister64): .xorRR64
        case (.xor, .registerConstant64): .xorRC64
        case (.test, .memoryConstant8): .testMC8
        case (.test, .registerRegister32): .testRR32
        case (.test, .registerConstant32): .testRC32
        case (.test, .registerRegister64): .testRR64
        default: nil
        }
    }

    private static func ofOneOperand(
        _ operation: Operation, _ shape: OperandShape
    ) -> InstructionBody? {
        switch (operation, shape) {
        case (.inc, .registerRegister32): .incrementR32
        case (.dec, .registerRegister32): .decrementR32
        case (.inc, .registerRegister64): .incrementR64
        case (.dec, .registerRegister64): .decrementR64
        case (.shl, .registerConstant32): .shiftLeftRC32
        case (.shr, .registerConstant32): .shiftRightRC32
        case (.shl, .registerConstant64): .shiftLeftRC64
        case (.shr, .registerConstant64): .shiftRightRC64
        default: nil
        }
    }
}
