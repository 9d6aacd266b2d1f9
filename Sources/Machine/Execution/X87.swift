import Architecture
import InstructionSet

/// A small part of x87: loads, stores and the four arithmetic operations, to nearest and in extended
/// precision. What rounds otherwise ends the run by name. SDM 1, "Programming with the x87 FPU".
extension Machine {
    private typealias Status = FloatingState.Status

    /// #MF for an exception that an earlier instruction left pending. With CR0.NE clear an interrupt
    /// would tell of it, through devices that the model has not.
    mutating func checkX87Error() throws(Abort) {
        guard state.floating.status & Status.summary != 0 else { return }
        guard state.cr0.has(CR0Bit.ne) else { throw notModelled(.feature(.ferr)) }
        throw fault(.x87Error)
    }

    mutating func executeX87(_ i: DecodedInstruction) throws(Abort) {
        try checkX87()
        try checkX87Error()
        var floating = state.floating
        floating.status &= ~Status.c1
        switch i.operation {
        case .fnop: return
        case .fincstp: floating.top += 1
        case .fdecstp: floating.top -= 1
        case .ffree: floating.setEmpty(Int(i.first.register & 7), true)
        case .fld1: floating.push(1)
        case .fldz: floating.push(0)
        case .fld, .fild: try loadX87(i, &floating)
        case .fst, .fstp: try storeX87(i, &floating)
        case .fxch: floating.exchange(Int(i.first.register & 7))
        case .fchs: floating.changeSign { $0 ^ 0x8000 }
        case .fabs: floating.changeSign { $0 & 0x7FFF }
        default: try computeX87(i, &floating)
        }
        floating.instructionPointer = state.rip
        floating.updateSummary()
        state.floating = floating
    }

    // MARK: Memory

