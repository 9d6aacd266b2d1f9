import Architecture
import InstructionSet
import Testing

@testable import Machine

/// Root software that lies in the machine: its VMLAUNCH is an instruction like any other, and the
/// guest's first boundary must not be mistaken for the one behind it.
@Suite("VM entry by an instruction of the machine's")
struct VMXOwnRootTests {
    private typealias Place = VMXGuest.Place

    /// A guest of NOPs that root code of a VMLAUNCH alone will enter.
    private func guest(_ source: String = "nop\nnop\nnop") throws -> VMXGuest {
        var guest = try VMXGuest(source, .long64)
        guest.machine.memory.load([0x0F, 0x01, 0xC2], at: Place.free)
        guest.machine.state.rip = Place.free
        guest.machine.state.cr3 = Place.guestTables
        guest[.hostCR3] = Place.guestTables
        return guest
    }

    private func run(_ guest: inout VMXGuest) -> ExitReason? {
        #expect(guest.machine.run(Machine.Limits(steps: 1000)) == .exited)
        return ExitReasonField(rawValue: UInt32(guest[.exitReason])).basic
    }

    /// 27.7.6 "NMI-Window Exiting": blocking by MOV SS holds it off for one instruction.
    @Test(
        "blocking that it loads holds for the guest's first instruction", arguments: [true, false])
    func blocking(byMovSS: Bool) throws {
        var guest = try guest()
        guest.set(PinControl.nmiExiting)
        guest.set(PinControl.virtualNMIs)
        guest.set(PrimaryControl.nmiWindowExiting)
        if byMovSS { guest[.guestInterruptibility] = InterruptibilityBit.blockingByMOVSS.mask }
        #expect(run(&guest) == .nmiWindow)
        #expect(guest[.guestRIP] == Place.code + (byMovSS ? 1 : 0))
    }

    /// 26.5.2 "Monitor Trap Flag": the exit is pending behind the guest's first instruction.
    @Test("the monitor trap flag counts the guest's instructions, not the VMLAUNCH")
    func monitorTrapFlag() throws {
        var guest = try guest()
        guest.set(PrimaryControl.monitorTrapFlag)
        #expect(run(&guest) == .monitorTrapFlag)
        #expect(guest[.guestRIP] == Place.code + 1)
    }

    /// 27.6.2 "Injection of Pending MTF VM Exits": the exit comes once, and root code goes on.
    @Test("an injected exit by the monitor trap flag is over with the exit")
    func injectedMonitorTrapFlag() throws {
        var guest = try guest()
        guest[.entryInterruptionInformation] = 0x8000_0700
        #expect(run(&guest) == .monitorTrapFlag)
        #expect(guest[.guestRIP] == Place.code)
        // Root code that does nothing.
        guest.machine.memory.load([0x90, 0x90, 0x90, 0x90], at: Place.free + 0x100)
        guest.machine.state.rip = Place.free + 0x100
        let steps = guest.machine.steps
        #expect(guest.machine.run(Machine.Limits(steps: steps + 3)) == .stepBudget)
        #expect(guest.machine.exits == 1)
    }

    /// 27.3.2, 27.7.3: pending debug exceptions are those of the guest-state area.
    @Test("a VMLAUNCH that is single-stepped leaves no trap to the guest")
    func singleStep() throws {
        var guest = try guest()
        guest.machine.state.rflags |= FlagBit.tf.mask
        #expect(run(&guest) == .vmcall)
        #expect(guest[.guestPendingDebug] == 0)
    }
}
