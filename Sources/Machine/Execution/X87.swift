import Architecture
import InstructionSet

/// x87 without its transcendental functions: loads and stores, arithmetic, comparison. SDM 1,
/// "Programming with the x87 FPU".
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
        let form = X87Form.table[Int(i.form)]
        let index = Int(i.first.register & 7)
        if i.operation != .fcmov { floating.status &= ~Status.c1 }
        switch i.operation {
        case .fnop: return
        case .fincstp: floating.top += 1
        case .fdecstp: floating.top -= 1
        case .ffree:
            floating.setEmpty(index, true)
            if form.pops > 0 { floating.pop() }
        case .fld1: floating.push(.one)
        case .fldz: floating.push(.zero)
        case .fld, .fild: try loadX87(i, form, &floating)
        case .fst, .fstp, .fist, .fisttp: try storeX87(i, form, &floating)
        case .fxch: floating.exchange(index)
        case .fchs: floating.changeSign { $0 ^ 0x8000 }
        case .fabs: floating.changeSign { $0 & 0x7FFF }
        case .fxam: floating.examine()
        case .fcmov: floating.move(index, if: state.flags.holds(form.condition))
        case .frndint: floating.change { $0.roundedToInteger($1) }
        case .fsqrt: floating.change { $0.squareRoot($1) }
        case .fcom, .fucom, .ficom, .ftst, .fcomi, .fucomi: try compareX87(i, form, &floating)
        default: try computeX87(i, form, &floating)
        }
        floating.instructionPointer = state.rip
        floating.updateSummary()
        state.floating = floating
    }

    // MARK: Memory

    /// The memory operand in extended precision; exact, so that all it may raise is for a denormal.
    private mutating func x87Operand(
        _ i: DecodedInstruction, _ form: X87Form, _ arithmetic: inout X87Arithmetic
    ) throws(Abort) -> ExtendedReal {
        if i.first.size == 10 {
            let place = effectiveAddress(i)
            let significand = try load(i.segment, place, size: 8)
            let high = try load(i.segment, offset(place, plus: 8, i), size: 2)
            return ExtendedReal(
                significand: significand, high: UInt16(truncatingIfNeeded: high))
        }
        let bits = try get(Operand(.memory, size: i.first.size), i)
        if form.isInteger {
            return ExtendedReal(Int64(bitPattern: Self.signExtended(bits, i.first.size)))
        }
        let format = i.first.size == 4 ? RealFormat.single : .double
        arithmetic.isFromDenormal = format.isDenormal(bits)
        return ExtendedReal(bits: bits, format: format)
    }

    private mutating func loadX87(
        _ i: DecodedInstruction, _ form: X87Form, _ floating: inout FloatingState
    ) throws(Abort) {
        if i.first.kind == .media {
            let index = Int(i.first.register & 7)
            return floating.isEmpty(index)
                ? floating.underflowStack { $0.grow(.indefinite) }
                : floating.push(floating[stack: index])
        }
        var arithmetic = X87Arithmetic(control: floating.control)
        var value = try x87Operand(i, form, &arithmetic)
        // A register takes ten bytes as they are; another format is converted to it.
        if floating.isEmpty(7), i.first.size < 10 { value = arithmetic.loaded(value) }
        floating.raise(arithmetic)
        // A denormal is loaded even if that exception is not masked: Bochs and processors agree.
        if !arithmetic.isInvalid { floating.push(value) }
    }

    private mutating func storeX87(
        _ i: DecodedInstruction, _ form: X87Form, _ floating: inout FloatingState
    ) throws(Abort) {
        var value = floating[stack: 0]
        if floating.isEmpty(0) {
            floating.raise(Status.invalid | Status.stackFault)
            guard floating.control & Status.invalid != 0 else { return }
            value = .indefinite
        }
        if i.first.kind == .media {
            floating[stack: Int(i.first.register & 7)] = value
        } else {
            var arithmetic = X87Arithmetic(control: floating.control)
            try storeX87(value, i, form, &arithmetic)
            floating.raise(arithmetic)
            if arithmetic.keepsMemory { return }
        }
        if form.pops > 0 { floating.pop() }
    }

    private mutating func storeX87(
        _ value: ExtendedReal, _ i: DecodedInstruction, _ form: X87Form,
        _ arithmetic: inout X87Arithmetic
    ) throws(Abort) {
        let place = effectiveAddress(i)
        let size = i.first.size
        if size == 10 {
            let first = try linear(i.segment, place, size: 8, write: true)
            let second = try linear(
                i.segment, offset(place, plus: 8, i), size: 2, write: true)
            try probeWrite(first, size: 8)
            try probeWrite(second, size: 2)
            try write(linear: first, value.significand, size: 8)
            return try write(linear: second, UInt64(value.high), size: 2)
        }
        let bits =
            form.isInteger
            ? arithmetic.integer(value, size: size, isTruncated: i.operation == .fisttp)
            : arithmetic.converted(value, to: size == 4 ? .single : .double)
        if !arithmetic.keepsMemory { try store(i.segment, place, bits, size: size) }
    }

    // MARK: Arithmetic and comparison

    private mutating func computeX87(
        _ i: DecodedInstruction, _ form: X87Form, _ floating: inout FloatingState
    ) throws(Abort) {
        var arithmetic = X87Arithmetic(control: floating.control)
        let isRegister = i.first.kind == .media
        let index = isRegister ? Int(i.first.register & 7) : 0
        let destination = form.changesTop ? 0 : index
        let source =
            isRegister
            ? floating[stack: form.changesTop ? index : 0]
            : try x87Operand(i, form, &arithmetic)
        var result = ExtendedReal.indefinite
        if floating.isEmpty(0) || floating.isEmpty(index) {
            arithmetic.raise(Status.invalid | Status.stackFault)
        } else {
            result = arithmetic.result(i.operation, floating[stack: destination], source)
        }
        floating.raise(arithmetic)
        if arithmetic.isStopped { return }
        floating[stack: destination] = result
        for _ in 0..<form.pops { floating.pop() }
    }

    private mutating func compareX87(
        _ i: DecodedInstruction, _ form: X87Form, _ floating: inout FloatingState
    ) throws(Abort) {
        var arithmetic = X87Arithmetic(control: floating.control)
        var index = 0
        var right = ExtendedReal.zero
        if i.first.kind == .memory {
            right = try x87Operand(i, form, &arithmetic)
        } else if i.operation != .ftst {
            // Without an operand: ST(1).
            index = i.first.kind == .media ? Int(i.first.register & 7) : 1
            right = floating[stack: index]
        }
        var order = X87Arithmetic.Order.unordered
        if floating.isEmpty(0) || floating.isEmpty(index) {
            arithmetic.raise(Status.invalid | Status.stackFault)
        } else {
            let isQuiet = i.operation == .fucom || i.operation == .fucomi
            order = arithmetic.order(floating[stack: 0], right, isQuiet: isQuiet)
        }
        floating.raise(arithmetic)
        // An invalid operand that is not masked leaves them as they were; for a denormal the manual
        // does not say, and processors set them.
        if arithmetic.isInvalid { return }
        if i.operation == .fcomi || i.operation == .fucomi {
            state.flags.arithmetic = order.flags
        } else {
            floating.setConditions(order.conditions)
        }
        if arithmetic.isStopped { return }
        for _ in 0..<form.pops { floating.pop() }
    }
}

