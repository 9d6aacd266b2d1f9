import Testing

@testable import Workbook

@Suite struct ScenarioTests {
    @Test("A scenario file says guest, operation, values, actions and ports")
    func whole() throws {
        let scenario = try ScenarioFile.parse(
            """
            guest: ports.asm
            mode: long64
            load: 0x10000
            processor: skylake
            memory: 0x4000000
            max-steps: 5000
            operation: root
            set:
              CR0_MASK: [PE, ne, PG]
              CR4_SHADOW: VMXE
              EXCEPTION_BITMAP: [GP, "#PF"]
              rsi: {CR0: [PE, ET]}
              eax: 0x12
              GUEST_CR3: 4096
              PROC_CTLS: [HLT exiting, unconditional I/O exiting]
            on:
              CR_ACCESS: skip
              IO_INSTRUCTION: emulate
            ports:
              0x60: [0x1e, 0x9e]
              97: 1
            """, file: "s.yaml")
        #expect(scenario.guest == Located("ports.asm", at: SourcePosition(line: 1, column: 8)))
        #expect(scenario.operation == .root)
        #expect(scenario.mode == .long64)
        #expect(scenario.maxSteps == 5000)
        // CR0: PE is bit 0, ET 4, NE 5, PG 31. CR4: VMXE is bit 13. #GP is vector 13, #PF 14.
        // Primary controls: HLT exiting is bit 7, unconditional I/O exiting 24.
        #expect(
            scenario.settings.map(\.value)
                == [0x8000_0021, 0x2000, 0x6000, 0x11, 0x12, 4096, 0x100_0080])
        #expect(scenario.policies.map(\.action) == [.skip, .emulate])
        #expect(
            scenario.ports == [
                .init(number: 0x60, values: [0x1E, 0x9E]),
                .init(number: 97, values: [1]),
            ])
    }

    @Test(
        "Every mistake of a scenario is told",
        arguments: [
            ("", "s.yaml:1:1: scenario: nothing is written here"),
            ("[]", "scenario: a list is written here"),
            ("operation: root", "`guest` is missing"),
            ("guest: ../x.asm", "s.yaml:1:8: `guest`: ../x.asm leads out of the folder"),
            ("guest: [a]", "`guest`: a list is written here"),
            ("guest: a\noperaton: root", "s.yaml:2:1: scenario: `operaton` is not known here; did"),
            ("guest: a\noperation: Root", "s.yaml:2:12: `operation`: Root is not known here; did"),
            ("guest: a\nload: 0x100000000", "`load`: 0x100000000 is out of range"),
            ("guest: a\nmemory: 12", "expected a number from 1048576 to 4294967296"),
            (
                "guest: a\nset: {rxx: 1}",
                "`rxx` is no register or VMCS field; did you mean rax, rcx or rdx?"
            ),
            ("guest: a\nset: {rax: [PE]}", "rax has no bits that are known by name here"),
            ("guest: a\nset: {CR0_MASK: maybe}", "CR0_MASK: maybe is not a number"),
            ("guest: a\nset: {CR0_MASK: [XX]}", "expected PE, MP, EM, TS, ET, NE, WP, AM, NW"),
            ("guest: a\non: {CR_ACCESS: jump}", "CR_ACCESS: jump is no action; expected emulate"),
            (
                "guest: a\non: {CR_ACESS: skip}",
                "no exit reason CR_ACESS; did you mean CR_ACCESS or DR"
            ),
            ("guest: a\nprocessor: skylak", "no processor skylak; did you mean skylake?"),
            ("guest: a\nset: {CR0_MSK: 1}", "`CR0_MSK` is no register or VMCS field; did you mean"),
            ("guest: a\nports: {0x10000: 1}", "0x10000 is no port"),
            ("guest: a\nports: {1: [x]}", "port 1: x; expected numbers from 0"),
        ])
    func mistaken(text: String, message: String) {
        let found = mistakes { _ = try ScenarioFile.parse(text, file: "s.yaml") }
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test("All mistakes are told at once, in the order of the lines")
    func severalMistakes() {
        let found = mistakes {
            _ = try ScenarioFile.parse("gest: a\nload: x\nset: {rax: y}\n", file: "s.yaml")
        }
        #expect(found.map { $0.split(separator: ":")[1] } == ["1", "1", "2", "3"])
    }

    @Test(
        "A subject reads back as what it asks",
        arguments: [
            ("outcome at write", Subject.outcome(.init("write")) as Subject?),
            ("deciding bits at write#2", .decidingBits(.init("write", time: 2))),
            ("register rbx at stop", .register("rbx", .init("stop"))),
            ("register rbx at the end", .register("rbx", nil)),
            ("exits", .exits(reason: nil)), ("exits CPUID", .exits(reason: "CPUID")),
            ("entries", .entries), ("ports", .ports), ("end", .end),
            ("", nil), ("outcome", nil), ("colour at x", nil), ("outcome at x#0", nil),
            ("outcome at x#1#2", nil), ("register at x", nil), ("a b c d e f", nil),
        ])
    func subjects(text: String, subject: Subject?) {
        #expect(Subject(text) == subject)
    }

    @Test("A subject at the second time of a label looks at that step")
    func times() {
        let steps = [1, 2].map {
            ObservedStep(
                labels: ["again"], operation: .nonRoot, outcome: .noExit,
                registers: ["rax": UInt64($0)])
        }
        let run = ObservedRun(steps: steps, end: "hlt", registers: ["rax": 3])
        #expect(Subject("register rax at again#2")?.value(in: run) == .number(2))
        #expect(Subject("register rax at again#3")?.value(in: run) == nil)
        #expect(Subject("register rax at the end")?.value(in: run) == .number(3))
    }

    @Test(
        "Typed predictions mean an option by number, text or beginning",
        arguments: [
            ("1", "exit" as String?), ("exit", "exit"), ("NO-EXIT", "no exit"), ("n", "no exit"),
            ("f", "fault"), ("", nil), ("4", nil), ("x", nil),
        ])
    func predictions(text: String, meant: String?) throws {
        let scenario = try ScenarioFile.parse("guest: a.asm", file: "s")
        let question = Question(
            id: "q", ask: "?", options: ["exit", "no exit", "fault"], subject: .end,
            run: RunBlock(
                id: "r", scenario: Scenario(file: scenario, guestPath: ""), narration: .brief),
            position: .start)
        #expect(question.answer(typed: text)?.description == meant)
    }
}
