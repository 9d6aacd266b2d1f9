import Architecture
import InstructionSet

/// Addition, subtraction, logic, and what compares or exchanges on the way. SDM 2, by the
/// instruction's name.
extension Machine {
    @inline(__always)
    mutating func executeAdd(_ i: DecodedInstruction, carry: UInt64) throws(Abort) {
        let right = try get(i.second, i)
        let (address, left) = try open(i.first, i)
        let sum = left &+ right &+ carry
        try close(i.first, address, sum)
        state.flags.setAdd(left, right, sum, size: i.first.size)
    }

    @inline(__always)
    mutating func executeSubtract(_ i: DecodedInstruction, borrow: UInt64) throws(Abort) {
        let right = try get(i.second, i)
        let (address, left) = try open(i.first, i)
        let difference = left &- right &- borrow
        try close(i.first, address, difference)
        state.flags.setSubtract(left, right, difference, size: i.first.size)
    }

    @inline(__always)
    mutating func executeCompare(_ i: DecodedInstruction) throws(Abort) {
        let left = try get(i.first, i)
        let right = try get(i.second, i)
        state.flags.setSubtract(left, right, left &- right, size: i.first.size)
    }

    /// AND, OR, XOR.
    @inline(__always)
    mutating func executeLogic(
        _ i: DecodedInstruction, _ combine: (UInt64, UInt64) -> UInt64
    ) throws(Abort) {
        let right = try get(i.second, i)
        let (address, left) = try open(i.first, i)
        let result = combine(left, right)
        try close(i.first, address, result)
        state.flags.setLogic(result, size: i.first.size)
    }

    @inline(__always)
    mutating func executeTest(_ i: DecodedInstruction) throws(Abort) {
        let left = try get(i.first, i)
        state.flags.setLogic(left & (try get(i.second, i)), size: i.first.size)
    }

    @inline(__always)
    mutating func executeIncrement(_ i: DecodedInstruction) throws(Abort) {
        let (address, value) = try open(i.first, i)
        let sum = value &+ 1
        try close(i.first, address, sum)
        state.flags.keepingCarry { $0.setAdd(value, 1, sum, size: i.first.size) }
    }

    @inline(__always)
    mutating func executeDecrement(_ i: DecodedInstruction) throws(Abort) {
        let (address, value) = try open(i.first, i)
        let difference = value &- 1
        try close(i.first, address, difference)
        state.flags.keepingCarry { $0.setSubtract(value, 1, difference, size: i.first.size) }
    }

    mutating func executeNegate(_ i: DecodedInstruction) throws(Abort) {
        let (address, value) = try open(i.first, i)
        let result = 0 &- value
        try close(i.first, address, result)
        state.flags.setSubtract(0, value, result, size: i.first.size)
    }

    mutating func executeNot(_ i: DecodedInstruction) throws(Abort) {
        let (address, value) = try open(i.first, i)
        try close(i.first, address, ~value)
    }

    /// ADCX and ADOX: an addition whose carry goes through one flag and touches no other.
    mutating func executeAddWithFlag(_ i: DecodedInstruction, _ flag: FlagBit) throws(Abort) {
        let left = try get(i.first, i)
        let right = try get(i.second, i)
        let carry = UInt64(state.rflags.has(flag) ? 1 : 0)
        let sum = left &+ right &+ carry
        let carries = left & right | (left | right) & ~sum
        state.flags.set(flag, Self.topBit(carries, i.first.size))
        setRegister(i.first.register, sum, size: i.first.size)
    }

    // MARK: Exchange

    mutating func executeExchangeAdd(_ i: DecodedInstruction) throws(Abort) {
        let (address, left) = try open(i.first, i)
        let right = try get(i.second, i)
        let sum = left &+ right
        // The sum is written last: it stays where both operands are the same register.
        if i.first.kind == .memory { try close(i.first, address, sum) }
        try set(i.second, left, i)
        if i.first.kind != .memory { try close(i.first, address, sum) }
        state.flags.setAdd(left, right, sum, size: i.first.size)
    }

    mutating func executeCompareExchange(_ i: DecodedInstruction) throws(Abort) {
        let (address, old) = try open(i.first, i)
        let size = i.first.size
        let accumulator = state.registers[.rax] & Self.mask(size)
        if old == accumulator {
            try close(i.first, address, try get(i.second, i))
        } else {
            // The destination is written even so, with what it held.
            if i.first.kind == .memory { try close(i.first, address, old) }
            setRegister(GeneralRegister.rax.rawValue, old, size: size)
        }
        state.flags.setSubtract(accumulator, old, accumulator &- old, size: size)
    }

    mutating func executeCompareExchange8Bytes(_ i: DecodedInstruction) throws(Abort) {
        let operand = Operand(.memory, size: 8)
        let (address, old) = try open(operand, i)
        let expected = state.registers[.rdx] << 32 | state.registers[.rax] & 0xFFFF_FFFF
        let isEqual = old == expected
        let new = state.registers[.rcx] << 32 | state.registers[.rbx] & 0xFFFF_FFFF
        try close(operand, address, isEqual ? new : old)
        if !isEqual {
            setRegister(GeneralRegister.rax.rawValue, old, size: 4)
            setRegister(GeneralRegister.rdx.rawValue, old >> 32, size: 4)
        }
        state.flags.set(.zf, isEqual)
    }

    mutating func executeCompareExchange16Bytes(_ i: DecodedInstruction) throws(Abort) {
        let address = try linear(i, size: 16, write: true)
        guard address & 15 == 0 else { throw fault(.generalProtection, 0) }
        let low = try readForUpdate(address, size: 8)
        let high = try readForUpdate(address &+ 8, size: 8)
        let isEqual = low == state.registers[.rax] && high == state.registers[.rdx]
        try write(linear: address, isEqual ? state.registers[.rbx] : low, size: 8)
        try write(linear: address &+ 8, isEqual ? state.registers[.rcx] : high, size: 8)
        if !isEqual {
            state.registers[.rax] = low
            state.registers[.rdx] = high
        }
        state.flags.set(.zf, isEqual)
    }
}
