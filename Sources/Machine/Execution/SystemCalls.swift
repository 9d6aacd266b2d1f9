import Architecture
import InstructionSet

/// SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS. SDM 3A, "Fast System Calls in 64-Bit Mode",
/// "Performing Fast Calls to System Procedures with the SYSENTER and SYSEXIT Instructions".
extension Machine {
    /// Flat segments without a look into the tables, as these instructions load them.
    private static func flatCode(_ selector: UInt16, level: UInt8, isLong: Bool) -> Segment {
        let size: UInt32 = isLong ? 0xA000 : 0xC000
        return Segment(
            selector: selector & 0xFFFC | UInt16(level), base: 0, limit: 0xFFFF_FFFF,
            access: 0x9B | size | UInt32(level) << 5)
    }

    private static func flatStack(_ selector: UInt16, level: UInt8) -> Segment {
        Segment(
            selector: selector & 0xFFFC | UInt16(level), base: 0, limit: 0xFFFF_FFFF,
            access: 0xC093 | UInt32(level) << 5)
    }

    mutating func executeSystemCall() throws(Abort) {
        guard state.efer.has(EFERBit.sce), state.is64Bit else { throw fault(.invalidOpcode) }
        state.registers[.rcx] = nextRIP
        state.registers[.r11] = state.rflags & ~FlagBit.rf.mask
        let selector = UInt16(truncatingIfNeeded: state.msrs.star >> 32)
        state.cs = Self.flatCode(selector, level: 0, isLong: true)
        state.ss = Self.flatStack((selector & 0xFFFC) &+ 8, level: 0)
        state.cpl = 0
        state.rflags &= ~(state.msrs.fmask | FlagBit.rf.mask)
        nextRIP = state.msrs.lstar
        stepByNewFlags()
    }

    mutating func executeSystemReturn(_ i: DecodedInstruction) throws(Abort) {
        guard state.efer.has(EFERBit.sce), state.is64Bit else { throw fault(.invalidOpcode) }
        guard state.cpl == 0 else { throw fault(.generalProtection, 0) }
        let isLong = i.operandSize == 8
        let target = isLong ? state.registers[.rcx] : state.registers[.rcx] & 0xFFFF_FFFF
        guard isCanonical(target) else { throw fault(.generalProtection, 0) }
        let selector = UInt16(truncatingIfNeeded: state.msrs.star >> 48)
        state.cs = Self.flatCode(selector &+ (isLong ? 16 : 0), level: 3, isLong: isLong)
        state.ss = Self.flatStack(selector &+ 8, level: 3)
        state.cpl = 3
        // RF, VM and the reserved bits are not taken from R11.
        state.rflags = state.registers[.r11] & 0x3C_7FD7 | 2
        nextRIP = target
        stepByNewFlags()
    }

    mutating func executeSystemEnter() throws(Abort) {
        let selector = UInt16(truncatingIfNeeded: state.msrs.sysenterCS)
        guard state.isProtected, selector & 0xFFFC != 0 else { throw fault(.generalProtection, 0) }
        state.rflags &= ~(FlagBit.vm.mask | FlagBit.if.mask | FlagBit.rf.mask)
        let isLong = state.isLongMode
        state.cs = Self.flatCode(selector, level: 0, isLong: isLong)
        state.ss = Self.flatStack((selector & 0xFFFC) &+ 8, level: 0)
        state.cpl = 0
        let mask = Self.mask(isLong ? 8 : 4)
        state.registers[.rsp] = state.msrs.sysenterESP & mask
        nextRIP = state.msrs.sysenterEIP & mask
    }

    mutating func executeSystemExit(_ i: DecodedInstruction) throws(Abort) {
        let base = UInt16(truncatingIfNeeded: state.msrs.sysenterCS)
        guard state.isProtected, state.cpl == 0, !state.isVirtual8086, base & 0xFFFC != 0 else {
            throw fault(.generalProtection, 0)
        }
        let isLong = state.is64Bit && i.operandSize == 8
        let mask = Self.mask(isLong ? 8 : 4)
        let target = state.registers[.rdx] & mask
        let pointer = state.registers[.rcx] & mask
        guard isCanonical(target), isCanonical(pointer) else { throw fault(.generalProtection, 0) }
        state.cs = Self.flatCode(base &+ (isLong ? 32 : 16), level: 3, isLong: isLong)
        state.ss = Self.flatStack(base &+ (isLong ? 40 : 24), level: 3)
        state.cpl = 3
        state.registers[.rsp] = pointer
        nextRIP = target
    }

    mutating func executeSwapGS() throws(Abort) {
        guard state.cpl == 0 else { throw fault(.generalProtection, 0) }
        let old = state.gs.base
        state.gs.base = state.msrs.kernelGSBase
        state.msrs.kernelGSBase = old
    }

    // MARK: RDFSBASE and its kin

    mutating func executeReadBase(_ i: DecodedInstruction, _ name: SegmentRegister) throws(Abort) {
        guard state.cr4.has(CR4Bit.fsgsbase) else { throw fault(.invalidOpcode) }
        setRegister(i.first.register, state[name].base, size: i.first.size)
    }

    mutating func executeWriteBase(_ i: DecodedInstruction, _ name: SegmentRegister) throws(Abort) {
        guard state.cr4.has(CR4Bit.fsgsbase) else { throw fault(.invalidOpcode) }
        let base = try get(i.first, i)
        guard isCanonical(base) else { throw fault(.generalProtection, 0) }
        state[name].base = base
    }
}
