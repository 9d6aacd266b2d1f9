import Architecture
import InstructionSet
import Testing

@testable import Machine

/// SDM 2, each instruction's exceptions.
@Suite("What an instruction's entry says of #UD, #GP, #DE and the others")
struct InstructionFaultTests {
    /// A sentence, where it is tried, and what comes of it; nil: nothing.
    struct Row: Sendable, CustomTestStringConvertible {
        let sentence: String
        let modes: [HandledProgram.Mode]
        let source: String
        let fault: ExceptionVector?

        init(
            _ sentence: String, _ modes: [HandledProgram.Mode], _ source: String,
            _ fault: ExceptionVector?
        ) {
            self.sentence = sentence
            self.modes = modes
            self.source = source
            self.fault = fault
        }

        var testDescription: String { "\(sentence): \(source)" }
    }

    private static let all: [HandledProgram.Mode] = [.real16, .protected32, .long64]
    private static let legacy: [HandledProgram.Mode] = [.real16, .protected32]

    private func check(_ row: Row, cpl: UInt8 = 0, processor: Processor = .recent) throws {
        for mode in row.modes {
            var program = try HandledProgram(
                row.source + (cpl == 3 ? "\nint 0x40" : ""), mode, cpl: cpl, processor: processor)
            let event = try program.next()
            let end: UInt8? = cpl == 3 ? 0x40 : nil
            #expect(event?.vector == row.fault?.rawValue ?? end, "\(mode): \(row.sentence)")
            if row.fault?.hasErrorCode == true, mode != .real16 {
                #expect(event?.errorCode == 0, "\(mode): \(row.sentence)")
            }
        }
    }

    private static let lockRows: [Row] = [
        Row(
            "LOCK with a register as destination is #UD", all, "db 0xf0, 0x01, 0xc0", .invalidOpcode
        ),
        Row("LOCK with memory as source is #UD", all, "db 0xf0, 0x03, 0x07", .invalidOpcode),
        Row("LOCK before MOV is #UD", all, "db 0xf0, 0x89, 0x07", .invalidOpcode),
        Row("LOCK before CMP is #UD", all, "db 0xf0, 0x39, 0x07", .invalidOpcode),
        Row("LOCK before TEST is #UD", all, "db 0xf0, 0x85, 0x07", .invalidOpcode),
        Row("LOCK before BT is #UD", all, "db 0xf0, 0x0f, 0xa3, 0x07", .invalidOpcode),
        Row("LOCK before a shift is #UD", all, "db 0xf0, 0xd1, 0x27", .invalidOpcode),
        Row("LOCK before NOP is #UD", all, "db 0xf0, 0x90", .invalidOpcode),
        Row("LOCK before INVLPG is #UD", all, "db 0xf0, 0x0f, 0x01, 0x3f", .invalidOpcode),
    ]

    @Test("LOCK goes with a few instructions whose destination is memory", arguments: lockRows)
    func lock(_ row: Row) throws { try check(row) }

