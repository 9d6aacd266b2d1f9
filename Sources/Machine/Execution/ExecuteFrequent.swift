import Architecture
import InstructionSet

/// Where an instruction leads.
enum Course {
    /// To the one behind it.
    case on
    /// To where this jump led last.
    case jump
    /// To `nextRIP`.
    case elsewhere
}

extension Machine {
    private typealias R8 = InRegister<Bits8>
    private typealias R32 = InRegister<Bits32>
    private typealias R64 = InRegister<Bits64>
    private typealias M8 = InMemory<Bits8>
    private typealias M32 = InMemory<Bits32>
    private typealias M64 = InMemory<Bits64>
    private typealias C8 = InInstruction<Bits8>
    private typealias C32 = InInstruction<Bits32>
    private typealias C64 = InInstruction<Bits64>

    /// Carries out one instruction.
    ///
    /// Where it throws, nothing that can be observed has changed, so that the instruction can be
    /// restarted; a repeated string instruction keeps the elements that it has done.
    ///
    /// The bodies are functions of their own, and not part of the run loop: in one large function
    /// the compiler keeps little in registers, and lets different bodies share their ends, which
    /// costs a jump each.
    @inline(always)
    mutating func execute(_ i: DecodedInstruction) throws(Abort) -> Course {
        switch i.body {
        case .any: return try executeNoted(i)
        case .shaped: try executeShaped(i)
        case .jump: return try jumpInPage(i)
        case .jumpO: return try jump(i, if: .o)
        case .jumpNO: return try jump(i, if: .no)
        case .jumpB: return try jump(i, if: .b)
        case .jumpAE: return try jump(i, if: .ae)
        case .jumpE: return try jump(i, if: .e)
        case .jumpNE: return try jump(i, if: .ne)
        case .jumpBE: return try jump(i, if: .be)
        case .jumpA: return try jump(i, if: .a)
        case .jumpS: return try jump(i, if: .s)
        case .jumpNS: return try jump(i, if: .ns)
        case .jumpP: return try jump(i, if: .p)
        case .jumpNP: return try jump(i, if: .np)
        case .jumpL: return try jump(i, if: .l)
        case .jumpGE: return try jump(i, if: .ge)
        case .jumpLE: return try jump(i, if: .le)
        case .jumpG: return try jump(i, if: .g)
        case .jumpElsewhere:
            return state.flags.holds(i.condition) ? try jumpElsewhere(i) : .on
        case .moveMR8: try executeMove(i, M8.self, R8.self)
        case .moveMC8: try executeMove(i, M8.self, C8.self)
        case .moveRM8to32: try executeMove(i, R32.self, M8.self)
        case .moveRR32: try executeMove(i, R32.self, R32.self)
        case .moveRM32: try executeMove(i, R32.self, M32.self)
        case .moveRC32: try executeMove(i, R32.self, C32.self)
        case .moveMR32: try executeMove(i, M32.self, R32.self)
        case .moveMC32: try executeMove(i, M32.self, C32.self)
        case .moveRR64: try executeMove(i, R64.self, R64.self)
        case .moveRM64: try executeMove(i, R64.self, M64.self)
        case .moveRC64: try executeMove(i, R64.self, C64.self)
        case .moveMR64: try executeMove(i, M64.self, R64.self)
        case .moveMC64: try executeMove(i, M64.self, C64.self)
        case .leaRM32: executeLoadAddress(i, R32.self)
        case .leaRM64: executeLoadAddress(i, R64.self)
        case .addRR32: try executeAdd(i, R32.self, R32.self)
        case .addRM32: try executeAdd(i, R32.self, M32.self)
        case .addRC32: try executeAdd(i, R32.self, C32.self)
        case .addRR64: try executeAdd(i, R64.self, R64.self)
        case .addRM64: try executeAdd(i, R64.self, M64.self)
        case .addRC64: try executeAdd(i, R64.self, C64.self)
        case .subtractRR32: try executeSubtract(i, R32.self, R32.self)
        case .subtractRC32: try executeSubtract(i, R32.self, C32.self)
        case .subtractRR64: try executeSubtract(i, R64.self, R64.self)
        case .subtractRC64: try executeSubtract(i, R64.self, C64.self)
        case .compareMC8: try executeCompare(i, M8.self, C8.self)
        case .compareRR32: try executeCompare(i, R32.self, R32.self)
        case .compareRM32: try executeCompare(i, R32.self, M32.self)
        case .compareRC32: try executeCompare(i, R32.self, C32.self)
        case .compareMC32: try executeCompare(i, M32.self, C32.self)
        case .compareRR64: try executeCompare(i, R64.self, R64.self)
        case .compareRM64: try executeCompare(i, R64.self, M64.self)
        case .compareRC64: try executeCompare(i, R64.self, C64.self)
        case .compareMC64: try executeCompare(i, M64.self, C64.self)
        case .multiplyRR32: try executeMultiplyTruncating(i, R32.self, R32.self)
        case .multiplyRR64: try executeMultiplyTruncating(i, R64.self, R64.self)
        case .andRR32: try executeAnd(i, R32.self, R32.self)
        case .andRC32: try executeAnd(i, R32.self, C32.self)
        case .andRR64: try executeAnd(i, R64.self, R64.self)
        case .andRC64: try executeAnd(i, R64.self, C64.self)
        case .orRR32: try executeOr(i, R32.self, R32.self)
        case .orRC32: try executeOr(i, R32.self, C32.self)
        case .orRR64: try executeOr(i, R64.self, R64.self)
        case .orRC64: try executeOr(i, R64.self, C64.self)
        case .xorRR32: try executeExclusiveOr(i, R32.self, R32.self)
        case .xorRC32: try executeExclusiveOr(i, R32.self, C32.self)
        case .xorRR64: try executeExclusiveOr(i, R64.self, R64.self)
        case .xorRC64: try executeExclusiveOr(i, R64.self, C64.self)
        case .testMC8: try executeTest(i, M8.self, C8.self)
        case .testRR32: try executeTest(i, R32.self, R32.self)
        case .testRC32: try executeTest(i, R32.self, C32.self)
        case .testRR64: try executeTest(i, R64.self, R64.self)
        case .incrementR32: try executeIncrement(i, R32.self)
        case .decrementR32: try executeDecrement(i, R32.self)
        case .incrementR64: try executeIncrement(i, R64.self)
        case .decrementR64: try executeDecrement(i, R64.self)
        case .shiftLeftRC32: try executeShiftLeft(i, R32.self, C32.self)
        case .shiftRightRC32: try executeShiftRight(i, R32.self, C32.self)
        case .shiftLeftRC64: try executeShiftLeft(i, R64.self, C64.self)
        case .shiftRightRC64: try executeShiftRight(i, R64.self, C64.self)
        }
        return .on
    }

