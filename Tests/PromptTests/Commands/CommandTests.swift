import Narration
import Testing

@testable import Prompt

@Suite("Commands")
struct CommandTests {
    private let session = RecordingSession()

    private func run(_ lines: String...) throws -> [String] {
        var interpreter = CommandInterpreter(repeatsOnEmptyLine: true)
        for line in lines { _ = try interpreter.run(line, in: session) }
        return session.calls
    }

    private func failure(_ line: String) -> CommandError? {
        var interpreter = CommandInterpreter(repeatsOnEmptyLine: true)
        do throws(CommandError) {
            _ = try interpreter.run(line, in: session)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A line does what it says",
        arguments: [
            ("list", "list"), ("start 15", "start 15"), ("start", "start nil"),
            ("start \"two words\"", "start two words"), ("n", "next"), ("hin", "hint nil"),
            ("verify", "verify nil"), ("sol", "solution nil"), ("reset", "reset nil"),
            ("si", "step 1"), ("stepi 0x10", "step 16"), ("  c  ", "resume"), ("CONT", "resume"),
            ("next-exit 3", "exit 3"), ("restart", "restart"),
            ("b", "break nil"), ("b loop + 2", "break 65546"), ("break *0x10", "break 16"),
            ("b exit", "break exit nil"), ("b exit CPUID", "break exit CPUID"),
            ("delete 2", "delete 2"), ("d", "delete nil"),
            ("info registers", "registers []"), ("i r rax rbx", "registers [\"rax\", \"rbx\"]"),
            ("info vmcs CR0", "vmcs CR0"), ("i c", "controls nil"), ("info exits", "exits"),
            ("info b", "breakpoints"),
            ("x/16xb 0x100", "examine 256 16xb"), ("x", "examine nil nil"),
            ("x/4i loop", "examine 65544 4i"), ("x /2g rax", "examine 16 2g"),
            ("p rax*2", "print 32 rax*2 nil"), ("p/x $rax", "print 16 $rax x"),
            ("disas", "disassemble nil nil"), ("disas loop, 4", "disassemble 65544 4"),
            ("set rax = 5", "set rax 5"), ("set $rax=rax+1", "set $rax 17"),
            ("set cr0-mask.em 0", "set cr0-mask.em 0"),
            ("vmread GUEST_CR0", "vmread GUEST_CR0"),
            ("vmwrite GUEST_CR0 0x31", "vmwrite GUEST_CR0 49"),
            ("why", "why"), ("why not", "why not"),
        ])
    func lines(line: String, call: String) throws {
        #expect(try run(line) == [call])
    }

    @Test("Blank lines and comments do nothing")
    func nothing() throws {
        #expect(try run("", "   ", "# list", "\t") == [])
    }

    @Test("An empty line repeats the machine's last step, but not what a student does once")
    func repetition() throws {
        #expect(try run("si 2", "", "") == ["step 2", "step 2", "step 2"])
        session.calls = []
        #expect(try run("x/4xb 0", "") == ["examine 0 4xb", "examine nil 4xb"])
        session.calls = []
        #expect(try run("si", "verify", "", "# note", "") == ["step 1", "verify nil"])
    }

    @Test("A command that fails is not repeated, and a script repeats nothing")
    func noRepetition() throws {
        var interpreter = CommandInterpreter(repeatsOnEmptyLine: true)
        _ = try interpreter.run("si", in: session)
        #expect(throws: CommandError.self) { try interpreter.run("si zero", in: session) }
        _ = try interpreter.run("", in: session)
        #expect(session.calls == ["step 1"])
        var script = CommandInterpreter(repeatsOnEmptyLine: false)
        _ = try script.run("c", in: session)
        _ = try script.run("", in: session)
        #expect(session.calls == ["step 1", "resume"])
    }

    @Test("Quitting and a grade that fails are told apart")
    func outcomes() throws {
        var interpreter = CommandInterpreter(repeatsOnEmptyLine: true)
        #expect(try interpreter.run("q", in: session) == .quit)
        #expect(try interpreter.run("verify", in: session) == .done)
        session.verifyOutcome = .failed
        #expect(try interpreter.run("verify", in: session) == .failed)
    }

    @Test(
        "What cannot be understood is answered with what was expected",
        arguments: [
            ("nxet", "“nxet” is not a command.", "Did you mean next?"),
            ("frobnicate", "“frobnicate” is not a command.", "Type help for the list."),
            ("res", "“res” could be reset or restart.", "Type more of it."),
            (
                "info", "“info” of what?",
                "It is followed by registers, vmcs, controls, exits, tlb or break."
            ),
            (
                "info regsters", "“regsters” is not something for “info”.",
                "Did you mean registers?"
            ),
            ("si 0", "“0” is not a number of times: a positive number is.", "It is typed: si [N]"),
            ("si 1 2", "“stepi” takes one argument, not 2.", "It is typed: si [N]"),
            ("c 5", "“continue” takes no argument here.", "It is typed: c"),
            ("vmread", "A VMCS field is missing.", "It is typed: vmread FIELD"),
            (
                "set rax", "A value for “rax” is missing.",
                "It is typed: set NAME = EXPRESSION"
            ),
            (
                "start 'x", "The quotation mark at column 1 is not closed.",
                "It is typed: start [LESSON]"
            ),
            ("p", "An expression is missing.", "It is typed: p[/F] EXPRESSION"),
            ("p raz", "“raz” is not a value.", "Did you mean rax?"),
            ("\u{1B}[31m", "“\\x1b[31m” is not a command.", "Type help for the list."),
        ])
    func errors(line: String, message: String, advice: String) {
        #expect(failure(line) == CommandError(message, advice: advice))
        #expect(session.calls == [])
    }

    @Test("Every row is found by each of its names, and no name has two rows")
    func table() throws {
        let table = CommandTable.standard
        let names = table.commands.flatMap(\.names)
        #expect(Set(names).count == names.count)
        for command in table.commands {
            for name in command.names {
                let found = try CommandTable.find(
                    name, among: table.commands, kind: "", advice: "")
                #expect(found.name == command.name)
            }
            #expect(command.handler != nil || !command.subcommands.isEmpty)
        }
    }

    @Test("Help shows every command, in 40 columns and in 80, and a page for each")
    func help() throws {
        for width in [40, 80] {
            let style = TextStyle(width: width)
            let overview = try CommandTable.standard.help(for: "", style: style)
            for command in CommandTable.standard.commands {
                #expect(overview.contains("\n  " + command.usage))
                let page = try CommandTable.standard.help(for: command.name, style: style)
                #expect(page.hasPrefix(command.usage + "\n"))
                for line in page.split(separator: "\n") where width == 80 {
                    #expect(DisplayWidth.of(line) <= 80, "\(line)")
                }
            }
            for line in overview.split(separator: "\n") {
                #expect(DisplayWidth.of(line) <= max(width, 50), "\(line)")
            }
        }
        _ = try run("help x")
        #expect(session.shown.contains("x/16xb 0x10000"))
        session.shown = ""
        _ = try run("help info vmcs")
        #expect(session.shown.hasPrefix("info vmcs [PART]\n"))
        #expect(failure("help nothing")?.message == "“nothing” is not a command.")
    }

    @Test("Nonsense of any kind is an error and no crash")
    func nonsense() {
        var generator = SeededGenerator(seed: 2)
        let pieces = [
            "x/", "99999999999999999999", "p ", "(", ")", "-", "~", "<<", "$", "\"", "'", "\\",
            "\0", "\u{202E}", "info ", "set ", "=", " ", "/", "0x", "é", "b exit ", "help ", ",",
        ]
        var interpreter = CommandInterpreter(repeatsOnEmptyLine: true)
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<12, using: &generator)
            let line = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }
                .joined()
            _ = try? interpreter.run(line, in: session)
            _ = CommandTable.standard.complete(
                line: line, cursor: Int.random(in: 0...line.utf8.count, using: &generator),
                candidates: session.candidates)
        }
        _ = try? interpreter.run("p " + String(repeating: "(", count: 60_000), in: session)
        _ = try? interpreter.run("p " + String(repeating: "-", count: 60_000), in: session)
        _ = try? interpreter.run(String(repeating: "a", count: 60_000), in: session)
    }
}
