import Architecture
import Testing

@testable import Machine

/// SDM 3C, 30.2 "Evaluation and Delivery of Virtual Interrupts".
@Suite("Virtual interrupts")
struct VMXVirtualInterruptTests {
    typealias Place = VMXGuest.Place

    /// Virtual-interrupt delivery, with a vector in service and one requested.
    private func guest(_ source: String, serviced: UInt64, requested: UInt64) throws -> VMXGuest {
        var guest = try VMXGuest(source)
        guest.set(PinControl.externalInterruptExiting)
        guest.set(PrimaryControl.useTPRShadow)
        guest.set(SecondaryControl.virtualizeAPICAccesses)
        guest.set(SecondaryControl.virtualInterruptDelivery)
        guest[.virtualAPICAddress] = Place.free
        guest[.apicAccessAddress] = Place.page
        guest[.guestInterruptStatus] = serviced << 8 | requested
        return guest
    }

    @Test(
        "one requested is delivered when IF becomes 1 after an EOI that exited",
        arguments: [
            "sti", "push 0x202\npopf", "pushf\nor word [esp], 0x200\npush cs\npush next\niret",
        ])
    func afterEOIExit(opening: String) throws {
        let source = "mov dword [0x4000b0], 0\n\(opening)\nnext: nop\nnop"
        var guest = try guest(source, serviced: 0x41, requested: 0x2E)
        // A code segment for IRET.
        guest[.guestGDTRBase] = Place.data
        guest.write(Place.data + 8, 0x00CF_9B00_0000_FFFF)
        guest[.eoiExitBitmap1] = 1 << 1
        #expect(try guest.run() == .virtualizedEOI)
        #expect(guest[.guestInterruptStatus] == 0x2E)
        // The guest has no handler.
        #expect(try guest.exception() == .generalProtection)
        #expect(guest[.idtVectoringInformation] & 0xFF == 0x2E)
    }

    /// SDM 3C, 30.4.2 "Virtualizing Reads from the APIC-Access Page", 30.4.3.1 "Determining Whether
    /// a Write Access is Virtualized": by page offset, and by ranges of offsets.
    @Test("later bytes of a register are virtualized by APIC-register virtualization alone")
    func offsets() throws {
        for source in ["mov al, [0x400081]", "mov [0x400081], al", "mov [0x4000b1], al"] {
            var guest = try guest(source, serviced: 0, requested: 0)
            #expect(try guest.run() == .apicAccess, "\(source)")
            guest.set(SecondaryControl.apicRegisterVirtualization)
            #expect(try guest.run() == .vmcall, "\(source)")
        }
    }
}
