import Architecture
import InstructionSet

/// Of x87 and SSE what saves and restores their state, and what makes them unavailable: CR0.TS, EM
/// and MP. SDM 2, by the instruction's name.
extension Machine {
    /// #NM where x87 is not available.
    mutating func checkX87() throws(Abort) {
        if state.cr0 & (CR0Bit.em.mask | CR0Bit.ts.mask) != 0 { throw fault(.deviceNotAvailable) }
    }

    /// #UD where SSE is not enabled, #NM where its state belongs to another task.
    mutating func checkVectors() throws(Abort) {
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
            return try checkX87Error()
        }
        try checkX87()
        switch i.operation {
        case .fninit:
            state.floating.initializeX87(clearsRegisters: false)
        // ES, SF and the exception flags, and B, which mirrors ES.
        case .fnclex: state.floating.status &= 0x7F00
        case .fnstcw: try set(i.first, UInt64(state.floating.control), i)
        case .fldcw:
            try checkX87Error()
            // Bit 6 is reserved and reads as 1.
            state.floating.control = UInt16(truncatingIfNeeded: try get(i.first, i)) & 0x1F3F | 0x40
            state.floating.updateSummary()
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

    /// Linear address of an area that saved state lies in, with the faults of an access to it. The
    /// area does not wrap around: "If any part of the operand lies outside the effective address space
    /// from 0 to FFFFH", SDM 2, "FXSAVE", of real-address mode.
    mutating func stateArea(
        _ i: DecodedInstruction, size: UInt64, alignment: UInt64, write: Bool
    ) throws(Abort) -> UInt64 {
        let offset = effectiveAddress(i)
        let address = try linear(i.segment, offset, size: 1, write: write)
        guard address & (alignment - 1) == 0 else { throw fault(.generalProtection, 0) }
        let end = try linear(i.segment, offset &+ size &- 1, size: 1, write: write)
        if write {
            try probeWrite(address, size: 8)
            try probeWrite(end, size: 1)
        }
        return address
    }

    /// SDM 1, "FXSAVE Area": 512 bytes, aligned to 16.
    private mutating func fxsaveArea(
        _ i: DecodedInstruction, write: Bool
    ) throws(Abort) -> UInt64 {
        try checkX87()
        return try stateArea(i, size: 512, alignment: 16, write: write)
    }

    /// XMM registers that an area holds: eight outside 64-bit mode.
    var savedVectors: Int { state.is64Bit ? 16 : 8 }

    mutating func executeSaveFloatingState(_ i: DecodedInstruction) throws(Abort) {
        let area = try fxsaveArea(i, write: true)
        try saveX87(to: area)
        try saveVectorControl(to: area)
        try saveVectors(to: area)
    }

    mutating func executeRestoreFloatingState(_ i: DecodedInstruction) throws(Abort) {
        let area = try fxsaveArea(i, write: false)
        var floating = state.floating
        try restoreVectorControl(&floating, from: area)
        try restoreX87(&floating, from: area)
        try restoreVectors(&floating, from: area)
        state.floating = floating
    }

    // MARK: Parts of the area

    /// Bytes 23:0 and 159:32.
    mutating func saveX87(to area: UInt64) throws(Abort) {
        let floating = state.floating
        let head =
            UInt64(floating.control) | UInt64(floating.status) << 16 | UInt64(floating.tags) << 32
            | UInt64(floating.opcode) << 48
        try write(linear: area, head, size: 8)
        try write(linear: wrapped(area &+ 8), floating.instructionPointer, size: 8)
        try write(linear: wrapped(area &+ 16), floating.dataPointer, size: 8)
        for index in 0..<16 {
            let place = wrapped(area &+ 32 &+ UInt64(index * 8))
            try write(linear: place, floating[stackWord: index], size: 8)
        }
    }

    /// Bytes 31:24: MXCSR, and its bits that exist.
    mutating func saveVectorControl(to area: UInt64) throws(Abort) {
        let value = UInt64(state.floating.mxcsr) | UInt64(Self.mxcsrMask) << 32
        try write(linear: wrapped(area &+ 24), value, size: 8)
    }

    mutating func saveVectors(to area: UInt64) throws(Abort) {
        for index in 0..<(savedVectors * 2) {
            let place = wrapped(area &+ 160 &+ UInt64(index * 8))
            try write(linear: place, state.floating.vectors[index], size: 8)
        }
    }

    mutating func restoreX87(
        _ floating: inout FloatingState, from area: UInt64
    ) throws(Abort) {
        let head = try read(linear: area, size: 8)
        floating.control = UInt16(truncatingIfNeeded: head)
        floating.status = UInt16(truncatingIfNeeded: head >> 16)
        floating.tags = UInt8(truncatingIfNeeded: head >> 32)
        floating.opcode = UInt16(truncatingIfNeeded: head >> 48) & 0x7FF
        floating.instructionPointer = try read(linear: wrapped(area &+ 8), size: 8)
        floating.dataPointer = try read(linear: wrapped(area &+ 16), size: 8)
        for index in 0..<16 {
            let word = try read(linear: wrapped(area &+ 32 &+ UInt64(index * 8)), size: 8)
            // A register has ten bytes; the rest of its sixteen is reserved.
            floating[stackWord: index] = index & 1 == 0 ? word : word & 0xFFFF
        }
        floating.updateSummary()
    }

    mutating func restoreVectorControl(
        _ floating: inout FloatingState, from area: UInt64
    ) throws(Abort) {
        let value = UInt32(truncatingIfNeeded: try read(linear: wrapped(area &+ 24), size: 4))
        guard value & ~Self.mxcsrMask == 0 else { throw fault(.generalProtection, 0) }
        floating.mxcsr = value
    }

    mutating func restoreVectors(
        _ floating: inout FloatingState, from area: UInt64
    ) throws(Abort) {
        for index in 0..<(savedVectors * 2) {
            let place = wrapped(area &+ 160 &+ UInt64(index * 8))
            floating.vectors[index] = try read(linear: place, size: 8)
        }
    }
}
