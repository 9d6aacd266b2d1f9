import Glibc
import Testing

@Suite("The tests' own pseudo-terminal")
struct PseudoTerminalTests {
    private func shell(_ script: String) throws -> PseudoTerminal {
        try PseudoTerminal(
            "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"],
            columns: 66)
    }

    @Test("The program has a terminal of the given size, and lines reach it")
    func talks() throws {
        let terminal = try shell("stty size; read line; echo \"got $line\"; exit 7")
        try terminal.wait(for: "24 66")
        terminal.enter("hello")
        try terminal.wait(for: "got hello")
        #expect(try terminal.waitForEnd() == .status(7))
    }

    @Test("Ctrl-C reaches the program as a signal")
    func interrupts() throws {
        let terminal = try shell("trap 'echo caught; exit 3' INT; echo ready; sleep 20 & wait")
        try terminal.wait(for: "ready")
        terminal.control("c")
        try terminal.wait(for: "caught")
        #expect(try terminal.waitForEnd() == .status(3))
    }

    @Test("What does not come is an error that shows what did")
    func timesOut() throws {
        let terminal = try shell("echo something else; sleep 20")
        #expect {
            try terminal.wait(for: "never", seconds: 0.5)
        } throws: {
            "\($0)".contains("something else")
        }
    }
}
