import Architecture
import InstructionSet

/// Bit tests, scans and counts, CRC32. SDM 2, by the instruction's name.
extension Machine {
    /// BT, BTS, BTR, BTC. A register as bit offset reaches beyond a memory operand, in both
    /// directions.
    mutating func executeBitTest(_ i: DecodedInstruction) throws(Abort) {
        let size = i.first.size
        let width = UInt64(size) &* 8
        let offset = try get(i.second, i)
        var address: UInt64 = 0
        let value: UInt64
        let isWritten = i.operation != .bt
        if i.first.kind == .memory {
            var place = effectiveAddress(i)
            if i.second.kind == .general {
                let bits = Int64(bitPattern: Self.signExtended(offset, size))
                let unit = bits >> Int64(width.trailingZeroBitCount)
                place &+= UInt64(bitPattern: unit &* Int64(size))
                place &= Self.mask(i.addressSize)
            }
            address = try linear(i.segment, place, size: size, write: isWritten)
            value =
                isWritten
                ? try readForUpdate(address, size: Int(size))
                : try read(linear: address, size: Int(size))
        } else {
            value = try get(i.first, i)
        }
        let bit = UInt64(1) &<< (offset & (width &- 1))
        switch i.operation {
        case .bts: try close(i.first, address, value | bit)
        case .btr: try close(i.first, address, value & ~bit)
        case .btc: try close(i.first, address, value ^ bit)
        default: break
        }
        state.flags.setCarry(value & bit != 0)
    }

    /// BSF and BSR. A source of 0 sets ZF and leaves the destination as it is.
    mutating func executeBitScan(_ i: DecodedInstruction, reverse: Bool) throws(Abort) {
        let source = try get(i.second, i)
        guard source != 0 else {
            state.flags.setLogic(0, size: i.first.size)
            return
        }
        let index = reverse ? 63 - source.leadingZeroBitCount : source.trailingZeroBitCount
        setRegister(i.first.register, UInt64(index), size: i.first.size)
        state.flags.setLogic(UInt64(index), size: i.first.size)
        state.flags.set(.zf, false)
    }

    /// TZCNT and LZCNT. A source of 0 gives the operand's width and sets CF.
    mutating func executeCountZeros(_ i: DecodedInstruction, leading: Bool) throws(Abort) {
        let size = i.first.size
        let source = try get(i.second, i)
        let width = Int(size) * 8
        let count =
            leading
            ? source.leadingZeroBitCount - (64 - width) : min(source.trailingZeroBitCount, width)
        setRegister(i.first.register, UInt64(count), size: size)
        state.flags.setLogic(UInt64(count), size: size)
        state.flags.setCarry(source == 0)
    }

    mutating func executePopulationCount(_ i: DecodedInstruction) throws(Abort) {
        let source = try get(i.second, i)
        setRegister(i.first.register, UInt64(source.nonzeroBitCount), size: i.first.size)
        state.flags.arithmetic = source == 0 ? FlagBit.zf.mask : 0
    }

    /// The polynomial 11EDC6F41h, bit-reflected.
    mutating func executeCRC32(_ i: DecodedInstruction) throws(Abort) {
        let source = try get(i.second, i)
        var remainder = (state.registers[i.first.register] & 0xFFFF_FFFF) ^ source
        for _ in 0..<(Int(i.second.size) * 8) {
            remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0x82F6_3B78 : 0)
        }
        setRegister(i.first.register, remainder, size: 8)
    }
}
