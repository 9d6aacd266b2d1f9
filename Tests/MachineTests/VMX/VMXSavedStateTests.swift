import Architecture
import InstructionSet
import Testing

@testable import Machine

/// SDM 3C, 28.3.3 "Saving RIP, RSP, RFLAGS, and SSP" and 28.3.4 "Saving Non-Register State".
@Suite("State that an exit saves")
struct VMXSavedStateTests {
    typealias Place = VMXGuest.Place
    private static let blockingBySTI: UInt64 = 1
    private static let blockingByMovSS: UInt64 = 2

    @Test("an exit by an instruction saves RF clear, even if it was set")
    func resumeFlag() throws {
        for source in ["vmcall", "cpuid", "int3", "ud2"] {
            var guest = try VMXGuest(source)
            guest[.guestRFLAGS] = 0x10002
            _ = try guest.run()
            #expect(guest[.guestRFLAGS] == 2, "\(source)")
        }
    }

    @Test("pending debug exceptions outlast an exit under blocking by MOV SS, and not a #DB")
    func pendingDebug() throws {
        let rows: [(String, UInt64, ExitReason, UInt64)] = [
            ("cpuid", Self.blockingByMovSS, .cpuid, 1),
            ("int1", Self.blockingByMovSS, .exceptionOrNMI, 0),
            ("cpuid", 0, .exceptionOrNMI, 0),
        ]
        for (source, blocking, reason, pending) in rows {
            var guest = try VMXGuest(source)
            guest[.guestInterruptibility] = blocking
            // B0, with its breakpoint enabled: bit 12.
            guest[.guestPendingDebug] = 0x1001
            #expect(try guest.run() == reason)
            #expect(guest[.guestPendingDebug] == pending * 0x1001, "\(source)")
        }
    }

    /// SDM 3C, 27.7.1 "Interruptibility State".
    @Test("after a vectoring entry there is no blocking by STI")
    func vectoringEntry() throws {
        var guest = try VMXGuest("times 16 nop", .real16)
        guest.write(Place.idt + 3 * 4, Place.code + 16, size: 4)
        guest[.guestRFLAGS] = 0x202
        guest[.guestInterruptibility] = Self.blockingBySTI
        guest[.entryInterruptionInformation] = 0x8000_0603
        guest[.entryInstructionLength] = 1
        #expect(try guest.run() == .vmcall)
        #expect(guest[.guestRIP] == Place.code + 16)
        #expect(guest[.guestInterruptibility] == 0)
    }

    /// SDM 3A, "Masking Exceptions and Interrupts When Switching Stacks".
    @Test("of a row of MOV SS only the first blocks; MOV SS after STI blocks anew")
    func rowOfBlocking() throws {
        for (source, exit, offset, blocking) in [
            ("mov ss, ax\nmov ss, ax\nnop", ExitReason.interruptWindow, UInt64(4), UInt64(0)),
            ("mov ss, ax\nnop\nnop", .interruptWindow, 3, 0),
            ("cli\nsti\nmov ss, ax\ncpuid", .cpuid, 4, Self.blockingByMovSS),
        ] {
            var guest = try VMXGuest(source, .real16)
            guest.set(PrimaryControl.interruptWindowExiting)
            guest[.guestRFLAGS] = 0x202
            // The window is open at entry but for this.
            guest[.guestInterruptibility] = Self.blockingBySTI
            #expect(try guest.run() == exit, "\(source)")
            #expect(guest[.guestRIP] == Place.code + offset, "\(source)")
            #expect(guest[.guestInterruptibility] == blocking, "\(source)")
        }
    }

    /// SDM 3A, "Interrupt 14—Page-Fault Exception (#PF)".
    @Test("CR2 has the address of the second page fault that made a double fault")
    func cr2OfDoubleFault() throws {
        var guest = try VMXGuest("mov eax, [0x40000000]", .long64)
        guest[.exceptionBitmap] = 1 << UInt64(ExceptionVector.doubleFault.rawValue)
        guest[.guestIDTRBase] = 0x5000_0000
        #expect(try guest.exception() == .doubleFault)
        #expect(guest.machine.state.cr2 == 0x5000_0000 + 14 * 16)
    }

    /// SDM 3A, "Interrupt and Exception Handling" in "Real-Address Mode Operation": the processor
    /// pushes FLAGS, CS and IP, and then takes the far pointer from the vector table.
    @Test("delivery in real mode pushes before it reads the vector")
    func realModeOrder() throws {
        var guest = try VMXGuest("int 0x40", .real16)
        guest[.guestIDTRBase] = 0x40_0000
        guest[.guestSSBase] = 0x60_0000
        for page in UInt64(2)...3 { guest.write(Place.ept + 0x2000 + page * 8, 0) }
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.guestPhysicalAddress] == 0x60_0000 + Place.stack - 2)
    }

    /// SDM 3C, 30.4 "Virtualizing Memory-Mapped APIC Accesses": as though each access were made.
    @Test("on the APIC-access page an OR reads first; FXSAVE begins with a wide write at its start")
    func orderOfAPICAccesses() throws {
        for (source, qualification) in [
            ("or [0x4000b0], ecx", UInt64(0xB0)), ("fxsave [0x4000b0]", 0x10B0),
        ] {
            var guest = try VMXGuest(source)
            guest.set(PinControl.externalInterruptExiting)
            guest.set(PrimaryControl.useTPRShadow)
            guest.set(SecondaryControl.virtualizeAPICAccesses)
            guest.set(SecondaryControl.virtualInterruptDelivery)
            guest[.virtualAPICAddress] = Place.free
            guest[.apicAccessAddress] = Place.page
            #expect(try guest.run() == .apicAccess)
            #expect(guest[.exitQualification] == qualification, "\(source)")
        }
    }
}