    private static let operandRows: [Row] = [
        Row(
            "LEA: if the source operand is not a memory location", all, "db 0x8d, 0xc0",
            .invalidOpcode),
        Row(
            "CMPXCHG8B: if the destination is not a memory operand", all, "db 0x0f, 0xc7, 0xc8",
            .invalidOpcode),
        Row(
            "LGDT: if the source is not a memory location", all, "db 0x0f, 0x01, 0xd3",
            .invalidOpcode),
        Row("SIDT: if the destination is a register", all, "db 0x0f, 0x01, 0xce", .invalidOpcode),
        Row(
            "MOV: if attempt is made to load the CS register", all, "db 0x8e, 0xc8",
            .invalidOpcode),
        Row("MOV: a segment register that does not exist", all, "db 0x8c, 0xf8", .invalidOpcode),
        Row("far JMP through a register", all, "db 0xff, 0xe8", .invalidOpcode),
        Row("far CALL through a register", all, "db 0xff, 0xd8", .invalidOpcode),
        Row("FF /7", all, "db 0xff, 0xf8", .invalidOpcode),
        Row("8F /1", all, "db 0x8f, 0xc8", .invalidOpcode),
        Row("C6 /1", all, "db 0xc6, 0xc8, 0", .invalidOpcode),
        Row("FE /2", all, "db 0xfe, 0xd0", .invalidOpcode),
        Row("0F BA /0", all, "db 0x0f, 0xba, 0xc0, 1", .invalidOpcode),
        Row("MOVBE without memory", all, "db 0x0f, 0x38, 0xf0, 0xc0", .invalidOpcode),
        Row("UD0, UD1, UD2 raise #UD", all, "ud2", .invalidOpcode),
        Row("RSM: if not in SMM", all, "rsm", .invalidOpcode),
        Row(
            "VMX instructions outside VMX operation", [.protected32, .long64], "vmcall",
            .invalidOpcode),
        Row(
            "VMXON while CR4.VMXE is 0", [.protected32, .long64], "db 0xf3, 0x0f, 0xc7, 0x37",
            .invalidOpcode),
        Row("RDFSBASE without CR4.FSGSBASE", [.long64], "rdfsbase rax", .invalidOpcode),
        Row("XGETBV without CR4.OSXSAVE", all, "xgetbv", .invalidOpcode),
        Row(
            "SYSCALL without IA32_EFER.SCE", [.long64],
            "mov ecx, 0xc0000080\nrdmsr\nand eax, ~1\nwrmsr\nsyscall", .invalidOpcode),
        Row("SYSCALL outside 64-bit mode", legacy, "db 0x0f, 0x05", .invalidOpcode),
        Row("SYSRET outside 64-bit mode", legacy, "db 0x0f, 0x07", .invalidOpcode),
        Row("SWAPGS outside 64-bit mode", legacy, "db 0x0f, 0x01, 0xf8", .invalidOpcode),
        Row(
            "a VEX prefix in real mode", [.real16], "db 0xc4, 0xe2, 0x78, 0xf2, 0xc1",
            .invalidOpcode),
    ]

    @Test("an operand that an instruction does not have is #UD", arguments: operandRows)
    func operands(_ row: Row) throws { try check(row) }

    @Test(
        "invalid in 64-bit mode: #UD",
        arguments: [
            "0x06", "0x07", "0x0e", "0x16", "0x17", "0x1e", "0x1f", "0x27", "0x2f", "0x37", "0x3f",
            "0x60", "0x61", "0x62, 0x07", "0x82, 0xc0, 1", "0x9a, 0, 0, 0, 0, 8, 0", "0xc4, 0x07",
            "0xc5, 0x07", "0xce", "0xd4, 10", "0xd5, 10", "0xd6", "0xea, 0, 0, 0, 0, 8, 0",
        ])
    func only32(bytes: String) throws {
        try check(Row("invalid in 64-bit mode", [.long64], "db \(bytes)", .invalidOpcode))
    }

    @Test(
        "not recognized in real-address mode: #UD",
        arguments: [
            "lldt ax", "ltr ax", "sldt ax", "str ax", "lar ax, bx", "lsl ax, bx", "verr ax",
            "verw ax", "arpl ax, bx",
        ])
    func notReal(source: String) throws {
        try check(Row("real mode", [.real16], source, .invalidOpcode))
    }