    /// The memory operand as a number in extended precision, and the exceptions of its conversion.
    private mutating func x87Operand(
        _ i: DecodedInstruction
    ) throws(Abort) -> (value: Float80, exceptions: UInt16) {
        let bits = try get(Operand(.memory, size: i.first.size), i)
        if i.operation == .fild {
            return (Float80(Int64(bitPattern: Self.signExtended(bits, i.first.size))), 0)
        }
        if i.first.size == 4 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
            return (Float80(value), exceptions(value))
        }
        let value = Double(bitPattern: bits)
        return (Float80(value), exceptions(value))
    }

    private func exceptions(_ value: some BinaryFloatingPoint) -> UInt16 {
        value.isSignalingNaN ? Status.invalid : value.isSubnormal ? Status.denormal : 0
    }

    private mutating func loadX87(
        _ i: DecodedInstruction, _ floating: inout FloatingState
    ) throws(Abort) {
        if i.first.kind == .media {
            let index = Int(i.first.register & 7)
            return floating.isEmpty(index)
                ? floating.underflowStack { $0.push(.indefinite) }
                : floating.push(floating[stack: index])
        }
        if i.first.size == 10 {
            let place = effectiveAddress(i)
            let significand = try load(i.segment, place, size: 8)
            let next = (place &+ 8) & Self.mask(i.addressSize)
            let exponent = try load(i.segment, next, size: 2)
            return floating.push(
                Float80(significand: significand, exponent: UInt16(truncatingIfNeeded: exponent)))
        }
        let (value, exceptions) = try x87Operand(i)
        floating.raise(exceptions)
        if exceptions & ~floating.control & Status.exceptions == 0 { floating.push(value) }
    }

    /// FST and FSTP, in extended precision or rounded to nearest.
    private mutating func storeX87(
        _ i: DecodedInstruction, _ floating: inout FloatingState
    ) throws(Abort) {
        if floating.isEmpty(0) {
            floating.raise(Status.invalid | Status.stackFault)
            guard floating.control & Status.invalid != 0 else { return }
        }
        let value = floating.isEmpty(0) ? Float80.indefinite : floating[stack: 0]
        if i.first.kind == .media {
            let index = Int(i.first.register & 7)
            floating[stack: index] = value
            floating.setEmpty(index, false)
        } else {
            guard try storeX87(value, i, &floating) else { return }
        }
        if i.operation == .fstp { floating.pop() }
    }

    /// False: an exception that is not masked keeps the operand as it was.
    private mutating func storeX87(
        _ value: Float80, _ i: DecodedInstruction, _ floating: inout FloatingState
    ) throws(Abort) -> Bool {
        let place = effectiveAddress(i)
        if i.first.size == 10 {
            let address = try linear(i.segment, place, size: 10, write: true)
            try probeWrite(address, size: 10)
            let (significand, exponent) = value.parts
            try write(linear: address, significand, size: 8)
            try write(linear: wrapped(address &+ 8), UInt64(exponent), size: 2)
            return true
        }
        let isSingle = i.first.size == 4
        let bits = isSingle ? UInt64(Float(value).bitPattern) : Double(value).bitPattern
        let stored = isSingle ? Float80(Float(value)) : Float80(Double(value))
        if value.isSignalingNaN { floating.raise(Status.invalid) }
        if !value.isNaN, stored != value {
            // Where rounding or range has its say, only what is masked is modelled.
            let isRangeLost =
                stored.isInfinite || isSingle && Float(value).isSubnormal
                || !isSingle && Double(value).isSubnormal || stored.isZero
            guard floating.roundsToNearest, !isRangeLost else {
                throw notModelled(.instruction(i.form))
            }
            floating.raise(Status.precision, roundedUp: stored.magnitude > value.magnitude)
        }
        if floating.hasUnmasked(Status.invalid) { return false }
        try store(i.segment, place, bits, size: i.first.size)
        return true
    }

    // MARK: Arithmetic

    private mutating func computeX87(
        _ i: DecodedInstruction, _ floating: inout FloatingState
    ) throws(Abort) {
        // D8 leaves the result in ST0, DC and DE in ST(i); DE pops ST0.
        let opcode = InstructionTable.forms[Int(i.form)].opcode.prefix(2)
        let index = i.first.kind == .media ? Int(i.first.register & 7) : 0
        let isRegister = i.first.kind == .media
        let destination = isRegister && opcode != "D8" ? index : 0
        var operand: Float80 = 0
        var raised: UInt16 = 0
        if isRegister {
            operand = floating[stack: opcode == "D8" ? index : 0]
        } else {
            (operand, raised) = try x87Operand(i)
        }
        if floating.isEmpty(0) || floating.isEmpty(index) {
            floating.raise(Status.invalid | Status.stackFault)
            guard floating.control & Status.invalid != 0 else { return }
            floating[stack: destination] = .indefinite
            floating.setEmpty(destination, false)
        } else {
            guard floating.computesExtended else { throw notModelled(.instruction(i.form)) }
            let result = X87Result(i.operation, floating[stack: destination], operand)
            raised |= result.exceptions
            let range = Status.overflow | Status.underflow
            if raised & range & ~floating.control != 0 { throw notModelled(.instruction(i.form)) }
            floating.raise(raised, roundedUp: result.isRoundedUp)
            let stops = Status.invalid | Status.denormal | Status.zeroDivide
            if raised & stops & ~floating.control != 0 { return }
            floating[stack: destination] = result.value
        }
        if opcode == "DE" { floating.pop() }
    }
}

/// One arithmetic operation in extended precision, rounded to nearest.
private struct X87Result {
    var value: Float80
    var exceptions: UInt16 = 0
    var isRoundedUp = false

    private typealias Status = FloatingState.Status

