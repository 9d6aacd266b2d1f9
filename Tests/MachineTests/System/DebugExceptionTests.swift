import Architecture
import Testing

@testable import Machine

/// SDM 3B, "Debug Registers", "Debug Exceptions".
@Suite("Debug exceptions")
struct DebugExceptionTests {
    private static let trapFlag: UInt64 = 0x100
    private static let resumeFlag: UInt64 = 0x1_0000
    private static let db: UInt8 = 1

    /// DR7 with breakpoint 0 globally enabled.
    private static func dr7(_ condition: UInt64, length: UInt64 = 0, local: Bool = false) -> UInt64
    {
        0x400 | (local ? 1 : 2) | condition << 16 | length << 18
    }

    private static let execution: UInt64 = 0
    private static let write: UInt64 = 1
    private static let port: UInt64 = 2
    private static let access: UInt64 = 3

    /// A program that begins with TF set.
    private func stepped(
        _ source: String, _ mode: HandledProgram.Mode = .protected32
    ) throws -> HandledProgram {
        var program = try HandledProgram(source, mode)
        program.machine.state.rflags |= Self.trapFlag
        return program
    }

    /// A program with one breakpoint.
    private func watched(
        _ source: String, at address: UInt64, dr7: UInt64, de: Bool = false
    ) throws -> HandledProgram {
        var program = try HandledProgram(source)
        program.machine.state.dr[0] = address
        program.machine.state.dr7 = dr7
        if de { program.machine.state.cr4 |= CR4Bit.de.mask }
        return program
    }

    // MARK: Single-stepping

    @Test("BS is set for a single-step trap, and software alone clears it")
    func stepSetsBS() throws {
        var program = try stepped("nop\nnop")
        let event = try program.next()
        #expect(event?.vector == Self.db)
        #expect(event?.address == 1)
        #expect(program.machine.state.dr6 == 0xFFFF_4FF0)
        #expect(event?.flags == 0x102)
    }

    @Test("the handler is not stepped, as TF is cleared on its way")
    func handlerIsNotStepped() throws {
        var program = try stepped("nop\nnop\nnop")
        #expect(try program.next()?.address == 1)
        #expect(try program.next()?.address == 2)
        #expect(try program.next()?.address == 3)
        // HLT is stepped too: the trap wakes the processor.
        #expect(try program.next()?.address == 4)
    }

    @Test("a trap behind an iteration of REP but the last pushes RF as 1")
    func repeatedTrapPushesRF() throws {
        var program = try stepped("rep stosb\nnop")
        program.machine.state.registers[.rcx] = 3
        program.machine.state.registers[.rdi] = HandledProgram.Place.data
        var flags: [UInt64] = []
        for left in [UInt64(2), 1, 0] {
            let event = try program.next()
            #expect(event?.address == (left > 0 ? 0 : 2))
            #expect(program.machine.state.registers[.rcx] == left)
            flags.append((event?.flags ?? 0) & Self.resumeFlag)
        }
        #expect(flags == [Self.resumeFlag, Self.resumeFlag, 0])
    }

    @Test("an instruction that faults is not followed by a trap")
    func faultIsNoStep() throws {
        var program = try stepped("ud2")
        let event = try program.next()
        #expect(event?.vector == 6)
        #expect(event?.flags == 0x1_0102)
        #expect(program.machine.state.dr6 & 0x4000 == 0)
    }

    @Test("INT n pushes TF and is not followed by a trap")
    func interruptIsNoStep() throws {
        var program = try stepped("int 0x40\nnop")
        #expect(try program.next()?.vector == 0x40)
        #expect(program.machine.state.dr6 & 0x4000 == 0)
        let event = try program.next()
        #expect(event?.vector == Self.db)
        #expect(event?.address == 3)
    }

    @Test("MOV SS holds the trap off to the end of the next instruction, STI does not")
    func blocking() throws {
        var moved = try stepped("mov ss, eax\nnop\nnop")
        moved.machine.state.registers[.rax] = UInt64(HandledProgram.Selector.data)
        #expect(try moved.next()?.address == 3)
        var set = try stepped("sti\nnop")
        #expect(try set.next()?.address == 1)
    }

