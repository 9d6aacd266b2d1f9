import Testing
import Workbook

@testable import Prompt

/// The built program at a terminal, as a student meets it: keys go in, the screen comes out.
@Suite("The program at a terminal", .timeLimit(.minutes(2)))
struct TerminalSessionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func start(_ more: [String: String] = [:]) throws -> PseudoTerminal {
        var environment = [
            "HOME": folder.path, "TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1",
            "STEPVISOR_ROOT": ScriptedPrompt.root,
        ]
        environment.merge(more) { $1 }
        return try PseudoTerminal(BuiltProgram.path, environment: environment)
    }

    private static let prompt = "(stepvisor) "
    private static let question = "your prediction> "

    @Test("A lesson's way: Tab, a wrong prediction, the reveal, why not, a hint, a pass")
    func lesson() throws {
        let terminal = try start()
        // The first start says what to type.
        try terminal.wait(for: "begin the first lesson")
        try terminal.wait(for: Self.prompt)
        terminal.type("star\tcr0\t")
        try terminal.wait(for: "start cr0-mask-and-shadow ")
        terminal.enter("")
        try terminal.wait(for: ": Who owns a bit")
        try terminal.wait(for: Self.prompt)
        terminal.enter("next")
        try terminal.wait(for: Self.question)
        terminal.enter("perhaps")
        try terminal.wait(for: "is not an answer to this")
        try terminal.wait(for: Self.question)
        // A command is carried out, and the question waits.
        terminal.enter("explain #GP")
        try terminal.wait(for: "The question waits: next asks it again.")
        try terminal.wait(for: "general protection")
        try terminal.wait(for: Self.prompt)
        terminal.enter("next")
        try terminal.wait(for: Self.question)
        terminal.enter("0x80000031")
        try terminal.wait(for: "You predicted 0x80000031; the run shows")
        try terminal.wait(for: Self.prompt)

        // The guest of the lesson is there to be looked at.
        terminal.enter("p cr0")
        try terminal.wait(for: "cr0 = 0x80000031  PG NE ET PE")
        try terminal.wait(for: Self.prompt)
        // The rest of the step, then the next one with its question.
        terminal.enter("next")
        try terminal.wait(for: Self.prompt)
        terminal.enter("next")
        try terminal.wait(for: "Does the MOV exit?")
        try terminal.wait(for: Self.question)
        // The question can be left, and waits.
        terminal.control("c")
        try terminal.wait(for: "The question waits: next asks it again.")
        try terminal.wait(for: Self.prompt)
        terminal.enter("next")
        try terminal.wait(for: Self.question)
        terminal.enter("2")
        try terminal.wait(for: "As you predicted: no exit.")
        try terminal.wait(for: Self.prompt)
        terminal.enter("why not")
        try terminal.wait(for: "It would have exited with")
        try terminal.wait(for: Self.prompt)

        // The exercise: a starter that does not pass, a hint, the student's own answer.
        terminal.enter("hint cr0-policy")
        try terminal.wait(for: "Hint 1 of 3")
        try terminal.wait(for: Self.prompt)
        terminal.type("verify cr0-p\t")
        try terminal.wait(for: "verify cr0-policy ")
        terminal.enter("")
        try terminal.wait(for: "There is no answer yet.")
        try terminal.wait(for: Self.prompt)
        terminal.enter("verify cr0-policy")
        try terminal.wait(for: "Not yet: ")
        try terminal.wait(for: Self.prompt)
        try answerPolicy()
        terminal.enter("verify cr0-policy")
        try terminal.wait(for: "Passed: all")
        try terminal.wait(for: Self.prompt)
        terminal.control("d")
        #expect(try terminal.waitForEnd() == .status(0))

        try comeBack()
    }

    /// What the exercise asks for: WP, AM, PE, NE and PG are the host's; WP reads as 0.
    private func answerPolicy() throws {
        let path = AnswerFolder(path: folder.path + "/stepvisor-answers").path(of: "cr0-policy")
        let seed = try AnswerFile.read(path).seed
        let text = """
            exercise: cr0-policy
            seed: \(seed)
            set:
              CR0_MASK: [PE, NE, WP, AM, PG]
              CR0_SHADOW: [PE, ET, NE, PG]

            """
        try FileWriting.replace(path, bytes: Array(text.utf8))
    }

    /// A later start says where the student is, and knows the lines that were typed.
    private func comeBack() throws {
        let terminal = try start()
        try terminal.wait(for: "Exercises passed: 1 of 4.")
        try terminal.wait(for: "You are at step 3 of ")
        try terminal.wait(for: Self.prompt)
        // The arrow up.
        terminal.type("\u{1B}[A")
        try terminal.wait(for: "verify cr0-policy")
        terminal.control("u")
        terminal.enter("quit")
        #expect(try terminal.waitForEnd() == .status(0))
    }

    @Test("Ctrl-C stops a running guest and comes back to the prompt")
    func interruption() throws {
        let path = folder.path + "/spin.asm"
        try FileWriting.replace(
            path, bytes: Array("bits 64\norg 0x10000\nagain: inc rax\njmp again\n".utf8))
        let terminal = try start()
        try terminal.wait(for: Self.prompt)
        terminal.enter("load \(path)")
        try terminal.wait(for: "inc rax")
        try terminal.wait(for: Self.prompt)
        terminal.enter("c")
        try terminal.wait(for: "VMLAUNCH")
        terminal.control("c")
        try terminal.wait(for: "Interrupted.")
        try terminal.wait(for: Self.prompt)
        terminal.enter("info exits")
        try terminal.wait(for: "No exit so far.")
        try terminal.wait(for: Self.prompt)
        terminal.type("b ag\t")
        try terminal.wait(for: "b again ")
        terminal.enter("")
        try terminal.wait(for: "Breakpoint 1 at 0x10000 <again>.")
        try terminal.wait(for: Self.prompt)
        terminal.control("d")
        #expect(try terminal.waitForEnd() == .status(0))
    }

    @Test("A plain terminal gets printable ASCII alone")
    func plainTerminal() throws {
        let terminal = try start(["TERM": "dumb", "LANG": "C"])
        try terminal.wait(for: Self.prompt)
        terminal.enter("load cr0-write.asm")
        try terminal.wait(for: Self.prompt)
        terminal.enter("vmwrite CR0_MASK 0x20")
        try terminal.wait(for: Self.prompt)
        terminal.enter("si 3")
        try terminal.wait(for: "decides")
        try terminal.wait(for: Self.prompt)
        terminal.enter("start 5")
        try terminal.wait(for: Self.prompt)
        terminal.enter("list")
        try terminal.wait(for: Self.prompt)
        terminal.enter("help")
        try terminal.wait(for: Self.prompt)
        terminal.enter("frobnicate")
        try terminal.wait(for: Self.prompt)
        terminal.enter("quit")
        #expect(try terminal.waitForEnd() == .status(0))
        let printable = terminal.transcript.utf8.allSatisfy {
            (0x20..<0x7F).contains($0) || [0x0A, 0x0D].contains($0)
        }
        #expect(printable)
    }
}
