import Testing

@testable import Prompt

/// Going back at the prompt, and asking what if. What was shown the first time is the expectation.
@Suite("The commands that go back")
struct TimeTests {
    /// Writes three letters, reads a masked CR0, writes it, halts.
    private static let source = """
        bits 64
        org 0x10000
        start:  mov al, 'A'
        again:  out 0xe9, al
                inc al
                cmp al, 'D'
                jne again
        read:   mov rbx, cr0
                or ebx, 8
        write:  mov cr0, rbx
        stop:   hlt
        """

    private func prompt() throws -> ScriptedPrompt {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest(Self.source)
        // TS is the host's, and reads as 0.
        #expect(prompt.run("load \(path)", "set CR0_MASK.TS = 1").status == 0)
        return prompt
    }

    @Test("What is so already is no change to try")
    func isSoAlready() throws {
        let prompt = try ScriptedPrompt()
        prompt.run("load cr0.asm")
        #expect(prompt.run("whatif CR0_MASK.TS = 0").shown.contains("is so already"))
        #expect(!prompt.run("whatif CR0_MASK.TS = 1").shown.contains("is so already"))
    }

    @Test(
        "back undoes what si did, by any of its names",
        arguments: ["back", "rsi", "reverse-stepi", "back 1"])
    func back(_ command: String) throws {
        let prompt = try prompt()
        prompt.run("si 3")
        let before = prompt.run("info registers").shown
        prompt.run("si")
        #expect(prompt.run("info registers").shown != before)
        #expect(prompt.run(command).status == 0)
        #expect(prompt.run("info registers").shown == before)
    }

