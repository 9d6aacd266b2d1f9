import Foundation
import Testing

/// `run --native` with kernels and boot sectors, at a terminal and in a pipe, by the built program.
@Suite("Booting from the command line")
struct BootSessionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let source = """
            bits 16
            org 0x7c00
            mov ax, 0x0e3f
            int 0x10
            mov ah, 0
            int 0x16
            mov ah, 0x0e
            int 0x10
            mov dx, 0x3f8
            out dx, al
            cli
            hlt
            times 510 - ($ - $$) db 0
            dw 0xaa55
            """
        try Data(source.utf8).write(to: URL(fileURLWithPath: folder.path + "/ask.asm"))
        try Data("no kernel".utf8).write(to: URL(fileURLWithPath: folder.path + "/text"))
    }

    private func terminal(_ script: String) throws -> PseudoTerminal {
        try PseudoTerminal(
            "/bin/sh", arguments: ["-c", "cd '\(folder.path)'; \(script)"],
            environment: [
                "PATH": "/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8", "HOME": folder.path,
                "S": BuiltProgram.path,
            ])
    }

    @Test("at a terminal the screen is shown when a key is waited for, and the key is not echoed")
    func keys() throws {
        let terminal = try terminal("$S run --native --boot ask.asm --narrate off; echo status $?")
        try terminal.wait(for: "?\r\n──")
        terminal.type("k")
        try terminal.wait(for: "?k\r\n──")
        try terminal.wait(for: "status 0")
        #expect(try terminal.waitForEnd() == .status(0))
    }

    @Test("Ctrl-C ends the wait for a key, and the terminal is as it was")
    func interrupted() throws {
        let terminal = try terminal(
            "trap : INT; $S run --native --boot ask.asm --narrate off; echo status $?; stty -a")
        try terminal.wait(for: "?\r\n──")
        terminal.control("c")
        try terminal.wait(for: "status 130")
        try terminal.wait(for: " icanon")
        try terminal.wait(for: " echo ")
        _ = try terminal.waitForEnd()
    }

    @Test("in a pipe, keys come from it, standard output has the serial port alone")
    func piped() throws {
        let terminal = try terminal(
            "printf x | $S run --native --boot ask.asm --narrate off 2>screen | od -An -c; "
                + "grep '^?x$' screen")
        try terminal.wait(for: "x\r\n")
        try terminal.wait(for: "?x")
        #expect(try terminal.waitForEnd() == .status(0))
    }

    @Test(
        "what cannot be booted is status 2, with what was expected",
        arguments: [
            ("--boot ask.asm", "expected --native"),
            ("--native --boot text", "boot sector of 512"),
            ("--native text", "no header 0x1badb002"),
            ("--native --boot ask.asm --append x", "--append: expected a multiboot kernel"),
            ("--native ask.asm --module text", "--module: expected a multiboot kernel"),
            ("--native --boot ask.asm --mode real16", "expected no --mode"),
            ("--native --boot nothing", "No such file"),
            ("--native --boot .", "expected a regular file"),
            ("--native --boot ask.asm --backend kvm", "expected no --boot"),
            ("--native --boot ask.asm --memory 0x1000000001", "68719476736"),
        ])
    func refused(_ arguments: String, _ says: String) throws {
        let terminal = try terminal("$S run \(arguments) --max-steps 10 >out; echo status $?")
        try terminal.wait(for: says)
        try terminal.wait(for: "status 2")
        #expect(try terminal.waitForEnd() == .status(0))
    }
}
