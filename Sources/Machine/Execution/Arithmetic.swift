import Architecture
import InstructionSet

/// Addition, subtraction, logic, and what compares or exchanges on the way. SDM 2, by the
/// instruction's name.
extension Machine {
    @inline(never)
    mutating func executeAdd<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try add(i, D.self, S.self, carry: 0)
    }

    @inline(never)
    mutating func executeAddWithCarry<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try add(i, D.self, S.self, carry: state.flags.carryIn)
    }

    @inline(always)
    private mutating func add<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type, carry: UInt64
    ) throws(Abort) {
        let right = try S.read(i.second, i, &self)
        let opened = try D.open(i.first, i, &self)
        let left = opened.value
        let sum = left &+ right &+ carry
        try D.close(i.first, opened, sum, &self)
        state.flags.setAdd(left, right, sum, size: D.size(i.first))
    }

    @inline(never)
    mutating func executeSubtract<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try subtract(i, D.self, S.self, borrow: 0)
    }

    @inline(never)
    mutating func executeSubtractWithBorrow<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try subtract(i, D.self, S.self, borrow: state.flags.carryIn)
    }

    @inline(always)
    private mutating func subtract<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type, borrow: UInt64
    ) throws(Abort) {
        let right = try S.read(i.second, i, &self)
        let opened = try D.open(i.first, i, &self)
        let left = opened.value
        let difference = left &- right &- borrow
        try D.close(i.first, opened, difference, &self)
        state.flags.setSubtract(left, right, difference, size: D.size(i.first))
    }

    @inline(never)
    mutating func executeCompare<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        let left = try D.read(i.first, i, &self)
        let right = try S.read(i.second, i, &self)
        state.flags.setSubtract(left, right, left &- right, size: D.size(i.first))
    }

    @inline(never)
    mutating func executeAnd<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try combine(i, D.self, S.self) { $0 & $1 }
    }

    @inline(never)
    mutating func executeOr<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try combine(i, D.self, S.self) { $0 | $1 }
    }

    @inline(never)
    mutating func executeExclusiveOr<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        try combine(i, D.self, S.self) { $0 ^ $1 }
    }

    @inline(always)
    private mutating func combine<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type, _ combine: (UInt64, UInt64) -> UInt64
    ) throws(Abort) {
        let right = try S.read(i.second, i, &self)
        let opened = try D.open(i.first, i, &self)
        let result = combine(opened.value, right)
        try D.close(i.first, opened, result, &self)
        state.flags.setLogic(result, size: D.size(i.first))
    }

    @inline(never)
    mutating func executeTest<D: Place, S: Place>(
        _ i: DecodedInstruction, _: D.Type, _: S.Type
    ) throws(Abort) {
        let left = try D.read(i.first, i, &self)
        let right = try S.read(i.second, i, &self)
        state.flags.setLogic(left & right, size: D.size(i.first))
    }

    @inline(never)
    mutating func executeIncrement<D: Place>(
        _ i: DecodedInstruction, _: D.Type
    ) throws(Abort) {
        let opened = try D.open(i.first, i, &self)
        let value = opened.value
        let sum = value &+ 1
        try D.close(i.first, opened, sum, &self)
        state.flags.keepingCarry { $0.setAdd(value, 1, sum, size: D.size(i.first)) }
    }

    @inline(never)
    mutating func executeDecrement<D: Place>(
        _ i: DecodedInstruction, _: D.Type
    ) throws(Abort) {
        let opened = try D.open(i.first, i, &self)
        let value = opened.value
        let difference = value &- 1
        try D.close(i.first, opened, difference, &self)
        state.flags.keepingCarry { $0.setSubtract(value, 1, difference, size: D.size(i.first)) }
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
