import Architecture
import InstructionSet

/// XSAVE and its kin. SDM 1, "Managing State Using the XSAVE Feature Set".
///
/// The model has the state components x87 (bit 0) and SSE (bit 1). Both lie in the legacy region,
/// so that the standard and the compacted format differ in the header alone.
extension Machine {
    private enum Area {
        static let header: UInt64 = 512
        /// Legacy region and header.
        static let size: UInt64 = 576
        static let alignment: UInt64 = 64
        /// XCOMP_BV: the compacted format.
        static let compacted: UInt64 = 1 << 63
    }

    private enum Component {
        static let x87: UInt64 = 1
        static let sse: UInt64 = 2
        static let modelled: UInt64 = 3
    }

    // MARK: XCR0

    mutating func executeGetExtendedControl() throws(Abort) {
        guard state.cr4.has(CR4Bit.osxsave) else { throw fault(.invalidOpcode) }
        switch state.registers[.rcx] & 0xFFFF_FFFF {
        case 0: setPair(state.xcr0)
        case 1 where processor.has(.xgetbv1): setPair(state.xcr0 & componentsInUse(true))
        default: throw fault(.generalProtection, 0)
        }
    }

    /// x87 is always enabled; a component that the processor has and the model has not ends the run.
    mutating func executeSetExtendedControl(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let value = pair()
        let announced = processor.cpuid(leaf: 0xD, subleaf: 0)
        let supported = UInt64(announced.eax) | UInt64(announced.edx) << 32
        guard state.registers[.rcx] & 0xFFFF_FFFF == 0, value & Component.x87 != 0,
            value & ~(supported | Component.modelled) == 0
        else { throw fault(.generalProtection, 0) }
        guard value & ~Component.modelled == 0 else { throw notModelled(.instruction(i.form)) }
        state.xcr0 = value
    }

    /// XINUSE: the components that are not in their initial configuration. MXCSR counts for SSE
    /// only where the instruction says so.
    private func componentsInUse(_ countsMXCSR: Bool) -> UInt64 {
        let floating = state.floating
        var bits: UInt64 = floating.isX87Initial ? 0 : Component.x87
        if !floating.areVectorsInitial(state.is64Bit ? 16 : 8)
            || countsMXCSR && floating.mxcsr != FloatingState.initialMXCSR
        {
            bits |= Component.sse
        }
        return bits
    }

    // MARK: The area in memory

    /// The components that EDX:EAX asks for, of those that are enabled.
    private mutating func requestedComponents(_ withSupervisor: Bool) -> UInt64 {
        pair() & (state.xcr0 | (withSupervisor ? state.msrs.xss : 0))
    }

    /// Address of the area, after the faults that come before anything is done.
    private mutating func extendedArea(
        _ i: DecodedInstruction, write: Bool
    ) throws(Abort) -> UInt64 {
        if state.cr0.has(CR0Bit.ts) { throw fault(.deviceNotAvailable) }
        return try stateArea(i, size: Area.size, alignment: Area.alignment, write: write)
    }

    private func place(_ area: UInt64, _ offset: UInt64) -> UInt64 { wrapped(area &+ offset) }

    private mutating func checkEnabled() throws(Abort) {
        guard state.cr4.has(CR4Bit.osxsave) else { throw fault(.invalidOpcode) }
    }

    // MARK: Saving

    /// XSAVE and XSAVEOPT. XSAVEOPT leaves out what is in its initial configuration.
    mutating func executeSaveExtendedState(_ i: DecodedInstruction) throws(Abort) {
        try checkEnabled()
        let area = try extendedArea(i, write: true)
        let requested = requestedComponents(false)
        let inUse = componentsInUse(false)
        let written = i.operation == .xsaveopt ? requested & inUse : requested
        if written & Component.x87 != 0 { try saveX87(to: area) }
        if requested & Component.sse != 0 { try saveVectorControl(to: area) }
        if written & Component.sse != 0 { try saveVectors(to: area) }
        let header = place(area, Area.header)
        let old = try read(linear: header, size: 8)
        try write(linear: header, old & ~requested | requested & inUse, size: 8)
    }

    /// XSAVEC and XSAVES: compacted, and without what is in its initial configuration.
    mutating func executeSaveCompacted(_ i: DecodedInstruction) throws(Abort) {
        let isSupervisor = i.operation == .xsaves
        if isSupervisor { try decideInstruction(i) } else { try checkEnabled() }
        let area = try extendedArea(i, write: true)
        let requested = requestedComponents(isSupervisor)
        let written = requested & componentsInUse(true)
        if written & Component.x87 != 0 { try saveX87(to: area) }
        if written & Component.sse != 0 {
            try saveVectorControl(to: area)
            try saveVectors(to: area)
        }
        try write(linear: place(area, Area.header), written, size: 8)
        try write(linear: place(area, Area.header + 8), requested | Area.compacted, size: 8)
    }

    // MARK: Restoring

    /// XRSTOR and XRSTORS.
    mutating func executeRestoreExtendedState(_ i: DecodedInstruction) throws(Abort) {
        let isSupervisor = i.operation == .xrstors
        if isSupervisor { try decideInstruction(i) } else { try checkEnabled() }
        let area = try extendedArea(i, write: false)
        let requested = requestedComponents(isSupervisor)
        let present = try read(linear: place(area, Area.header), size: 8)
        let layout = try read(linear: place(area, Area.header + 8), size: 8)
        let isCompacted = layout & Area.compacted != 0
        try checkHeader(area, present, layout, isSupervisor)

        var floating = state.floating
        if requested & Component.x87 != 0 {
            floating.initializeX87()
            if present & Component.x87 != 0 { try restoreX87(&floating, from: area) }
        }
        if requested & Component.sse != 0 {
            floating.initializeVectors(savedVectors)
            if present & Component.sse != 0 { try restoreVectors(&floating, from: area) }
            // The standard format has MXCSR whatever XSTATE_BV says.
            if !isCompacted || present & Component.sse != 0 {
                try restoreVectorControl(&floating, from: area)
            } else {
                floating.mxcsr = FloatingState.initialMXCSR
            }
        }
        state.floating = floating
    }

    /// SDM 1, "Operation of XRSTOR", "Operation of XRSTORS": #GP(0) where the header is wrong.
    private mutating func checkHeader(
        _ area: UInt64, _ present: UInt64, _ layout: UInt64, _ isSupervisor: Bool
    ) throws(Abort) {
        let enabled = state.xcr0 | (isSupervisor ? state.msrs.xss : 0)
        let isCompacted = layout & Area.compacted != 0
        var isWrong = false
        if isCompacted {
            let components = layout & ~Area.compacted
            isWrong = !processor.has(.xsavec) && !isSupervisor
            isWrong = isWrong || components & ~enabled != 0 || present & ~components != 0
        } else {
            isWrong = isSupervisor || present & ~enabled != 0 || layout != 0
        }
        // The standard format leaves more of the header to software.
        for offset in stride(from: UInt64(16), to: isCompacted ? 64 : 24, by: 8) {
            let word = try read(linear: place(area, Area.header + offset), size: 8)
            if word != 0 { isWrong = true }
        }
        if isWrong { throw fault(.generalProtection, 0) }
    }
}
