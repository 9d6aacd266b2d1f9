/// The MC146818 clock of a PC with its battery-backed memory: ports 70h and 71h.
///
/// The date at the machine's start is always the same one, and goes on with the guest's steps.
///
/// Source: Motorola MC146818A data sheet, "Register Description".
public struct RealTimeClock: Sendable, Equatable {
    static let ports: [ClosedRange<UInt16>] = [0x70...0x71]

    /// Offsets of the registers that are not plain memory.
    private enum Register {
        static let statusA: UInt8 = 0x0A
        static let statusB: UInt8 = 0x0B
        static let statusC: UInt8 = 0x0C
        static let statusD: UInt8 = 0x0D
        static let century: UInt8 = 0x32
    }

    /// Bits of registers B and C that tell of the three causes of an interrupt.
    private enum Cause {
        static let update: UInt8 = 0x10
        static let alarm: UInt8 = 0x20
        static let periodic: UInt8 = 0x40
        static let all: UInt8 = 0x70
        /// Register C: one that is enabled has come.
        static let any: UInt8 = 0x80
    }

    private static let start = CalendarTime(year: 2023, month: 1, day: 1)
    private static let perSecond = DeviceClock.ticksPerSecond
    /// An update is announced so long ahead: 244 microseconds.
    private static let announcement = perSecond * 244 / 1_000_000

    private var memory = [UInt8](repeating: 0, count: 128)
    private var index: UInt8 = 0
    /// The date at time 0, in seconds since 2000; it moves when the guest sets the clock.
    private var base = Self.start.seconds
    /// While the guest sets the clock it stands still.
    private var held: CalendarTime?
    private var statusA: UInt8 = 0x26
    /// 24 hours, BCD.
    private var statusB: UInt8 = 0x02
    private var statusC: UInt8 = 0
    /// Up to here causes of interrupts have been seen.
    private var seen: UInt64 = 0

