import Architecture
import Testing

@testable import Machine

/// SDM 3C, 27.4 "Loading MSRs", 28.4 "Saving MSRs", 28.6 "Loading MSRs", 28.7 "VMX Aborts".
@Suite("MSR areas")
struct VMXMSRAreaTests {
    typealias Place = VMXGuest.Place
    private static let star: UInt64 = 0xC000_0081
    private static let lstar: UInt64 = 0xC000_0082

    /// Entries of an area: the first eight bytes and the value.
    private func fill(_ guest: inout VMXGuest, _ entries: [(UInt64, UInt64)]) {
        for (number, entry) in entries.enumerated() {
            let address = Place.lists + UInt64(number) * 16
            guest.write(address, entry.0)
            guest.write(address + 8, entry.1)
        }
    }

    private func entryArea(_ entries: [(UInt64, UInt64)]) throws -> VMXGuest {
        var guest = try VMXGuest("nop")
        fill(&guest, entries)
        guest[.entryMSRLoadAddress] = Place.lists
        guest[.entryMSRLoadCount] = UInt64(entries.count)
        return guest
    }

    @Test("VM entry loads the MSRs of its area")
    func entryLoads() throws {
        var guest = try entryArea([(Self.star, 0x1234), (Self.lstar, 0x5678)])
        #expect(try guest.run() == .vmcall)
        #expect(guest.machine.state.msrs.star == 0x1234)
        #expect(guest.machine.state.msrs.lstar == 0x5678)
    }

    @Test(
        "an entry that cannot be loaded fails the VM entry, and is told by its number",
        arguments: [
            (UInt64(0xC000_0100), UInt64(0)), (0xC000_0101, 0), (0x800, 0), (0x8FF, 0),
            (0x1_C000_0081, 0), (lstar, 1 << 47), (0xC000_0080, 1 << 1), (0x9B, 0), (0x480, 0),
        ])
    func entryFails(index: UInt64, value: UInt64) throws {
        var guest = try entryArea([(Self.star, 1), (index, value)])
        #expect(try guest.run() == .entryFailureMSRLoad)
        #expect(guest[.exitReason] == 0x8000_0022)
        #expect(guest[.exitQualification] == 2)
        // The guest's state was loaded, and the host's after it.
        #expect(guest.machine.state.vmx.mode == .root)
        #expect(guest.machine.state.rip == guest[.hostRIP])
        let again = guest.machine.vmresume()
        #expect(again == .failValid(.vmresumeNonLaunched))
    }

    @Test("without a count the area is not looked at")
    func noCount() throws {
        var guest = try entryArea([(0xC000_0100, 0)])
        guest[.entryMSRLoadCount] = 0
        #expect(try guest.run() == .vmcall)
    }

    @Test("VM exit stores the guest's values and loads the host's")
    func exitStoresAndLoads() throws {
        var guest = try VMXGuest("mov ecx, 0xC0000081\nmov eax, 0x77\nxor edx, edx\nwrmsr")
        fill(&guest, [(Self.star, 0), (Self.star, 0x99)])
        guest[.exitMSRStoreAddress] = Place.lists
        guest[.exitMSRStoreCount] = 1
        guest[.exitMSRLoadAddress] = Place.lists + 16
        guest[.exitMSRLoadCount] = 1
        #expect(try guest.run() == .vmcall)
        #expect(guest.read(Place.lists + 8) == 0x77)
        #expect(guest.machine.state.msrs.star == 0x99)
    }

    /// 28.7: the indicator is at offset 4 of the VMCS region.
    @Test("an exit that cannot store or load an MSR is a VMX abort")
    func aborts() throws {
        for (address, count, indicator) in [
            (VMCSField.exitMSRStoreAddress, VMCSField.exitMSRStoreCount, UInt64(1)),
            (.exitMSRLoadAddress, .exitMSRLoadCount, 4),
        ] {
            var guest = try VMXGuest("nop")
            fill(&guest, [(0x800, 0)])
            guest[address] = Place.lists
            guest[count] = 1
            let entered = guest.machine.vmlaunch()
            #expect(entered == .entered)
            let stop = guest.machine.run(Machine.Limits(steps: 100))
            #expect(stop == .shutdown)
            #expect(guest.read(Place.vmcs + 4, size: 4) == indicator)
        }
    }
}

/// SDM 3C, 28.5 "Loading Host State", 28.3 "Saving Guest State".
@Suite("State at VM exits")
struct VMXHostStateTests {
    typealias Place = VMXGuest.Place

    @Test("a 64-bit host is in 64-bit mode, with flat segments")
    func host64() throws {
        var guest = try VMXGuest("nop", .real16)
        guest[.hostRIP] = 0x1234_5678_9000
        guest[.hostFSBase] = 0x1111_0000_0000
        guest[.hostTRBase] = 0x3000
        guest[.hostESSelector] = 0
        guest[.hostIDTRBase] = 0x4000
        #expect(try guest.run() == .vmcall)
        let state = guest.machine.state
        #expect(state.is64Bit && state.efer == 0x500)
        #expect(state.cs == Segment(selector: 8, base: 0, limit: 0xFFFF_FFFF, access: 0xA09B))
        #expect(state.tr == Segment(selector: 24, base: 0x3000, limit: 0x67, access: 0x8B))
        #expect(state.fs.base == 0x1111_0000_0000)
        #expect(state.es.isUnusable && state.ldtr.isUnusable)
        #expect(state.idtr == DescriptorTableRegister(base: 0x4000, limit: 0xFFFF))
        #expect(state.rip == 0x1234_5678_9000)
        #expect(state.rflags == 2 && state.dr7 == 0x400 && state.cpl == 0)
    }

