import Architecture
import InstructionSet

/// Operands: addresses, segmentation, and reading and writing whatever an operand is.
extension Machine {
    // MARK: Addresses

    /// Offset of the memory operand within its segment.
    @inline(always)
    mutating func effectiveAddress(_ instruction: DecodedInstruction) -> UInt64 {
        var address = instruction.displacement
        if instruction.base != Instruction.noRegister {
            address &+=
                instruction.base == Instruction.instructionPointer
                ? window.rip(instruction.end) : state.registers[instruction.base]
        }
        if instruction.index != Instruction.noRegister {
            address &+= state.registers[instruction.index] &<< UInt64(instruction.scale)
        }
        return address & instruction.addressMask
    }

    /// All ones in the low `size` bytes.
    @inline(always) static func mask(_ size: UInt8) -> UInt64 {
        size >= 8 ? ~0 : (1 &<< (UInt64(size) &* 8)) &- 1
    }

    /// Linear address of the memory operand, `size` bytes of it checked.
    @inline(always)
    mutating func linear(
        _ instruction: DecodedInstruction, size: UInt8, write: Bool
    ) throws(Abort) -> UInt64 {
        try linear(instruction.segment, effectiveAddress(instruction), size: size, write: write)
    }

    /// Linear address of an offset in a segment, after segmentation's checks.
    /// SDM 3A, "Limit Checking", "Type Checking"; in 64-bit mode the canonical check alone is left.
    @inline(always)
    mutating func linear(
        _ name: SegmentRegister, _ offset: UInt64, size: UInt8, write: Bool
    ) throws(Abort) -> UInt64 {
        if state.is64Bit {
            let base: UInt64 =
                switch name {
                case .fs: state.fs.base
                case .gs: state.gs.base
                default: 0
                }
            let address = base &+ offset
            guard isCanonical(address), isCanonical(address &+ UInt64(size) &- 1) else {
                throw segmentFault(name)
            }
            return address
        }
        if state.isFlat(name), offset &+ UInt64(size &- 1) <= 0xFFFF_FFFF { return offset }
        return try checkedLinear(name, offset, size, write)
    }

    /// Offset of the part of an operand that lies `size` bytes behind the part at `place`.
    ///
    /// A far pointer, a table's limit and base, two bounds and a real number in extended precision
    /// are read and written in parts. The manual leaves open what becomes of a part behind the last
    /// offset that the address size has; Bochs and a processor (AMD's, recorded in a 16-bit segment)
    /// find it at the segment's start. Each part by itself lies within the limit, or faults.
    @inline(always)
    func offset(_ place: UInt64, plus size: UInt8, _ i: DecodedInstruction) -> UInt64 {
        (place &+ UInt64(size)) & Self.mask(i.addressSize)
    }

    /// What reaches over the limit faults, also where the limit is FFFFFFFFh: there "Limit Checking"
    /// leaves it to the processor, and the AMD one that was asked faults too. Inside of a larger
    /// limit the bytes of one access lie side by side, whatever the address size.
    @inline(never)
    private mutating func checkedLinear(
        _ name: SegmentRegister, _ offset: UInt64, _ size: UInt8, _ write: Bool
    ) throws(Abort) -> UInt64 {
        let segment = state[name]
        let isChecked = state.isProtected && !state.isVirtual8086
        if isChecked {
            let forbidden = write ? !segment.isWritable : !segment.isReadable
            if segment.isUnusable || forbidden { throw segmentFault(name) }
        }
        let last = offset &+ UInt64(size) &- 1
        let limit = UInt64(segment.limit)
        let outside: Bool
        if segment.isExpandDown {
            let top: UInt64 = segment.isBig ? 0xFFFF_FFFF : 0xFFFF
            outside = offset <= limit || last > top
        } else {
            outside = last > limit || last < offset
        }
        if outside { throw segmentFault(name) }
        return (segment.base &+ offset) & 0xFFFF_FFFF
    }

    /// #SS(0) through SS, #GP(0) through any other segment.
    mutating func segmentFault(_ name: SegmentRegister) -> Abort {
        fault(name == .ss ? .stackFault : .generalProtection, 0)
    }

    // MARK: Memory through a segment

    @inline(always)
    mutating func load(
        _ segment: SegmentRegister, _ offset: UInt64, size: UInt8
    ) throws(Abort) -> UInt64 {
        let address = try linear(segment, offset, size: size, write: false)
        return try read(linear: address, size: Int(size))
    }

    @inline(always)
    mutating func store(
        _ segment: SegmentRegister, _ offset: UInt64, _ value: UInt64, size: UInt8
    ) throws(Abort) {
        let address = try linear(segment, offset, size: size, write: true)
        try write(linear: address, value, size: Int(size))
    }

    // MARK: The memory operand

