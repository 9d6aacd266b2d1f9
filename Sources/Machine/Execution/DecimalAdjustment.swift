import Architecture
import InstructionSet

/// AAA, AAS, AAM, AAD, DAA, DAS. SDM 2, by the instruction's name.
extension Machine {
    private static let accumulator = GeneralRegister.rax.rawValue

    /// Flags of AL, with CF and AF as given and OF clear.
    private mutating func setDecimalFlags(_ value: UInt64, carry: Bool, adjust: Bool) {
        state.flags.setLogic(value, size: 1)
        state.flags.setCarry(carry, overflow: false)
        state.flags.set(.af, adjust)
    }

    /// AAA and AAS.
    mutating func executeASCIIAdjust(subtract: Bool) {
        let value = state.registers[.rax] & 0xFFFF
        let adjusts = value & 0xF > 9 || state.flags.adjust
        var result = value
        if adjusts { result = subtract ? value &- 0x106 : value &+ 0x106 }
        result &= 0xFF0F
        setRegister(Self.accumulator, result, size: 2)
        setDecimalFlags(result & 0xFF, carry: adjusts, adjust: adjusts)
    }

    mutating func executeASCIIAdjustAfterMultiply(_ i: DecodedInstruction) throws(Abort) {
        let base = i.immediate & 0xFF
        guard base != 0 else { throw fault(.divideError) }
        let value = state.registers[.rax] & 0xFF
        let low = value % base
        setRegister(Self.accumulator, (value / base) << 8 | low, size: 2)
        setDecimalFlags(low, carry: false, adjust: false)
    }

    mutating func executeASCIIAdjustBeforeDivide(_ i: DecodedInstruction) {
        let value = state.registers[.rax]
        let low = (value & 0xFF &+ (value >> 8 & 0xFF) &* (i.immediate & 0xFF)) & 0xFF
        setRegister(Self.accumulator, low, size: 2)
        setDecimalFlags(low, carry: false, adjust: false)
    }

    /// DAA and DAS.
    mutating func executeDecimalAdjust(subtract: Bool) {
        let value = state.registers[.rax] & 0xFF
        let oldCarry = state.flags.carry
        var result = value
        var carry = false
        let adjusts = value & 0xF > 9 || state.flags.adjust
        if adjusts {
            result = subtract ? result &- 6 : result &+ 6
            carry = oldCarry || (subtract ? value < 6 : result > 0xFF)
        }
        if value > 0x99 || oldCarry {
            result = subtract ? result &- 0x60 : result &+ 0x60
            carry = true
        } else if !subtract {
            carry = false
        }
        setRegister(Self.accumulator, result & 0xFF, size: 1)
        setDecimalFlags(result & 0xFF, carry: carry, adjust: adjusts)
    }
}
