import Foundation
import Testing

@testable import InstructionSet

@Suite("Assembler errors")
struct AssemblerErrorTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var source: String
        var line: Int
        var column: Int
        /// A part of the message.
        var message: String
        var offending: String
        var testDescription: String { source }
    }

    static let mistakes: [Mistake] = [
        .init(
            source: "nop\n  movv ax, 5", line: 2, column: 3, message: "expected an instruction",
            offending: "movv"),
        .init(
            source: "hltt", line: 1, column: 1, message: "a label with a colon", offending: "hltt"),
        .init(
            source: "mov ax, bl", line: 1, column: 1, message: "expected operands like",
            offending: "mov"),
        .init(
            source: "mov [bx], 5", line: 1, column: 5,
            message: "expected a size in front of the address: byte, word, dword", offending: "[bx]"
        ),
        .init(
            source: "inc [bx]", line: 1, column: 5, message: "expected a size", offending: "[bx]"),
        .init(
            source: "mov ax, [cx]", line: 1, column: 10, message: "expected bx or bp",
            offending: "cx"),
        .init(
            source: "bits 32\nmov eax, [esp*2]", line: 2, column: 11,
            message: "an index other than esp", offending: "esp*2"),
        .init(
            source: "bits 32\nmov eax, [eax+ebx+ecx]", line: 2, column: 11, message: "at most two",
            offending: "eax+ebx+ecx"),
        .init(
            source: "mov eax, [bx+ecx]", line: 1, column: 11, message: "of one width",
            offending: "bx+ecx"),
        .init(
            source: "mov rax, 5", line: 1, column: 5, message: "a register that 16-bit code has",
            offending: "rax"),
        .init(
            source: "bits 64\npusha", line: 2, column: 1, message: "64-bit code has",
            offending: "pusha"),
        .init(
            source: "bits 32\nswapgs", line: 2, column: 1, message: "32-bit code has",
            offending: "swapgs"),
        .init(source: "bits 64\nmov ah, sil", line: 2, column: 1, message: "REX", offending: "mov"),
        .init(
            source: "mov ax, (1 + 2", line: 1, column: 15, message: "expected `)`", offending: ""),
        .init(
            source: "mov ax, 1 +", line: 1, column: 12, message: "expected a number, a name or `(`",
            offending: ""),
        .init(
            source: "mov ax,, 5", line: 1, column: 8, message: "expected a number", offending: ","),
        .init(
            source: "mov ax 5", line: 1, column: 8, message: "expected the end of the line",
            offending: "5"),
        .init(
            source: "mov ax, nowhere", line: 1, column: 9, message: "`nowhere` is defined nowhere",
            offending: "nowhere"),
        .init(
            source: "x: nop\nx: nop", line: 2, column: 1, message: "line 1 defines already",
            offending: "x"),
        .init(
            source: "ax: nop", line: 1, column: 1, message: "not a register's name", offending: "ax"
        ),
        .init(
            source: "db 5 / 0", line: 1, column: 4, message: "division by zero", offending: "5 / 0"),
        .init(
            source: "db 'abc", line: 1, column: 4, message: "without its closing quote",
            offending: "'abc"),
        .init(
            source: "db `abc", line: 1, column: 4, message: "closing backquote", offending: "`abc"),
        .init(source: "db 0x1g", line: 1, column: 4, message: "base 16", offending: "0x1g"),
        .init(
            source: "db 19b", line: 1, column: 4, message: "a number in base 10", offending: "19b"),
        .init(
            source: "db 0x10000000000000000", line: 1, column: 4, message: "at most 64 bits",
            offending: "0x10000000000000000"),
        .init(source: "dd 1.5", line: 1, column: 4, message: "floating-point", offending: "1."),
        .init(
            source: "x: dw x * 2", line: 1, column: 7, message: "a number or one address",
            offending: "x * 2"),
        .init(
            source: "times 510 - ($ - $$) db 0\ntimes 100 - ($ - $$) nop", line: 2, column: 7,
            message: "410 too long", offending: "100 - ($ - $$)"),
        .init(
            source: "times 5", line: 1, column: 8, message: "expected an instruction or data",
            offending: ""),
        .init(
            source: "times x db 0\nx:", line: 1, column: 7, message: "expected a number",
            offending: "x"),
        .init(source: "align 3", line: 1, column: 7, message: "power of two", offending: "3"),
        .init(source: "bits 48", line: 1, column: 6, message: "16, 32 or 64", offending: "48"),
        .init(source: "section .code", line: 1, column: 9, message: ".text", offending: ".code"),
        .init(
            source: "jmp short x\ntimes 200 nop\nx:", line: 1, column: 5,
            message: "from -128 to 127", offending: "short x"),
        .init(
            source: "loop x\ntimes 200 nop\nx:", line: 1, column: 6, message: "from -128 to 127",
            offending: "x"),
        .init(
            source: "incbin \"x\"", line: 1, column: 1, message: "does not have",
            offending: "incbin"),
        .init(
            source: "addps xmm0, xmm1", line: 1, column: 1, message: "does not have",
            offending: "addps"),
        .init(
            source: "%if 1\nnop", line: 1, column: 1, message: "without its %endif", offending: ""),
        .init(source: "%endif", line: 1, column: 1, message: "without its %if", offending: ""),
        .init(source: "%macro x 1\nnop", line: 1, column: 1, message: "%endmacro", offending: ""),
        .init(
            source: "%macro x 1\ndb %1\n%endmacro\nx", line: 4, column: 1,
            message: "expected 1 parameters", offending: "x"),
        .init(
            source: "%macro x 1\ndb %1 +\n%endmacro\nnop\nx 5", line: 5, column: 7,
            message: "expected a number", offending: ""),
        .init(source: "%frob", line: 1, column: 1, message: "%define", offending: "%frob"),
        .init(
            source: "%if x\n%endif", line: 1, column: 5, message: "expected a number",
            offending: "x"),
        .init(source: "%error too big", line: 1, column: 7, message: "too big", offending: ""),
        .init(
            source: "%include \"../secret\"", line: 1, column: 10,
            message: "inside the source's own folder", offending: "\"../secret\""),
        .init(
            source: "%include \"/etc/passwd\"", line: 1, column: 10,
            message: "inside the source's own folder", offending: "\"/etc/passwd\""),
        .init(
            source: "%include \"a/../../b\"", line: 1, column: 10,
            message: "inside the source's own folder", offending: "\"a/../../b\""),
        .init(
            source: "%include \"none\"", line: 1, column: 10, message: "no such file",
            offending: "\"none\""),
        .init(
            source: "mov ax, \u{1B}[31m", line: 1, column: 9, message: "unexpected byte 0x1b",
            offending: "\\x1b"),
        .init(
            source: "mov al, é", line: 1, column: 9, message: "unexpected byte 0xc3",
            offending: "\u{FFFD}"),
        .init(
            source: "a: times 5 - (b - a) nop\nb:", line: 0, column: 1, message: "never settle",
            offending: ""),
    ]

    private func failure(
        _ source: [UInt8], include: (String) -> [UInt8]? = { _ in nil }
    ) -> AssemblyError? {
        do throws(AssemblyError) {
            _ = try Assembler.assemble(source, file: "t.asm", include: include)
            return nil
        } catch {
            return error
        }
    }

    @Test("name line, column, what was expected and the text", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        let error = try #require(failure(Array(mistake.source.utf8)))
        #expect(error.file == "t.asm")
        #expect(error.line == mistake.line)
        #expect(error.column == mistake.column)
        #expect(error.message.contains(mistake.message), "\(error.message)")
        #expect(error.offending == mistake.offending)
    }

    @Test("an included file is named in its errors")
    func includedFile() throws {
        let error = try #require(
            failure(Array("nop\n%include \"sub/x.inc\"".utf8)) { name in
                name == "sub/x.inc" ? Array("nop\nbad line here".utf8) : nil
            })
        #expect(error.file == "sub/x.inc" && error.line == 2)
    }

    @Test("a file that includes itself ends with an error")
    func selfInclusion() throws {
        let source = Array("%include \"t.asm\"".utf8)
        let error = try #require(failure(source) { _ in source })
        #expect(error.message.contains("nested deeper"))
    }

    @Test(
        "inputs made to take all memory or time end with an error",
        arguments: [
            "%define a0 1,1,1,1,1,1,1,1\n"
                + (1..<40).map { "%define a\($0) a\($0 - 1),a\($0 - 1),a\($0 - 1)\n" }.joined()
                + "db a39",
            "%rep 500000\n%rep 500000\nnop\n%endrep\n%endrep",
            "db 4611686018427387904 dup (1)", "db 65536 dup (65536 dup (1))",
            "times 16777217 db 0", "times 16777216 dq 0", "resb 9223372036854775807",
            "times -9223372036854775808 nop", "align 1 << 60",
            "dw " + String(repeating: "(", count: 20000),
            String(repeating: "%if 1\n", count: 5000),
            "db " + String(repeating: "1,", count: 100_000),
            String(repeating: "x", count: 100_000),
            "%macro a 1\na%1 %1%1\n%endmacro\n%macro aa 1\na %1%1\n%endmacro\na a",
        ])
    func limits(_ source: String) {
        #expect(failure(Array(source.utf8)) != nil)
    }

    @Test("a file that is too large is refused before it is read")
    func tooLarge() throws {
        let error = try #require(failure(Array(repeating: 0x41, count: 100 << 20)))
        #expect(error.line == 0 && error.message.contains("larger than"))
    }

    @Test("empty and odd inputs are no trouble")
    func odd() throws {
        for source in ["", "\n\n", ";", "   ", "\r\n", "\\", "nop\\"] {
            _ = try? Assembler.assemble(source, file: "t.asm")
        }
        for bytes: [UInt8] in [[0], [0xFF, 0xFE], [0x0A, 0, 0x0A], Array(0...255)] {
            _ = try? Assembler.assemble(bytes, file: "t.asm")
        }
        #expect(try Assembler.assemble("", file: "t.asm").bytes.isEmpty)
        #expect(try Assembler.assemble("nop\r\nhlt\r\n", file: "t.asm").bytes == [0x90, 0xF4])
    }
}
