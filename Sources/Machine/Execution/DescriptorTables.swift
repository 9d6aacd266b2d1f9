import Architecture
import InstructionSet

/// GDTR, IDTR, LDTR, TR, and asking about descriptors. SDM 2, by the instruction's name.
extension Machine {
    // MARK: GDTR and IDTR

    mutating func executeLoadTable(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let place = effectiveAddress(i)
        let limit = UInt16(truncatingIfNeeded: try load(i.segment, place, size: 2))
        let next = offset(place, plus: 2, i)
        let size: UInt8 = state.is64Bit ? 8 : 4
        var base = try load(i.segment, next, size: size)
        if !state.is64Bit, i.operandSize == 2 { base &= 0xFF_FFFF }
        guard !state.is64Bit || isCanonical(base) else { throw fault(.generalProtection, 0) }
        let table = DescriptorTableRegister(base: base, limit: limit)
        if i.operation == .lgdt { state.gdtr = table } else { state.idtr = table }
    }

    mutating func executeStoreTable(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let table = i.operation == .sgdt ? state.gdtr : state.idtr
        let size: UInt8 = state.is64Bit ? 8 : 4
        let place = effectiveAddress(i)
        let next = offset(place, plus: 2, i)
        // The two parts are aligned as one operand: a doubleword.
        let first = try linear(i.segment, place, size: 2, write: true)
        try checkAlignment(first, 4)
        let address = try linear(i.segment, next, size: size, write: true)
        let access = MemoryAccess(kind: .write, isUser: state.cpl == 3, checksAlignment: false)
        for part in [first, address, wrapped(address &+ UInt64(size) &- 1)] {
            _ = try translate(part, access)
        }
        try writeSlowly(first, UInt64(table.limit), 2, access)
        try writeSlowly(address, table.base, Int(size), access)
    }

    // MARK: LDTR and TR

    /// Instructions on selectors do not exist in real and virtual-8086 mode.
    private mutating func checkProtectedMode() throws(Abort) {
        guard state.isProtected, !state.isVirtual8086 else { throw fault(.invalidOpcode) }
    }

    /// SLDT and STR.
    mutating func executeStoreSelector(_ i: DecodedInstruction, _ selector: UInt16) throws(Abort) {
        try decideInstruction(i)
        let size = i.first.kind == .memory ? 2 : i.first.size
        try set(
            Operand(i.first.kind, register: i.first.register, size: size), UInt64(selector), i)
    }

    mutating func executeLoadLocalTable(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let selector = UInt16(truncatingIfNeeded: try get(i.first, i))
        guard selector & 0xFFFC != 0 else {
            state.ldtr = Segment.null(selector)
            return
        }
        let (descriptor, address) = try systemDescriptor(selector)
        guard descriptor.access & 0x1F == SystemType.ldt else {
            throw fault(.generalProtection, Self.selectorError(selector))
        }
        state.ldtr = try systemSegment(descriptor, address, selector)
    }

    mutating func executeLoadTask(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let selector = UInt16(truncatingIfNeeded: try get(i.first, i))
        guard selector & 0xFFFC != 0 else { throw fault(.generalProtection, 0) }
        let (descriptor, address) = try systemDescriptor(selector)
        let type = descriptor.access & 0x1F
        guard type == SystemType.tss || type == SystemType.tss16 && !state.isLongMode else {
            throw fault(.generalProtection, Self.selectorError(selector))
        }
        var segment = try systemSegment(descriptor, address, selector)
        segment.access |= SystemType.busy
        let typeByte = UInt64(segment.access & 0xFF)
        try writeSlowly(wrapped(address &+ 5), typeByte, 1, .supervisor(.write))
        state.tr = segment
    }

    /// A descriptor of the GDT, for LLDT and LTR.
    private mutating func systemDescriptor(
        _ selector: UInt16
    ) throws(Abort) -> (Descriptor, UInt64) {
        guard selector & 4 == 0, let found = try readDescriptor(selector) else {
            throw fault(.generalProtection, Self.selectorError(selector))
        }
        return (found.descriptor, found.address)
    }

