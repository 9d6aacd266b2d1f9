import Testing

@testable import Prompt

/// What the commands do to a guest. Expected values: the contract's start state (CR0 80000031h in
/// long mode, RSP 9000h), NASM's encodings, and the manual's numbers for exits.
@Suite("The machine's commands")
struct MachineTests {
    /// Reads CR0, counts, halts: 0F 20 C3, FF C0, F4.
    private static let source = """
        bits 64
        org 0x10000
        start:  mov rbx, cr0
        count:  inc eax
        .again: inc eax
        stop:   hlt
        """

    private func prompt() throws -> ScriptedPrompt {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest(Self.source)
        #expect(prompt.run("load \(path)").status == 0)
        return prompt
    }

    @Test("A step before the entry enters, each one behind it executes one instruction")
    func steps() throws {
        let prompt = try prompt()
        #expect(prompt.run("p rip").shown == "rip = 0x10000  (65536)\n")
        prompt.run("si")
        #expect(prompt.run("p rip").shown == "rip = 0x10000  (65536)\n")
        prompt.run("si")
        #expect(
            prompt.run("p/x rip", "p rbx").shown
                == "rip = 0x10003\nrbx = 0x80000031  (2147483697)\n")
        prompt.run("si 2")
        #expect(prompt.run("p eax").shown == "eax = 0x2\n")
    }

    @Test("An exit is a step, its handler is the next")
    func exitIsAStep() throws {
        let prompt = try prompt()
        prompt.run("si 5")
        // 12: HLT, SDM 3D, appendix C.
        #expect(prompt.run("vmread EXIT_REASON").shown == "EXIT_REASON = 0xc\n")
        #expect(prompt.run("info exits").shown.contains("HLT"))
        #expect(prompt.run("si").shown.contains("End: HLT."))
        let ended = prompt.run("si")
        #expect(ended.status == 1)
        #expect(ended.messages.contains("restart"))
    }

    @Test(
        "Names: registers in every width, gdb's $, labels, local labels, fields, bits",
        arguments: [
            ("p $rsp", "$rsp = 0x9000  (36864)"), ("p sp", "sp = 0x9000  (36864)"),
            ("p count", "count = 0x10003  (65539)"),
            ("p count.again", "count.again = 0x10005  (65541)"),
            ("p $pc", "$pc = 0x10000  (65536)"), ("p cr0", "cr0 = 0x80000031  PG NE ET PE"),
            ("p cr0.ne", "cr0.ne = 0x1"), ("p CR0_MASK", "CR0_MASK = 0x0"),
            ("p guest_cr0.em", "guest_cr0.em = 0x0"), ("p stop-start", "stop-start = 0x7"),
            ("p/t 5", "5 = 101"), ("p/d -1", "-1 = -1"),
            ("p/c 65", "65 = 65 'A'"), ("p/o 8", "8 = 010"),
        ])
    func names(_ line: String, _ shown: String) throws {
        let result = try prompt().run(line)
        #expect(result.shown.hasPrefix(shown))
        #expect(result.messages.isEmpty)
    }

    @Test("Memory and code are shown as gdb shows them, from where the last command stopped")
    func memory() throws {
        let prompt = try prompt()
        let bytes = prompt.run("x/3xb start", "x/2xb")
        #expect(
            bytes.shown == """
                0x10000 <start>:  0x0f  0x20  0xc3
                0x10003 <count>:  0xff  0xc0

                """)
        #expect(prompt.run("x/1xg 0x10000").shown.hasPrefix("0x10000 <start>:  0xf4c0ffc0ffc3200f"))
        let code = prompt.run("disas start, 2").shown
        #expect(code.contains("start:\n=> 0x10000  0F 20 C3"))
        #expect(code.contains("count:\n   0x10003  FF C0"))
        #expect(code.contains("inc eax"))
        #expect(code.contains("guest.asm:4"))
    }

    @Test("Lines of memory have at most 16 bytes, as gdb's have, and fit the terminal")
    func rows() throws {
        let prompt = try prompt()
        for (command, perLine) in [("x/16xb", 8), ("x/16xh", 4), ("x/8xw", 4), ("x/4xg", 2)] {
            let lines = prompt.run("\(command) start").shown.split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= 80 })
            #expect(lines[0].split(separator: " ").count == perLine + 2, "\(command)")
        }
    }

    @Test("A number that a source names is a value, and no label of the address that it equals")
    func equates() throws {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest("WP equ 0x10000\nbits 64\norg 0x10000\nstart: nop\nhlt\n")
        prompt.run("load \(path)")
        #expect(prompt.run("p WP").shown.hasPrefix("WP = 0x10000"))
        #expect(prompt.run("disas start, 1").shown.hasPrefix("start:\n=> 0x10000"))
        #expect(prompt.run("x/1xb 0x10001").shown.hasPrefix("0x10001 <start+1>:"))
    }

    @Test("Unmapped memory is an error, what is mapped before it is shown")
    func unmapped() throws {
        let prompt = try prompt()
        // The start state maps 4 GiB.
        let result = prompt.run("x/4xb 0xfffffffe")
        #expect(result.status == 1)
        #expect(result.shown.contains("0xff  0xff"))
        #expect(result.messages == "No memory is mapped at 0x100000000.\n")
    }

    @Test("Breakpoints stop before an instruction, behind an exit, and once for each visit")
    func breakpoints() throws {
        let prompt = try prompt()
        #expect(prompt.run("b stop").shown == "Breakpoint 1 at 0x10007 <stop>.\n")
        #expect(prompt.run("b *0x10007").shown == "Breakpoint 1 is there already.\n")
        prompt.run("b exit HLT")
        #expect(prompt.run("c").shown.contains("Breakpoint 1."))
        #expect(prompt.run("p eax").shown == "eax = 0x2\n")
        #expect(prompt.run("c").shown.contains("Breakpoint 2."))
        let listed = prompt.run("info break").shown
        #expect(listed.contains("1  0x10007 <stop>  hit once"))
        #expect(listed.contains("2  exit HLT  hit once"))
        #expect(prompt.run("delete 3").status == 1)
        prompt.run("delete 1")
        #expect(!prompt.run("info break").shown.contains("<stop>"))
        prompt.run("delete", "restart")
        #expect(prompt.run("c").shown.contains("End: HLT."))
    }

    @Test("Registers, memory, fields and single bits can be changed, each where it can be")
    func changes() throws {
        let prompt = try prompt()
        prompt.run(
            "set CR0_MASK.PE = 1", "set $rax = 0x1234", "set al=0xff", "set {char}count = 0x90")
        #expect(prompt.run("p CR0_MASK").shown == "CR0_MASK = 0x1  PE\n")
        #expect(prompt.run("p rax").shown == "rax = 0x12ff  (4863)\n")
        #expect(prompt.run("x/1xb count").shown == "0x10003 <count>:  0x90\n")
        #expect(prompt.run("vmwrite CR0_SHADOW 0x21").shown == "CR0_SHADOW = 0x21  NE PE\n")
        #expect(prompt.run("set al = 0x100").messages.contains("does not fit al"))
        #expect(prompt.run("set CR0_MASK.XX = 1").status == 1)
        #expect(prompt.run("vmwrite CR0_SHADE 1").messages.contains("Did you mean CR0_SHADOW"))
        prompt.run("si")
        for line in ["set CR0_MASK = 0", "vmread CR0_MASK", "vmwrite CR0_MASK 0"] {
            let refused = prompt.run(line)
            #expect(refused.status == 1)
            #expect(refused.messages.contains("The guest is running"))
        }
        prompt.run("set rbx = 7", "set rip = stop")
        #expect(prompt.run("p rip").shown == "rip = 0x10007  (65543)\n")
    }

    @Test("A guest's change of CR0 that the mask holds back exits, and why tells the bit")
    func why() throws {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest(
            """
            bits 64
            org 0x10000
            mov rax, cr0
            or eax, 8
            mov cr0, rax
            hlt
            """)
        #expect(prompt.run("load \(path)", "why").messages.contains("Nothing has been decided"))
        prompt.run("vmwrite CR0_MASK 8", "next-exit")
        #expect(prompt.run("vmread EXIT_REASON").shown == "EXIT_REASON = 0x1c\n")
        let why = prompt.run("why").shown
        #expect(why.contains("Does this MOV to CR0 exit?"))
        #expect(why.contains("VM exit 28"))
        #expect(why.contains("TS decided"))
        #expect(prompt.run("why not").shown.contains("TS"))
    }

    @Test("info tlb marks what the tables no longer say, until INVLPG; looking changes nothing")
    func translations() throws {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest(
            """
            bits 64
            org 0x10000
            mov rax, [0x400000]
            mov rbx, [0x600000]
            mov qword [0x3010], 0x800083    ; page directory, entry 2
            mov qword [0x3018], 0
            mov rax, [0x400000]
            invlpg [0x400000]
            mov rax, [0x400000]
            hlt
            """)
        let before = prompt.run("load \(path)", "si 3", "info tlb").shown
        #expect(before.contains("00400000  00400000  r-x ---  2 M"))
        #expect(!before.contains("stale"))
        let changed = prompt.run("si 2", "info tlb").shown
        #expect(changed.contains("stale: the tables map it to 00800000 now"))
        #expect(changed.contains("stale: the tables map no such page now"))
        #expect(prompt.run("si", "info tlb").shown.contains("00400000  00400000"))
        let after = prompt.run("si 2", "info tlb").shown
        #expect(after.contains("00400000  00800000"))
        #expect(!after.contains("now\n00600000"))
        // The walks that compare set no accessed or dirty flag.
        #expect(prompt.run("x/1xg 0x3010").shown.contains("0x00000000008000a3"))
    }

    @Test("What a guest writes is shown escaped, and cannot drive the terminal")
    func output() throws {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest(
            """
            bits 64
            org 0x10000
            mov al, 0x1b
            out 0xe9, al
            mov al, 'A'
            out 0xe9, al
            hlt
            """)
        let shown = prompt.run("load \(path)", "c").shown
        #expect(shown.contains("guest writes: \\x1bA\n"))
        #expect(!shown.contains("\u{1B}"))
    }

    @Test("A guest that never ends is stopped after a number of instructions, and can go on")
    func budget() throws {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest(
            """
            bits 64
            org 0x10000
            mov rcx, -1
            rep lodsb
            """)
        prompt.session.budget = 200_000
        let stopped = prompt.run("load \(path)", "c")
        #expect(stopped.status == 0)
        #expect(stopped.shown.contains("Stopped after 200000 instructions"))
    }

    @Test(
        "What cannot be loaded is an error with its place",
        arguments: [
            ("load nothing.asm", "is not a file"), ("load", "file is missing"),
            ("load /", "regular file"), ("load cr0.asm real16", "make it long64"),
            ("load cr0.asm sideways", "is not a mode"),
            ("load cr0.asm long64 there", "not an address"),
            ("si", "No guest is loaded"), ("c", "No guest is loaded"),
            ("p rax", "No guest is loaded"),
            ("info vmcs", "No guest is loaded"), ("restart", "No guest is loaded"),
        ])
    func failures(_ line: String, _ message: String) throws {
        let result = try ScriptedPrompt().run(line)
        #expect(result.status == 1)
        #expect(result.messages.contains(message))
    }

    @Test("Without VMX there is no VMCS to look at")
    func outsideVMX() throws {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest("bits 64\norg 0x10000\nhlt\n")
        let scenario = try prompt.guest(
            "guest: guest.asm\noperation: outside\n", name: "outside.yaml")
        #expect(!path.isEmpty)
        #expect(prompt.run("load \(scenario)").status == 0)
        for line in ["info vmcs", "info controls", "vmread GUEST_CR0"] {
            #expect(prompt.run(line).messages.contains("no current VMCS"))
        }
        #expect(prompt.run("c").shown.contains("End: HLT."))
    }
}
