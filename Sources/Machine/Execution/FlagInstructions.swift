import Architecture
import InstructionSet

/// Instructions on RFLAGS. SDM 2, by the instruction's name.
extension Machine {
    /// AH has SF, ZF, AF, PF, CF in their places, and bit 1.
    mutating func executeLoadFlags() {
        setHighByte(GeneralRegister.rax.rawValue, state.rflags & 0xFF)
    }

    mutating func executeStoreFlags() {
        let overflow = state.flags.arithmetic & FlagBit.of.mask
        state.flags.arithmetic = (state.registers[.rax] >> 8) & 0xD5 | overflow
    }

    /// SALC, which the manual names by its opcode alone: AL from the carry flag.
    mutating func executeSetFromCarry() {
        let carry: UInt64 = state.flags.carry ? 0xFF : 0
        state.registers[.rax] = state.registers[.rax] & ~0xFF | carry
    }

    // MARK: IF

    /// Who may change IF, at this privilege.
    private enum InterruptFlagAccess { case real, virtual, none }

    /// SDM 2, "CLI", "STI", decision tables; VIF stands in for IF with the mode extensions.
    private var interruptFlagAccess: InterruptFlagAccess {
        guard state.isProtected else { return .real }
        if state.isVirtual8086 {
            if state.iopl == 3 { return .real }
            return state.cr4.has(CR4Bit.vme) ? .virtual : .none
        }
        if state.cpl <= state.iopl { return .real }
        return state.cpl == 3 && state.cr4.has(CR4Bit.pvi) ? .virtual : .none
    }

    mutating func executeClearInterrupts() throws(Abort) {
        switch interruptFlagAccess {
        case .real: state.rflags &= ~FlagBit.if.mask
        case .virtual: state.rflags &= ~FlagBit.vif.mask
        case .none: throw fault(.generalProtection, 0)
        }
    }

    /// Interrupts stay blocked up to the end of the next instruction, where they were off before.
    mutating func executeSetInterrupts() throws(Abort) {
        switch interruptFlagAccess {
        case .real:
            if !state.rflags.has(FlagBit.if) { block(.bySTI) }
            state.rflags |= FlagBit.if.mask
        case .virtual:
            guard !state.rflags.has(FlagBit.vip) else { throw fault(.generalProtection, 0) }
            state.rflags |= FlagBit.vif.mask
        case .none: throw fault(.generalProtection, 0)
        }
    }

    /// CLAC and STAC.
    mutating func executeAccessControl(_ isSet: Bool) throws(Abort) {
        guard state.cpl == 0 else { throw fault(.invalidOpcode) }
        let ac = FlagBit.ac.mask
        state.rflags = isSet ? state.rflags | ac : state.rflags & ~ac
    }

    // MARK: PUSHF and POPF

    mutating func executePushFlags(_ i: DecodedInstruction) throws(Abort) {
        var image = state.rflags & ~(FlagBit.rf.mask | FlagBit.vm.mask)
        if state.isVirtual8086, state.iopl < 3 {
            guard state.cr4.has(CR4Bit.vme), i.operandSize == 2 else {
                throw fault(.generalProtection, 0)
            }
            image = virtualImage(image)
        }
        try push(image, size: i.operandSize)
    }

    /// With the mode extensions PUSHF shows IOPL 3 and VIF in the place of IF.
    private func virtualImage(_ flags: UInt64) -> UInt64 {
        let shown: UInt64 = flags.has(FlagBit.vif) ? FlagBit.if.mask : 0
        return flags & ~FlagBit.if.mask | shown | Self.ioplMask
    }

    static var ioplMask: UInt64 { 0x3000 }
    /// The flags that POPF and IRET can write besides IOPL and IF.
    static var commonFlags: UInt64 {
        let control: [FlagBit] = [.tf, .df, .nt, .ac, .id]
        return control.reduce(Flags.arithmetic) { $0 | $1.mask }
    }

    mutating func executePopFlags(_ i: DecodedInstruction) throws(Abort) {
        var writable = Self.commonFlags
        var isVirtual = false
        if state.isVirtual8086 {
            if state.iopl == 3 {
                writable |= FlagBit.if.mask
            } else {
                guard state.cr4.has(CR4Bit.vme), i.operandSize == 2 else {
                    throw fault(.generalProtection, 0)
                }
                isVirtual = true
            }
        } else {
            let cpl = state.isProtected ? state.cpl : 0
            if cpl == 0 { writable |= Self.ioplMask }
            if cpl <= state.iopl { writable |= FlagBit.if.mask }
        }
        let width = stackSize
        let top = state.registers[.rsp] & Self.mask(width)
        var image = try load(.ss, top, size: i.operandSize)
        if isVirtual {
            let asksForInterrupts = image.has(FlagBit.if)
            if image.has(FlagBit.tf) || asksForInterrupts && state.rflags.has(FlagBit.vip) {
                throw fault(.generalProtection, 0)
            }
            image |= asksForInterrupts ? FlagBit.vif.mask : 0
            writable |= FlagBit.vif.mask
        }
        setRegister(GeneralRegister.rsp.rawValue, top &+ UInt64(i.operandSize), size: width)
        let kept = i.operandSize == 2 ? 0xFFFF | FlagBit.vif.mask : ~0
        // RF is cleared.
        writable = writable & kept | FlagBit.rf.mask
        image &= ~FlagBit.rf.mask
        let before = state.rflags
        state.rflags = before & ~writable | image & writable
        noticeFlags()
        // With AC alignment is checked from here on.
        if (before ^ state.rflags).has(FlagBit.ac) {
            leaveCodeWindow()
            needsAttention = true
        }
    }
}
