/// A moment of the calendar, to the second. Days are counted from 1 January 2000.
struct CalendarTime: Sendable, Equatable {
    /// 2000 and up.
    var year: UInt64
    /// 1 to 12.
    var month: UInt64
    /// 1 to 31.
    var day: UInt64
    var hour: UInt64
    var minute: UInt64
    var second: UInt64

    static let secondsPerDay: UInt64 = 86400

    private static func isLeap(_ year: UInt64) -> Bool {
        year % 4 == 0 && year % 100 != 0 || year % 400 == 0
    }

    private static func days(inMonth month: UInt64, of year: UInt64) -> UInt64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: isLeap(year) ? 29 : 28
        default: 31
        }
    }

    init(
        year: UInt64, month: UInt64, day: UInt64, hour: UInt64 = 0, minute: UInt64 = 0,
        second: UInt64 = 0
    ) {
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// That many seconds after the start of the year 2000.
    init(seconds: UInt64) {
        second = seconds % 60
        minute = seconds / 60 % 60
        hour = seconds / 3600 % 24
        // The calendar repeats itself every 400 years.
        var days = seconds / Self.secondsPerDay % 146_097
        year = 2000
        while days >= (Self.isLeap(year) ? 366 : 365) {
            days -= Self.isLeap(year) ? 366 : 365
            year += 1
        }
        month = 1
        while days >= Self.days(inMonth: month, of: year) {
            days -= Self.days(inMonth: month, of: year)
            month += 1
        }
        day = days + 1
    }

    /// Seconds since the start of the year 2000. Numbers beyond their range count all the same.
    var seconds: UInt64 {
        var days = max(day, 1) - 1
        for past in 2000..<max(year, 2000) { days += Self.isLeap(past) ? 366 : 365 }
        for past in 1..<min(max(month, 1), 13) { days += Self.days(inMonth: past, of: year) }
        return days * Self.secondsPerDay + hour * 3600 + minute * 60 + second
    }

    /// 1 for Sunday to 7. 1 January 2000 was a Saturday.
    var weekday: UInt64 { (seconds / Self.secondsPerDay + 6) % 7 + 1 }
}
