import Architecture
import Testing

@testable import Machine

/// SDM 3C, 26.5.7 "Virtualization Exceptions".
@Suite("Virtualization exceptions")
struct VMXVirtualizationExceptionTests {
    typealias Place = VMXGuest.Place
    private static let area = Place.free

    /// A guest whose write to ``Place/page`` violates EPT; #VE exits by the exception bitmap.
    private func guest(_ source: String = VMXMemoryTests.write) throws -> VMXGuest {
        var guest = try VMXGuest(source)
        guest.write(VMXMemoryTests.entry, Place.page | 0xB5)
        guest.set(SecondaryControl.eptViolationVE)
        guest[.virtualizationExceptionInformationAddress] = Self.area
        guest[.eptpIndex] = 7
        return guest
    }

    @Test("a convertible violation raises #VE and writes the information area")
    func converted() throws {
        var guest = try guest()
        #expect(try guest.exception() == .virtualization)
        #expect(guest.read(Self.area, size: 4) == 48)
        #expect(guest.read(Self.area + 4, size: 4) == 0xFFFF_FFFF)
        #expect(guest.read(Self.area + 8) == 0x1AA)
        #expect(guest.read(Self.area + 16) == Place.page + 8)
        #expect(guest.read(Self.area + 24) == Place.page + 8)
        #expect(guest.read(Self.area + 32, size: 2) == 7)
    }

    @Test("with the control 0 a violation exits")
    func control() throws {
        var guest = try guest()
        guest.clear(SecondaryControl.eptViolationVE)
        #expect(try guest.run() == .eptViolation)
    }

    @Test("bit 63 of the EPT entry suppresses #VE")
    func suppressed() throws {
        var guest = try guest()
        guest.write(VMXMemoryTests.entry, Place.page | 0xB5 | 1 << 63)
        #expect(try guest.run() == .eptViolation)
        // In an entry that is not present it counts too.
        guest = try self.guest()
        guest.write(VMXMemoryTests.entry, 1 << 63)
        #expect(try guest.run() == .eptViolation)
    }

    @Test("while bytes 7:4 of the area are not 0 a violation exits")
    func busy() throws {
        var guest = try guest()
        guest.write(Self.area + 4, 1, size: 4)
        #expect(try guest.run() == .eptViolation)
    }

    @Test("with CR0.PE 0 a violation exits")
    func unprotected() throws {
        var guest = try VMXGuest("mov ax, [0x1000]", .real16)
        guest.write(Place.ept + 0x2000, Place.lists | 7)
        for page in UInt64(0)..<512 where page != 1 {
            guest.write(Place.lists + page * 8, page << 12 | 0x37)
        }
        guest.set(SecondaryControl.eptViolationVE)
        guest[.virtualizationExceptionInformationAddress] = Self.area
        #expect(try guest.run() == .eptViolation)
    }

    @Test("during delivery of an event a violation exits, with IDT-vectoring information")
    func duringDelivery() throws {
        var guest = try guest("ud2")
        guest[.exceptionBitmap] = 0
        guest[.guestIDTRBase] = Place.page
        guest.write(VMXMemoryTests.entry, Place.page | 0xB0)
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.idtVectoringInformation] == 0x8000_0306)
    }

    @Test("a misconfiguration never becomes #VE")
    func misconfigured() throws {
        var guest = try guest()
        guest.write(VMXMemoryTests.entry, Place.page | 0xB2)
        #expect(try guest.run() == .eptMisconfiguration)
    }
}
