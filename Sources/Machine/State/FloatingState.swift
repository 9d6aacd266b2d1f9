/// x87, MMX and SSE state, as FXSAVE knows it. SDM 1, "FXSAVE Area".
public struct FloatingState: Sendable {
    /// x87 control word.
    public var control = initialControl
    public var status: UInt16 = 0
    /// Abridged tag word: a bit for each physical register that is not empty.
    public var tags: UInt8 = 0
    public var opcode: UInt16 = 0
    /// Last instruction and data pointers, with their selectors as FXSAVE's layout has them.
    public var instructionPointer: UInt64 = 0
    public var dataPointer: UInt64 = 0
    public var mxcsr = initialMXCSR
    /// The physical registers R0 to R7, ten bytes each in two words; MM0 to MM7 are their low eight
    /// bytes.
    public var registers = InlineArray<16, UInt64>(repeating: 0)
    /// XMM0 to XMM15, two words each.
    public var vectors = InlineArray<32, UInt64>(repeating: 0)

    public init() {}

    /// FNINIT's control word.
    static let initialControl: UInt16 = 0x37F
    static let initialMXCSR: UInt32 = 0x1F80

    // MARK: Initial configurations. SDM 1, "Processor Tracking of XSAVE-Managed State".

    var isX87Initial: Bool {
        control == Self.initialControl && status == 0 && tags == 0 && opcode == 0
            && instructionPointer == 0 && dataPointer == 0
            && registers.indices.allSatisfy { registers[$0] == 0 }
    }

    /// Whether the first `count` vector registers are 0.
    func areVectorsInitial(_ count: Int) -> Bool {
        (0..<(count * 2)).allSatisfy { vectors[$0] == 0 }
    }

    /// FNINIT leaves the registers alone, XRSTOR clears them too.
    mutating func initializeX87(clearsRegisters: Bool = true) {
        control = Self.initialControl
        status = 0
        tags = 0
        opcode = 0
        instructionPointer = 0
        dataPointer = 0
        if clearsRegisters { registers = .init(repeating: 0) }
    }

    mutating func initializeVectors(_ count: Int) {
        for index in 0..<(count * 2) { vectors[index] = 0 }
    }
}

// MARK: - The register stack. SDM 1, "x87 FPU Data Registers".

extension FloatingState {
    /// Bits of the status word. SDM 1, "x87 FPU Status Register".
    enum Status {
        static let invalid: UInt16 = 1
        static let denormal: UInt16 = 2
        static let zeroDivide: UInt16 = 4
        static let overflow: UInt16 = 8
        static let underflow: UInt16 = 16
        static let precision: UInt16 = 32
        static let stackFault: UInt16 = 64
        static let summary: UInt16 = 128
        /// C1: rounded up; with a stack fault: overflow.
        static let c1: UInt16 = 0x200
        static let busy: UInt16 = 0x8000
        static let exceptions: UInt16 = 0x3F
    }

    /// The physical register that ST0 is.
    var top: Int {
        get { Int(status >> 11 & 7) }
        set { status = status & ~0x3800 | UInt16(truncatingIfNeeded: newValue & 7) << 11 }
    }

    /// The physical register that ST(i) is.
    func physical(_ index: Int) -> Int { (top + index) & 7 }

    /// The words of ST0 to ST7, as FXSAVE has them.
    subscript(stackWord index: Int) -> UInt64 {
        get { registers[physical(index / 2) * 2 + index & 1] }
        set { registers[physical(index / 2) * 2 + index & 1] = newValue }
    }

    func isEmpty(_ index: Int) -> Bool { tags >> UInt8(physical(index)) & 1 == 0 }

    mutating func setEmpty(_ index: Int, _ isEmpty: Bool) {
        let bit: UInt8 = 1 << UInt8(physical(index))
        tags = isEmpty ? tags & ~bit : tags | bit
    }

    /// ES, and B as its mirror: an exception is pending that the control word does not mask.
    mutating func updateSummary() {
        let isPending = status & ~control & Status.exceptions != 0
        let bits = Status.summary | Status.busy
        status = isPending ? status | bits : status & ~bits
    }
}
