import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Task Management".
@Suite("Task switches")
struct TaskSwitchTests {
    private typealias Place = HandledProgram.Place
    private typealias Selector = HandledProgram.Selector

    private static let jump = "jmp 0x40:0"
    private static let call = "call 0x40:0"
    private static let gate = "call 0x48:0"
    /// Where the other task begins: an HLT.
    private static let entry: UInt64 = 0xA000

    /// A program beside which another task waits, whose code is `other`.
    private func program(_ source: String, other: [UInt8] = [0xF4]) throws -> HandledProgram {
        var program = try HandledProgram(source)
        program.machine.memory.load(other, at: Self.entry)
        set(&program, 32, Self.entry)
        set(&program, 36, 2)
        set(&program, 56, Place.otherStack)
        for offset in [UInt64(72), 80, 84, 88, 92] {
            set(&program, offset, UInt64(Selector.data))
        }
        set(&program, 76, UInt64(Selector.code))
        return program
    }

    /// A doubleword of the other task's TSS.
    private func set(_ program: inout HandledProgram, _ offset: UInt64, _ value: UInt64) {
        program.write(Place.otherTSS + offset, value, size: 4)
    }

    private func type(_ program: inout HandledProgram, _ selector: UInt16) -> UInt64 {
        program.read(Place.gdt + UInt64(selector) + 5, size: 1) & 0xF
    }

    // MARK: What a switch does

    @Test("JMP leaves the old task available and makes the new one busy, CALL leaves both busy")
    func busyFlags() throws {
        for (source, old) in [(Self.jump, UInt64(9)), (Self.call, 11), (Self.gate, 11)] {
            var program = try program(source)
            #expect(try program.next() == nil)
            #expect(program.machine.state.rip == Self.entry + 1)
            #expect(type(&program, Selector.tss) == old)
            #expect(type(&program, Selector.otherTSS) == 11)
            #expect(program.machine.state.tr.selector == Selector.otherTSS)
        }
    }

    @Test("CALL sets NT and the link to the previous task, JMP does neither")
    func nesting() throws {
        for (source, isNested) in [(Self.jump, false), (Self.call, true)] {
            var program = try program(source)
            _ = try program.next()
            #expect(program.machine.state.rflags.has(FlagBit.nt) == isNested)
            let link = program.read(Place.otherTSS, size: 2)
            #expect(link == (isNested ? UInt64(Selector.tss) : 0))
        }
    }

    @Test("IRET with NT set goes back to the task that the link names, which had stayed busy")
    func returns() throws {
        // IRET, and an HLT behind it for the second time.
        var program = try program("mov ebx, 7\n\(Self.call)\nmov ecx, 9", other: [0xCF, 0xF4])
        _ = try program.next()
        #expect(program.machine.state.registers[.rbx] == 7)
        #expect(program.machine.state.registers[.rcx] == 9)
        #expect(program.machine.state.tr.selector == Selector.tss)
        #expect(!program.machine.state.rflags.has(FlagBit.nt))
        #expect(type(&program, Selector.otherTSS) == 9)
        #expect(type(&program, Selector.tss) == 11)
        // The other task was saved behind its IRET, with NT clear.
        #expect(program.read(Place.otherTSS + 32, size: 4) == Self.entry + 1)
        #expect(program.read(Place.otherTSS + 36, size: 4) & FlagBit.nt.mask == 0)
    }

    @Test("CR0.TS is set, and the local enables of breakpoints are cleared")
    func setsTS() throws {
        var program = try program(Self.jump)
        program.machine.state.dr7 = 0x7FF
        program.machine.state.dr = [0x1, 0x1, 0x1, 0x1]
        _ = try program.next()
        #expect(program.machine.state.cr0.has(CR0Bit.ts))
        #expect(program.machine.state.dr7 == 0x7FF & ~0x155)
    }

    @Test("the old task's state is saved in its TSS, the new one's comes from its own")
    func movesState() throws {
        var program = try program("mov eax, 0x11111111\nmov edi, 0x22222222\n\(Self.jump)")
        set(&program, 40, 0xAAAA_AAAA)
        set(&program, 68, 0xBBBB_BBBB)
        _ = try program.next()
        #expect(program.read(Place.tss + 40, size: 4) == 0x1111_1111)
        #expect(program.read(Place.tss + 68, size: 4) == 0x2222_2222)
        #expect(program.read(Place.tss + 32, size: 4) == Place.code + 17)
        #expect(program.read(Place.tss + 76, size: 2) == UInt64(Selector.code))
        #expect(program.machine.state.registers[.rax] == 0xAAAA_AAAA)
        #expect(program.machine.state.registers[.rdi] == 0xBBBB_BBBB)
    }

    @Test("the T flag of the new task's TSS raises #DB before its first instruction, with BT set")
    func trapsAtEntry() throws {
        var program = try program(Self.jump)
        set(&program, 100, 1)
        let event = try program.next()
        #expect(event?.vector == 1)
        #expect(event?.address == Self.entry &- Place.code)
        #expect(program.machine.state.dr6 == 0xFFFF_8FF0)
    }

    @Test("a 16-bit TSS holds sixteen bits of each register, and no FS and GS")
    func sixteenBits() throws {
        var program = try program(Self.jump)
        program.setDescriptor(Selector.otherTSS, 0x0000_8100_0000_002B | Place.otherTSS << 16)
        for (offset, value) in [
            (UInt64(14), Self.entry), (16, 2), (18, 0x1234), (26, 0xB000), (34, 0x10), (36, 0x08),
            (38, 0x10), (40, 0x10), (42, 0),
        ] { program.write(Place.otherTSS + offset, value, size: 2) }
        _ = try program.next()
        #expect(program.machine.state.rip == Self.entry + 1)
        #expect(program.machine.state.registers[.rax] & 0xFFFF == 0x1234)
        #expect(program.machine.state.fs.isUnusable)
        #expect(program.machine.state.tr.type == 3)
    }