    /// - Parameters:
    ///   - destination: the first operand, and the second of the reverse operations.
    init(_ operation: InstructionSet.Operation, _ destination: Float80, _ source: Float80) {
        let isReverse = operation == .fsubr || operation == .fdivr
        let left = isReverse ? source : destination
        let right = isReverse ? destination : source
        /// What the exact result is more than the rounded one; its sign counts, and whether it is 0.
        let error: Float80
        switch operation {
        case .fmul:
            value = left * right
            error = (-value).addingProduct(left, right)
        case .fdiv, .fdivr:
            value = left / right
            let rest = left.addingProduct(-value, right)
            error = right.sign == .minus ? -rest : rest
        default:
            let addend = operation == .fadd ? right : -right
            value = left + addend
            let added = value - left
            error = (left - (value - added)) + (addend - added)
        }
        if left.isNaN || right.isNaN {
            if left.isSignalingNaN || right.isSignalingNaN { exceptions = Status.invalid }
            return
        }
        if left.isSubnormal || right.isSubnormal { exceptions |= Status.denormal }
        if value.isNaN {
            exceptions = Status.invalid
            value = .indefinite
        } else if value.isInfinite {
            if left.isInfinite || right.isInfinite { return }
            let divides = operation == .fdiv || operation == .fdivr
            let isZeroDivide = divides && right.isZero
            exceptions |= isZeroDivide ? Status.zeroDivide : Status.overflow | Status.precision
        } else if !left.isInfinite, !right.isInfinite, error != 0 {
            exceptions |= Status.precision
            if value.isSubnormal || value.isZero { exceptions |= Status.underflow }
            isRoundedUp = (error.sign == .minus) == (value.sign == .plus)
        }
    }
}

extension FloatingState {
    /// ST(i), whatever its tag says.
    subscript(stack index: Int) -> Float80 {
        get {
            Float80(
                significand: self[stackWord: index * 2],
                exponent: UInt16(truncatingIfNeeded: self[stackWord: index * 2 + 1]))
        }
        set {
            let (significand, exponent) = newValue.parts
            self[stackWord: index * 2] = significand
            self[stackWord: index * 2 + 1] = UInt64(exponent)
        }
    }

    /// Rounding control 0.
    var roundsToNearest: Bool { control >> 10 & 3 == 0 }
    /// Precision control 3, and to nearest.
    var computesExtended: Bool { roundsToNearest && control >> 8 & 3 == 3 }

    func hasUnmasked(_ exceptions: UInt16) -> Bool { status & ~control & exceptions != 0 }

    mutating func raise(_ exceptions: UInt16, roundedUp: Bool = false) {
        status |= exceptions
        if roundedUp { status |= Status.c1 }
    }

    /// A push onto a register in use is a stack overflow: C1 is set.
    mutating func push(_ value: Float80) {
        var value = value
        if !isEmpty(7) {
            raise(Status.invalid | Status.stackFault, roundedUp: true)
            guard control & Status.invalid != 0 else { return }
            value = .indefinite
        }
        top -= 1
        self[stack: 0] = value
        setEmpty(0, false)
    }

    mutating func pop() {
        setEmpty(0, true)
        top += 1
    }

    /// An empty register was read: what follows where the exception is masked.
    mutating func underflowStack(_ masked: (inout FloatingState) -> Void) {
        raise(Status.invalid | Status.stackFault)
        if control & Status.invalid != 0 { masked(&self) }
    }

    mutating func exchange(_ index: Int) {
        if isEmpty(0) || isEmpty(index) {
            raise(Status.invalid | Status.stackFault)
            guard control & Status.invalid != 0 else { return }
            for number in [0, index] where isEmpty(number) {
                self[stack: number] = .indefinite
                setEmpty(number, false)
            }
        }
        (self[stack: 0], self[stack: index]) = (self[stack: index], self[stack: 0])
    }

    /// FCHS and FABS change the sign alone, in a NaN too.
    mutating func changeSign(_ change: (UInt64) -> UInt64) {
        guard !isEmpty(0) else {
            return underflowStack {
                $0[stack: 0] = .indefinite
                $0.setEmpty(0, false)
            }
        }
        self[stackWord: 1] = change(self[stackWord: 1])
    }
}

extension Float80 {
    /// The default NaN, "real indefinite".
    static var indefinite: Float80 { Float80(significand: 0xC000_0000_0000_0000, exponent: 0xFFFF) }

    /// From the significand with its integer bit, and the exponent with the sign above it.
    init(significand: UInt64, exponent: UInt16) {
        self = 0
        withUnsafeMutableBytes(of: &self) { bytes in
            bytes.storeBytes(of: significand, as: UInt64.self)
            bytes.storeBytes(of: exponent, toByteOffset: 8, as: UInt16.self)
        }
    }

    var parts: (significand: UInt64, exponent: UInt16) {
        withUnsafeBytes(of: self) { bytes in
            (
                bytes.loadUnaligned(as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
            )
        }
    }
}