    /// The segment of a TSS or LDT descriptor, present and with all of its base: 16 bytes long in
    /// IA-32e mode. SDM 3A, "Segment Descriptor Tables in IA-32e Mode".
    private mutating func systemSegment(
        _ descriptor: Descriptor, _ address: UInt64, _ selector: UInt16
    ) throws(Abort) -> Segment {
        let error = Self.selectorError(selector)
        guard descriptor.access & 0x80 != 0 else { throw fault(.segmentNotPresent, error) }
        var segment = descriptor.segment(selector)
        if state.isLongMode {
            let high = try upperHalf(of: address, selector)
            segment.base |= high << 32
            guard isCanonical(segment.base), high >> 40 & 0x1F == 0 else {
                throw fault(.generalProtection, error)
            }
        }
        return segment
    }

    /// The second eight bytes of a system descriptor in IA-32e mode.
    mutating func upperHalf(of address: UInt64, _ selector: UInt16) throws(Abort) -> UInt64 {
        let table = selector & 4 == 0 ? UInt64(state.gdtr.limit) : UInt64(state.ldtr.limit)
        guard UInt64(selector & 0xFFF8) + 15 <= table else {
            throw fault(.generalProtection, Self.selectorError(selector))
        }
        return try readSlowly(wrapped(address &+ 8), 8, .supervisor(.read))
    }

    /// Types of system descriptors. SDM 3A, "System Descriptor Types".
    enum SystemType {
        static let tss16: UInt32 = 1
        static let ldt: UInt32 = 2
        static let callGate16: UInt32 = 4
        static let taskGate: UInt32 = 5
        static let tss: UInt32 = 9
        static let callGate: UInt32 = 12
        /// The bit that a busy TSS has.
        static let busy: UInt32 = 2
    }

    // MARK: Asking

    /// The descriptor that LAR, LSL, VERR and VERW ask about, where the current level may know it.
    private mutating func visibleDescriptor(_ selector: UInt16) throws(Abort) -> Descriptor? {
        guard selector & 0xFFFC != 0, let (descriptor, _) = try readDescriptor(selector) else {
            return nil
        }
        let segment = descriptor.segment(selector)
        let level = max(state.cpl, UInt8(selector & 3))
        return segment.isConforming || level <= segment.dpl ? descriptor : nil
    }

    /// LAR: the rights, as bits 23:8 of the descriptor's upper doubleword.
    mutating func executeLoadAccessRights(_ i: DecodedInstruction) throws(Abort) {
        try checkProtectedMode()
        let selector = UInt16(truncatingIfNeeded: try get(i.second, i))
        let found = try visibleDescriptor(selector)
        let types: Set<UInt32> =
            state.isLongMode ? [2, 9, 11, 12] : [1, 2, 3, 4, 5, 9, 11, 12]
        guard let found, found.access & 0x10 != 0 || types.contains(found.access & 0xF) else {
            return state.flags.set(.zf, false)
        }
        setRegister(i.first.register, found.raw >> 32 & 0x00FF_FF00, size: i.first.size)
        state.flags.set(.zf, true)
    }

    /// LSL: the limit in bytes.
    mutating func executeLoadLimit(_ i: DecodedInstruction) throws(Abort) {
        try checkProtectedMode()
        let selector = UInt16(truncatingIfNeeded: try get(i.second, i))
        let found = try visibleDescriptor(selector)
        let types: Set<UInt32> = state.isLongMode ? [2, 9, 11] : [1, 2, 3, 9, 11]
        guard let found, found.access & 0x10 != 0 || types.contains(found.access & 0xF) else {
            return state.flags.set(.zf, false)
        }
        setRegister(i.first.register, UInt64(found.limit), size: i.first.size)
        state.flags.set(.zf, true)
    }

    /// VERR and VERW.
    mutating func executeVerify(_ i: DecodedInstruction, write: Bool) throws(Abort) {
        try checkProtectedMode()
        let selector = UInt16(truncatingIfNeeded: try get(i.first, i))
        let segment = try visibleDescriptor(selector)?.segment(selector)
        let isAllowed = segment.map { $0.isCodeOrData && (write ? $0.isWritable : $0.isReadable) }
        state.flags.set(.zf, isAllowed ?? false)
    }

    /// ARPL: the destination's RPL becomes no more privileged than the source's.
    mutating func executeAdjustPrivilege(_ i: DecodedInstruction) throws(Abort) {
        try checkProtectedMode()
        let (address, selector) = try open(i.first, i)
        let wanted = try get(i.second, i) & 3
        let adjusts = selector & 3 < wanted
        if adjusts { try close(i.first, address, selector & ~3 | wanted) }
        state.flags.set(.zf, adjusts)
    }
}
