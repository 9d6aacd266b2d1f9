/// How time goes by in the devices: guest steps are the clock.
///
/// A step is one tick of the processor's time-stamp counter, and everything that counts or waits is
/// told in such ticks, from the machine's start. Eight of them make one tick of the timer's crystal,
/// so a second has somewhat less than ten million steps: slow for a processor, but a guest that
/// waits for the clock gets somewhere.
enum DeviceClock {
    static let ticksPerTimerTick: UInt64 = 8
    /// The 8254's input, in hertz.
    static let timerFrequency: UInt64 = 1_193_182
    static let ticksPerSecond = ticksPerTimerTick * timerFrequency

    /// The earlier of two times; nil: neither will come. Asked at each port access, and so without
    /// an array.
    static func earlier(_ one: UInt64?, _ other: UInt64?) -> UInt64? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}
