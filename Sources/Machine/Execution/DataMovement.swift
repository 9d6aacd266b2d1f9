import Architecture
import InstructionSet

/// MOV and its kin. SDM 2, by the instruction's name.
extension Machine {
    /// MOV, and MOVZX: operands are zero-extended when they are read.
    @inline(never)
    mutating func executeMove<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try D.write(i.first, try S.read(i.second, i, &self), i, &self)
    }

    @inline(never)
    mutating func executeLoadAddress<D: Place>(_ i: DecodedInstruction, _: D.Type) {
        setRegister(i.first.register, effectiveAddress(i), size: D.size(i.first))
    }

    @inline(always)
    mutating func executeMoveSignExtended(_ i: DecodedInstruction) throws(Abort) {
        try set(i.first, Self.signExtended(try get(i.second, i), i.second.size), i)
    }

    mutating func executeMoveBigEndian(_ i: DecodedInstruction) throws(Abort) {
        let value = try get(i.second, i)
        try set(i.first, value.byteSwapped &>> Flags.shift(i.first.size), i)
    }

    /// The manual leaves a 16-bit BSWAP undefined; processors clear the register.
    mutating func executeByteSwap(_ i: DecodedInstruction) throws(Abort) {
        let value = try get(i.first, i)
        let swapped = i.first.size == 2 ? 0 : value.byteSwapped &>> Flags.shift(i.first.size)
        try set(i.first, swapped, i)
    }

    mutating func executeExchange(_ i: DecodedInstruction) throws(Abort) {
        let (address, old) = try open(i.first, i)
        let new = try get(i.second, i)
        try close(i.first, address, new)
        try set(i.second, old, i)
    }

    /// XLAT: AL indexes a table at rBX.
    mutating func executeTranslateByte(_ i: DecodedInstruction) throws(Abort) {
        let offset = state.registers[.rbx] &+ state.registers[.rax] & 0xFF
        let value = try load(i.segment, offset & Self.mask(i.addressSize), size: 1)
        setRegister(GeneralRegister.rax.rawValue, value, size: 1)
    }

    /// CBW, CWDE, CDQE.
    mutating func executeConvert(_ i: DecodedInstruction) {
        let value = Self.signExtended(state.registers[.rax], i.operandSize / 2)
        setRegister(GeneralRegister.rax.rawValue, value, size: i.operandSize)
    }

    /// CWD, CDQ, CQO: rDX becomes the sign of rAX.
    mutating func executeConvertToDouble(_ i: DecodedInstruction) {
        let isNegative = Self.topBit(state.registers[.rax], i.operandSize)
        setRegister(GeneralRegister.rdx.rawValue, isNegative ? ~0 : 0, size: i.operandSize)
    }

    /// The source is read, and can fault, whatever the condition; a 32-bit destination loses its
    /// upper half whatever the condition.
    mutating func executeConditionalMove(_ i: DecodedInstruction) throws(Abort) {
        let source = try get(i.second, i)
        let value = state.flags.holds(i.condition) ? source : try get(i.first, i)
        try set(i.first, value, i)
    }
}
