import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Process-Context Identifiers (PCIDs)", "Operations that Invalidate TLBs and
/// Paging-Structure Caches"; SDM 2, "INVPCID".
@Suite("Process-context identifiers")
struct ProcessContextTests {
    /// A page of 2 MiB that the program maps elsewhere, and what lies in the two places.
    private static let page: UInt64 = 0x20_0000
    private static let entry = HandledProgram.Place.tables + 0x2008
    private static let before: UInt64 = 0xBEF0
    private static let after: UInt64 = 0xAF7E
    private static let present: UInt64 = 0x87
    private static let global: UInt64 = 0x100

    /// The program reads the page, maps it elsewhere, does what it is given, and reads it again.
    private func readAgain(
        after source: String, isGlobal: Bool = false, pcid: UInt64 = 1
    ) throws -> UInt64 {
        let flags = Self.present | (isGlobal ? Self.global : 0)
        var program = try HandledProgram(
            """
                mov rbx, [\(Self.page)]
                mov qword [\(Self.entry)], \(flags)
                mov rax, \(HandledProgram.Place.tables)
                \(source)
                mov rdx, [\(Self.page)]
                hlt
            descriptor: dq 1, \(Self.page)
            other:      dq 2, \(Self.page)
            """, .long64)
        program.machine.state.cr4 |= CR4Bit.pcide.mask | CR4Bit.pge.mask
        program.machine.state.cr3 = HandledProgram.Place.tables | pcid
        // The new place is the low 2 MiB: its first word is the other value.
        program.write(Self.page, Self.before)
        program.write(0, Self.after)
        program.write(Self.entry, Self.page | flags)
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rbx] == Self.before)
        return program.machine.state.registers[.rdx]
    }

    @Test(
        "what forgets the translations of the current PCID",
        arguments: [
            ("nop", false), ("or rax, 1\nmov cr3, rax", true),
            // Bit 63 of the source: nothing is invalidated.
            ("or rax, 1\nbts rax, 63\nmov cr3, rax", false),
            // There and back: those of a PCID stay while another is current.
            ("or rax, 2\nmov cr3, rax\nxor rax, 3\nbts rax, 63\nmov cr3, rax", false),
            ("invlpg [\(page)]", true),
            // INVPCID: an address, one context, all, all but global ones.
            ("mov ecx, 0\ninvpcid rcx, [descriptor]", true),
            ("mov ecx, 0\ninvpcid rcx, [other]", false),
            ("mov ecx, 1\ninvpcid rcx, [descriptor]", true),
            ("mov ecx, 1\ninvpcid rcx, [other]", false),
            ("mov ecx, 2\ninvpcid rcx, [other]", true),
            ("mov ecx, 3\ninvpcid rcx, [other]", true),
        ])
    func forgets(source: String, isForgotten: Bool) throws {
        #expect(try readAgain(after: source) == (isForgotten ? Self.after : Self.before))
    }

    @Test(
        "what forgets a global translation",
        arguments: [
            ("or rax, 1\nmov cr3, rax", false), ("or rax, 2\nmov cr3, rax", false),
            ("invlpg [\(page)]", true), ("mov ecx, 0\ninvpcid rcx, [descriptor]", false),
            ("mov ecx, 1\ninvpcid rcx, [descriptor]", false),
            ("mov ecx, 2\ninvpcid rcx, [descriptor]", true),
            ("mov ecx, 3\ninvpcid rcx, [descriptor]", false),
            ("mov rax, cr4\nbtr rax, 7\nmov cr4, rax", true),
        ])
    func forgetsGlobal(source: String, isForgotten: Bool) throws {
        let value = try readAgain(after: source, isGlobal: true)
        #expect(value == (isForgotten ? Self.after : Self.before))
    }

    @Test(
        "INVPCID refuses types above 3, reserved bits, PCIDs without CR4.PCIDE, odd addresses",
        arguments: [
            (UInt64(4), UInt64(0), UInt64(0), true), (0, 0x1000, 0, true), (0, 1, 0, false),
            (0, 0, 1 << 63, true),
        ])
    func refuses(type: UInt64, low: UInt64, high: UInt64, pcide: Bool) throws {
        var program = try HandledProgram("invpcid rcx, [0x9000]", .long64)
        if pcide { program.machine.state.cr4 |= CR4Bit.pcide.mask }
        program.machine.state.registers[.rcx] = type
        program.write(0x9000, low)
        program.write(0x9008, high)
        #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }

    @Test("CR4.PCIDE is set in IA-32e mode alone, with CR3 bits 11:0 clear")
    func enabling() throws {
        let source = "mov rax, cr4\nbts rax, 17\nmov cr4, rax"
        var legal = try HandledProgram(source, .long64)
        #expect(try legal.next() == nil)
        var used = try HandledProgram(source, .long64)
        used.machine.state.cr3 |= 0x18
        #expect(try used.next()?.vector == ExceptionVector.generalProtection.rawValue)
        var legacy = try HandledProgram("mov eax, cr4\nbts eax, 17\nmov cr4, eax")
        #expect(try legacy.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }

    @Test("bit 63 of what MOV to CR3 loads is refused without CR4.PCIDE, and never kept")
    func bit63() throws {
        let source = "mov rax, cr3\nbts rax, 63\nmov cr3, rax\nmov rbx, cr3"
        var plain = try HandledProgram(source, .long64)
        #expect(try plain.next()?.vector == ExceptionVector.generalProtection.rawValue)
        var tagged = try HandledProgram(source, .long64)
        tagged.machine.state.cr4 |= CR4Bit.pcide.mask
        #expect(try tagged.next() == nil)
        #expect(tagged.machine.state.registers[.rbx] == HandledProgram.Place.tables)
    }
}
