import Architecture
import InstructionSet
import Machine
import Testing

/// Fetching from decoded code, where it is not as simple as one instruction behind another.
@Suite("Code that was decoded before")
struct CodeWindowTests {
    /// 32-bit code at this linear address, in a segment with this base.
    private func machine(_ source: String, at linear: UInt64, base: UInt64) throws -> Machine {
        var machine = Machine(processor: .skylake, memorySize: 1 << 20)
        let program = try Assembler.assemble("bits 32\n" + source, file: "test.asm")
        machine.memory.load(program.bytes, at: linear)
        machine.state.cr0 = 0x31
        machine.state.cs = Segment(selector: 8, base: base, limit: 0xFFFF_FFFF, access: 0xC09B)
        let data = Segment(selector: 16, base: 0, limit: 0xFFFF_FFFF, access: 0xC093)
        for name in [SegmentRegister.es, .ss, .ds, .fs, .gs] { machine.state[name] = data }
        machine.state.idtr = DescriptorTableRegister(base: 0, limit: 0)
        machine.state.rip = (linear &- base) & 0xFFFF_FFFF
        return machine
    }

    @Test("a limit of CS that has become lower ends in the middle of what was decoded")
    func lowerLimit() throws {
        var machine = try machine("times 16 nop\n hlt", at: 0x1000, base: 0)
        #expect(machine.run(.init(steps: 100)) == .hlt)
        #expect(machine.steps == 17)
        machine.state.activity = .active
        machine.state.rip = 0x1000
        machine.state.cs.limit = 0x1004
        // #GP(0) at 1005h, and no handler.
        #expect(machine.run(.init(steps: 100)) == .shutdown)
        #expect(machine.steps == 17 + 5)
        #expect(machine.state.rip == 0x1005)
    }

    @Test("an instruction that the limit of CS cuts faults before anything of it is done")
    func cutInstruction() throws {
        var machine = try machine("inc eax\n mov ebx, 7\n hlt", at: 0x1000, base: 0)
        machine.state.cs.limit = 0x1003
        #expect(machine.run(.init(steps: 100)) == .shutdown)
        #expect(machine.state.rip == 0x1001)
        #expect(machine.state.registers[.rbx] == 0)
    }

    @Test("a jump in its page goes below RIP 0, where the base of CS lies in the page")
    func wrappingPage() throws {
        // RIP 0 is at 1F10h, the loop's first part at RIP FFFFFFF0h.
        let source = """
            first:  dec ecx
                    jz first + 0x20
                    jmp first + 0x10
                    times 0x10 - ($ - first) nop
            second: inc edx
                    jmp first
                    times 0x20 - ($ - first) nop
                    hlt
            """
        var machine = try machine(source, at: 0x1F00, base: 0x1F10)
        #expect(machine.state.rip == 0xFFFF_FFF0)
        machine.state.registers[.rcx] = 5
        #expect(machine.run(.init(steps: 100)) == .hlt)
        #expect(machine.state.registers[.rdx] == 4)
        #expect(machine.state.rip == 0x11)
        #expect(machine.steps == 4 * 5 + 3)
    }

    @Test("a conditional jump that was not taken at the end of a run is taken later")
    func lastOfRun() throws {
        let source = """
            again:  times 31 nop
                    jnz done
                    inc edx
                    cmp edx, 3
                    jmp again
            done:   hlt
            """
        var machine = try machine(source, at: 0x1000, base: 0)
        // ZF is set at first; then 1 and 3 differ.
        machine.state.rflags = 0x46
        #expect(machine.run(.init(steps: 1000)) == .hlt)
        #expect(machine.state.registers[.rdx] == 1)
        #expect(machine.steps == 32 + 3 + 32 + 1)
    }

    @Test("a jump's target that was rewritten is decoded again")
    func rewrittenTarget() throws {
        let source = """
                    mov ecx, 3
            again:  add byte [target + 1], 1
                    jmp target
                    times 64 nop
            target: mov al, 0x10
                    add edx, eax
                    dec ecx
                    jnz again
                    hlt
            """
        var machine = try machine("org 0x1000\n" + source, at: 0x1000, base: 0)
        #expect(machine.run(.init(steps: 1000)) == .hlt)
        #expect(machine.state.registers[.rdx] == 0x11 + 0x12 + 0x13)
    }

    @Test("the time-stamp counter is right in the middle of plain instructions")
    func time() throws {
        let source = "times 7 nop\n rdtsc\n mov ebx, eax\n times 5 inc edx\n rdtsc\n hlt"
        var machine = try machine(source, at: 0x1000, base: 0)
        machine.state.tsc = 1000
        #expect(machine.run(.init(steps: 4)) == .stepBudget)
        #expect(machine.state.tsc == 1004)
        #expect(machine.state.rip == 0x1004)
        #expect(machine.run(.init(steps: 100)) == .hlt)
        #expect(machine.state.registers[.rbx] == 1007)
        #expect(machine.state.registers[.rax] == 1014)
        #expect(machine.state.tsc == 1016)
    }
}
