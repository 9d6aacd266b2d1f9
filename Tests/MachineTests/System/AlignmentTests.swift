import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Interrupt 17: Alignment Check Exception (#AC)".
@Suite("Alignment checks")
struct AlignmentTests {
    private func vector(
        _ source: String, cpl: UInt8 = 3, am: Bool = true, ac: Bool = true,
        _ mode: HandledProgram.Mode = .protected32
    ) throws -> UInt8? {
        var program = try HandledProgram(source, mode, cpl: cpl)
        if am { program.machine.state.cr0 |= CR0Bit.am.mask }
        if ac { program.machine.state.rflags |= FlagBit.ac.mask }
        let event = try program.next()
        if event?.vector == ExceptionVector.alignmentCheck.rawValue {
            #expect(event?.errorCode == 0)
        }
        return event?.vector
    }

    private static let ac = ExceptionVector.alignmentCheck.rawValue
    /// HLT at CPL 3.
    private static let gp = ExceptionVector.generalProtection.rawValue

    @Test(
        "words, doublewords and quadwords lie at multiples of their size",
        arguments: [
            ("mov ax, [0x9001]", true), ("mov ax, [0x9002]", false), ("mov al, [0x9001]", false),
            ("mov eax, [0x9002]", true), ("mov [0x9002], eax", true), ("mov eax, [0x9004]", false),
            ("inc dword [0x9003]", true), ("add eax, [0x9FFE]", true),
            ("cmpxchg8b [0x9004]", true), ("cmpxchg8b [0x9008]", false),
            ("sgdt [0x9002]", true), ("sgdt [0x9004]", false),
        ])
    func sizes(source: String, isMisaligned: Bool) throws {
        #expect(try vector(source) == (isMisaligned ? Self.ac : Self.gp))
    }

    @Test("CR0.AM, RFLAGS.AC and CPL 3 are all needed")
    func conditions() throws {
        let source = "mov eax, [0x9001]"
        #expect(try vector(source) == Self.ac)
        #expect(try vector(source, am: false) == Self.gp)
        #expect(try vector(source, ac: false) == Self.gp)
        #expect(try vector(source, cpl: 0) == nil)
    }

    @Test("POPF that sets AC is followed by checks, also of pages that were accessed before")
    func setByPopf() throws {
        let source = "mov eax, [0x9001]\npushfd\nor dword [esp], 0x40000\npopfd\nmov ebx, [0x9001]"
        var program = try HandledProgram(source, cpl: 3)
        program.machine.state.cr0 |= CR0Bit.am.mask
        let event = try program.next()
        #expect(event?.vector == Self.ac)
        #expect((event?.address ?? 0) > 5)
    }

    @Test("a run that is put back into checked code is checked")
    func afterRestore() throws {
        let source = "nop\nmov eax, [0x9001]\nmov ebx, [0x9001]"
        var program = try HandledProgram(source, cpl: 3)
        program.machine.state.cr0 |= CR0Bit.am.mask
        program.machine.state.rflags |= FlagBit.ac.mask
        #expect(program.machine.run(Machine.Limits(steps: 1)) == .stepBudget)
        let checked = program.machine.snapshot()
        program.machine.state.rflags &= ~FlagBit.ac.mask
        #expect(try program.next()?.vector == Self.gp)
        program.machine.restore(checked)
        let event = try program.next()
        #expect(event?.vector == Self.ac)
        #expect(event?.address == 1)
    }

    @Test("in 64-bit mode a quadword at a multiple of 4 is not aligned")
    func quadwords() throws {
        #expect(try vector("mov rax, [0x9004]", .long64) == Self.ac)
        #expect(try vector("mov rax, [0x9008]", .long64) == Self.gp)
    }
}
