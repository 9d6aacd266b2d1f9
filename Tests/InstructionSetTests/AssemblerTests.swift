import Foundation
import Testing

@testable import InstructionSet

@Suite("Assembler")
struct AssemblerTests {
    @Test(
        "makes the bytes that NASM makes of a program",
        .enabled(if: Tool.nasm.isInstalled, "\(Tool.nasm.reasonToSkip)"),
        arguments: ProgramCorpus.all)
    func program(_ program: ProgramCorpus.Program) throws {
        let expected = try NASM.assemble(program.source, files: program.files)
        let mine = try Assembler.assemble(program.source, file: "source.asm") { name in
            program.files[name].map { Array($0.utf8) }
        }
        #expect(mine.bytes.hex == expected?.hex)
    }

    @Test("accepts no more differences to NASM than are listed")
    func differences() {
        #expect(AcceptedDifferences.all.count <= 5)
        for difference in AcceptedDifferences.all { #expect(!difference.reason.isEmpty) }
    }

    @Test(
        "differs from NASM in every way that is listed",
        .enabled(if: Tool.nasm.isInstalled, "\(Tool.nasm.reasonToSkip)"))
    func differencesAreReal() throws {
        for difference in AcceptedDifferences.all {
            let theirs = try NASM.assemble(difference.source)
            let mine = try? Assembler.assemble(difference.source, file: "").bytes
            #expect(mine != theirs, "\(difference.source)")
        }
    }

    // MARK: what a program carries besides bytes

    @Test("keeps origin, code size and labels")
    func labels() throws {
        let program = try Assembler.assemble(
            "bits 64\norg 0x10000\nsize equ 5\nmain: nop\n.loop: jmp .loop\nend:", file: "a.asm")
        #expect(program.origin == 0x10000)
        #expect(program.bits == .bits64)
        #expect(program.labels.map(\.name) == ["end", "main", "main.loop", "size"])
        #expect(program.value(of: "main.loop") == 0x10001)
        #expect(program.value(of: "end") == 0x10003)
        #expect(program.value(of: "size") == 5)
        #expect(program.value(of: "nothing") == nil)
    }

    @Test("knows the source line of every byte")
    func lines() throws {
        let source = "org 0x100\n\nstart:  mov ax, 5 ; five\n  times 3 nop\ndb 1, 2\nend: hlt"
        let program = try Assembler.assemble(source, file: "a.asm")
        #expect(program.line(at: 0xFF) == nil)
        #expect(program.line(at: 0x100)?.text == "start:  mov ax, 5 ; five")
        #expect(program.line(at: 0x102)?.number == 3)
        #expect(program.line(at: 0x105)?.number == 4)
        #expect(program.line(at: 0x107)?.text == "db 1, 2")
        #expect(program.line(at: 0x108)?.file == "a.asm")
        #expect(program.line(at: 0x109) == nil)
        var address: UInt64 = 0x100
        for line in program.lines {
            #expect(line.address == address)
            address += UInt64(line.length)
        }
    }

    @Test("tells the line of a macro's call for what the macro wrote, and the file of an include")
    func macroLines() throws {
        let source = "%include \"x.inc\"\n%macro two 0\n nop\n hlt\n%endmacro\n two\n sti"
        let program = try Assembler.assemble(source, file: "a.asm") { name in
            name == "x.inc" ? Array("\n cli".utf8) : nil
        }
        #expect(program.lines.map(\.number) == [2, 6, 6, 7])
        #expect(program.lines.map(\.file) == ["x.inc", "a.asm", "a.asm", "a.asm"])
    }

    @Test("warns where a number does not fit, and cuts it as NASM does")
    func warnings() throws {
        let program = try Assembler.assemble("mov al, 300\ndb -129\ndb 255, -128", file: "a.asm")
        #expect(program.bytes == [0xB0, 0x2C, 0x7F, 0xFF, 0x80])
        #expect(program.warnings.map(\.line) == [1, 2])
        #expect(program.warnings.first?.offending == "300")
    }
}
