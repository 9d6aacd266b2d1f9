/// A bit for each of the 256 interrupt vectors: the format of a local APIC's ISR, TMR and IRR.
public struct VectorSet: Sendable, Equatable {
    private var words = InlineArray<4, UInt64>(repeating: 0)

    public init() {}

    public mutating func insert(_ vector: UInt8) {
        words[Int(vector >> 6)] |= 1 << UInt64(vector & 63)
    }

    public mutating func remove(_ vector: UInt8) {
        words[Int(vector >> 6)] &= ~(1 << UInt64(vector & 63))
    }

    public func contains(_ vector: UInt8) -> Bool {
        words[Int(vector >> 6)] >> UInt64(vector & 63) & 1 == 1
    }

    /// The vector of highest priority.
    public var highest: UInt8? {
        for index in stride(from: 3, through: 0, by: -1) where words[index] != 0 {
            return UInt8(index * 64 + 63 - words[index].leadingZeroBitCount)
        }
        return nil
    }

    /// One of the eight 32-bit words, as registers show them.
    func word(_ index: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: words[index >> 1 & 3] >> (index & 1 == 1 ? 32 : 0))
    }

    public static func == (left: Self, right: Self) -> Bool {
        (0..<4).allSatisfy { left.words[$0] == right.words[$0] }
    }
}