    private static let valueRows: [Row] = [
        Row("DIV: if the source operand is 0", all, "xor ecx, ecx\ndiv ecx", .divideError),
        Row(
            "DIV: if the quotient is too large", all, "mov ax, 0x100\nmov cl, 1\ndiv cl",
            .divideError),
        Row("IDIV: -80h is a quotient that fits", all, "mov ax, -0x80\nmov cl, 1\nidiv cl", nil),
        Row("IDIV: 80h is not", all, "mov ax, 0x80\nmov cl, 1\nidiv cl", .divideError),
        Row("AAM: if an immediate value of 0 is used", legacy, "aam 0", .divideError),
        Row("INTO: if OF is set", legacy, "mov al, 0x7f\ninc al\ninto", .overflow),
        Row("INTO: if it is not, nothing", legacy, "xor eax, eax\ninto", nil),
        Row(
            "BOUND: if the bounds test fails", legacy, "mov ax, 5\nbound ax, [bx+0x6000]",
            .boundRange),
        Row(
            "CMPXCHG16B: if the operand is not aligned on a 16-byte boundary", [.long64],
            "cmpxchg16b [0x9008]", .generalProtection),
        Row("MONITOR: if ECX is not 0", all, "mov ecx, 1\nmonitor", .generalProtection),
        Row(
            "XGETBV: if an invalid XCR is specified", [.long64],
            "mov rax, cr4\nbts rax, 18\nmov cr4, rax\nmov ecx, 2\nxgetbv", .generalProtection),
        Row(
            "XSETBV: if bit 0 of XCR0 is cleared", [.long64],
            "mov rax, cr4\nbts rax, 18\nmov cr4, rax\nxor eax, eax\nmov edx, eax\nmov ecx, eax\n"
                + "xsetbv", .generalProtection),
        Row(
            "SYSENTER: if IA32_SYSENTER_CS[15:2] = 0", [.protected32, .long64], "sysenter",
            .generalProtection),
        Row("SYSENTER: in real-address mode", [.real16], "sysenter", .generalProtection),
        Row(
            "SYSEXIT: if IA32_SYSENTER_CS[15:2] = 0", [.protected32, .long64], "sysexit",
            .generalProtection),
        Row("LLDT: if the selector is no LDT's", [.protected32], "mov ax, 0\nlldt ax", nil),
        Row(
            "FWAIT: if MP and TS are both set", all,
            "mov eax, cr0\nor eax, 0xa\nmov cr0, eax\nfwait", .deviceNotAvailable),
        Row(
            "FWAIT: TS alone is not enough", all,
            "mov eax, cr0\nor eax, 8\nand eax, ~2\nmov cr0, eax\nfwait", nil),
        Row(
            "x87: if TS is set", all, "mov eax, cr0\nor eax, 8\nmov cr0, eax\nfninit",
            .deviceNotAvailable),
        Row(
            "x87: if EM is set", all, "mov eax, cr0\nor eax, 4\nmov cr0, eax\nfnstcw [bx+0x6000]",
            .deviceNotAvailable),
        Row(
            "SSE: if EM is set", all,
            "mov eax, cr4\nor eax, 0x200\nmov cr4, eax\nmov eax, cr0\nor eax, 4\nmov cr0, eax\n"
                + "movaps xmm0, xmm1", .invalidOpcode),
        Row(
            "SSE: if CR4.OSFXSR is clear", all,
            "mov eax, cr4\nand eax, ~0x200\nmov cr4, eax\nmovaps xmm0, xmm1", .invalidOpcode),
        Row(
            "FXSAVE: if the operand is not aligned on a 16-byte boundary", [.protected32, .long64],
            "fxsave [0x9008]", .generalProtection),
    ]

    @Test("a value that an instruction does not take", arguments: valueRows)
    func values(_ row: Row) throws {
        // In 64-bit code the stack and control registers have 64 bits.
        var source = row.source
        if row.modes.contains(.long64) {
            try check(
                Row(row.sentence, [.long64], Self.widened(source), row.fault))
        }
        source = source.replacing("rax", with: "eax")
        try check(Row(row.sentence, row.modes.filter { $0 != .long64 }, source, row.fault))
    }

    private static func widened(_ source: String) -> String {
        source.split(separator: "\n").map { line in
            line.contains(" cr") ? String(line).replacing("eax", with: "rax") : String(line)
        }
        .joined(separator: "\n").replacing("[bx+", with: "[rbx+")
    }

    private static let userRows: [Row] = [
        Row("RDTSC is for all while CR4.TSD is 0", [.protected32, .long64], "rdtsc", nil),
        Row("MONITOR: if CPL is not 0", [.protected32, .long64], "monitor", .invalidOpcode),
        Row("MWAIT: if CPL is not 0", [.protected32, .long64], "mwait", .invalidOpcode),
        Row(
            "CLI: if CPL is greater than IOPL", [.protected32, .long64], "cli", .generalProtection),
        Row(
            "STI: if CPL is greater than IOPL", [.protected32, .long64], "sti", .generalProtection),
        Row(
            "POPF leaves IF and IOPL without a fault", [.protected32, .long64], "pushf\npopf", nil),
        Row("CLAC: if CPL is above 0", [.protected32, .long64], "clac", .invalidOpcode),
        Row(
            "LAR and its kin are for all", [.protected32, .long64],
            "lar eax, ebx\nlsl eax, ebx\nverr bx\nverw bx", nil),
    ]

