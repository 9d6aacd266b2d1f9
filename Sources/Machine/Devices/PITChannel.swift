/// One counter of an 8254 timer. Times are in ticks of its input.
///
/// What it has counted follows from the time since its count was loaded: nothing happens in between.
/// A count that is written takes effect at once, where the chip would wait for the next tick, and in
/// modes 2 and 3 for the end of the period.
///
/// Source: Intel 8254 data sheet, "Mode Definitions".
struct PITChannel: Sendable, Equatable {
    private(set) var mode: UInt8 = 3
    private var isBCD = false
    /// Which bytes of the count are transferred: 1 the low one, 2 the high one, 3 both in turn.
    private var access: UInt8 = 3
    /// 1 to 65536; nil before a count was written.
    private var count: UInt64?
    /// When the count was loaded, in modes 1 and 5: triggered.
    private var start: UInt64 = 0
    /// In modes 1 and 5: the input "gate" has risen since the count was written.
    private var isTriggered = false
    private(set) var gate: Bool
    /// Ticks counted while the gate was last low, where the gate stops the count.
    private var counted: UInt64 = 0

    private var lowByte: UInt8?
    private var readsHighByte = false
    private var latchedCount: UInt16?
    private var latchedStatus: UInt8?

    init(gate: Bool) { self.gate = gate }

    // MARK: Time

    private var isHardwareTriggered: Bool { mode == 1 || mode == 5 }
    private var isPeriodic: Bool { mode == 2 || mode == 3 }

    /// Ticks counted since the start, nil where nothing counts yet.
    private func elapsed(_ now: UInt64) -> UInt64? {
        guard count != nil, !isHardwareTriggered || isTriggered else { return nil }
        if !gate, !isHardwareTriggered { return counted }
        return now &- start
    }

    /// The output.
    func output(_ now: UInt64) -> Bool {
        guard let count, let elapsed = elapsed(now) else { return mode != 0 }
        switch mode {
        case 0, 1: return elapsed >= count
        case 2: return !gate || elapsed % count != count - 1
        case 3: return !gate || elapsed % count < (count + 1) / 2
        default: return elapsed != count
        }
    }

    /// When the output rises next after `now`; nil: not by itself.
    func nextRise(after now: UInt64) -> UInt64? {
        guard gate, let count, let elapsed = elapsed(max(now, start)) else { return nil }
        switch mode {
        case 0, 1: return elapsed < count ? start &+ count : nil
        case 2, 3: return start &+ (elapsed / count + 1) * count
        default: return elapsed <= count ? start &+ count &+ 1 : nil
        }
    }

    private func value(_ now: UInt64) -> UInt16 {
        guard let count else { return 0 }
        let elapsed = elapsed(now) ?? 0
        let left: UInt64
        switch mode {
        case 2: left = count - elapsed % count
        case 3: left = (count - 2 &* elapsed % count) & ~1
        default: left = count &- elapsed
        }
        return isBCD ? Self.bcd(left % 10000) : UInt16(truncatingIfNeeded: left)
    }

    private static func bcd(_ value: UInt64) -> UInt16 {
        let digits = [1, 10, 100, 1000].map { value / $0 % 10 }
        return UInt16(digits[0] | digits[1] << 4 | digits[2] << 8 | digits[3] << 12)
    }

    // MARK: Gate

    mutating func setGate(_ isHigh: Bool, _ now: UInt64) {
        guard isHigh != gate else { return }
        if isHigh {
            gate = true
            switch mode {
            case 0, 4: start = now &- counted
            default:
                start = now
                isTriggered = count != nil
            }
        } else {
            if !isHardwareTriggered { counted = isPeriodic ? 0 : elapsed(now) ?? 0 }
            gate = false
        }
    }

    // MARK: Programming

    /// A control word that sets the mode.
    mutating func configure(access: UInt8, mode: UInt8, isBCD: Bool) {
        self.access = access
        // Modes 6 and 7 are 2 and 3.
        self.mode = mode > 5 ? mode - 4 : mode
        self.isBCD = isBCD
        (count, isTriggered, counted) = (nil, false, 0)
        (lowByte, readsHighByte, latchedCount, latchedStatus) = (nil, false, nil, nil)
    }

    mutating func write(_ byte: UInt8, _ now: UInt64) {
        switch access {
        case 1: load(UInt16(byte), now)
        case 2: load(UInt16(byte) << 8, now)
        default:
            if let low = lowByte {
                lowByte = nil
                load(UInt16(low) | UInt16(byte) << 8, now)
            } else {
                lowByte = byte
            }
        }
    }

    private mutating func load(_ value: UInt16, _ now: UInt64) {
        if isBCD {
            let digits = [0, 4, 8, 12].map { UInt64(value >> $0 & 0xF) }
            let number = digits[0] + digits[1] * 10 + digits[2] * 100 + digits[3] * 1000
            count = number == 0 ? 10000 : number
        } else {
            count = value == 0 ? 65536 : UInt64(value)
        }
        (start, counted) = (now, 0)
        isTriggered = false
    }

    mutating func latchCount(_ now: UInt64) {
        if latchedCount == nil { latchedCount = value(now) }
    }

    mutating func latchStatus(_ now: UInt64) {
        guard latchedStatus == nil else { return }
        var status: UInt8 = access << 4 | mode << 1 | (isBCD ? 1 : 0)
        if output(now) { status |= 0x80 }
        if count == nil { status |= 0x40 }
        latchedStatus = status
    }

    mutating func read(_ now: UInt64) -> UInt8 {
        if let status = latchedStatus {
            latchedStatus = nil
            return status
        }
        let value = latchedCount ?? self.value(now)
        let isHigh = access == 2 || (access == 3 && readsHighByte)
        if access == 3 { readsHighByte.toggle() }
        if access != 3 || isHigh { latchedCount = nil }
        return UInt8(truncatingIfNeeded: isHigh ? value >> 8 : value)
    }
}
