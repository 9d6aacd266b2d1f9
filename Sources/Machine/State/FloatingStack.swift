/// The register stack. SDM 1, "x87 FPU Data Registers".
extension FloatingState {
    /// ST(i), whatever its tag says; what is put there is not empty.
    subscript(stack index: Int) -> ExtendedReal {
        get {
            ExtendedReal(
                significand: self[stackWord: index * 2],
                high: UInt16(truncatingIfNeeded: self[stackWord: index * 2 + 1]))
        }
        set {
            self[stackWord: index * 2] = newValue.significand
            self[stackWord: index * 2 + 1] = UInt64(newValue.high)
            setEmpty(index, false)
        }
    }

    mutating func raise(_ exceptions: UInt16) { status |= exceptions }

    mutating func raise(_ arithmetic: X87Arithmetic) {
        status |= arithmetic.exceptions
        if arithmetic.isRoundedUp { status |= Status.c1 }
    }

    /// A push onto a register in use is a stack overflow: C1 is set.
    mutating func push(_ value: ExtendedReal) {
        var value = value
        if !isEmpty(7) {
            raise(Status.invalid | Status.stackFault | Status.c1)
            guard control & Status.invalid != 0 else { return }
            value = .indefinite
        }
        grow(value)
    }

    /// Whatever was there.
    mutating func grow(_ value: ExtendedReal) {
        top -= 1
        self[stack: 0] = value
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
            for number in [0, index] where isEmpty(number) { self[stack: number] = .indefinite }
        }
        (self[stack: 0], self[stack: index]) = (self[stack: index], self[stack: 0])
    }

    /// FCMOVcc looks for empty registers whether it moves or not; else it leaves C1 alone.
    mutating func move(_ index: Int, if isMoving: Bool) {
        if isEmpty(0) || isEmpty(index) {
            status &= ~Status.c1
            return underflowStack { $0[stack: 0] = .indefinite }
        }
        if isMoving { self[stack: 0] = self[stack: index] }
    }

    /// FCHS and FABS change the sign alone, in a NaN too.
    mutating func changeSign(_ change: (UInt64) -> UInt64) {
        guard !isEmpty(0) else { return underflowStack { $0[stack: 0] = .indefinite } }
        self[stackWord: 1] = change(self[stackWord: 1])
    }

    /// An operation on ST(0) alone.
    mutating func change(
        _ operation: (inout X87Arithmetic, ExtendedReal) -> ExtendedReal
    ) {
        guard !isEmpty(0) else { return underflowStack { $0[stack: 0] = .indefinite } }
        var arithmetic = X87Arithmetic(control: control)
        let result = operation(&arithmetic, self[stack: 0])
        raise(arithmetic)
        if !arithmetic.isStopped { self[stack: 0] = result }
    }

    /// C0, C2 and C3.
    mutating func setConditions(_ bits: UInt16) { status = status & ~0x4500 | bits }

    /// FXAM: C1 is the sign, of an empty register too.
    mutating func examine() {
        let value = self[stack: 0]
        if value.isNegative { status |= Status.c1 }
        let conditions: UInt16 =
            switch value.kind {
            case _ where isEmpty(0): 0x4100
            case .unsupported: 0
            case .quietNaN, .signalingNaN: 0x100
            case .normal: 0x400
            case .infinity: 0x500
            case .zero: 0x4000
            case .denormal: 0x4400
            }
        setConditions(conditions)
    }
}
