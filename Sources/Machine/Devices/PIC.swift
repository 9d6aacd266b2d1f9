/// The two 8259A interrupt controllers of a PC: fifteen inputs and one output.
///
/// The second chip's output is input 2 of the first. Both start as firmware leaves them: vectors 8
/// and 70h, everything masked.
public struct PIC: Sendable, Equatable {
    static let ports: [ClosedRange<UInt16>] = [0x20...0x21, 0xA0...0xA1, 0x4D0...0x4D1]
    /// The first chip's input to which the second is connected.
    static let cascade: UInt8 = 2

    // The timer, the keyboard, the cascade and the clock are edge-triggered for good, as is the
    // coprocessor's input.
    private var first = PICChip(vectorBase: 8, mayBeLevel: 0xF8)
    private var second = PICChip(vectorBase: 0x70, mayBeLevel: 0xDE)

    /// The output: an interrupt waits to be acknowledged.
    public var isRequesting: Bool { first.isRequesting }

    /// An input, 0 to 15, goes high or low.
    mutating func set(_ input: UInt8, _ isHigh: Bool) {
        if input < 8 {
            first.set(input, isHigh)
        } else {
            second.set(input & 7, isHigh)
            connect()
        }
    }

    /// An input rises and falls.
    mutating func pulse(_ input: UInt8) {
        set(input, true)
        set(input, false)
    }

    private mutating func connect() { first.set(Self.cascade, second.isRequesting) }

    /// The vector of the interrupt that is served now. Where the request is gone by then, input 7
    /// answers, a "spurious" interrupt.
    mutating func acknowledge() -> UInt8 {
        defer { connect() }
        let input = first.acknowledge() ?? 7
        guard input == Self.cascade else { return first.vectorBase | input }
        return second.vectorBase | (second.acknowledge() ?? 7)
    }

    /// nil: none of its ports.
    mutating func read(_ port: UInt16) -> UInt8? {
        defer { connect() }
        switch port {
        case 0x20: return first.readCommandPort()
        case 0x21: return first.readDataPort()
        case 0xA0: return second.readCommandPort()
        case 0xA1: return second.readDataPort()
        case 0x4D0: return first.levels
        case 0x4D1: return second.levels
        default: return nil
        }
    }

    /// False: none of its ports.
    @discardableResult
    mutating func write(_ port: UInt16, _ value: UInt8) -> Bool {
        switch port {
        case 0x20: first.writeCommandPort(value)
        case 0x21: first.writeDataPort(value)
        case 0xA0: second.writeCommandPort(value)
        case 0xA1: second.writeDataPort(value)
        case 0x4D0: first.setLevels(value)
        case 0x4D1: second.setLevels(value)
        default: return false
        }
        connect()
        return true
    }
}
