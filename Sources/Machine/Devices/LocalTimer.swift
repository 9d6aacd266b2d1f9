/// The local APIC's timer: counts down once or again and again, or waits for a value of the
/// time-stamp counter.
///
/// Its clock is the machine's: one tick for each guest step, before it is divided. Source: SDM 3A,
/// "APIC Timer".
struct LocalTimer: Sendable, Equatable {
    enum Mode: UInt32, Sendable { case oneShot, periodic, deadline }

    private(set) var mode = Mode.oneShot
    private(set) var initialCount: UInt32 = 0
    /// The divide configuration register: bits 3, 1 and 0.
    private(set) var divideConfiguration: UInt32 = 0
    /// When the count was what ``startCount`` tells.
    private var start: UInt64 = 0
    private var startCount: UInt64 = 0
    /// IA32_TSC_DEADLINE; 0: not armed.
    private(set) var deadline: UInt64 = 0

    /// Ticks of the machine for one of the count.
    private var divisor: UInt64 {
        let code = (divideConfiguration & 3) | divideConfiguration >> 1 & 4
        return code == 7 ? 1 : 2 << UInt64(code)
    }

    /// When it has counted down to 0; nil: it does not count.
    private var end: UInt64? { startCount == 0 ? nil : start &+ startCount &* divisor }

    /// The machine's time at which it interrupts next. `stamp` is the time-stamp counter now.
    func next(_ now: UInt64, stamp: UInt64) -> UInt64? {
        guard mode == .deadline else { return end }
        guard deadline != 0 else { return nil }
        return deadline > stamp ? now &+ (deadline &- stamp) : now
    }

    /// Whether it has interrupted up to now.
    mutating func advance(to now: UInt64, stamp: UInt64) -> Bool {
        guard let end = next(now, stamp: stamp), end <= now else { return false }
        switch mode {
        case .deadline: deadline = 0
        case .oneShot: startCount = 0
        case .periodic:
            let period = max(1, UInt64(initialCount) &* divisor)
            start = end &+ (now &- end) / period &* period
            startCount = UInt64(initialCount)
        }
        return true
    }

    func currentCount(_ now: UInt64) -> UInt32 {
        guard mode != .deadline, let end, end > now else { return 0 }
        return UInt32(truncatingIfNeeded: (end &- now &+ divisor &- 1) / divisor)
    }

    // MARK: Registers

    /// Starts the count; 0 stops it. In TSC-deadline mode such writes are ignored.
    mutating func setInitialCount(_ count: UInt32, _ now: UInt64) {
        guard mode != .deadline else { return }
        initialCount = count
        (start, startCount) = (now, UInt64(count))
    }

    mutating func setDivideConfiguration(_ value: UInt32, _ now: UInt64) {
        let count = currentCount(now)
        divideConfiguration = value & 0xB
        (start, startCount) = (now, UInt64(count))
    }

    /// A change to or from TSC-deadline mode disarms the timer; between the others it goes on.
    mutating func setMode(_ number: UInt32) {
        let new = Mode(rawValue: number) ?? .oneShot
        guard new != mode else { return }
        if new == .deadline || mode == .deadline {
            (startCount, deadline, initialCount) = (0, 0, 0)
        }
        mode = new
    }

    /// Ignored in the other modes.
    mutating func setDeadline(_ value: UInt64) {
        if mode == .deadline { deadline = value }
    }
}
