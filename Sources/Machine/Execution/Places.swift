import InstructionSet

/// How an operand is reached. A semantic body is generic over the places of its operands, and so is
/// compiled once for the frequent ones, without a question left, and once for ``AnyPlace``.
protocol Place {
    /// Width in bytes.
    static func size(_ operand: Operand) -> UInt8

    /// The value, zero-extended.
    static func read(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> UInt64

    /// The value, of an operand that will be written, and its linear address in memory. There the
    /// write is checked first, so that a fault comes before anything has changed.
    static func open(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> (address: UInt64, value: UInt64)

    /// Writes what `open` read.
    static func close(
        _ operand: Operand, _ address: UInt64, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort)

    /// Writes without having read.
    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort)
}

/// A width that is known when the machine is compiled.
protocol Width {
    static var bytes: UInt8 { get }
}

enum Bits8: Width {
    @inline(always) static var bytes: UInt8 { 1 }
}

enum Bits32: Width {
    @inline(always) static var bytes: UInt8 { 4 }
}

enum Bits64: Width {
    @inline(always) static var bytes: UInt8 { 8 }
}

/// A general register.
enum InRegister<W: Width>: Place {
    @inline(always) static func size(_ operand: Operand) -> UInt8 { W.bytes }

    @inline(always)
    static func read(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> UInt64 {
        machine.state.registers[operand.register] & Machine.mask(W.bytes)
    }

    @inline(always)
    static func open(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> (address: UInt64, value: UInt64) {
        (0, machine.state.registers[operand.register] & Machine.mask(W.bytes))
    }

    @inline(always)
    static func close(
        _ operand: Operand, _ address: UInt64, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort) {
        machine.setRegister(operand.register, value, size: W.bytes)
    }

    @inline(always)
    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) {
        machine.setRegister(operand.register, value, size: W.bytes)
    }
}

/// The memory operand.
enum InMemory<W: Width>: Place {
    @inline(always) static func size(_ operand: Operand) -> UInt8 { W.bytes }

    @inline(always)
    static func read(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> UInt64 {
        try machine.load(i.segment, machine.effectiveAddress(i), size: W.bytes)
    }

    @inline(always)
    static func open(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> (address: UInt64, value: UInt64) {
        let address = try machine.linear(i, size: W.bytes, write: true)
        return (address, try machine.readForUpdate(address, size: Int(W.bytes)))
    }

    @inline(always)
    static func close(
        _ operand: Operand, _ address: UInt64, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort) {
        try machine.write(linear: address, value, size: Int(W.bytes))
    }

    @inline(always)
    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) {
        try machine.store(i.segment, machine.effectiveAddress(i), value, size: W.bytes)
    }
}

/// A constant in the instruction: only read.
enum InInstruction<W: Width>: Place {
    @inline(always) static func size(_ operand: Operand) -> UInt8 { W.bytes }

    @inline(always)
    static func read(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> UInt64 {
        i.immediate & Machine.mask(W.bytes)
    }

    static func open(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> (address: UInt64, value: UInt64) {
        (0, try read(operand, i, &machine))
    }

    static func close(
        _ operand: Operand, _ address: UInt64, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort) {}

    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) {}
}

/// Whatever the operand says: every kind and width.
enum AnyPlace: Place {
    static func size(_ operand: Operand) -> UInt8 { operand.size }

    static func read(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> UInt64 {
        try machine.get(operand, i)
    }

    static func open(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> (address: UInt64, value: UInt64) {
        try machine.open(operand, i)
    }

    static func close(
        _ operand: Operand, _ address: UInt64, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort) {
        try machine.close(operand, address, value)
    }

    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) {
        try machine.set(operand, value, i)
    }
}
