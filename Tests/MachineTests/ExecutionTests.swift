import Architecture
import InstructionSet
import Machine
import Testing

/// A real-mode program at 1000h: DS, ES and SS are 0, the stack is below 9000h.
struct RealModeProgram: ~Copyable {
    var machine: Machine

    static let start: UInt64 = 0x1000

    init(_ source: String, processor: Processor = .skylake) throws {
        machine = Machine(processor: processor, memorySize: 1 << 20)
        let program = try Assembler.assemble("org 0x1000\n" + source, file: "test.asm")
        machine.memory.load(program.bytes, at: Self.start)
        machine.state.rip = Self.start
        machine.state.registers[.rsp] = 0x9000
    }

    mutating func run(steps: UInt64? = 1_000_000, work: UInt64? = nil) -> StopReason {
        var limits = Machine.Limits(steps: steps)
        limits.work = work
        return machine.run(limits)
    }
}

@Suite("Execution")
struct ExecutionTests {
    @Test("a REP is one step however long it is")
    func repIsOneStep() throws {
        var program = try RealModeProgram("mov ecx, 0x30000\n a32 rep lodsb\n hlt")
        program.machine.state.ds.limit = 0xFFFF_FFFF
        #expect(program.run() == .hlt)
        #expect(program.machine.steps == 3)
        #expect(program.machine.state.registers[.rcx] == 0)
        #expect(program.machine.state.registers[.rsi] == 0x30000)
    }

    @Test("a REP that would take years ends with the run's budget of work")
    func endlessRepEnds() throws {
        var program = try RealModeProgram("mov ecx, -1\n a32 rep lodsb\n hlt")
        program.machine.state.ds.limit = 0xFFFF_FFFF
        #expect(program.run(steps: nil, work: 1_000_000) == .stepBudget)
        #expect(program.machine.steps == 1)
        // It can go on from where it is.
        #expect(program.machine.state.rip == RealModeProgram.start + 6)
        #expect(program.machine.state.registers[.rsi] > 0)
    }

    @Test("a REP that faults keeps the elements that it has done")
    func repFaultKeepsProgress() throws {
        var program = try RealModeProgram("mov ecx, 32\n mov edi, 0xFFF0\n a32 rep stosw\n hlt")
        // #GP(0) at offset 10000h: vector 13 leads to an HLT.
        program.machine.memory.write(13 * 4, 0x0000_2000, size: 4)
        program.machine.state.registers[.rax] = 0x5A5A
        program.machine.memory.load([0xF4], at: 0x2000)
        #expect(program.run() == .hlt)
        #expect(program.machine.memory.read(0xFFF0, size: 8) == 0x5A5A_5A5A_5A5A_5A5A)
        #expect(program.machine.state.registers[.rcx] & 0xFFFF == 24)
    }

    @Test("an instruction that a program changes just before it runs is run as changed")
    func selfModifyingCode() throws {
        var program = try RealModeProgram(
            """
                    mov byte [target + 1], 0x42
            target: mov al, 0x11
                    hlt
            """)
        #expect(program.run() == .hlt)
        #expect(program.machine.state.registers[.rax] & 0xFF == 0x42)
    }

    @Test("a loop that rewrites itself in every turn runs each version")
    func selfModifyingLoop() throws {
        var program = try RealModeProgram(
            """
                    xor ax, ax
                    mov cx, 100
            again:  inc byte [target + 2]
            target: add ax, 0
                    loop again
                    hlt
            """)
        #expect(program.run() == .hlt)
        #expect(program.machine.state.registers[.rax] & 0xFFFF == 5050)
    }

    @Test("data beside code is data: writing it changes no code")
    func dataBesideCode() throws {
        var program = try RealModeProgram(
            """
                    mov cx, 1000
            again:  inc word [count]
                    loop again
                    hlt
            count:  dw 0
            """)
        #expect(program.run() == .hlt)
        let count = program.machine.memory.read(0x1000 + 10, size: 2)
        #expect(count == 1000)
    }

    @Test("an instruction can lie across two pages, changed in either")
    func acrossPages() throws {
        let padding = "times 0xFFC - ($ - $$) db 0x90"
        var program = try RealModeProgram(
            """
                    mov byte [target + 5], 0x12
                    \(padding)
            target: mov eax, 0x00345678
                    hlt
            """)
        #expect(program.run() == .hlt)
        #expect(program.machine.state.registers[.rax] == 0x1234_5678)
    }

    @Test("STI blocks interrupts for one instruction, in single steps too")
    func blockingBySTI() throws {
        var program = try RealModeProgram("sti\n nop\n nop\n hlt")
        #expect(program.run(steps: 1) == .stepBudget)
        #expect(program.machine.state.interruptibility == .bySTI)
        #expect(program.run(steps: 2) == .stepBudget)
        #expect(program.machine.state.interruptibility == [])
    }

    @Test("STI with interrupts already on blocks nothing")
    func noBlockingBySecondSTI() throws {
        var program = try RealModeProgram("sti\n nop\n sti\n nop\n hlt")
        #expect(program.run(steps: 3) == .stepBudget)
        #expect(program.machine.state.interruptibility == [])
    }

    @Test("an instruction that the processor's CPUID does not announce is undefined")
    func missingFeature() throws {
        var program = try RealModeProgram("movbe eax, [0x2000]\n hlt", processor: .firstVTx)
        program.machine.memory.write(6 * 4, 0x0000_3000, size: 4)
        program.machine.memory.load([0xF4], at: 0x3000)
        #expect(program.run() == .hlt)
        #expect(program.machine.state.rip == 0x3001)
        var newer = try RealModeProgram("movbe eax, [0x2000]\n hlt")
        newer.machine.memory.write(0x2000, 0x1122_3344, size: 4)
        #expect(newer.run() == .hlt)
        #expect(newer.machine.state.registers[.rax] == 0x4433_2211)
    }

    @Test("TZCNT is BSF on a processor without it: the destination stays for a source of 0")
    func olderMeaning() throws {
        for (processor, expected) in [(Processor.firstVTx, UInt64(7)), (.skylake, 32)] {
            var program = try RealModeProgram(
                "mov eax, 7\n xor ecx, ecx\n tzcnt eax, ecx\n hlt", processor: processor)
            #expect(program.run() == .hlt)
            #expect(program.machine.state.registers[.rax] == expected)
        }
    }

    @Test("the same run from a snapshot is the same run")
    func snapshotRepeats() throws {
        var program = try RealModeProgram(
            """
                    mov cx, 500
            again:  rdrand ax
                    add [sum], ax
                    loop again
                    hlt
            sum:    dw 0
            """)
        #expect(program.run(steps: 101) == .stepBudget)
        let snapshot = program.machine.snapshot()
        #expect(program.run() == .hlt)
        let registers = program.machine.state.registers
        let memory = program.machine.memory.bytes(0x1000, count: 64)
        program.machine.restore(snapshot)
        #expect(program.run() == .hlt)
        #expect(program.machine.state.registers == registers)
        #expect(program.machine.memory.bytes(0x1000, count: 64) == memory)
    }

    @Test("flags can be set to any combination and read back")
    func flagCombinations() {
        var flags = Flags()
        let places: [UInt64] = [0, 2, 4, 6, 7, 11]
        for combination in UInt64(0)..<64 {
            let value = places.enumerated().reduce(2) {
                $0 | (combination >> UInt64($1.offset) & 1) << $1.element
            }
            flags.value = value
            #expect(flags.value == value)
        }
    }
}
