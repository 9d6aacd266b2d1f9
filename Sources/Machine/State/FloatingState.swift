/// x87, MMX and SSE state, as FXSAVE knows it: the model keeps it and computes nothing with it.
/// SDM 1, "FXSAVE Area".
public struct FloatingState: Sendable {
    /// x87 control word; FNINIT's value.
    public var control: UInt16 = 0x37F
    public var status: UInt16 = 0
    /// Abridged tag word: a bit for each register that is not empty.
    public var tags: UInt8 = 0
    public var opcode: UInt16 = 0
    /// Last instruction and data pointers, with their selectors as FXSAVE's layout has them.
    public var instructionPointer: UInt64 = 0
    public var dataPointer: UInt64 = 0
    public var mxcsr: UInt32 = 0x1F80
    /// ST0 to ST7, ten bytes each in two words.
    public var registers = InlineArray<16, UInt64>(repeating: 0)
    /// XMM0 to XMM15, two words each.
    public var vectors = InlineArray<32, UInt64>(repeating: 0)

    public init() {}
}
