import Architecture
import Testing

@testable import Machine

/// SDM 3C, 29.4 "Caching Translation Information": stale translations that a guest can see.
@Suite("Cached translations")
struct VMXTranslationTests {
    typealias Place = VMXGuest.Place

    /// Reads 400000h before and after an exit, into EBX and ECX.
    private static let source = "mov ebx, [0x400000]\ncpuid\nmov ecx, [0x400000]"
    private static let old: UInt64 = 0x1111
    private static let new: UInt64 = 0x2222

    /// The guest-physical page is remapped by EPT from 400000h to 600000h while the guest is out;
    /// answers what it reads then.
    private func remapped(
        vpid: UInt64?, source: String = source, _ between: (inout VMXGuest) -> Void = { _ in }
    ) throws -> UInt64 {
        var guest = try VMXGuest(source)
        if let vpid {
            guest.set(SecondaryControl.enableVPID)
            guest[.vpid] = vpid
        }
        guest.write(Place.page, Self.old, size: 4)
        guest.write(Place.free, Self.new, size: 4)
        #expect(try guest.run() == .cpuid)
        let before = guest.machine.state.registers[.rbx]
        #expect(before == Self.old)
        guest.write(VMXMemoryTests.entry, Place.free | 0xB7)
        between(&guest)
        guest.skip()
        guest.machine.state.registers[.rax] = 0
        #expect(try guest.run() == .vmcall)
        return guest.machine.state.registers[.rcx]
    }

    private static func invvpid(
        _ type: UInt64, _ vpid: UInt64, _ address: UInt64 = 0
    ) -> (inout VMXGuest) -> Void {
        { guest in
            let descriptor = InvalidationDescriptor(low: vpid, high: address)
            let result = guest.machine.invvpid(type, descriptor)
            #expect(result == .succeed)
        }
    }

    private static func invept(_ type: UInt64, _ pointer: UInt64) -> (inout VMXGuest) -> Void {
        { guest in
            let result = guest.machine.invept(type, InvalidationDescriptor(low: pointer))
            #expect(result == .succeed)
        }
    }

    @Test("without a VPID the exit and the entry forget all")
    func withoutVPID() throws {
        #expect(try remapped(vpid: nil) == Self.new)
    }

    @Test("with a VPID the stale translation stays")
    func withVPID() throws {
        #expect(try remapped(vpid: 5) == Self.old)
    }

    @Test("INVVPID forgets the VPID that it names, and no other")
    func invvpid() throws {
        #expect(try remapped(vpid: 5, Self.invvpid(1, 5)) == Self.new)
        #expect(try remapped(vpid: 5, Self.invvpid(1, 6)) == Self.old)
        #expect(try remapped(vpid: 5, Self.invvpid(2, 0)) == Self.new)
        #expect(try remapped(vpid: 5, Self.invvpid(3, 5)) == Self.new)
    }

    @Test("individual-address INVVPID forgets one page")
    func individualAddress() throws {
        #expect(try remapped(vpid: 5, Self.invvpid(0, 5, Place.page + 0x10)) == Self.new)
        #expect(try remapped(vpid: 5, Self.invvpid(0, 5, Place.page + 0x1000)) == Self.old)
        #expect(try remapped(vpid: 5, Self.invvpid(0, 6, Place.page)) == Self.old)
    }

    @Test("INVEPT forgets what the EPT pointer it names was used for")
    func invept() throws {
        let own = EPTPointer(address: Place.ept).rawValue
        let other = EPTPointer(address: Place.otherEPT).rawValue
        #expect(try remapped(vpid: 5, Self.invept(1, own)) == Self.new)
        #expect(try remapped(vpid: 5, Self.invept(1, other)) == Self.old)
        #expect(try remapped(vpid: 5, Self.invept(2, 0)) == Self.new)
    }

    @Test("another VPID does not see the translation, the first one still does")
    func otherVPID() throws {
        let value = try remapped(vpid: 5) { $0[.vpid] = 6 }
        #expect(value == Self.new)
    }

