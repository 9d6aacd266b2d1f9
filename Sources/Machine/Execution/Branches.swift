import Architecture
import InstructionSet

/// Near control flow. SDM 2, by the instruction's name.
extension Machine {
    /// Goes on at an offset in the code segment, after its check: #GP(0) outside of the limit or,
    /// in 64-bit mode, where the address is not canonical.
    @inline(always)
    mutating func jump(to target: UInt64, size: UInt8) throws(Abort) {
        let offset = target & Self.mask(size)
        if state.is64Bit {
            guard isCanonical(offset) else { throw fault(.generalProtection, 0) }
        } else if offset > UInt64(state.cs.limit) {
            throw fault(.generalProtection, 0)
        }
        nextRIP = offset
    }

    @inline(always)
    mutating func jumpRelative(_ i: DecodedInstruction) throws(Abort) {
        try jump(to: nextRIP &+ i.immediate, size: i.operandSize)
    }

    /// A jump whose only target lies in its page: once it is known, nothing is to be asked.
    @inline(always)
    mutating func jumpInPage(_ i: DecodedInstruction) throws(Abort) -> Course {
        guard decoded.knowsTarget(of: i), i.target.lastOfRun < window.plainSpan else {
            return try jumpElsewhere(i)
        }
        return .jump
    }

    @inline(never)
    mutating func jumpElsewhere(_ i: DecodedInstruction) throws(Abort) -> Course {
        note(i)
        try jumpRelative(i)
        return .elsewhere
    }

    /// The target of a JMP or CALL, relative or absolute.
    @inline(always)
    mutating func branchTarget(_ i: DecodedInstruction) throws(Abort) -> UInt64 {
        i.first.kind == .relative ? nextRIP &+ i.immediate : try get(i.first, i)
    }

    @inline(always)
    mutating func executeCall(_ i: DecodedInstruction) throws(Abort) {
        let returnAddress = nextRIP
        try jump(to: try branchTarget(i), size: i.operandSize)
        try push(returnAddress, size: i.operandSize)
    }

    @inline(always)
    mutating func executeReturn(_ i: DecodedInstruction) throws(Abort) {
        let width = stackSize
        let top = state.registers[.rsp] & Self.mask(width)
        try jump(to: try load(.ss, top, size: i.operandSize), size: i.operandSize)
        let released = i.first.kind == .immediate ? i.immediate & 0xFFFF : 0
        setRegister(
            GeneralRegister.rsp.rawValue, top &+ UInt64(i.operandSize) &+ released, size: width)
    }

    /// LOOP, LOOPE, LOOPNE: `wanted` is what ZF must be, nil where it does not matter.
    mutating func executeLoop(_ i: DecodedInstruction, wanted: Bool?) throws(Abort) {
        let count = (state.registers[.rcx] &- 1) & Self.mask(i.addressSize)
        if count != 0, wanted == nil || wanted == state.flags.zero { try jumpRelative(i) }
        setRegister(GeneralRegister.rcx.rawValue, count, size: i.addressSize)
    }

    /// JCXZ, JECXZ, JRCXZ.
    mutating func executeJumpIfCountZero(_ i: DecodedInstruction) throws(Abort) {
        if state.registers[.rcx] & Self.mask(i.addressSize) == 0 { try jumpRelative(i) }
    }

    /// BOUND: a signed index against two signed bounds in memory.
    mutating func executeBound(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        func signed(_ value: UInt64) -> Int64 { Int64(bitPattern: Self.signExtended(value, size)) }
        let index = signed(try get(i.first, i))
        let place = effectiveAddress(i)
        let lower = signed(try load(i.segment, place, size: size))
        let upper = signed(try load(i.segment, offset(place, plus: size, i), size: size))
        if index < lower || index > upper { throw fault(.boundRange) }
    }
}
