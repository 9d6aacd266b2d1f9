import Architecture
import InstructionSet

/// MOV to and from debug registers. SDM 2, "MOV—Move to/from Debug Registers"; SDM 3B, "Debug
/// Registers".
extension Machine {
    mutating func executeMoveToDebug(_ i: DecodedInstruction) throws(Abort) {
        let number = try checkedDebugRegister(i.first.register, i)
        let value = try get(i.second, i)
        if number >= 6, value >> 32 != 0 { throw fault(.generalProtection, 0) }
        switch number {
        case 6: state.dr6 = value & DebugRegister.writableDR6 | DebugRegister.fixedDR6
        case 7: state.dr7 = value & DebugRegister.writableDR7 | DR7Bit.fixed1
        default: state.dr[Int(number & 3)] = value
        }
        // Breakpoints count from the next instruction on.
        needsAttention = true
    }

    mutating func executeMoveFromDebug(_ i: DecodedInstruction) throws(Abort) {
        let number = try checkedDebugRegister(i.second.register, i)
        let value: UInt64 =
            switch number {
            case 6: state.dr6
            case 7: state.dr7
            default: state.dr[Int(number & 3)]
            }
        try set(i.first, value, i)
    }

    /// The number with 4 and 5 as what they stand for, after the checks of an access.
    private mutating func checkedDebugRegister(
        _ number: UInt8, _ i: DecodedInstruction
    ) throws(Abort) -> UInt8 {
        if number > 7 { throw fault(.invalidOpcode) }
        // The exit comes before #UD by CR4.DE and #GP by privilege. SDM 3C, 26.1.3, "MOV DR".
        try decideInstruction(i)
        if number == 4 || number == 5, state.cr4.has(CR4Bit.de) { throw fault(.invalidOpcode) }
        guard state.cpl == 0 else { throw fault(.generalProtection, 0) }
        if state.dr7.has(DR7Bit.gd) {
            let abort = fault(.debug)
            pendingException.detail = DebugExceptionBit.bd.mask
            throw abort
        }
        return number == 4 || number == 5 ? number + 2 : number
    }

    private enum DebugRegister {
        /// B0 to B3, BD, BS, BT.
        static let writableDR6: UInt64 = 0xE00F
        static let fixedDR6: UInt64 = 0xFFFF_0FF0
        /// All but the reserved bits 15:14, 12:11 and bit 10.
        static let writableDR7: UInt64 = 0xFFFF_23FF
    }
}
