import Architecture
import Testing

@testable import Machine

/// SDM 3C, 29.3 "The Extended Page Table Mechanism (EPT)".
@Suite("EPT")
struct VMXMemoryTests {
    typealias Place = VMXGuest.Place

    /// Where the EPT entry of the tests' 2 MiB page is.
    static let entry = Place.ept + 0x2000 + (Place.page >> 21) * 8

    /// A guest that touches ``Place/page``, with its EPT entry replaced.
    private func guest(
        _ source: String, entry: UInt64, mode: VMXGuest.Mode = .protected32,
        processor: Processor = .skylake
    ) throws -> VMXGuest {
        var guest = try VMXGuest(source, mode, processor: processor)
        guest.write(Self.entry, entry)
        return guest
    }

    static let read = "mov eax, [0x400008]"
    static let write = "mov [0x400008], eax"
    static let fetch = "mov ebx, 0x400000\njmp ebx"

    /// Bits 2:0 of the qualification: the access; 5:3: the rights; 8:7: a translated linear address.
    @Test(
        "a violation tells the access and the rights",
        arguments: [
            (read, UInt64(0), UInt64(0x181)), (write, 0, 0x182), (fetch, 0, 0x184),
            (write, 1, 0x18A), (write, 5, 0x1AA), (read, 4, 0x1A1), (fetch, 3, 0x19C),
        ])
    func violation(source: String, rights: UInt64, qualification: UInt64) throws {
        var guest = try guest(source, entry: Place.page | 0xB0 | rights)
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] == qualification)
        let address = source == Self.fetch ? Place.page : Place.page + 8
        #expect(guest[.guestPhysicalAddress] == address)
        #expect(guest[.guestLinearAddress] == address)
    }

    @Test("rights of all levels are combined")
    func combinedRights() throws {
        var guest = try VMXGuest(Self.write)
        guest.write(Place.ept, (Place.ept + 0x1000) | 5)
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] == 0x1AA)
    }

    @Test(
        "a page of 4 KiB, 2 MiB or 1 GiB is where its entry says",
        arguments: [1, 2, 3])
    func pageSizes(level: Int) throws {
        var guest = try VMXGuest("mov eax, [0x600010]")
        let expected: UInt64 = 0x1234_5678
        switch level {
        case 1:
            // A page table for 600000h to 7FFFFFh, whose first page lies elsewhere.
            guest.write(Place.ept + 0x2000 + 3 * 8, Place.lists | 7)
            guest.write(Place.lists, 0x70_0000 | 0x37)
            guest.write(0x70_0010, expected, size: 4)
        case 2:
            guest.write(Place.ept + 0x2000 + 3 * 8, 0x80_0000 | 0xB7)
            guest.write(0x80_0010, expected, size: 4)
        default:
            guest.write(Place.ept + 0x1000, 0xB7)
            guest.write(0x60_0010, expected, size: 4)
        }
        #expect(try guest.run() == .vmcall)
        #expect(guest.machine.state.registers[.rax] == expected)
    }

    /// 29.3.3.1, one bit each.
    @Test(
        "a misconfigured entry exits, whatever the access",
        arguments: [
            UInt64(0xB2), 0xB6, 0x2000_0000_00B7, 0x10B7, 0x97, 0x9F, 0xBF,
        ])
    func misconfiguration(bits: UInt64) throws {
        var guest = try guest(Self.read, entry: Place.page | bits)
        #expect(try guest.run() == .eptMisconfiguration)
        #expect(guest[.guestPhysicalAddress] == Place.page + 8)
    }

    @Test("neighbours of misconfigured entries are none", arguments: [UInt64(0x87), 0xA7, 0xAF])
    func memoryTypes(bits: UInt64) throws {
        var guest = try guest(Self.read, entry: Place.page | bits)
        #expect(try guest.run() == .vmcall)
    }

    @Test("execute-only is a right where the processor has it, else misconfigured")
    func executeOnly() throws {
        // Code at 400000h: VMCALL.
        var guest = try guest(Self.fetch, entry: Place.page | 0xB4)
        guest.write(Place.page, 0xC1010F, size: 3)
        #expect(try guest.run() == .vmcall)
        guest = try self.guest(
            Self.fetch, entry: Place.page | 0xB4, processor: Recorded.without(.executeOnly))
        #expect(try guest.run() == .eptMisconfiguration)
    }

    /// 28.2.1: bit 8 is 0 for an access to the guest's paging structures.
    @Test("the guest's own page walk is translated too")
    func guestTables() throws {
        var guest = try VMXGuest("mov rax, [0x400008]", .long64)
        // The guest's PML4 and below lie in the first 2 MiB with all else: move its PDPT away.
        guest.write(Place.guestTables, (Place.page + 0x1000) | 7)
        guest.write(Self.entry, Place.page | 0xB0)
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] == 0x81)
        #expect(guest[.guestPhysicalAddress] == Place.page + 0x1000)
        #expect(guest[.guestLinearAddress] == Place.code)
    }

    @Test("with accessed and dirty flags the page walk's reads count as writes")
    func guestTablesAsWrites() throws {
        var guest = try VMXGuest("mov rax, [0x400008]", .long64)
        guest.write(Place.guestTables, (Place.page + 0x1000) | 7)
        guest.write(Self.entry, Place.page | 0xB5)
        guest[.eptPointer] |= 0x40
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] == 0xAB)
    }

    /// Without accessed and dirty flags for EPT the walk reads, and where it sets a flag in the
    /// guest's entry it reads and writes in one access: bits 0 and 1 of the qualification.
    @Test(
        "setting a flag in a guest's read-only table is a read and a write",
        arguments: [(0x7, 0x8B), (0x27, nil)] as [(UInt64, UInt64?)])
    func guestFlags(entry: UInt64, qualification: UInt64?) throws {
        var guest = try VMXGuest("nop", .long64)
        guest.write(Place.guestTables, (Place.page + 0x1000) | 0x27)
        guest.write(Place.page + 0x1000, (Place.guestTables + 0x2000) | entry)
        guest.write(Self.entry, Place.page | 0xB1)
        guard let qualification else { return #expect(try guest.run() == .vmcall) }
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] == qualification)
        #expect(guest[.guestPhysicalAddress] == Place.page + 0x1000)
    }

    /// 28.2.1, bits 9 to 11, on processors with advanced exit information.
    @Test(
        "advanced exit information tells the linear address's rights",
        arguments: [
            (UInt64(0x87), UInt64(0x600)), (0x85, 0x200), (0x83, 0x400),
            (0x8000_0000_0000_0083, 0xC00),
        ])
    func advanced(guestEntry: UInt64, bits: UInt64) throws {
        var guest = try guest(
            "mov rax, [0x400008]", entry: Place.page | 0xB0, mode: .long64, processor: .recent)
        guest[.guestEFER] |= EFERBit.nxe.mask
        guest.write(Place.guestTables + 0x2000 + (Place.page >> 21) * 8, Place.page | guestEntry)
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] & 0xE00 == bits)
        guest = try self.guest("mov rax, [0x400008]", entry: Place.page | 0xB0, mode: .long64)
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] & 0xE00 == 0)
    }

    // MARK: Accessed and dirty flags

    /// 29.3.5: bits 8 and 9.
    @Test("accessed and dirty flags are set where the EPT pointer enables them")
    func flags() throws {
        for (source, enabled, expected) in [
            (Self.read, true, UInt64(0x100)), (Self.write, true, 0x300), (Self.write, false, 0),
        ] {
            var guest = try VMXGuest(source)
            if enabled { guest[.eptPointer] |= 0x40 }
            #expect(try guest.run() == .vmcall)
            #expect(guest.read(Self.entry) & 0x300 == expected)
            #expect(guest.read(Place.ept) & 0x100 == (enabled ? 0x100 : 0))
        }
    }

    @Test("a write behind a read sets the dirty flag")
    func dirtyLater() throws {
        var guest = try VMXGuest("\(Self.read)\n\(Self.write)")
        guest[.eptPointer] |= 0x40
        #expect(try guest.run() == .vmcall)
        #expect(guest.read(Self.entry) & 0x300 == 0x300)
    }

    // MARK: Page-modification logging

    @Test("PML logs the page that is written for the first time, downwards")
    func pageModificationLog() throws {
        var guest = try VMXGuest("\(Self.write)\n\(Self.write)\nmov [0x600000], eax")
        guest[.eptPointer] |= 0x40
        guest.set(SecondaryControl.enablePML)
        guest[.pmlAddress] = Place.lists
        guest[.pmlIndex] = 511
        #expect(try guest.run() == .vmcall)
        #expect(guest.read(Place.lists + 511 * 8) == Place.page)
        #expect(guest.read(Place.lists + 510 * 8) == 0x60_0000)
        #expect(guest[.pmlIndex] == 509)
    }

    @Test("a full log exits, and the access is not made")
    func logFull() throws {
        var guest = try VMXGuest("mov eax, 5\n\(Self.write)")
        guest[.eptPointer] |= 0x40
        guest.set(SecondaryControl.enablePML)
        guest[.pmlAddress] = Place.lists
        guest[.pmlIndex] = 0xFFFF
        #expect(try guest.run() == .pmlFull)
        #expect(guest.read(Self.entry) & 0x300 == 0)
        guest[.pmlIndex] = 3
        // The code page's flags are set first now, then the write is logged.
        #expect(try guest.run() == .vmcall)
        #expect(guest.read(Place.page + 8, size: 4) == 5)
    }

    // MARK: Mode-based execute control

    /// 29.3.2: bit 2 is for supervisor-mode, bit 10 for user-mode linear addresses.
    @Test("mode-based execute control tells the modes apart")
    func modes() throws {
        // The guest's page is the user's (7) or the supervisor's (3); EPT has X or XU.
        for (guestBits, eptBits, isAllowed) in [
            (UInt64(0x87), UInt64(0x4B3), true), (0x87, 0xB7, false),
            (0x83, 0x4B3, false), (0x83, 0xB7, true),
        ] {
            var guest = try guest(
                "mov ebx, 0x400000\njmp rbx", entry: Place.page | eptBits, mode: .long64,
                processor: .recent)
            guest.write(Place.page, 0xC1010F, size: 3)
            guest.write(
                Place.guestTables + 0x2000 + (Place.page >> 21) * 8, Place.page | guestBits)
            openCode(&guest)
            guest.set(SecondaryControl.modeBasedExecuteControl)
            #expect(try guest.run() == (isAllowed ? .vmcall : .eptViolation))
            guard !isAllowed else { continue }
            // Bit 5: X, bit 6: XU.
            let expected: UInt64 = eptBits & 0x400 != 0 ? 0x40 : 0x20
            #expect(guest[.exitQualification] & 0x64 == 4 | expected)
        }
    }

    @Test("without it bit 10 is ignored")
    func modesIgnored() throws {
        var guest = try guest(
            "mov ebx, 0x400000\njmp rbx", entry: Place.page | 0x4B3, mode: .long64,
            processor: .recent)
        #expect(try guest.run() == .eptViolation)
        #expect(guest[.exitQualification] & 0x64 == 4)
    }

    /// Fetches of the code itself, in a user page, need XU.
    private func openCode(_ guest: inout VMXGuest) {
        for offset in [UInt64(0), 0x1000] {
            guest.write(Place.ept + offset, (Place.ept + offset + 0x1000) | 0x407)
        }
        guest.write(Place.ept + 0x2000, 0x4B7)
    }
}

/// Processors that differ from the Skylake-like one in one capability.
enum Recorded {
    static func without(_ capability: EPTVPIDBit) -> Processor {
        changed { $0[MSR.vmxEPTVPIDCapabilities.rawValue]? &= ~capability.mask }
    }

    static func changed(_ change: (inout [UInt32: UInt64]) -> Void) -> Processor {
        var msrs: [UInt32: UInt64] = [:]
        for number in MSR.vmxRange {
            if let msr = MSR(rawValue: number) {
                msrs[number] = Processor.skylake.vmx?.value(of: msr)
            }
        }
        change(&msrs)
        var leaves: [UInt32: [UInt32]] = [:]
        for row in Processor.skylake.cpuid where row.subleaf == 0 {
            leaves[row.leaf] = [row.result.eax, row.result.ebx, row.result.ecx, row.result.edx]
        }
        return Processor(name: "changed", vmxMSRs: msrs, cpuid: leaves)
    }
}