    /// A host in 32-bit mode with PAE paging.
    private func host32(_ source: String) throws -> VMXGuest {
        var guest = try VMXGuest(source)
        guest.machine.state.efer = 0
        guest.machine.state.cs.access = 0xC09B
        guest[.hostEFER] = 0
        guest.clear(ExitControl.hostAddressSpaceSize)
        return guest
    }

    @Test("a 32-bit host is in protected mode, and loads its PDPTEs")
    func host32() throws {
        var guest = try host32("nop")
        guest[.hostRIP] = 0x9_0000
        guest.write(Place.hostTables, Place.free | 1)
        guest.write(Place.hostTables + 24, (Place.free + 0x1000) | 1)
        #expect(try guest.run() == .vmcall)
        let state = guest.machine.state
        #expect(!state.isLongMode && state.isPaging)
        #expect(state.cs.access == 0xC09B)
        #expect(state.pdptes[0] == Place.free | 1 && state.pdptes[3] == (Place.free + 0x1000) | 1)
    }

    @Test("a reserved bit in a host PDPTE is a VMX abort")
    func hostPDPTEs() throws {
        var guest = try host32("nop")
        guest.write(Place.hostTables, Place.free | 3)
        let entered = guest.machine.vmlaunch()
        #expect(entered == .entered)
        let stop = guest.machine.run(Machine.Limits(steps: 100))
        #expect(stop == .shutdown)
        #expect(guest.read(Place.vmcs + 4, size: 4) == 2)
    }

    @Test("an exit from IA-32e mode to a 32-bit host is a VMX abort")
    func addressSpaceSize() throws {
        // The guest enables IA-32e mode itself.
        var guest = try host32(
            """
            mov ecx, 0xC0000080
            mov eax, 0x100
            xor edx, edx
            wrmsr
            mov eax, cr4
            or eax, 0x20
            mov cr4, eax
            mov eax, cr0
            or eax, 0x80000000
            mov cr0, eax
            """)
        let entered = guest.machine.vmlaunch()
        #expect(entered == .entered)
        let stop = guest.machine.run(Machine.Limits(steps: 100))
        #expect(stop == .shutdown)
        #expect(guest.read(Place.vmcs + 4, size: 4) == 6)
    }

    @Test("a guest that changes to IA-32e mode has it in \"IA-32e mode guest\" after the exit")
    func storesLMA() throws {
        let source = """
            mov ecx, 0xC0000080
            mov eax, 0x100
            xor edx, edx
            wrmsr
            mov eax, cr4
            or eax, 0x20
            mov cr4, eax
            mov eax, cr0
            or eax, 0x80000000
            mov cr0, eax
            """
        var guest = try VMXGuest(source)
        #expect(try guest.run() == .vmcall)
        #expect(guest[.entryControls].has(EntryControl.ia32eModeGuest))
        #expect(guest[.guestEFER] == 0x500)
    }

    @Test(
        "what is saved and loaded by a control is left alone without it",
        arguments: [true, false])
    func saveControls(isSet: Bool) throws {
        var guest = try VMXGuest(
            """
            mov ecx, 0x277
            mov eax, 0x00070406
            mov edx, 0x00070400
            wrmsr
            mov eax, 0x401
            mov dr7, eax
            """)
        guest[.guestPAT] = 0x0007_0406_0007_0406
        guest[.hostPAT] = 0x0606_0606_0606_0606
        let exits: [ExitControl] = [.savePAT, .loadPAT, .saveDebugControls]
        for control in exits {
            if isSet { guest.set(control) } else { guest.clear(control) }
        }
        // "Save debug controls" may be 0 only where the TRUE capability MSRs say so.
        #expect(try guest.run() == .vmcall)
        let written: UInt64 = 0x0007_0400_0007_0406
        #expect(guest[.guestPAT] == (isSet ? written : 0x0007_0406_0007_0406))
        #expect(guest.machine.state.msrs.pat == (isSet ? 0x0606_0606_0606_0606 : written))
        #expect(guest[.guestDR7] == (isSet ? 0x401 : 0x400))
    }

    @Test("VM entry loads PAT and DR7 by its controls", arguments: [true, false])
    func loadControls(isSet: Bool) throws {
        var guest = try VMXGuest("mov ecx, 0x277\nrdmsr\nmov ebx, dr7")
        guest[.guestPAT] = 0x0606_0606_0606_0606
        guest[.guestDR7] = 0x2401
        for control in [EntryControl.loadPAT, .loadDebugControls] {
            if isSet { guest.set(control) } else { guest.clear(control) }
        }
        guest.clear(ExitControl.saveDebugControls)
        // With DR7.GD the read itself would fault: it is not set here.
        guest[.guestDR7] = 0x403
        #expect(try guest.run() == .vmcall)
        let pat: UInt64 = isSet ? 0x0606_0606 : 0x0007_0406
        #expect(guest.machine.state.registers[.rax] == pat)
        #expect(guest.machine.state.registers[.rbx] == (isSet ? 0x403 : 0x400))
    }
}
