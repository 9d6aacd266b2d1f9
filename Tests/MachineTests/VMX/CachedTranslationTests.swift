import Architecture
import Testing

@testable import Machine

/// What a debugger shows of the TLB. SDM 3A, "Caching Translation Information".
@Suite("Cached translations as shown")
struct CachedTranslationTests {
    typealias Place = VMXGuest.Place

    private func remembered(_ guest: inout VMXGuest, at linear: UInt64) -> CachedTranslation? {
        let state = guest.machine.state
        return guest.machine.cachedTranslations(seenBy: state).first { $0.linear == linear }
    }

    @Test("a translation that EPT no longer gives is stale, with the page that it gives now")
    func otherPage() throws {
        var guest = try VMXGuest("mov ebx, [0x400000]\nhlt")
        _ = guest.machine.vmlaunch()
        _ = guest.machine.run(Machine.Limits(steps: 1))
        let fresh = try #require(remembered(&guest, at: 0x40_0000))
        #expect(fresh.tables == .same && !fresh.isStale)
        #expect(fresh.ept != nil && fresh.allows(.read, isUser: false))
        guest.write(VMXMemoryTests.entry, Place.free | 0xB7)
        let stale = try #require(remembered(&guest, at: 0x40_0000))
        #expect(stale.tables == .otherPage(Place.free))
        #expect(stale.isStale)
    }

    @Test("rights taken from a page are stale rights")
    func fewerRights() throws {
        var guest = try VMXGuest("mov [0x400000], ebx\nhlt")
        _ = guest.machine.vmlaunch()
        _ = guest.machine.run(Machine.Limits(steps: 1))
        #expect(remembered(&guest, at: 0x40_0000)?.allows(.write, isUser: false) == true)
        let entry = guest.read(VMXMemoryTests.entry)
        guest.write(VMXMemoryTests.entry, entry & ~2)
        #expect(remembered(&guest, at: 0x40_0000)?.tables == .fewerRights)
        guest.write(VMXMemoryTests.entry, 0)
        #expect(remembered(&guest, at: 0x40_0000)?.tables == .nothing)
    }

    @Test("looking sets no accessed flag, keeps no translation and forgets none")
    func changesNothing() throws {
        var guest = try VMXGuest("mov ebx, [0x400000]\nhlt")
        _ = guest.machine.vmlaunch()
        _ = guest.machine.run(Machine.Limits(steps: 1))
        let entry = guest.read(VMXMemoryTests.entry)
        let state = guest.machine.state
        let first = guest.machine.cachedTranslations(seenBy: state)
        let second = guest.machine.cachedTranslations(seenBy: state)
        #expect(first == second && !first.isEmpty)
        #expect(guest.read(VMXMemoryTests.entry) == entry)
    }
}
