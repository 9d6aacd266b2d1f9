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

    /// SDM 3C, 30.4.3.1: what a write brings about follows the operation that it is a part of. SGDT
    /// writes the limit, two bytes, and then the base, behind the register's low four bytes.
    @Test("a write whose instruction exits after it is not emulated")
    func incompleteOperation() throws {
        var guest = try guest("sgdt [0x4000b0]", serviced: 0x41, requested: 0)
        guest.write(Place.free + UInt64(APICRegister.inService.rawValue) + 0x20, 1 << 1)
        #expect(try guest.run() == .apicAccess)
        #expect(guest[.exitQualification] == 0x10B2)
        #expect(guest[.guestInterruptStatus] == 0x4100)
    }

    /// SDM 3C, 30.4.2, 30.4.3.1.
    @Test("an instruction that has written to the page may not read from it")
    func readAfterWrite() throws {
        // Pushes EBP to the logical destination, and then reads the task priority.
        let source = "mov esp, 0x4000d4\nmov ebp, 0x400084\nenter 0, 2"
        var guest = try guest(source, serviced: 0, requested: 0)
        guest.set(SecondaryControl.apicRegisterVirtualization)
        #expect(try guest.run() == .apicAccess)
        #expect(guest[.exitQualification] == 0x80)
    }

    @Test("each iteration of REP STOS to EOI ends an interrupt")
    func repeated() throws {
        let source = "mov edi, 0x4000b0\nmov ecx, 1\nrep stosd\nmov edi, 0x4000b0\nstosd"
        var guest = try guest(source, serviced: 0x41, requested: 0)
        for vector in [UInt64(0x41), 0x35] {
            let word = Place.free + UInt64(APICRegister.inService.rawValue) + ((vector >> 5) << 4)
            guest.write(word, 1 << (vector & 31), size: 4)
        }
        #expect(try guest.run() == .vmcall)
        #expect(guest[.guestInterruptStatus] == 0)
    }

    /// SDM 3C, 30.6 "Posted-Interrupt Processing", 27.7.1 "Interruptibility State": what it brings is
    /// delivered before the next instruction, in the HLT state too.
    @Test(
        "a notification brings an interrupt before the next instruction, and wakes from HLT",
        arguments: [UInt64(0), 1])
    func posted(activity: UInt64) throws {
        var guest = try guest("nop", serviced: 0, requested: 0)
        guest.set(PinControl.processPostedInterrupts)
        guest.set(ExitControl.acknowledgeInterruptOnExit)
        guest[.postedInterruptNotificationVector] = 0x40
        guest[.postedInterruptDescriptor] = Place.lists
        guest.write(Place.lists + 8, 1 << (0x51 - 64))
        guest.machine.state.apic.spuriousVector = 0x1FF
        guest.machine.state.apic.accept(0x40)
        guest[.guestRFLAGS] = 0x202
        guest[.guestActivityState] = activity
        // The guest has no handler.
        #expect(try guest.exception() == .generalProtection)
        #expect(guest[.idtVectoringInformation] & 0xFF == 0x51)
        #expect(guest[.guestRIP] == Place.code)
        #expect(guest[.guestActivityState] == 0)
    }
}
