/// The ports of a VGA as far as text programs use them: the CRT controller's index and data, which
/// hold the cursor's place, and the status that tells of the retrace. Only a PC's start has them.
///
/// Source: IBM PS/2 technical reference, "Video Subsystem".
public struct VideoRegisters: Sendable, Equatable {
    private static let index: UInt16 = 0x3D4
    private static let data: UInt16 = 0x3D5
    private static let status: UInt16 = 0x3DA
    static let ports: [ClosedRange<UInt16>] = [index...data, status...status]

    /// In lines of 25 rows of text, 70 times a second: all of them, those that show something, and
    /// the first and the last of the vertical retrace.
    private static let lines: UInt64 = 449
    private static let shownLines: UInt64 = 400
    private static let retrace: ClosedRange<UInt64> = 412...413
    private static let ticksPerLine = DeviceClock.ticksPerSecond / 70 / lines
    /// Of a line's ticks, four fifths show something.
    private static let shownTicks = ticksPerLine * 4 / 5

    private var selected: UInt8 = 0
    private var registers = [UInt8](repeating: 0, count: 25)

    public init() {}

    /// nil: none of its ports.
    func read(_ port: UInt16, _ now: UInt64) -> UInt8? {
        switch port {
        case Self.index: return selected
        case Self.data:
            return Int(selected) < registers.count ? registers[Int(selected)] : 0
        case Self.status:
            let line = now / Self.ticksPerLine % Self.lines
            let isBlank =
                line >= Self.shownLines || now % Self.ticksPerLine >= Self.shownTicks
            return (isBlank ? 1 : 0) | (Self.retrace.contains(line) ? 8 : 0)
        default: return nil
        }
    }

    /// False: none of its ports.
    @discardableResult
    mutating func write(_ port: UInt16, _ value: UInt8) -> Bool {
        switch port {
        case Self.index: selected = value
        case Self.data: if Int(selected) < registers.count { registers[Int(selected)] = value }
        default: return false
        }
        return true
    }
}
