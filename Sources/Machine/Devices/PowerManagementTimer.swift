/// ACPI's power-management timer: a counter of 24 bits that nothing can stop.
///
/// Source: ACPI Specification, "Power Management Timer".
public enum PowerManagementTimer {
    /// Where a PC's chipset has it, four ports.
    public static let port: UInt16 = 0x608
    static let ports = port...port + 3

    /// Three of its ticks, at 3.579545 MHz, are one of the 8254's.
    static func count(_ now: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: now &* 3 / DeviceClock.ticksPerTimerTick) & 0xFF_FFFF
    }

    static func read(_ port: UInt16, _ now: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: count(now) >> UInt32(8 * (port - Self.port)))
    }
}