    @Test(
        "the trap behind MOV SS is suppressed: none comes in the handler of what follows",
        arguments: [
            ("int1", UInt8(1), UInt64(3), UInt64(0xFFFF_0FF0)), ("int 0x40", 0x40, 4, 0xFFFF_0FF0),
            ("ud2", 6, 2, 0xFFFF_0FF0), ("nop", 1, 3, 0xFFFF_4FF0),
        ])
    func suppressedStep(source: String, vector: UInt8, address: UInt64, dr6: UInt64) throws {
        var program = try stepped("mov ss, eax\n\(source)\nnop")
        program.machine.state.registers[.rax] = UInt64(HandledProgram.Selector.data)
        let event = try program.next()
        #expect(event?.vector == vector)
        #expect(event?.address == address)
        #expect(program.machine.state.dr6 == dr6)
    }

    @Test("general detect behind MOV SS sets BD alone, before the instruction")
    func suppressedStepAtDetect() throws {
        var program = try stepped("mov ss, eax\nmov dr6, ebx")
        program.machine.state.registers[.rax] = UInt64(HandledProgram.Selector.data)
        program.machine.state.dr7 = 0x2400
        #expect(try program.next()?.address == 2)
        #expect(program.machine.state.dr6 == 0xFFFF_2FF0)
    }

    @Test("SYSCALL that clears TF by IA32_FMASK is not stepped, SYSRET that sets it is")
    func systemCalls() throws {
        let entry = HandledProgram.Place.code + 0x40
        var program = try HandledProgram(
            "syscall\nnop\ntimes 0x40 - ($ - $$) nop\no64 sysret", .long64)
        program.machine.state.rflags |= Self.trapFlag
        program.machine.state.msrs.fmask = Self.trapFlag
        program.machine.state.msrs.lstar = entry
        program.machine.state.msrs.star = 0x0023_0018_0000_0000
        let event = try program.next()
        #expect(event?.vector == Self.db)
        // Behind SYSCALL, once SYSRET has given TF back.
        #expect(event?.address == 2)
        #expect(event?.flags == 0x102)
    }

    @Test("with BTF the trap comes behind a branch that is taken, and clears BTF")
    func branchStep() throws {
        var program = try stepped("nop\njc next\nnop\njmp next\nnop\nnext: nop\nnop")
        program.machine.state.msrs.debugControl = DebugControlBit.btf.mask
        let event = try program.next()
        #expect(event?.vector == Self.db)
        #expect(event?.address == 7)
        #expect(program.machine.state.dr6 == 0xFFFF_4FF0)
        #expect(program.machine.state.msrs.debugControl == 0)
        // Behind every instruction from now on.
        #expect(try program.next()?.address == 8)
    }

    // MARK: Instruction breakpoints

    @Test(
        "an instruction breakpoint is a fault: the instruction has not executed, RF is pushed as 0")
    func instructionBreakpoint() throws {
        let target = HandledProgram.Place.code + 1
        var program = try watched("nop\ninc eax\nnop", at: target, dr7: Self.dr7(Self.execution))
        let event = try program.next()
        #expect(event == .init(vector: Self.db, address: 1, flags: 2, errorCode: nil))
        #expect(program.machine.state.registers[.rax] == 0)
        #expect(program.machine.state.dr6 == 0xFFFF_0FF1)
    }

    @Test("RF in the image that IRET loads holds the breakpoint off once")
    func resumeFlagHolds() throws {
        let target = HandledProgram.Place.code + 1
        var program = try watched(
            "again: nop\ninc eax\ncmp eax, 2\njb again", at: target,
            dr7: Self.dr7(Self.execution))
        #expect(try program.next()?.address == 1)
        let flags = program.machine.state.registers[.rsp] + 8
        program.write(flags, 2 | Self.resumeFlag, size: 4)
        // The second turn of the loop.
        #expect(try program.next()?.address == 1)
        #expect(program.machine.state.registers[.rax] == 1)
        program.write(flags, 2 | Self.resumeFlag, size: 4)
        #expect(try program.next() == nil)
        #expect(program.machine.state.rflags & Self.resumeFlag == 0)
    }

