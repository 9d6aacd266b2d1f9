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

    /// The value of an operand that will be written. In memory the write is checked first, so that a
    /// fault comes before anything has changed.
    static func open(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> Opened

    /// Writes what `open` read.
    static func close(
        _ operand: Operand, _ opened: Opened, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort)

    /// Writes without having read.
    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort)
}

/// The value of an operand that is about to change and, in memory, where it lies: in the host, or
/// else its linear address.
struct Opened {
    var value: UInt64
    var address: UInt64 = 0
    var host: UnsafeMutableRawPointer?
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
    ) throws(Abort) -> Opened {
        Opened(value: machine.state.registers[operand.register] & Machine.mask(W.bytes))
    }

    @inline(always)
    static func close(
        _ operand: Operand, _ opened: Opened, _ value: UInt64, _ machine: inout Machine
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
        let offset = machine.effectiveAddress(i)
        let way = TranslationCache.Way.read(user: machine.state.userBit)
        guard let host = machine.host(i, offset, size: W.bytes, way) else {
            return try machine.loadSlowly(i, offset, size: W.bytes)
        }
        return UnsafeRawPointer(host).loadLittleEndian(0, size: Int(W.bytes))
    }

    @inline(always)
    static func open(
        _ operand: Operand, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) -> Opened {
        let offset = machine.effectiveAddress(i)
        let way = TranslationCache.Way.write(user: machine.state.userBit)
        guard let host = machine.host(i, offset, size: W.bytes, way) else {
            let (address, value) = try machine.openSlowly(i, offset, size: W.bytes)
            return Opened(value: value, address: address)
        }
        let value = UnsafeRawPointer(host).loadLittleEndian(0, size: Int(W.bytes))
        return Opened(value: value, host: host)
    }

    @inline(always)
    static func close(
        _ operand: Operand, _ opened: Opened, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort) {
        guard let host = opened.host else {
            return try machine.closeSlowly(opened.address, value, size: W.bytes)
        }
        host.storeLittleEndian(0, value, size: Int(W.bytes))
    }

    @inline(always)
    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) {
        let offset = machine.effectiveAddress(i)
        let way = TranslationCache.Way.write(user: machine.state.userBit)
        guard let host = machine.host(i, offset, size: W.bytes, way) else {
            return try machine.storeSlowly(i, offset, value, size: W.bytes)
        }
        host.storeLittleEndian(0, value, size: Int(W.bytes))
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
    ) throws(Abort) -> Opened {
        Opened(value: try read(operand, i, &machine))
    }

    static func close(
        _ operand: Operand, _ opened: Opened, _ value: UInt64, _ machine: inout Machine
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
    ) throws(Abort) -> Opened {
        let (address, value) = try machine.open(operand, i)
        return Opened(value: value, address: address)
    }

    static func close(
        _ operand: Operand, _ opened: Opened, _ value: UInt64, _ machine: inout Machine
    ) throws(Abort) {
        try machine.close(operand, opened.address, value)
    }

    static func write(
        _ operand: Operand, _ value: UInt64, _ i: DecodedInstruction, _ machine: inout Machine
    ) throws(Abort) {
        try machine.set(operand, value, i)
    }
}
