import Architecture
import InstructionSet

/// IRET in every mode. SDM 2, "IRET/IRETD/IRETQ".
extension Machine {
    mutating func executeInterruptReturn(_ i: DecodedInstruction) throws(Abort) {
        // Even an IRET that faults ends the blocking of NMIs.
        unblockNMIs()
        let size = i.operandSize
        if !state.isProtected { return try returnInRealMode(size) }
        if state.isVirtual8086 {
            if state.iopl < 3, state.cr4.has(CR4Bit.vme) {
                throw notModelled(.feature(.interruptRedirection))
            }
            guard state.iopl == 3 else { throw fault(.generalProtection, 0) }
            return try returnInVirtual8086(size)
        }
        if state.rflags.has(FlagBit.nt) {
            if state.isLongMode { throw fault(.generalProtection, 0) }
            let link = try readSlowly(state.tr.base, 2, .supervisor(.read))
            return try switchTask(
                to: UInt16(truncatingIfNeeded: link), .iret, returnAddress: nextRIP)
        }
        try returnInProtectedMode(size)
    }

    /// Offset, selector and flags on the stack.
    private struct Image {
        var offset: UInt64
        var selector: UInt16
        var flags: UInt64
    }

    /// Where several of the three would fault, the manual does not say which does: here the flags,
    /// as recorded.
    private mutating func image(_ size: UInt8) throws(Abort) -> Image {
        let flags = try stackValue(2, size)
        return Image(
            offset: try stackValue(0, size),
            selector: UInt16(truncatingIfNeeded: try stackValue(1, size)), flags: flags)
    }

    private mutating func returnInRealMode(_ size: UInt8) throws(Abort) {
        let image = try image(size)
        guard image.offset <= UInt64(state.cs.limit) else { throw fault(.generalProtection, 0) }
        release(3, size)
        state.cs.selector = image.selector
        state.cs.base = UInt64(image.selector) << 4
        nextRIP = image.offset
        setFlags(image.flags, size, cpl: 0)
    }

    /// IOPL stays 3.
    private mutating func returnInVirtual8086(_ size: UInt8) throws(Abort) {
        let image = try image(size)
        guard image.offset <= UInt64(state.cs.limit) else { throw fault(.generalProtection, 0) }
        release(3, size)
        state.cs.selector = image.selector
        state.cs.base = UInt64(image.selector) << 4
        nextRIP = image.offset
        setFlags(image.flags, size, cpl: 3)
    }

    private mutating func returnInProtectedMode(_ size: UInt8) throws(Abort) {
        let image = try image(size)
        if size == 4, image.flags.has(FlagBit.vm), state.cpl == 0, !state.isLongMode {
            return try returnToVirtual8086(image)
        }
        let code = try returnCode(image.selector)
        try checkOffset(image.offset, in: code)
        let level = UInt8(image.selector & 3)
        let cpl = state.cpl
        // 64-bit mode always takes SS and RSP off the stack.
        if state.is64Bit || level > cpl {
            let pointer = try stackValue(3, size)
            let selector = UInt16(truncatingIfNeeded: try stackValue(4, size))
            let stack = try returnStack(selector, code, level)
            enterOuterLevel(code, stack, level)
            setRegister(
                GeneralRegister.rsp.rawValue, pointer, size: stackWidth(after: code, stack))
        } else {
            release(3, size)
            state.cs = code
        }
        nextRIP = image.offset
        setFlags(image.flags, size, cpl: cpl)
    }

    /// SDM 3A, "Entering Virtual-8086 Mode".
    private mutating func returnToVirtual8086(_ image: Image) throws(Abort) {
        let pointer = try stackValue(3, 4)
        var selectors = InlineArray<5, UInt16>(repeating: 0)
        for index in 0..<5 {
            selectors[index] = UInt16(
                truncatingIfNeeded: try stackValue(4 + UInt64(index), 4))
        }
        guard image.offset <= 0xFFFF else { throw fault(.generalProtection, 0) }
        setFlags(image.flags, 4, cpl: 0)
        state.rflags |= FlagBit.vm.mask
        state.cpl = 3
        state.cs = Segment.virtual8086(image.selector)
        let order: [SegmentRegister] = [.ss, .es, .ds, .fs, .gs]
        for (index, name) in order.enumerated() {
            state[name] = Segment.virtual8086(selectors[index])
        }
        setRegister(GeneralRegister.rsp.rawValue, pointer, size: 4)
        nextRIP = image.offset
    }

    /// RFLAGS from the stack, as far as the level that executes the IRET may write it.
    private mutating func setFlags(_ image: UInt64, _ size: UInt8, cpl: UInt8) {
        var writable = Self.commonFlags | FlagBit.rf.mask
        if cpl <= state.iopl { writable |= FlagBit.if.mask }
        if cpl == 0 {
            writable |= Self.ioplMask
            if state.isProtected { writable |= FlagBit.vif.mask | FlagBit.vip.mask }
        }
        if size == 2 { writable &= 0xFFFF }
        state.rflags = state.rflags & ~writable | image & writable
        // RF as it was loaded counts for the next instruction.
        debugging.isResuming = false
        noticeFlags()
    }
}
