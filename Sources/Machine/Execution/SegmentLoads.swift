import Architecture
import InstructionSet

/// Loading data segment registers. SDM 3A, "Loading Segment Registers", "Privilege Level Checking
/// When Accessing Data Segments"; SDM 2, "MOV", "POP", "LDS/LES/LFS/LGS/LSS".
extension Machine {
    mutating func executeMoveToSegment(_ i: DecodedInstruction) throws(Abort) {
        guard let name = SegmentRegister(rawValue: i.first.register), name != .cs else {
            throw fault(.invalidOpcode)
        }
        let selector = UInt16(truncatingIfNeeded: try get(i.second, i))
        try loadSegment(name, selector)
        if name == .ss { block(.byMovSS) }
    }

    mutating func executeMoveFromSegment(_ i: DecodedInstruction) throws(Abort) {
        guard SegmentRegister(rawValue: i.second.register) != nil else {
            throw fault(.invalidOpcode)
        }
        let selector = try get(i.second, i)
        let size = i.first.kind == .memory ? 2 : i.first.size
        try set(Operand(i.first.kind, register: i.first.register, size: size), selector, i)
    }

    /// LDS, LES, LSS, LFS, LGS: the offset lies before the selector.
    mutating func executeLoadFarPointer(
        _ i: DecodedInstruction, _ name: SegmentRegister
    ) throws(Abort) {
        let (selector, offset) = try loadFarPointer(i)
        try loadSegment(name, selector)
        setRegister(i.first.register, offset, size: i.operandSize)
    }

    /// The far pointer that the memory operand holds.
    mutating func loadFarPointer(
        _ i: DecodedInstruction
    ) throws(Abort) -> (selector: UInt16, offset: UInt64) {
        let size = i.operandSize
        let place = effectiveAddress(i)
        let offset = try load(i.segment, place, size: size)
        let selector = try load(i.segment, self.offset(place, plus: size, i), size: 2)
        return (UInt16(truncatingIfNeeded: selector), offset)
    }

    // MARK: Loading

    /// Loads ES, SS, DS, FS or GS with every check of the mode.
    mutating func loadSegment(_ name: SegmentRegister, _ selector: UInt16) throws(Abort) {
        guard state.isProtected else {
            // Limit and rights stay: this is how big real mode keeps its limits.
            state[name].selector = selector
            state[name].base = UInt64(selector) << 4
            return
        }
        if state.isVirtual8086 {
            state[name] = Segment.virtual8086(selector)
        } else if name == .ss {
            state.ss = try stackSegment(selector, cpl: state.cpl)
        } else {
            state[name] = try dataSegment(selector)
        }
    }

    /// What DS, ES, FS or GS becomes with this selector.
    private mutating func dataSegment(_ selector: UInt16) throws(Abort) -> Segment {
        guard selector & 0xFFFC != 0 else { return Segment.null(selector) }
        let error = Self.selectorError(selector)
        guard let (descriptor, address) = try readDescriptor(selector) else {
            throw fault(.generalProtection, error)
        }
        let segment = descriptor.segment(selector)
        guard segment.isCodeOrData, segment.isReadable else {
            throw fault(.generalProtection, error)
        }
        let rpl = UInt8(selector & 3)
        if !segment.isConforming, max(rpl, state.cpl) > segment.dpl {
            throw fault(.generalProtection, error)
        }
        guard segment.isPresent else { throw fault(.segmentNotPresent, error) }
        return try accessed(descriptor, address, selector)
    }

    /// What SS becomes with this selector at this privilege level.
    mutating func stackSegment(_ selector: UInt16, cpl: UInt8) throws(Abort) -> Segment {
        guard selector & 0xFFFC != 0 else {
            guard state.is64Bit, cpl != 3, UInt8(selector & 3) == cpl else {
                throw fault(.generalProtection, 0)
            }
            return Segment.nullStack(selector, dpl: cpl)
        }
        let error = Self.selectorError(selector)
        guard let (descriptor, address) = try readDescriptor(selector) else {
            throw fault(.generalProtection, error)
        }
        let segment = descriptor.segment(selector)
        guard UInt8(selector & 3) == cpl, segment.isWritable, segment.dpl == cpl else {
            throw fault(.generalProtection, error)
        }
        guard segment.isPresent else { throw fault(.stackFault, error) }
        return try accessed(descriptor, address, selector)
    }

    /// A return to an outer level takes away data segments that the outer level may not have.
    /// SDM 3A, "Returning from a Called Procedure".
    mutating func dropInnerSegments() {
        for name in [SegmentRegister.es, .ds, .fs, .gs] {
            let segment = state[name]
            if !segment.isUnusable, !segment.isConforming, segment.dpl < state.cpl {
                state[name].invalidate()
            }
        }
    }
}

extension Segment {
    /// Base selector × 16, limit FFFFh, DPL 3. SDM 3A, "Structure of a Virtual-8086 Task".
    static func virtual8086(_ selector: UInt16) -> Segment {
        Segment(selector: selector, base: UInt64(selector) << 4, limit: 0xFFFF, access: 0xF3)
    }

    /// A data segment register with a null selector.
    static func null(_ selector: UInt16) -> Segment {
        Segment(selector: selector, base: 0, limit: 0, access: 0x10000)
    }

    /// The processor takes the segment away: the selector becomes null, and what the hidden part
    /// held otherwise stays in it, as the recorded implementation shows it.
    mutating func invalidate() {
        selector = 0
        access |= 0x10000
    }

    /// SS with a null selector, as 64-bit mode allows above CPL 3: its DPL is still CPL.
    static func nullStack(_ selector: UInt16, dpl: UInt8) -> Segment {
        Segment(selector: selector, base: 0, limit: 0, access: 0x10000 | UInt32(dpl) << 5)
    }

    /// S clear: a gate, a TSS or an LDT.
    var isSystem: Bool { !isCodeOrData }
}
