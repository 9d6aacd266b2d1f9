import Testing

@testable import Workbook

/// What is seen of runs on the model. Expectations are the manual's.
@Suite struct MachineRunnerTests {
    private func run(_ source: String, _ scenario: String = "") throws -> ObservedRun {
        let folder = try TemporaryFolder()
        try folder.write("bits 64\norg 0x10000\n" + source, to: "Guests/g.asm")
        try folder.write("guest: g.asm\n" + scenario, to: "Lessons/s.yaml")
        let scenario = try Scenario.read(
            folder.path + "/Lessons/s.yaml", root: Folder(path: folder.path))
        return try MachineRunner().run(scenario)
    }

    private func value(_ subject: String, _ run: ObservedRun) throws -> ObservedValue? {
        try #require(Subject(subject)).value(in: run)
    }

    @Test("Registers at a label are those before its instruction, after a read of CR0 too")
    func registers() throws {
        let run = try run(
            """
            start:  mov eax, 1
            one:    mov rbx, cr0
            two:    mov eax, 2
            three:  hlt
            """)
        #expect(try value("register rax at one", run) == .number(1))
        #expect(try value("register rax at two", run) == .number(1))
        // PE, ET, NE and PG.
        #expect(try value("register rbx at two", run) == .number(0x8000_0031))
        #expect(try value("register rax at three", run) == .number(2))
        #expect(try value("register rax at the end", run) == .number(2))
        // At a HLT exit RIP is the HLT's own.
        #expect(try value("register rip at the end", run) == value("register rip at three", run))
    }

    @Test("A fault, its handler and what comes behind are three things")
    func fault() throws {
        let run = try run(
            """
            start:  lidt [table]
            boom:   ud2
            stop:   hlt
            handler: hlt
            align 16
            gate:   dw (handler - $$) & 0xffff
                    dw 8
                    db 0, 0x8e
                    dw 1
                    dd 0, 0
            table:  dw 6 * 16 + 15
                    dq gate - 6 * 16
            """)
        #expect(try value("outcome at boom", run) == .word("fault"))
        #expect(try value("outcome at handler", run) == .word("exit"))
        #expect(try value("reason at handler", run) == .word("HLT"))
        #expect(try value("deciding bits at handler", run) == .names(["HLT exiting"]))
        #expect(try value("outcome at stop", run) == nil)
        #expect(run.end == "hlt")
    }

    @Test("With the exception bitmap's bit the same fault is an exit")
    func exceptionExit() throws {
        let run = try run(
            "start: ud2\n", "set: {EXCEPTION_BITMAP: [UD]}\non: {EXCEPTION_OR_NMI: stop}")
        #expect(try value("outcome at start", run) == .word("exit"))
        #expect(try value("reason at start", run) == .word("EXCEPTION_OR_NMI"))
        #expect(try value("deciding bits at start", run) == .names(["#UD"]))
        #expect(run.end == "stopped")
    }

    @Test("A port that exits and one that does not, with what the guest reads and writes")
    func ports() throws {
        let run = try run(
            """
            start:  in al, 0x60
            second: in al, 0x60
            third:  out 0x80, al
            stop:   hlt
            """, "set: {PROC_CTLS: [HLT exiting, unconditional I/O exiting]}\nports: {0x60: [0x1e]}"
        )
        // Default1 bits are missing in that value: the entry refuses it.
        #expect(run.end == "vm-fail")
        let plain = try self.run(
            "start: in al, 0x60\nsecond: in al, 0x60\nthird: out 0x80, al\nstop: hlt\n",
            "ports: {0x60: [0x1e]}")
        #expect(plain.ports.map(\.value) == [0x1E, 0xFF, 0xFF])
        #expect(try value("outcome at start", plain) == .word("no exit"))
    }

    @Test("A long REP is one step")
    func repeated() throws {
        let run = try run(
            """
            start:  mov rdi, 0x100000
                    mov ecx, 70000
            fill:   rep stosb
            stop:   hlt
            """)
        #expect(run.steps.map(\.labels) == [["start"], ["fill"], ["stop"]])
        #expect(try value("register rcx at stop", run) == .number(0))
    }

    @Test("A guest that never ends is stopped by the budget, one that only exits as well")
    func budget() throws {
        #expect(try run("start: jmp start\n").end == "step-budget")
        #expect(try run("start: jmp start\n", "max-steps: 10").steps.count == 10)
        #expect(try run("start: vmcall\n jmp start\n", "max-steps: 50").end == "step-budget")
        // The map of the hypervisor's own EPT is not the one in use: nothing is ever mapped.
        #expect(
            try run("start: hlt\n", "set: {EPTP: 0x20001e}\nmax-steps: 20").end == "step-budget")
    }

    @Test("An entry that fails says which check")
    func entryFailure() throws {
        let run = try run("start: hlt\n", "set: {GUEST_CR0: [PG]}")
        #expect(run.end == "entry-failure")
        #expect(run.entries == 0)
        #expect(run.exits.map(\.reason) == ["ENTRY_FAIL_GUEST_STATE"])
        #expect(run.endDetail?.isEmpty == false)
    }

    @Test(
        "What has no place where the program runs is told, and so is a broken guest",
        arguments: [
            ("start: hlt", "operation: root\nset: {CR0_MASK: 1}", "there is no VMCS"),
            ("start: hltt", "", "the guest cannot be loaded"),
            ("start: hlt", "mode: real16", "bits"),
            ("start: hlt", "load: 0x20000", "org"),
            ("start: hlt", "set: {al: 0x100}", "al: 0x100 does not fit; expected at most 8 bits"),
        ])
    func refused(source: String, scenario: String, message: String) {
        let found = mistakes { _ = try run(source + "\n", scenario + "\n") }
        #expect(found.count == 1)
        #expect(found.contains { $0.contains(message) && $0.contains("s.yaml:") }, "\(found)")
    }

    @Test("The three situations of lesson 5 leave the same registers, CR4.VMXE apart")
    func situations() throws {
        let root = Repository.root.path + "/Lessons/05-root-non-root-and-neither/"
        let runs = try ["outside", "root"].map { name in
            try MachineRunner().run(
                Scenario.read(root + name + ".yaml", root: Repository.root)
            ).registers
        }
        var outside = runs[0]
        outside["cr4", default: 0] |= 1 << 13
        #expect(outside == runs[1])
    }
}
