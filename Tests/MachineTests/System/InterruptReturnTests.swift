import Architecture
import Testing

@testable import Machine

/// SDM 2, "IRET/IRETD/IRETQ—Interrupt Return"; SDM 3A, "Interrupt and Exception Handling in 64-bit
/// mode".
@Suite("IRET in 64-bit mode")
struct InterruptReturnTests {
    /// A program that pushes a frame of so many bytes a field and returns to `there` through it.
    private func program(
        _ instruction: String, size: Int, cs: UInt16 = HandledProgram.Selector.code64,
        ss: UInt16 = HandledProgram.Selector.data, flags: UInt64 = 0x2, rip: String = "there",
        rsp: UInt64 = 0x7000
    ) throws -> HandledProgram {
        let word = size == 2 ? "dw" : size == 4 ? "dd" : "dq"
        return try HandledProgram(
            """
            mov rsp, frame
            \(instruction)
            there: nop
            hlt
            frame: \(word) \(rip), \(cs), \(flags), \(rsp), \(ss)
            """, .long64)
    }

    @Test(
        "SS:RSP is popped unconditionally, in fields of the operand size",
        arguments: [("iretw", 2), ("iretd", 4), ("iretq", 8)])
    func sizes(instruction: String, size: Int) throws {
        var program = try program(instruction, size: size)
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rsp] == 0x7000)
        #expect(program.machine.state.ss.selector == HandledProgram.Selector.data)
    }

    @Test("a 16-bit IRET loads FLAGS and leaves the upper half of RFLAGS")
    func narrowFlags() throws {
        var narrow = try program("iretw", size: 2, flags: 0xAD7)
        narrow.machine.state.rflags |= FlagBit.id.mask
        #expect(try narrow.next() == nil)
        #expect(narrow.machine.state.rflags == 0xAD7 | FlagBit.id.mask)
        var wide = try program("iretd", size: 4, flags: 0xAD7)
        wide.machine.state.rflags |= FlagBit.id.mask
        #expect(try wide.next() == nil)
        #expect(wide.machine.state.rflags == 0xAD7)
    }

    @Test("a 16- or 32-bit IRET zero-extends RIP and RSP")
    func extends() throws {
        var program = try program("iretd", size: 4, rsp: 0xFFFF_F000)
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rsp] == 0xFFFF_F000)
    }

    @Test("IRET with NT set is #GP(0) in IA-32e mode")
    func nestedTask() throws {
        for (instruction, size) in [("iretw", 2), ("iretd", 4), ("iretq", 8)] {
            var program = try program(instruction, size: size)
            program.machine.state.rflags |= FlagBit.nt.mask
            let event = try program.next()
            #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
            #expect(event?.errorCode == 0)
        }
    }

    @Test("a RIP that is not canonical is #GP(0)")
    func canonical() throws {
        var program = try program("iretq", size: 8, rip: "0x800000000000")
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        #expect(event?.errorCode == 0)
    }

    @Test(
        "the return code segment's selector is checked: null #GP(0), the others #GP(selector)",
        arguments: [
            (UInt16(0), UInt64(0)), (0x10, 0x10), (0x1000, 0x1000), (0x33, 0x30),
        ])
    func codeSegment(selector: UInt16, code: UInt64) throws {
        var program = try program("iretq", size: 8, cs: selector)
        // For RPL 3: code of privilege 0.
        if selector == 0x33 { program.setDescriptor(0x30, 0x00AF_9B00_0000_FFFF) }
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        #expect(event?.errorCode == code)
    }

    @Test("a code segment with L and D both set is #GP(selector)")
    func longAndDefault() throws {
        var program = try program("iretq", size: 8, cs: HandledProgram.Selector.free)
        program.setDescriptor(HandledProgram.Selector.free, 0x00EF_9B00_0000_FFFF)
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        #expect(event?.errorCode == UInt64(HandledProgram.Selector.free))
    }

    @Test(
        "a null SS is taken on a return to 64-bit code below CPL 3 with RPL equal to CPL, no other")
    func nullStack() throws {
        var same = try program("iretq", size: 8, ss: 0)
        #expect(try same.next() == nil)
        var wrong = try program("iretq", size: 8, ss: 3)
        #expect(try wrong.next()?.errorCode == 0)
        let user = HandledProgram.Selector.userCode
        var outer = try program("iretq", size: 8, cs: user, ss: 3)
        let event = try outer.next()
        #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        #expect(event?.errorCode == 0)
    }

    @Test("SS that is not present is #SS(selector), that is not writable #GP(selector)")
    func stackSegment() throws {
        for (descriptor, fault) in [
            (UInt64(0x00CF_1300_0000_FFFF), ExceptionVector.stackFault),
            (0x00CF_9100_0000_FFFF, .generalProtection),
        ] {
            var program = try program("iretq", size: 8, ss: HandledProgram.Selector.free)
            program.setDescriptor(HandledProgram.Selector.free, descriptor)
            let event = try program.next()
            #expect(event?.vector == fault.rawValue)
            #expect(event?.errorCode == UInt64(HandledProgram.Selector.free))
        }
    }

    @Test(
        "a return to an outer privilege makes DS, ES, FS and GS null where their DPL forbids them")
    func outerSegments() throws {
        var program = try program(
            "iretq", size: 8, cs: HandledProgram.Selector.userCode,
            ss: HandledProgram.Selector.userData)
        program.machine.memory.load([0xF4], at: HandledProgram.Place.handlers + 13 * 16)
        program.machine.state[.es] = Segment(
            selector: HandledProgram.Selector.userData, base: 0, limit: .max, access: 0xC0F3)
        // HLT at CPL 3.
        #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
        #expect(program.machine.state.ds.selector == 0)
        #expect(program.machine.state.es.selector == HandledProgram.Selector.userData)
        #expect(program.machine.state.fs.selector == 0)
    }
}