    @Test("a breakpoint on the instruction behind MOV SS is not met")
    func breakpointBehindMoveSS() throws {
        let target = HandledProgram.Place.code + 2
        var program = try watched(
            "mov ss, eax\nnop\nnop", at: target, dr7: Self.dr7(Self.execution))
        program.machine.state.registers[.rax] = UInt64(HandledProgram.Selector.data)
        #expect(try program.next() == nil)
    }

    @Test("an instruction breakpoint inside a repeated instruction is met once")
    func breakpointOnRepeat() throws {
        var program = try watched(
            "nop\nrep stosb\nnop", at: HandledProgram.Place.code + 1,
            dr7: Self.dr7(Self.execution))
        program.machine.state.registers[.rcx] = 3
        program.machine.state.registers[.rdi] = HandledProgram.Place.data
        #expect(try program.next()?.address == 1)
        let flags = program.machine.state.registers[.rsp] + 8
        program.write(flags, 2 | Self.resumeFlag, size: 4)
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rcx] == 0)
    }

    // MARK: Data and I/O breakpoints

    @Test(
        "a data breakpoint is met by any byte of an aligned range of its length",
        arguments: [
            // Length field, DR0's offset, offset of a byte written, whether it is met.
            (UInt64(0), UInt64(1), UInt64(1), true), (0, 1, 2, false), (0, 1, 0, false),
            (1, 2, 3, true), (1, 3, 2, true), (1, 2, 4, false), (3, 4, 7, true), (3, 6, 4, true),
            (3, 4, 8, false), (2, 8, 15, true), (2, 8, 16, false),
        ])
    func lengths(length: UInt64, offset: UInt64, written: UInt64, isMet: Bool) throws {
        let data = HandledProgram.Place.data
        var program = try watched(
            "mov byte [\(data + written)], 1", at: data + offset,
            dr7: Self.dr7(Self.write, length: length))
        #expect((try program.next() != nil) == isMet)
        if isMet { #expect(program.machine.state.dr6 == 0xFFFF_0FF1) }
    }

    @Test(
        "a write breakpoint is met by writes, an access breakpoint by reads too, in a trap",
        arguments: [
            ("mov eax, [0x9000]", write, false), ("mov [0x9000], eax", write, true),
            ("mov eax, [0x9000]", access, true), ("inc dword [0x9000]", write, true),
            ("push dword [0x9000]", access, true), ("cmp dword [0x8FFE], 0", access, true),
        ])
    func kinds(source: String, condition: UInt64, isMet: Bool) throws {
        var program = try watched(
            source, at: 0x9000, dr7: Self.dr7(condition, length: 3, local: true))
        let event = try program.next()
        #expect((event != nil) == isMet)
        if isMet { #expect(event?.vector == Self.db) }
    }

    @Test("an access that crosses a page meets a breakpoint in either page")
    func crossesPages() throws {
        for address in [UInt64(0x8FFF), 0x9000] {
            var program = try watched(
                "mov dword [0x8FFD], 0", at: address, dr7: Self.dr7(Self.write))
            #expect(try program.next() != nil)
        }
    }

    @Test("a page whose translation is known already is watched from the next instruction on")
    func armedLate() throws {
        var program = try HandledProgram(
            """
            mov dword [0x9000], 1
            mov eax, 0x9000
            mov dr0, eax
            mov eax, \(Self.dr7(Self.write, length: 3))
            mov dr7, eax
            mov dword [0x9000], 2
            nop
            """)
        #expect(try program.next()?.vector == Self.db)
        #expect(program.read(0x9000, size: 4) == 2)
        #expect(try program.next() == nil)
    }

    @Test("a breakpoint that is met by an instruction that faults afterwards is lost")
    func lostByFault() throws {
        // The read is met, the write faults.
        var program = try watched(
            "movsd\nnop", at: HandledProgram.Place.data, dr7: Self.dr7(Self.access))
        program.machine.state.registers[.rsi] = HandledProgram.Place.data
        program.machine.state.es.limit = 0
        #expect(try program.next()?.vector == 13)
        #expect(program.machine.state.dr6 == 0xFFFF_0FF0)
    }

    @Test(
        "one that MOV SS from memory meets is held off behind INT n: the handler's first instruction"
    )
    func heldOffBehindInterrupt() throws {
        let data = HandledProgram.Place.data
        var program = try watched(
            "mov ss, [\(data)]\nint 0x40", at: data, dr7: Self.dr7(Self.access, length: 1))
        program.write(data, UInt64(HandledProgram.Selector.data), size: 2)
        let event = try program.next()
        #expect(event?.vector == Self.db)
        // The handler of vector 40h, before its HLT.
        let handler = HandledProgram.Place.handlers + 0x400
        #expect(event?.address == handler &- HandledProgram.Place.code)
    }

    @Test("one that MOV SS from memory meets is told by INT1 behind it, in a single exception")
    func heldOffBehindINT1() throws {
        let data = HandledProgram.Place.data
        var program = try watched(
            "mov ss, [\(data)]\nint1\nnop", at: data, dr7: Self.dr7(Self.access, length: 1))
        program.write(data, UInt64(HandledProgram.Selector.data), size: 2)
        let events = try program.events()
        #expect(events.map(\.vector) == [Self.db])
        #expect(events.first?.address == 7)
        #expect(program.machine.state.dr6 == 0xFFFF_0FF1)
    }

    @Test("a debug exception clears B0 to B3 of conditions that are not met, and leaves BS")
    func staleBits() throws {
        let target = HandledProgram.Place.code + 1
        var program = try watched("nop\nnop", at: target, dr7: Self.dr7(Self.execution))
        program.machine.state.dr6 = 0xFFFF_4FF2
        _ = try program.next()
        #expect(program.machine.state.dr6 == 0xFFFF_4FF1)
    }

    @Test("an I/O breakpoint is met by IN and OUT, where CR4.DE is 1", arguments: [true, false])
    func ports(de: Bool) throws {
        var program = try watched("in al, dx\nnop", at: 0x60, dr7: Self.dr7(Self.port), de: de)
        program.machine.state.registers[.rdx] = 0x60
        let event = try program.next()
        #expect((event != nil) == de)
        if de { #expect(event?.address == 1) }
    }

    @Test("a breakpoint without an enable in DR7 is not met")
    func disabled() throws {
        var program = try watched(
            "mov byte [0x9000], 1", at: 0x9000, dr7: 0x400 | Self.write << 16)
        #expect(try program.next() == nil)
    }

    // MARK: DR6 and DR7

    @Test("general detect: a MOV of a debug register faults, BD is set, GD is cleared on entry")
    func generalDetect() throws {
        var program = try HandledProgram("mov eax, dr0")
        program.machine.state.dr7 = 0x2400
        let event = try program.next()
        #expect(event?.vector == Self.db)
        #expect(event?.address == 0)
        // A fault other than an instruction breakpoint pushes RF as 1.
        #expect(event?.flags == 0x1_0002)
        #expect(program.machine.state.dr6 == 0xFFFF_2FF0)
        #expect(program.machine.state.dr7 == 0x400)
    }

    @Test("INT1 raises #DB and changes nothing in DR6")
    func icebp() throws {
        var program = try HandledProgram("int1\nnop")
        let event = try program.next()
        #expect(event?.vector == Self.db)
        #expect(event?.address == 1)
        #expect(program.machine.state.dr6 == 0xFFFF_0FF0)
    }

    @Test("a data breakpoint and a single step behind the same instruction are one exception")
    func together() throws {
        var program = try watched(
            "mov byte [0x9000], 1\nnop", at: 0x9000, dr7: Self.dr7(Self.write))
        program.machine.state.rflags |= Self.trapFlag
        _ = try program.next()
        #expect(program.machine.state.dr6 == 0xFFFF_4FF1)
    }

    @Test("in 64-bit mode addresses have 64 bits, and a breakpoint of length 10B eight bytes")
    func longMode() throws {
        var program = try HandledProgram("mov byte [0x9007], 1\nmov byte [0x9008], 1", .long64)
        program.machine.state.dr[0] = 0x9000
        program.machine.state.dr7 = Self.dr7(Self.write, length: 2)
        let event = try program.next()
        #expect(event?.vector == Self.db)
        #expect(try program.next() == nil)
    }
}
