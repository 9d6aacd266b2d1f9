import Architecture
import InstructionSet

/// BMI1 and BMI2. SDM 2, by the instruction's name.
extension Machine {
    /// VEX encodings do not exist in real and virtual-8086 mode.
    mutating func checkVectorEncoding() throws(Abort) {
        guard state.isProtected, !state.isVirtual8086 else { throw fault(.invalidOpcode) }
    }

    /// SF and ZF of the result, CF as given, OF clear; AF and PF are undefined.
    private mutating func finish(_ i: DecodedInstruction, _ result: UInt64, carry: Bool) {
        state.flags.setLogic(result, size: i.first.size)
        state.flags.setCarry(carry, overflow: false)
        setRegister(i.first.register, result, size: i.first.size)
    }

    mutating func executeAndNot(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        let result = ~(try get(i.second, i)) & (try get(i.third, i))
        finish(i, result, carry: false)
    }

    /// Bits 7:0 of the control are the start, bits 15:8 the length.
    mutating func executeBitFieldExtract(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        let source = try get(i.second, i)
        let control = try get(i.third, i)
        let length = control >> 8 & 0xFF
        let shifted = source >> (control & 0xFF)
        let result = length >= 64 ? shifted : shifted & (1 << length &- 1)
        finish(i, result, carry: false)
    }

    /// BLSI, BLSMSK, BLSR: the destination comes first, the source second.
    mutating func executeLowestSetBit(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        let source = try get(i.second, i)
        switch i.operation {
        case .blsi: finish(i, source & (0 &- source), carry: source != 0)
        case .blsmsk:
            finish(i, (source ^ (source &- 1)) & Self.mask(i.first.size), carry: source == 0)
        default: finish(i, source & (source &- 1), carry: source == 0)
        }
    }

    mutating func executeZeroHighBits(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        let source = try get(i.second, i)
        let index = try get(i.third, i) & 0xFF
        let isBeyond = index >= UInt64(i.first.size) * 8
        finish(i, isBeyond ? source : source & (1 << index &- 1), carry: isBeyond)
    }

    /// Spreads the source's low bits to where the mask has ones.
    mutating func executeParallelDeposit(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        var source = try get(i.second, i)
        var mask = try get(i.third, i)
        var result: UInt64 = 0
        while mask != 0 {
            let lowest = mask & (0 &- mask)
            if source & 1 == 1 { result |= lowest }
            source >>= 1
            mask &= mask &- 1
        }
        setRegister(i.first.register, result, size: i.first.size)
    }

    /// Gathers the source's bits where the mask has ones.
    mutating func executeParallelExtract(_ i: DecodedInstruction) throws(Abort) {
        try checkVectorEncoding()
        let source = try get(i.second, i)
        var mask = try get(i.third, i)
        var result: UInt64 = 0
        var place: UInt64 = 1
        while mask != 0 {
            if source & mask & (0 &- mask) != 0 { result |= place }
            place <<= 1
            mask &= mask &- 1
        }
        setRegister(i.first.register, result, size: i.first.size)
    }
}