    @Test("an exception through a task gate finds its error code on the new task's stack")
    func errorCode() throws {
        // #GP(selector): a load of a selector beyond the GDT.
        var program = try program("mov eax, 0x1000\nmov ds, ax")
        program.write(Place.idt + 13 * 8, 0x8500 << 32 | UInt64(Selector.otherTSS) << 16)
        #expect(try program.next() == nil)
        #expect(program.machine.state.rip == Self.entry + 1)
        #expect(program.machine.state.registers[.rsp] == Place.otherStack - 4)
        #expect(program.read(Place.otherStack - 4, size: 4) == 0x1000)
        // The old task goes on at the instruction that faulted, RF set.
        #expect(program.read(Place.tss + 32, size: 4) == Place.code + 5)
        #expect(program.read(Place.tss + 36, size: 4) & FlagBit.rf.mask != 0)
    }

    @Test("a task whose EFLAGS image has VM set runs in virtual-8086 mode")
    func virtual8086() throws {
        var program = try program(Self.jump, other: [0xCD, 0x40])
        set(&program, 4, Place.innerStack)
        set(&program, 8, UInt64(Selector.data))
        set(&program, 32, 0)
        set(&program, 36, 0x2_3002)
        set(&program, 76, Self.entry >> 4)
        let event = try program.next()
        #expect(event?.vector == 0x40)
        #expect((event?.flags ?? 0) & FlagBit.vm.mask != 0)
        #expect(program.machine.state.cpl == 0)
    }

    // MARK: What is checked before the switch

    @Test(
        "a TSS descriptor that does not fit the switch is a fault of the old task",
        arguments: [
            // Busy: #GP for CALL and JMP.
            (UInt64(0x0000_8B00_0000_0067), ExceptionVector.generalProtection),
            // Not present.
            (0x0000_0900_0000_0067, .segmentNotPresent),
            // Limit below 67h, and below 2Bh for a 16-bit TSS.
            (0x0000_8900_0000_0066, .invalidTSS), (0x0000_8100_0000_002A, .invalidTSS),
        ])
    func descriptor(raw: UInt64, vector: ExceptionVector) throws {
        var program = try program(Self.jump)
        program.setDescriptor(Selector.otherTSS, raw | Place.otherTSS << 16)
        let event = try program.next()
        #expect(event?.vector == vector.rawValue)
        #expect(event?.errorCode == UInt64(Selector.otherTSS))
        #expect(event?.address == 0)
        #expect(program.machine.state.tr.selector == Selector.tss)
        #expect(!program.machine.state.cr0.has(CR0Bit.ts))
    }

    @Test("IRET with NT set to a TSS that is not busy is #TS")
    func returnToAvailable() throws {
        var program = try HandledProgram("iret")
        program.machine.state.rflags |= FlagBit.nt.mask
        program.write(Place.tss, UInt64(Selector.otherTSS), size: 2)
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.invalidTSS.rawValue)
        #expect(event?.errorCode == UInt64(Selector.otherTSS))
    }

    @Test("the TSS's or the gate's DPL must not be below CPL and RPL", arguments: [jump, gate])
    func privilege(source: String) throws {
        var program = try HandledProgram(source, cpl: 3)
        if source == Self.gate {
            program.setDescriptor(
                Selector.taskGate, 0x8500 << 32 | UInt64(Selector.otherTSS) << 16)
        }
        #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }

    // MARK: What is checked in the new task

    @Test(
        "a bad selector in the new TSS is a fault of the new task, before its first instruction",
        arguments: [
            // Offset in the TSS, selector, exception.
            (UInt64(96), UInt64(0x54), ExceptionVector.invalidTSS),
            (96, UInt64(Selector.data), .invalidTSS),
            (76, UInt64(Selector.data), .invalidTSS), (76, 0x0B, .invalidTSS),
            (80, UInt64(Selector.code), .invalidTSS), (80, 0x13, .invalidTSS),
            (84, 0x1000, .invalidTSS), (88, UInt64(Selector.tss), .invalidTSS),
        ])
    func selectors(offset: UInt64, selector: UInt64, vector: ExceptionVector) throws {
        var program = try program(Self.jump)
        // A way to handle it that needs nothing of the task that is wrong.
        let handler = UInt64(Selector.free)
        program.setDescriptor(Selector.free, 0x0000_8900_0000_0067 | 0x1200 << 16)
        for index in UInt64(0)..<26 {
            program.write(
                0x1200 + index * 4, program.read(Place.otherTSS + index * 4, size: 4), size: 4)
        }
        program.write(0x1200 + 32, 0xA100, size: 4)
        program.machine.memory.load([0xF4], at: 0xA100)
        program.write(Place.idt + UInt64(vector.rawValue) * 8, 0x8500 << 32 | handler << 16)
        set(&program, offset, selector)
        #expect(try program.next() == nil)
        #expect(program.machine.state.rip == 0xA101)
        #expect(program.read(Place.otherStack - 4, size: 4) == selector & 0xFFFC)
        // The new task was current when it faulted.
        #expect(program.read(0x1200, size: 2) == UInt64(Selector.otherTSS))
        #expect(program.read(Place.otherTSS + 32, size: 4) == Self.entry)
    }
}