    @Test("what depends on CPL", arguments: userRows)
    func privilege(_ row: Row) throws { try check(row, cpl: 3) }

    @Test("IN and OUT above IOPL: if the permission bit of the port is set, or the map has none")
    func ports() throws {
        for mode in [HandledProgram.Mode.protected32, .long64] {
            for source in ["in al, 0x80", "out 0x80, al", "in eax, dx", "outsb"] {
                // Beyond the TSS's limit; then a map of zeros.
                for (base, fault) in [(UInt64(0x68), ExceptionVector.generalProtection), (0, nil)] {
                    var program = try HandledProgram(source + "\nint 0x40", mode, cpl: 3)
                    program.write(HandledProgram.Place.tss + 0x66, base, size: 2)
                    let event = try program.next()
                    #expect(event?.vector == fault?.rawValue ?? 0x40, "\(source)")
                }
            }
        }
    }

    @Test("RDTSC: if the TSD flag in CR4 is set and CPL is greater than 0")
    func timeStamp() throws {
        for source in ["rdtsc", "rdtscp"] {
            var program = try HandledProgram(source, .long64, cpl: 3)
            program.machine.state.cr4 |= CR4Bit.tsd.mask
            #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
        }
    }

    @Test("an instruction longer than 15 bytes is #GP(0), whatever it is")
    func length() throws {
        for (count, fault) in [(14, nil), (15, ExceptionVector.generalProtection.rawValue)] {
            var program = try HandledProgram("times \(count) db 0x3e\nnop")
            #expect(try program.next()?.vector == fault)
        }
    }

    @Test("SALC sets AL to FFh where CF is set, else to 0, and no flags", arguments: [true, false])
    func salc(carry: Bool) throws {
        var program = try HandledProgram("mov eax, 0x12345678\n\(carry ? "stc" : "clc")\nsalc")
        let before = program.machine.state.rflags
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rax] == (carry ? 0x1234_56FF : 0x1234_5600))
        #expect(program.machine.state.rflags & ~1 == before & ~1)
    }

    /// Each in a process of its own machine: where the run ends as not modelled, it is by name.
    @Test("every form that the table has as modelled is executed, in every mode that has it")
    func everyForm() throws {
        for (size, mode) in [
            (CodeSize.bits16, HandledProgram.Mode.real16), (.bits32, .protected32),
            (.bits64, .long64),
        ] {
            let sampler = InstructionSampler(mode: size) { $0.operation != .notModelled }
            var generator = Xorshift(state: 0x1234_5678_9ABC_DEF1)
            var seen: [Operation: Int] = [:]
            var program = try HandledProgram("nop", mode, processor: .recent)
            let start = program.machine.snapshot()
            for _ in 0..<3000 {
                guard let code = sampler.code(using: &generator),
                    let instruction = try? InstructionDecoder.decode(code, size: size),
                    instruction.operation != .notModelled
                else { continue }
                seen[instruction.operation, default: 0] += 1
                if seen[instruction.operation, default: 0] > 3 { continue }
                program.machine.restore(start)
                program.machine.memory.load(code, at: HandledProgram.Place.code)
                let stop = program.machine.run(Machine.Limits(steps: program.machine.steps + 1))
                if case .notModelled(let what) = stop {
                    let text = Disassembler.text(of: instruction, size: size)
                    #expect(Self.isListed(instruction.operation), "\(text): \(what)")
                }
            }
            #expect(seen.count > 190)
        }
    }

    /// What is left to name: what a WRMSR or a mode bit may ask for.
    private static func isListed(_ operation: Operation) -> Bool {
        switch operation {
        case .wrmsr, .rdmsr, .movToControl, .getsec: true
        default: false
        }
    }
}

/// A small generator with a seed.
private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
