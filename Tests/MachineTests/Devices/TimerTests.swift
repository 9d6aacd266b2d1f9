import Testing

@testable import Machine

/// Intel 8254 data sheet, "Mode Definitions"; Motorola MC146818A data sheet.
@Suite("Timer and clock")
struct TimerTests {
    private func timer(_ writes: [(UInt16, UInt8)], at now: UInt64 = 0) -> PIT {
        var pit = PIT()
        for (port, value) in writes { #expect(pit.write(port, value, now) == true) }
        return pit
    }

    @Test("mode 0 interrupts once, when the count has reached 0")
    func terminalCount() {
        var pit = timer([(0x43, 0x30), (0x40, 100), (0x40, 0)], at: 50)
        #expect(pit.nextInterrupt == 150)
        #expect(pit.advance(to: 149) == false)
        #expect(pit.advance(to: 150) == true)
        #expect(pit.nextInterrupt == nil)
    }

    @Test("modes 2 and 3 interrupt once in each period", arguments: [UInt8(0x34), 0x36])
    func periods(control: UInt8) {
        var pit = timer([(0x43, control), (0x40, 0x10), (0x40, 0x27)])
        #expect(pit.nextInterrupt == 10000)
        #expect(pit.advance(to: 10000) == true)
        #expect(pit.nextInterrupt == 20000)
        #expect(pit.advance(to: 19999) == false)
        #expect(pit.advance(to: 30000) == true)
    }

    @Test("a count of 0 is 65536")
    func zero() {
        let pit = timer([(0x43, 0x34), (0x40, 0), (0x40, 0)])
        #expect(pit.nextInterrupt == 65536)
    }

    @Test("a BCD count has four decimal digits")
    func decimal() {
        var pit = timer([(0x43, 0x31), (0x40, 0x34), (0x40, 0x12)])
        #expect(pit.nextInterrupt == 1234)
        #expect(pit.write(0x43, 0x00, 34) == true)
        #expect(pit.read(0x40, 34) == 0x00)
        #expect(pit.read(0x40, 34) == 0x12)
    }

    @Test("the count goes down by 1 in mode 2 and by 2 in mode 3")
    func counts() {
        var byOne = timer([(0x43, 0x14), (0x40, 200)])
        #expect(byOne.read(0x40, 30) == 170)
        #expect(byOne.read(0x40, 230) == 170)
        var byTwo = timer([(0x43, 0x16), (0x40, 200)])
        #expect(byTwo.read(0x40, 30) == 140)
    }

    @Test("a latched count stays until it has been read, the low byte first")
    func latch() {
        var pit = timer([(0x43, 0x34), (0x40, 0x00), (0x40, 0x10)])
        #expect(pit.write(0x43, 0, 1) == true)
        #expect(pit.read(0x40, 500) == 0xFF)
        #expect(pit.read(0x40, 600) == 0x0F)
        #expect(pit.read(0x40, 0x1000) == 0x00)
    }

    @Test("read-back tells the status: output, null count, access and mode")
    func status() {
        var pit = timer([(0x43, 0x30), (0x43, 0xE2)])
        #expect(pit.read(0x40, 0) == 0x70)
        pit = timer([(0x43, 0x30), (0x40, 10), (0x40, 0)])
        #expect(pit.write(0x43, 0xE2, 20) == true)
        #expect(pit.read(0x40, 20) == 0xB0)
    }

    @Test("port 61h opens counter 2's gate and shows its output")
    func speaker() {
        var pit = timer([(0x43, 0xB0), (0x42, 100), (0x42, 0)])
        #expect(pit.read(0x61, 500).map { $0 & 0x20 } == 0)
        #expect(pit.write(0x61, 1, 500) == true)
        #expect(pit.read(0x61, 599).map { $0 & 0x21 } == 0x01)
        #expect(pit.read(0x61, 600).map { $0 & 0x21 } == 0x21)
    }

    // MARK: Clock

    private func registers(
        _ clock: inout RealTimeClock, _ indices: [UInt8], at now: UInt64
    ) -> [UInt8?] {
        indices.map { index in
            _ = clock.write(0x70, index, now)
            return clock.read(0x71, now)
        }
    }

    @Test("the date starts at a fixed moment and goes on by the guest's time, in BCD")
    func date() {
        var clock = RealTimeClock(memorySize: 64 << 20)
        #expect(
            registers(&clock, [0x32, 9, 8, 7, 4, 2, 0], at: 0) == [
                0x20, 0x23, 1, 1, 0, 0, 0,
            ])
        // 31 days, 13 hours, 59 minutes and 58 seconds later.
        let seconds: UInt64 = 31 * 86400 + 13 * 3600 + 59 * 60 + 58
        let now = seconds * DeviceClock.ticksPerSecond
        #expect(registers(&clock, [8, 7, 4, 2, 0], at: now) == [2, 1, 0x13, 0x59, 0x58])
        // 1 February 2023 was a Wednesday.
        #expect(registers(&clock, [6], at: now) == [4])
    }

    @Test("register B selects binary numbers and twelve hours")
    func formats() {
        var clock = RealTimeClock(memorySize: 0)
        let now = 13 * 3600 * DeviceClock.ticksPerSecond
        _ = clock.write(0x70, 0x0B, now)
        _ = clock.write(0x71, 0x04, now)
        #expect(registers(&clock, [4, 9], at: now) == [0x81, 23])
    }

    @Test("memory sizes are noted as firmware does")
    func memorySizes() {
        var clock = RealTimeClock(memorySize: 64 << 20)
        #expect(registers(&clock, [0x15, 0x16], at: 0) == [0x80, 0x02])
        #expect(registers(&clock, [0x17, 0x18], at: 0) == [0x00, 0xFC])
        #expect(registers(&clock, [0x34, 0x35], at: 0) == [0x00, 0x03])
    }

    @Test("the update interrupt comes each second, and reading register C ends it")
    func updateInterrupt() {
        var clock = RealTimeClock(memorySize: 0)
        _ = clock.write(0x70, 0x0B, 0)
        _ = clock.write(0x71, 0x12, 0)
        let second = DeviceClock.ticksPerSecond
        #expect(clock.nextInterrupt == second)
        #expect(clock.advance(to: second) == true)
        #expect(registers(&clock, [0x0C], at: second).first.map { $0.map { $0 & 0x90 } } == 0x90)
        #expect(registers(&clock, [0x0C], at: second) == [0])
        #expect(clock.nextInterrupt == 2 * second)
    }
}