    @inline(always)
    private mutating func jump(
        _ i: DecodedInstruction, if condition: Condition
    ) throws(Abort) -> Course {
        state.flags.holds(condition.rawValue) ? try jumpInPage(i) : .on
    }

    /// Any instruction. RIP and the time are told before, and the time that it may have changed is
    /// kept.
    @inline(always)
    private mutating func executeNoted(_ i: DecodedInstruction) throws(Abort) -> Course {
        note(i)
        let behind = nextRIP
        try executeAny(i)
        timeOffset = state.tsc &- steps
        return nextRIP == behind ? .on : .elsewhere
    }

    // MARK: What others see

    /// Tells RIP, where the instruction ends, and the time to all that may look at them.
    ///
    /// RIP follows from the place in the decode cache, and time from the steps: the frequent bodies
    /// leave both alone, unless an access to memory goes the slow way.
    @inline(always)
    mutating func note(_ i: DecodedInstruction) {
        arrive(at: window.rip(i.start))
        nextRIP = window.rip(i.end)
    }

    @inline(always)
    mutating func arrive(at rip: UInt64) {
        state.rip = rip
        state.tsc = timeOffset &+ steps
    }

    // MARK: By the places of operands

    /// The operations that make up most of what runs, for their most frequent operands.
    @inline(never)
    private mutating func executeShaped(_ i: DecodedInstruction) throws(Abort) {
        switch i.shape {
        case .any: try executeCommon(i, AnyPlace.self, AnyPlace.self)
        case .registerMemory8: try executeCommon(i, R8.self, M8.self)
        case .registerConstant8: try executeCommon(i, R8.self, C8.self)
        case .memoryRegister8: try executeCommon(i, M8.self, R8.self)
        case .memoryConstant8: try executeCommon(i, M8.self, C8.self)
        case .registerByte32: try executeCommon(i, R32.self, M8.self)
        case .registerRegister32: try executeCommon(i, R32.self, R32.self)
        case .registerMemory32: try executeCommon(i, R32.self, M32.self)
        case .registerConstant32: try executeCommon(i, R32.self, C32.self)
        case .registerAny32: try executeCommon(i, R32.self, AnyPlace.self)
        case .memoryRegister32: try executeCommon(i, M32.self, R32.self)
        case .memoryConstant32: try executeCommon(i, M32.self, C32.self)
        case .registerRegister64: try executeCommon(i, R64.self, R64.self)
        case .registerMemory64: try executeCommon(i, R64.self, M64.self)
        case .registerConstant64: try executeCommon(i, R64.self, C64.self)
        case .registerAny64: try executeCommon(i, R64.self, AnyPlace.self)
        case .memoryRegister64: try executeCommon(i, M64.self, R64.self)
        case .memoryConstant64: try executeCommon(i, M64.self, C64.self)
        }
    }

    @inline(always)
    mutating func executeCommon<D: Place, S: Place>(
        _ i: DecodedInstruction, _ first: D.Type, _ second: S.Type
    ) throws(Abort) {
        note(i)
        switch i.operation {
        case .mov, .movzx: try executeMove(i, first, second)
        case .lea: executeLoadAddress(i, first)
        case .add: try executeAdd(i, first, second)
        case .adc: try executeAddWithCarry(i, first, second)
        case .sub: try executeSubtract(i, first, second)
        case .sbb: try executeSubtractWithBorrow(i, first, second)
        case .cmp: try executeCompare(i, first, second)
        case .and: try executeAnd(i, first, second)
        case .or: try executeOr(i, first, second)
        case .xor: try executeExclusiveOr(i, first, second)
        case .test: try executeTest(i, first, second)
        case .inc: try executeIncrement(i, first)
        case .dec: try executeDecrement(i, first)
        case .shl: try executeShiftLeft(i, first, second)
        case .shr: try executeShiftRight(i, first, second)
        case .imulTruncating: try executeMultiplyTruncating(i, first, second)
        default: break
        }
    }
}