    @Test("the guest's own INVLPG forgets the page")
    func invlpg() throws {
        let source = "mov ebx, [0x400000]\ncpuid\ninvlpg [0x400800]\nmov ecx, [0x400000]"
        #expect(try remapped(vpid: 5, source: source) == Self.new)
        let elsewhere = "mov ebx, [0x400000]\ncpuid\ninvlpg [0x401000]\nmov ecx, [0x400000]"
        #expect(try remapped(vpid: 5, source: elsewhere) == Self.old)
    }

    // MARK: Global pages and PCIDs

    /// A 64-bit guest whose own table maps 400000h anew between two reads.
    private func reread(
        _ between: String, global: Bool = false, pcid: Bool = false
    ) throws -> UInt64 {
        let source = """
            mov ebx, [0x400000]
            mov rax, [0x22010]
            add rax, 0x200000
            mov [0x22010], rax
            \(between)
            mov ecx, [0x400000]
            """
        var guest = try VMXGuest(source, .long64)
        if global { guest[.guestCR4] |= CR4Bit.pge.mask }
        if pcid { guest[.guestCR4] |= CR4Bit.pcide.mask }
        let flags: UInt64 = global ? 0x187 : 0x87
        guest.write(Place.guestTables + 0x2010, Place.page | flags)
        guest.set(SecondaryControl.enableINVPCID)
        guest.write(Place.page, Self.old, size: 4)
        guest.write(Place.free, Self.new, size: 4)
        #expect(try guest.run() == .vmcall)
        return guest.machine.state.registers[.rcx]
    }

    @Test("MOV to CR3 keeps global pages alone")
    func movToCR3() throws {
        #expect(try reread("nop") == Self.old)
        #expect(try reread("mov rdx, cr3\nmov cr3, rdx") == Self.new)
        #expect(try reread("mov rdx, cr3\nmov cr3, rdx", global: true) == Self.old)
    }

    @Test("INVLPG forgets a page of 2 MiB by any of its addresses, global or not")
    func largePage() throws {
        #expect(try reread("invlpg [0x5FF000]") == Self.new)
        #expect(try reread("invlpg [0x5FF000]", global: true) == Self.new)
        #expect(try reread("invlpg [0x600000]") == Self.old)
    }

    @Test("clearing CR4.PGE forgets global pages too")
    func pge() throws {
        let between = "mov rdx, cr4\nbtr rdx, 7\nmov cr4, rdx"
        #expect(try reread(between, global: true) == Self.new)
    }

    /// SDM 3A, "Process-Context Identifiers (PCIDs)": bit 63 of the source keeps translations.
    @Test("with PCIDs MOV to CR3 keeps what bit 63 asks for")
    func pcid() throws {
        let keep = "mov rdx, 0x8000000000020000\nmov cr3, rdx"
        let there = "mov rdx, 0x8000000000020001\nmov cr3, rdx\n\(keep)"
        #expect(try reread(keep, pcid: true) == Self.old)
        #expect(try reread(there, pcid: true) == Self.old)
        #expect(try reread("mov rdx, 0x20000\nmov cr3, rdx", pcid: true) == Self.new)
        // Another PCID has nothing of the first one's.
        #expect(try reread("mov rdx, 0x8000000000020001\nmov cr3, rdx", pcid: true) == Self.new)
    }

    @Test("INVPCID forgets what its type and descriptor name")
    func invpcid() throws {
        func descriptor(_ type: Int, _ pcid: Int, _ address: Int) -> String {
            """
            mov qword [0x9000], \(pcid)
            mov qword [0x9008], \(address)
            mov edx, \(type)
            invpcid rdx, [0x9000]
            """
        }
        #expect(try reread(descriptor(0, 0, 0x400000), pcid: true) == Self.new)
        #expect(try reread(descriptor(0, 1, 0x400000), pcid: true) == Self.old)
        #expect(try reread(descriptor(1, 0, 0), pcid: true) == Self.new)
        #expect(try reread(descriptor(1, 1, 0), pcid: true) == Self.old)
        #expect(try reread(descriptor(2, 0, 0), global: true, pcid: true) == Self.new)
        #expect(try reread(descriptor(3, 0, 0), global: true, pcid: true) == Self.old)
        #expect(try reread(descriptor(3, 0, 0), pcid: true) == Self.new)
    }
}