    @Test("Back over an exit, its handler and the end, and forward again to the same state")
    func overExits() throws {
        let prompt = try prompt()
        var places: [String] = []
        while true {
            let result = prompt.run("si")
            places.append(prompt.run("info registers").shown + prompt.run("info exits").shown)
            if result.shown.contains("End: HLT.") { break }
        }
        for place in places.dropLast().reversed() {
            #expect(prompt.run("back").status == 0)
            #expect(
                prompt.run("info registers").shown + prompt.run("info exits").shown == place)
        }
        prompt.run("si \(places.count - 1)")
        #expect(
            prompt.run("info registers").shown + prompt.run("info exits").shown == places.last)
    }

    @Test("Further back than the start is the start; from there nothing leads back")
    func start() throws {
        let prompt = try prompt()
        prompt.run("si 4")
        #expect(prompt.run("back 100").shown.contains("The start of the run."))
        #expect(prompt.run("vmread CR0_MASK").shown == "CR0_MASK = 0x8  TS\n")
        let refused = prompt.run("back")
        #expect(refused.status == 1)
        #expect(refused.messages.contains("stands at its start"))
        for line in ["back 0", "back x", "back 1 2", "rc 1", "goto", "goto zero", "whatif"] {
            #expect(prompt.run(line).status == 1)
        }
    }

    @Test("What the guest has written is not written again, until it writes something else")
    func output() throws {
        let prompt = try prompt()
        #expect(prompt.run("c").shown.contains("guest writes: ABC\n"))
        #expect(!prompt.run("goto 3", "c").shown.contains("guest writes"))
        #expect(!prompt.run("goto 0", "si 9").shown.contains("guest writes"))
        #expect(prompt.run("goto 5", "set al = 0x5a", "next-exit").shown.contains("writes: Z"))
    }

    @Test("rc goes to breakpoints and exits in the order in which c would come to them")
    func reverse() throws {
        let prompt = try prompt()
        prompt.run("b again", "b exit CR_ACCESS", "c", "c", "c", "c", "c")
        #expect(prompt.run("rc").shown.contains("Breakpoint 2."))
        for letter in ["C", "B", "A"] {
            #expect(prompt.run("rc").shown.contains("Breakpoint 1."))
            #expect(prompt.run("p/c al").shown.contains("'\(letter)'"))
        }
        #expect(prompt.run("rc").shown.contains("The start of the run."))
        prompt.run("delete", "c")
        #expect(prompt.run("previous-exit").shown.contains("hlt"))
        #expect(prompt.run("pe").shown.contains("mov cr0, rbx"))
        #expect(prompt.run("pe").shown.contains("The start of the run."))
    }

    @Test("goto goes to a step, back and on, with why as it was there")
    func goTo() throws {
        let prompt = try prompt()
        #expect(prompt.run("goto 15").shown.contains("write:") == false)
        let why = prompt.run("next-exit", "why").shown
        #expect(why.contains("TS decided"))
        #expect(prompt.run("goto 1").shown.contains("Step 1.\n"))
        #expect(prompt.run("p/c al").shown.contains("'A'"))
        #expect(prompt.run("why").messages.contains("Nothing has been decided"))
        #expect(prompt.run("goto 2 + 3").shown.contains("Step 5.\n"))
        #expect(prompt.run("goto 1000").shown.contains("End: HLT."))
        #expect(prompt.run("goto 0").shown.contains("VM entry is next"))
    }

    @Test("A change by hand is undone by going back, and done again by going on")
    func changes() throws {
        let prompt = try prompt()
        prompt.run("goto 3", "set rcx = 7", "set {int}0x9000 = 0x55", "si 2")
        prompt.run("goto 2")
        #expect(prompt.run("p rcx", "x/1xw 0x9000").shown.contains("rcx = 0x0"))
        prompt.run("si")
        #expect(prompt.run("p rcx").shown.contains("0x7"))
        #expect(prompt.run("x/1xw 0x9000").shown.contains("0x00000055"))
        let other = prompt.run("goto 2", "set rcx = 9")
        #expect(other.shown.contains("What was changed further on is forgotten"))
        prompt.run("goto 5")
        #expect(prompt.run("p rcx").shown.contains("0x9"))
    }

    @Test("whatif: a field counts from the last entry, the rule that decides differently is shown")
    func whatIfField() throws {
        let prompt = try prompt()
        prompt.run("next-exit")
        let before = prompt.run("info registers").shown
        let shown = prompt.run("whatif CR0_MASK.TS = 0").shown
        #expect(shown.contains("What if CR0_MASK.TS = 0x0, at the start?"))
        #expect(shown.contains("exit 28: TS is host-owned"))
        #expect(shown.contains("no exit"))
        #expect(shown.contains("decides: no exit"))
        #expect(prompt.run("info registers").shown == before)
        // The read of CR0 comes first.
        let shadow = prompt.run("whatif CR0_SHADOW.TS = 1").shown
        #expect(shadow.contains("As it was:\nstep 13"))
        #expect(shadow.contains("And at step 15, where your run has come to:"))
        // gdb's hands write it so, too.
        #expect(prompt.run("whatif cr0-shadow.ts=1").shown.contains("With the change:"))
    }

    @Test("whatif: a register counts from the instruction at RIP; the same is said to be the same")
    func whatIfRegister() throws {
        let prompt = try prompt()
        prompt.run("next-exit")
        let shown = prompt.run("whatif rbx = 0x80000031").shown
        #expect(shown.contains("no exit"))
        let same = prompt.run("whatif r8 = 5").shown
        #expect(same.contains("The same: "))
        #expect(same.contains("r8 is 0x5, not 0x0"))
        #expect(prompt.run("whatif al = 0x41 at start").shown.contains("The same: "))
        #expect(prompt.run("whatif cr0.xx = 1").messages.contains("is not a bit of cr0"))
        #expect(prompt.run("whatif al = 0x100").messages.contains("does not fit al"))
    }

    @Test("whatif: an entry that fails is told")
    func whatIfEntry() throws {
        let prompt = try prompt()
        // CR0.PG without CR0.PE. SDM 3C, "Checks on Guest Control Registers, Debug Registers, and MSRs".
        let shown = prompt.run("goto 4", "whatif GUEST_CR0.PE = 0").shown
        #expect(shown.contains("entry failure 33"))
        #expect(prompt.run("p cr0").shown.contains("PG NE ET PE"))
    }

    @Test("Setting up the VMCS is counted, not listed")
    func setUp() throws {
        let shown = try prompt().run("si").shown
        #expect(shown.contains("VMWRITEs: "))
        #expect(!shown.contains("GUEST_ES_SEL"))
    }
}
