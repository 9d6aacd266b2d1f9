import Architecture
import Machine
import Testing

@testable import Narration

/// Accesses to CR0 as SDM 3C, 25.6.6 "Guest/Host Masks and Read Shadows for CR0 and CR4" has them.
@Suite("Control registers drawn")
struct ControlRegisterTests {
    /// PG, NE, EM and PE are the host's; the guest sets TS and EM.
    private var exiting: ControlRegisterAccess {
        var access = ControlRegisterAccess(kind: .moveTo, number: 0)
        access.value = 0x8001_003F
        access.real = 0x8001_0033
        access.shadow = 0x8001_0033
        access.mask = 0x8000_0025
        access.nonRoot = 1
        access.mayBeOne = 0xFFFF_FFFF
        return access
    }

    private func rows(_ lines: [String], _ label: String) -> [String] {
        let line = lines.first { $0.trimmingPrefix(while: { $0 == " " }).hasPrefix(label + " ") }
        return (line ?? "").split(separator: " ").dropFirst(label.split(separator: " ").count)
            .prefix(11).map(String.init)
    }

    @Test("the bits of CR0 stand below their names")
    func bits() {
        let lines = WhyText().why(.controlRegister(exiting), ladders: Ladders())
        let names = ["PG", "CD", "NW", "AM", "WP", "NE", "ET", "TS", "EM", "MP", "PE"]
        #expect(rows(lines, "bit") == names)
        #expect(rows(lines, "written").joined() == "10001111111")
        #expect(rows(lines, "shadow").joined() == "10001110011")
        #expect(rows(lines, "host owns").joined() == "x....x..x.x")
        #expect(rows(lines, "differs").joined() == ".......**..")
    }

    @Test("EM decides, and three single bits of EM would have changed it")
    func deciding() {
        let lines = WhyText().why(.controlRegister(exiting), ladders: Ladders())
        #expect(lines.contains("VM exit 28, control-register accesses. EM decided."))
        #expect(lines.contains { $0.hasSuffix("└ EM: host-owned and different") })
        #expect(lines.contains { $0.hasSuffix("└ TS: different, but guest-owned") })
        let whyNot = WhyText().whyNot(.controlRegister(exiting), ladders: Ladders())
            .map { $0.trimmingPrefix(while: { $0 == " " }) }.joined(separator: " ")
        for part in [
            "EM clear in the CR0 guest/host mask", "EM set in the CR0 read shadow",
            "EM clear in the value written",
        ] {
            #expect(whyNot.contains(part), "\(part)")
        }
    }

    @Test("a write that only changes a guest-owned bit says what it leaves behind")
    func notExiting() {
        var access = exiting
        access.value = 0x8001_003B
        let lines = WhyText().why(.controlRegister(access), ladders: Ladders())
        #expect(
            lines.contains("No exit. TS becomes 1 in the real CR0 (8001003B from 80010033)."))
        #expect(lines.contains { $0.contains("CR0 now reads as 8001003B") })
    }

    @Test("LMSW never clears PE, so that a shadow with PE set makes no exit")
    func loadMachineStatusWord() {
        var access = exiting
        access.kind = .lmsw
        access.value = 0x2
        let lines = WhyText().why(.controlRegister(access), ladders: Ladders())
        #expect(!lines.contains { $0.hasPrefix("VM exit") })
        #expect(lines.contains { $0.hasSuffix("└ PE: different, but LMSW cannot clear it") })
    }

    @Test("a read takes the host's bits from the shadow")
    func reading() throws {
        var access = ControlRegisterAccess(kind: .moveFrom, number: 0)
        access.nonRoot = 1
        access.real = 0x8001_003B
        access.shadow = 0x6000_0011
        access.mask = 0xE000_0020
        let lines = try #require(ControlRegisterDiagram(access)).read(.plain)
        // PG, CD, NW and NE from the shadow, the others from the register.
        #expect(rows(lines, "reads as").joined() == "01101011011")
    }

    @Test("a register of 24 named bits still fits", arguments: [UInt64(0), 0x1FF_FFFF, ~0])
    func wideRegister(value: UInt64) {
        var access = ControlRegisterAccess(kind: .moveTo, number: 4)
        access.nonRoot = 1
        access.value = value
        access.mask = ~value
        access.shadow = ~0
        for line in WhyText().why(.controlRegister(access), ladders: Ladders()) {
            expectPrintable(line, .plain)
        }
    }
}
