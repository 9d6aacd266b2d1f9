import InstructionSet

/// Operands that an instruction reads, changes and writes back.
extension Machine {
    /// The operand's value and, in memory, where it lies. For memory the write is checked first, so
    /// that a fault comes before anything has changed.
    @inline(always)
    mutating func open(
        _ operand: Operand, _ instruction: DecodedInstruction
    ) throws(Abort) -> (address: UInt64, value: UInt64) {
        guard operand.kind == .memory else { return (0, try get(operand, instruction)) }
        let address = try linear(instruction, size: operand.size, write: true)
        return (address, try readForUpdate(address, size: Int(operand.size)))
    }

    /// Writes back what ``open(_:_:)`` read.
    @inline(always)
    mutating func close(
        _ operand: Operand, _ address: UInt64, _ value: UInt64
    ) throws(Abort) {
        switch operand.kind {
        case .general: setRegister(operand.register, value, size: operand.size)
        case .memory: try write(linear: address, value, size: Int(operand.size))
        default: setHighByte(operand.register, value)
        }
    }

    /// Reads memory that will be written at once: the access counts as a write.
    @inline(always)
    mutating func readForUpdate(_ address: UInt64, size: Int) throws(Abort) -> UInt64 {
        if let host = tlb.host(address, size: size, .write(user: state.userBit)) {
            return UnsafeRawPointer(host).loadLittleEndian(0, size: size)
        }
        return try readForUpdateSlowly(address, size: size)
    }

    @inline(always)
    mutating func setHighByte(_ register: UInt8, _ value: UInt64) {
        let old = state.registers[register]
        state.registers[register] = old & ~0xFF00 | (value & 0xFF) << 8
    }

    /// The value with its sign spread from `size` bytes to eight.
    @inline(always)
    static func signExtended(_ value: UInt64, _ size: UInt8) -> UInt64 {
        let shift = Flags.shift(size)
        return UInt64(bitPattern: Int64(bitPattern: value &<< shift) &>> Int64(shift))
    }

    /// The top bit of a value of `size` bytes.
    @inline(always)
    static func topBit(_ value: UInt64, _ size: UInt8) -> Bool {
        value &>> (UInt64(size) &* 8 &- 1) & 1 == 1
    }
}