    /// - Parameter memorySize: bytes of RAM from address 0, as firmware would note them.
    init(memorySize: UInt64) {
        func note(_ value: UInt64, at offset: Int, bytes: Int) {
            for byte in 0..<bytes {
                memory[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))
            }
        }
        let mebibyte: UInt64 = 1 << 20
        let below4GiB = min(memorySize, 3 << 30)
        let extended = min(max(below4GiB, mebibyte) - mebibyte, 63 * mebibyte + 0xFFC00) >> 10
        note(min(memorySize >> 10, 640), at: 0x15, bytes: 2)
        note(extended, at: 0x17, bytes: 2)
        note(extended, at: 0x30, bytes: 2)
        note((max(below4GiB, 16 * mebibyte) - 16 * mebibyte) >> 16, at: 0x34, bytes: 2)
        note((memorySize - below4GiB) >> 16, at: 0x5B, bytes: 3)
    }

    // MARK: Time

    private func date(_ now: UInt64) -> CalendarTime {
        held ?? CalendarTime(seconds: base &+ now / Self.perSecond)
    }

    private mutating func set(_ date: CalendarTime, _ now: UInt64) {
        base = date.seconds &- now / Self.perSecond
    }

    /// Ticks from one periodic interrupt to the next; nil where none is selected.
    private var period: UInt64? {
        let rate = UInt64(statusA & 0xF)
        guard rate > 0 else { return nil }
        let divisor = rate < 3 ? rate + 6 : rate - 1
        return Self.perSecond * (1 << divisor) / 32768
    }

    /// When an interrupt that is enabled could come next.
    var nextInterrupt: UInt64? {
        let periodic = statusB & Cause.periodic != 0 ? period.map { next(seen, $0) } : nil
        let isEachSecond = statusB & (Cause.update | Cause.alarm) != 0 && held == nil
        let second = isEachSecond ? next(seen, Self.perSecond) : nil
        return DeviceClock.earlier(periodic, second)
    }

    private func next(_ time: UInt64, _ period: UInt64) -> UInt64 { (time / period + 1) * period }

    /// Notes what has come since the last look; true: the output rises.
    mutating func advance(to now: UInt64) -> Bool {
        guard now > seen else { return false }
        let before = statusC
        if let period, next(seen, period) <= now { statusC |= Cause.periodic }
        if held == nil, next(seen, Self.perSecond) <= now {
            statusC |= Cause.update
            if isAlarmDue(from: seen, to: now) { statusC |= Cause.alarm }
        }
        seen = now
        if statusC & statusB & Cause.all != 0 { statusC |= Cause.any }
        return statusC & ~before & Cause.any != 0
    }

    /// Whether one of the seconds that have begun is the alarm's.
    private func isAlarmDue(from: UInt64, to now: UInt64) -> Bool {
        let first = from / Self.perSecond + 1
        let last = now / Self.perSecond
        // The alarm has come around within a day, if it comes at all.
        for second in first..<(min(last, first + CalendarTime.secondsPerDay) + 1) {
            let date = CalendarTime(seconds: base &+ second)
            let fields = [(1, date.second), (3, date.minute), (5, date.hour)]
            let isDue = fields.allSatisfy { register, value in
                // 11 in the two top bits: any value.
                memory[register] >= 0xC0 || memory[register] == encode(value, isHour: register == 5)
            }
            if isDue { return true }
        }
        return false
    }

    // MARK: Formats

    private func encode(_ value: UInt64, isHour: Bool = false) -> UInt8 {
        var value = value
        var afternoon: UInt8 = 0
        if isHour, statusB & 2 == 0 {
            if value >= 12 { afternoon = 0x80 }
            value = (value + 11) % 12 + 1
        }
        let isBinary = statusB & 4 != 0
        return UInt8(truncatingIfNeeded: isBinary ? value : (value / 10) << 4 | value % 10)
            | afternoon
    }

    private func decode(_ byte: UInt8, isHour: Bool = false) -> UInt64 {
        let isTwelve = isHour && statusB & 2 == 0
        let digits = isTwelve ? byte & 0x7F : byte
        let isBinary = statusB & 4 != 0
        let value = isBinary ? UInt64(digits) : UInt64(digits >> 4) * 10 + UInt64(digits & 0xF)
        guard isTwelve else { return value }
        return value % 12 + (byte & 0x80 != 0 ? 12 : 0)
    }

    // MARK: Ports

    /// nil: none of its ports.
    mutating func read(_ port: UInt16, _ now: UInt64) -> UInt8? {
        // Which register is selected cannot be read.
        if port == 0x70 { return 0xFF }
        guard port == 0x71 else { return nil }
        _ = advance(to: now)
        let date = date(now)
        switch index {
        case 0: return encode(date.second)
        case 2: return encode(date.minute)
        case 4: return encode(date.hour, isHour: true)
        case 6: return encode(date.weekday)
        case 7: return encode(date.day)
        case 8: return encode(date.month)
        case 9: return encode(date.year % 100)
        case Register.century: return encode(date.year / 100)
        case Register.statusA:
            let isNear = now % Self.perSecond >= Self.perSecond - Self.announcement
            return statusA | (isNear && held == nil ? 0x80 : 0)
        case Register.statusB: return statusB
        case Register.statusC:
            defer { statusC = 0 }
            return statusC
        // The battery is good.
        case Register.statusD: return 0x80
        default: return memory[Int(index)]
        }
    }

    /// False: none of its ports.
    @discardableResult
    mutating func write(_ port: UInt16, _ value: UInt8, _ now: UInt64) -> Bool {
        if port == 0x70 {
            // Bit 7 would disable NMIs: there are no NMIs of the chipset's.
            index = value & 0x7F
            return true
        }
        guard port == 0x71 else { return false }
        _ = advance(to: now)
        switch index {
        case Register.statusA: statusA = value & 0x7F
        case Register.statusB: writeStatusB(value, now)
        case Register.statusC, Register.statusD: break
        default:
            var date = date(now)
            guard change(&date, to: value) else {
                memory[Int(index)] = value
                return true
            }
            if held != nil { held = date } else { set(date, now) }
        }
        return true
    }

    /// False: the register is none of the date's.
    private func change(_ date: inout CalendarTime, to value: UInt8) -> Bool {
        let number = decode(value, isHour: index == 4)
        switch index {
        case 0: date.second = number
        case 2: date.minute = number
        case 4: date.hour = number
        // The day of the week follows from the date.
        case 6: break
        case 7: date.day = number
        case 8: date.month = number
        case 9: date.year = date.year / 100 * 100 + number
        case Register.century: date.year = number * 100 + date.year % 100
        default: return false
        }
        return true
    }

    private mutating func writeStatusB(_ value: UInt8, _ now: UInt64) {
        let isSetting = value & 0x80 != 0
        if isSetting, held == nil {
            held = date(now)
        } else if !isSetting, let date = held {
            held = nil
            set(date, now)
        }
        statusB = value
    }
}
