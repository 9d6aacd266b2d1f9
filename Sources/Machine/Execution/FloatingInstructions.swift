import Architecture
import InstructionSet

/// Of x87 and SSE what saves and restores their state, and what makes them unavailable: CR0.TS, EM
/// and MP. SDM 2, by the instruction's name.
extension Machine {
    /// #NM where x87 is not available.
    private mutating func checkX87() throws(Abort) {
        if state.cr0 & (CR0Bit.em.mask | CR0Bit.ts.mask) != 0 { throw fault(.deviceNotAvailable) }
    }

    /// #UD where SSE is not enabled, #NM where its state belongs to another task.
    private mutating func checkVectors() throws(Abort) {
        if state.cr0.has(CR0Bit.em) || !state.cr4.has(CR4Bit.osfxsr) { throw fault(.invalidOpcode) }
        if state.cr0.has(CR0Bit.ts) { throw fault(.deviceNotAvailable) }
    }

    /// The faults of an x87 or SSE instruction that come before anything it does.
    mutating func checkFloatingAvailable(_ i: DecodedInstruction) throws(Abort) {
        guard i.form < InstructionTable.forms.count else { return }
        switch InstructionTable.forms[Int(i.form)].feature {
        case .fpu: try checkX87()
        case .mmx:
            if state.cr0.has(CR0Bit.em) { throw fault(.invalidOpcode) }
            try checkX87()
        // XCR0 cannot enable their state.
        case .avx, .avx2, .avx512, .f16c, .fma: throw fault(.invalidOpcode)
        case .sse, .sse2, .sse3, .ssse3, .sse41, .sse42, .aes, .pclmulqdq: try checkVectors()
        default: break
        }
    }

    /// FNINIT, FNCLEX, FNSTCW, FLDCW, FNSTSW, FWAIT.
    mutating func executeFloatingControl(_ i: DecodedInstruction) throws(Abort) {
        if i.operation == .fwait {
            let waits = CR0Bit.mp.mask | CR0Bit.ts.mask
            if state.cr0 & waits == waits { throw fault(.deviceNotAvailable) }
            return
        }
        try checkX87()
        switch i.operation {
        case .fninit:
            let kept = state.floating
            state.floating = FloatingState()
            state.floating.registers = kept.registers
            state.floating.vectors = kept.vectors
            state.floating.mxcsr = kept.mxcsr
        // ES, SF and the exception flags, and B, which mirrors ES.
        case .fnclex: state.floating.status &= 0x7F00
        case .fnstcw: try set(i.first, UInt64(state.floating.control), i)
        case .fldcw:
            // Bit 6 is reserved and reads as 1.
            state.floating.control = UInt16(truncatingIfNeeded: try get(i.first, i)) & 0x1F3F | 0x40
        default: try set(i.first, UInt64(state.floating.status), i)
        }
    }

    // MARK: MXCSR

    /// Bits of MXCSR that exist.
    private static let mxcsrMask: UInt32 = 0xFFFF

    mutating func executeVectorControl(_ i: DecodedInstruction) throws(Abort) {
        try checkVectors()
        guard i.operation == .ldmxcsr else {
            return try set(i.first, UInt64(state.floating.mxcsr), i)
        }
        let value = UInt32(truncatingIfNeeded: try get(i.first, i))
        guard value & ~Self.mxcsrMask == 0 else { throw fault(.generalProtection, 0) }
        state.floating.mxcsr = value
    }

    // MARK: FXSAVE and FXRSTOR

    /// Address of the 512 bytes, which must be aligned to 16. SDM 1, "FXSAVE Area".
    private mutating func savedStateAddress(
        _ i: DecodedInstruction, write: Bool
    ) throws(Abort) -> UInt64 {
        try checkX87()
        let place = effectiveAddress(i)
        let address = try linear(i.segment, place, size: 1, write: write)
        guard address & 15 == 0 else { throw fault(.generalProtection, 0) }
        let last = (place &+ 511) & Self.mask(i.addressSize)
        let end = try linear(i.segment, last, size: 1, write: write)
        if write {
            try probeWrite(address, size: 1)
            try probeWrite(end, size: 1)
        }
        return address
    }

    /// XMM registers that the area holds: eight outside 64-bit mode.
    private var savedVectors: Int { state.is64Bit ? 16 : 8 }

    mutating func executeSaveFloatingState(_ i: DecodedInstruction) throws(Abort) {
        let address = try savedStateAddress(i, write: true)
        let floating = state.floating
        let head =
            UInt64(floating.control) | UInt64(floating.status) << 16 | UInt64(floating.tags) << 32
            | UInt64(floating.opcode) << 48
        let words: [UInt64] = [
            head, floating.instructionPointer, floating.dataPointer,
            UInt64(floating.mxcsr) | UInt64(Self.mxcsrMask) << 32,
        ]
        for (index, word) in words.enumerated() {
            try write(linear: wrapped(address &+ UInt64(index * 8)), word, size: 8)
        }
        for index in 0..<16 {
            let place = wrapped(address &+ 32 &+ UInt64(index * 8))
            try write(linear: place, floating.registers[index], size: 8)
        }
        for index in 0..<(savedVectors * 2) {
            let place = wrapped(address &+ 160 &+ UInt64(index * 8))
            try write(linear: place, floating.vectors[index], size: 8)
        }
    }

    mutating func executeRestoreFloatingState(_ i: DecodedInstruction) throws(Abort) {
        let address = try savedStateAddress(i, write: false)
        var floating = state.floating
        let mxcsr = UInt32(
            truncatingIfNeeded: try read(linear: wrapped(address &+ 24), size: 4))
        guard mxcsr & ~Self.mxcsrMask == 0 else { throw fault(.generalProtection, 0) }
        let head = try read(linear: address, size: 8)
        floating.control = UInt16(truncatingIfNeeded: head)
        floating.status = UInt16(truncatingIfNeeded: head >> 16)
        floating.tags = UInt8(truncatingIfNeeded: head >> 32)
        floating.opcode = UInt16(truncatingIfNeeded: head >> 48) & 0x7FF
        floating.instructionPointer = try read(linear: wrapped(address &+ 8), size: 8)
        floating.dataPointer = try read(linear: wrapped(address &+ 16), size: 8)
        floating.mxcsr = mxcsr
        for index in 0..<16 {
            let place = wrapped(address &+ 32 &+ UInt64(index * 8))
            let word = try read(linear: place, size: 8)
            // A register has ten bytes; the rest of its sixteen is reserved.
            floating.registers[index] = index & 1 == 0 ? word : word & 0xFFFF
        }
        for index in 0..<(savedVectors * 2) {
            let place = wrapped(address &+ 160 &+ UInt64(index * 8))
            floating.vectors[index] = try read(linear: place, size: 8)
        }
        state.floating = floating
    }
}