    /// Where the memory operand lies in the host, if its offset is its linear address and the access
    /// needs no further look. That includes the canonical check and the 4 GiB of 32-bit code: the TLB
    /// has no other pages, and what crosses pages is not found in it.
    @inline(always)
    mutating func host(
        _ i: DecodedInstruction, _ offset: UInt64, size: UInt8, _ way: TranslationCache.Way
    ) -> UnsafeMutableRawPointer? {
        guard state.flatSegments & i.flatSegment != 0 else { return nil }
        return tlb.host(offset, size: Int(size), way)
    }

    /// Every access to the memory operand, with all that may be asked of it.
    @inline(never)
    mutating func loadSlowly(
        _ i: DecodedInstruction, _ offset: UInt64, size: UInt8
    ) throws(Abort) -> UInt64 {
        note(i)
        return try load(i.segment, offset, size: size)
    }

    @inline(never)
    mutating func storeSlowly(
        _ i: DecodedInstruction, _ offset: UInt64, _ value: UInt64, size: UInt8
    ) throws(Abort) {
        note(i)
        try store(i.segment, offset, value, size: size)
    }

    /// To be written too: its value and its linear address.
    @inline(never)
    mutating func openSlowly(
        _ i: DecodedInstruction, _ offset: UInt64, size: UInt8
    ) throws(Abort) -> (address: UInt64, value: UInt64) {
        note(i)
        let address = try linear(i.segment, offset, size: size, write: true)
        return (address, try readForUpdate(address, size: Int(size)))
    }

    @inline(never)
    mutating func closeSlowly(_ address: UInt64, _ value: UInt64, size: UInt8) throws(Abort) {
        try write(linear: address, value, size: Int(size))
    }

    // MARK: Operands

    /// The operand's value, zero-extended from its size.
    @inline(always)
    mutating func get(_ operand: Operand, _ instruction: DecodedInstruction) throws(Abort) -> UInt64
    {
        switch operand.kind {
        case .general: return state.registers[operand.register] & Self.mask(operand.size)
        case .highByte: return (state.registers[operand.register] >> 8) & 0xFF
        case .immediate: return instruction.immediate & Self.mask(operand.size)
        case .memory:
            let address = try linear(instruction, size: operand.size, write: false)
            return try read(linear: address, size: Int(operand.size))
        case .secondImmediate: return UInt64(instruction.secondImmediate)
        case .segment:
            let name = SegmentRegister(rawValue: operand.register) ?? .es
            return UInt64(state[name].selector)
        case .relative: return instruction.immediate
        case .none, .control, .debug, .media: return 0
        }
    }

    /// Writes a register or memory operand. A 32-bit register write clears bits 63:32.
    @inline(always)
    mutating func set(
        _ operand: Operand, _ value: UInt64, _ instruction: DecodedInstruction
    ) throws(Abort) {
        switch operand.kind {
        case .general: setRegister(operand.register, value, size: operand.size)
        case .highByte:
            let old = state.registers[operand.register]
            state.registers[operand.register] = (old & ~0xFF00) | ((value & 0xFF) << 8)
        case .memory:
            let address = try linear(instruction, size: operand.size, write: true)
            try write(linear: address, value, size: Int(operand.size))
        default: break
        }
    }

    /// Reads an operand that will be written: for memory the write is checked first, so that a
    /// fault comes before anything changes.
    @inline(always)
    mutating func getForUpdate(
        _ operand: Operand, _ instruction: DecodedInstruction
    ) throws(Abort) -> UInt64 {
        guard operand.kind == .memory else { return try get(operand, instruction) }
        let address = try linear(instruction, size: operand.size, write: true)
        return try readForUpdate(address, size: Int(operand.size))
    }

    @inline(always)
    mutating func setRegister(_ number: UInt8, _ value: UInt64, size: UInt8) {
        switch size {
        case 8: state.registers[number] = value
        case 4: state.registers[number] = value & 0xFFFF_FFFF
        default:
            let mask = Self.mask(size)
            state.registers[number] = (state.registers[number] & ~mask) | (value & mask)
        }
    }

    // MARK: The stack

    /// Width of the stack pointer in bytes.
    @inline(always) var stackSize: UInt8 {
        state.is64Bit ? 8 : (state.ss.isBig ? 4 : 2)
    }

    /// Writes below RSP; RSP moves only when the write has succeeded.
    @inline(always)
    mutating func push(_ value: UInt64, size: UInt8) throws(Abort) {
        let width = stackSize
        let top = (state.registers[.rsp] &- UInt64(size)) & Self.mask(width)
        try store(.ss, top, value, size: size)
        setRegister(GeneralRegister.rsp.rawValue, top, size: width)
    }

    @inline(always)
    mutating func pop(size: UInt8) throws(Abort) -> UInt64 {
        let width = stackSize
        let top = state.registers[.rsp] & Self.mask(width)
        let value = try load(.ss, top, size: size)
        setRegister(GeneralRegister.rsp.rawValue, top &+ UInt64(size), size: width)
        return value
    }
}
