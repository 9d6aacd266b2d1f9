import Architecture
import Testing

@testable import Machine

/// SDM 3C, 25.6.5 "Time-Stamp Counter Offset and Multiplier", and 26.1.3, "PAUSE".
@Suite("Time in non-root operation")
struct VMXTimeTests {
    private static let readTSC = "rdtsc"
    private static let readMSR = "mov ecx, 0x10\nrdmsr"

    /// What the guest reads, with the counter at 1,000,000 at entry.
    private func read(
        _ source: String, _ setUp: (inout VMXGuest) -> Void
    ) throws -> UInt64 {
        var guest = try VMXGuest(source)
        setUp(&guest)
        guest.machine.state.tsc = 1_000_000
        #expect(try guest.run() == .vmcall)
        let low = guest.machine.state.registers[.rax]
        return guest.machine.state.registers[.rdx] << 32 | low
    }

    @Test("the offset is added where TSC offsetting is 1", arguments: [readTSC, readMSR])
    func offset(source: String) throws {
        let plain = try read(source) { $0[.tscOffset] = 0x5_0000_0000 }
        #expect(plain < 1_000_100)
        let moved = try read(source) {
            $0[.tscOffset] = 0x5_0000_0000
            $0.set(PrimaryControl.useTSCOffsetting)
        }
        #expect(moved == plain + 0x5_0000_0000)
        let back = try read(source) {
            $0[.tscOffset] = 0 &- 1000
            $0.set(PrimaryControl.useTSCOffsetting)
        }
        #expect(back == plain - 1000)
    }

    @Test("the counter is multiplied first with TSC scaling", arguments: [readTSC, readMSR])
    func scaling(source: String) throws {
        let plain = try read(source) { _ in }
        // 2.5 with 48 bits behind the point.
        let multiplier: UInt64 = 5 << 47
        let scaled = try read(source) {
            $0[.tscMultiplier] = multiplier
            $0[.tscOffset] = 7
            $0.set(SecondaryControl.useTSCScaling)
            $0.set(PrimaryControl.useTSCOffsetting)
        }
        #expect(scaled == plain * 5 / 2 + 7)
        let ignored = try read(source) {
            $0[.tscMultiplier] = multiplier
            $0.set(SecondaryControl.useTSCScaling)
        }
        #expect(ignored == plain)
    }

    @Test("RDTSCP reads as RDTSC does")
    func rdtscp() throws {
        let plain = try read("rdtsc") { _ in }
        let moved = try read("rdtscp") {
            $0[.tscOffset] = 0x100_0000
            $0.set(PrimaryControl.useTSCOffsetting)
            $0.set(SecondaryControl.enableRDTSCP)
        }
        #expect(moved == plain + 0x100_0000)
    }

    // MARK: PAUSE

    /// A hundred rounds of PAUSE and a few instructions.
    private static let loop = "mov ecx, 100\nagain: pause\nnop\nnop\nloop again"

    private func pauses(gap: UInt64, window: UInt64, cpl: UInt8 = 0) throws -> ExitReason {
        var guest = try VMXGuest(Self.loop, cpl: cpl)
        guest.set(SecondaryControl.pauseLoopExiting)
        guest[.pleGap] = gap
        guest[.pleWindow] = window
        return try guest.run()
    }

    @Test("a loop of PAUSE that lasts longer than PLE_Window exits")
    func pauseLoop() throws {
        #expect(try pauses(gap: 50, window: 100) == .pause)
        #expect(try pauses(gap: 50, window: 100_000) == .vmcall)
    }

    @Test("PAUSEs further apart than PLE_Gap are no loop")
    func pauseGap() throws {
        #expect(try pauses(gap: 1, window: 100) == .vmcall)
    }

    @Test("above CPL 0 PAUSE-loop exiting does not count, PAUSE exiting does")
    func pauseAboveRing0() throws {
        #expect(try pauses(gap: 50, window: 100, cpl: 3) == .vmcall)
        var guest = try VMXGuest("pause", cpl: 3)
        guest.set(PrimaryControl.pauseExiting)
        #expect(try guest.run() == .pause)
    }

    @Test("the first PAUSE after VM entry starts a loop")
    func pauseAfterEntry() throws {
        var guest = try VMXGuest("pause\ncpuid\npause")
        guest.set(SecondaryControl.pauseLoopExiting)
        guest[.pleGap] = 1_000_000
        guest[.pleWindow] = 10
        #expect(try guest.run() == .cpuid)
        guest.skip()
        guest.machine.state.tsc += 1000
        #expect(try guest.run() == .vmcall)
    }
}