extension X87Arithmetic {
    /// - Parameters:
    ///   - destination: the first operand, and the second of the reverse operations.
    fileprivate mutating func result(
        _ operation: InstructionSet.Operation, _ destination: ExtendedReal, _ source: ExtendedReal
    ) -> ExtendedReal {
        switch operation {
        case .fadd: sum(destination, source)
        case .fsub: difference(destination, source)
        case .fsubr: difference(source, destination)
        case .fmul: product(destination, source)
        case .fdivr: quotient(source, destination)
        default: quotient(destination, source)
        }
    }
}

extension X87Arithmetic.Order {
    /// C0, C2 and C3. SDM 1, "x87 FPU Condition Code Interpretation".
    fileprivate var conditions: UInt16 {
        switch self {
        case .less: 0x100
        case .equal: 0x4000
        case .greater: 0
        case .unordered: 0x4500
        }
    }

    /// CF, PF and ZF in the same order; the other arithmetic flags are cleared.
    fileprivate var flags: UInt64 {
        switch self {
        case .less: FlagBit.cf.mask
        case .equal: FlagBit.zf.mask
        case .greater: 0
        case .unordered: FlagBit.cf.mask | FlagBit.pf.mask | FlagBit.zf.mask
        }
    }
}

/// What the notation of an x87 instruction says beyond its operation; read once for all forms.
struct X87Form: Sendable {
    /// How often it pops: a P at the end of its name each.
    let pops: Int
    /// Its memory operand is an integer: FI…
    let isInteger: Bool
    /// Its result goes to ST(0): all but DC and DE with registers.
    let changesTop: Bool
    /// Of FCMOVcc, as of Jcc.
    let condition: UInt8

    static let table: [X87Form] = InstructionTable.forms.map(X87Form.init)

    private init(_ form: InstructionForm) {
        let name = form.name
        pops = name.hasSuffix("pp") ? 2 : name.hasSuffix("p") ? 1 : 0
        isInteger = name.hasPrefix("fi")
        changesTop = form.opcode.hasPrefix("D8") || form.operands.hasPrefix("m")
        let conditions: [String: UInt8] = ["b": 2, "e": 4, "be": 6, "u": 10]
        let letters = name.dropFirst("fcmov".count)
        let isInverse = letters.first == "n"
        let base = conditions[String(isInverse ? letters.dropFirst() : letters)] ?? 0
        condition = isInverse ? base | 1 : base
    }
}
