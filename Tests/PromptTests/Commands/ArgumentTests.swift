import Testing

@testable import Prompt

@Suite("Arguments")
struct ArgumentTests {
    private func words(_ text: String) throws -> [String] {
        try Invocation(name: "x", usage: "x", format: nil, text: text, isRepetition: false).words()
    }

    @Test(
        "White space parts words; quotes and backslashes keep it",
        arguments: [
            ("", []), ("a  b\tc", ["a", "b", "c"]), ("'a b' c", ["a b", "c"]),
            ("\"it's\" '\"'", ["it's", "\""]), ("a\\ b", ["a b"]), ("\"a\\\"b\"", ["a\"b"]),
            ("'a\\'", ["a\\"]), ("x'y'\"z\"", ["xyz"]), ("''", [""]), ("end\\", ["end\\"]),
        ])
    func splitting(text: String, expected: [String]) throws {
        #expect(try words(text) == expected)
    }

    @Test(
        "Expressions have C's precedence and wrap around at 64 bits",
        arguments: [
            ("42", 42), ("0x2a", 42), ("2+3*4", 14), ("(2+3)*4", 20), ("10-3-2", 5),
            ("1<<4|1", 17), ("0xff & ~0xf", 0xF0), ("6^3&2", 4), ("1+1<<3", 16), ("-1", UInt64.max),
            ("- -1", 1), ("0xffffffffffffffff+2", 1), ("100/7%4", 2), ("1<<64", 0),
            ("1<<63>>63", 1),
            ("1>>200", 0), ("name+1", 8), (" $name\t* name ", 49), ("a.b", 5), ("~0", UInt64.max),
        ] as [(String, UInt64)])
    func expressions(text: String, value: UInt64) throws {
        let names: [String: UInt64] = ["name": 7, "$name": 7, "a.b": 5]
        #expect(try Expression.evaluate(text) { names[$0] ?? 0 } == value)
    }

    @Test(
        "An error in an expression says where and what",
        arguments: [
            ("", "The expression ends where a number or a name is expected."),
            ("1+", "The expression ends where a number or a name is expected."),
            ("1 2", "Column 3 has “2”, not an operator."),
            ("(1", "The expression ends where a closing parenthesis is expected."),
            ("(1]", "Column 3 has “]”, not a closing parenthesis."),
            ("1/0", "The divisor at column 3 is 0."),
            ("1 % (2-2)", "The divisor at column 5 is 0."),
            ("12ab", "“12ab” is not a number of at most 64 bits."),
            ("0x10000000000000000", "“0x10000000000000000” is not a number of at most 64 bits."),
        ])
    func expressionErrors(text: String, message: String) {
        #expect {
            try Expression.evaluate(text) { _ in 0 }
        } throws: {
            ($0 as? CommandError)?.message == message
        }
    }

    @Test("Nesting has a limit, and what is just within it works")
    func depth() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count)
        }
        #expect(try Expression.evaluate(nested(63)) { _ in 0 } == 1)
        #expect(throws: CommandError.self) { try Expression.evaluate(nested(64)) { _ in 0 } }
    }

    @Test("A format changes what it names; the count is 1 unless it is given")
    func formats() throws {
        let first = try MemoryFormat().changed(by: "16xb")
        #expect(first == MemoryFormat(count: 16, style: .hexadecimal, size: .byte))
        #expect(
            try first.changed(by: "") == MemoryFormat(count: 1, style: .hexadecimal, size: .byte))
        #expect(try first.changed(by: "gt") == MemoryFormat(count: 1, style: .binary, size: .giant))
        #expect(MemoryFormat.Size.allCases.map(\.bytes) == [1, 2, 4, 8])
    }

    @Test(
        "A format that makes no sense is refused",
        arguments: ["0x", "65537", "99999999999999999999", "q", "4xé", "-1", "٣"])
    func badFormats(text: String) {
        #expect(throws: CommandError.self) { try MemoryFormat().changed(by: text) }
    }
}

@Suite("Completion")
struct CompletionTests {
    private func offered(_ line: String, cursor: Int? = nil) -> (start: Int, words: [String]) {
        let completion = CommandTable.standard.complete(
            line: line, cursor: cursor ?? line.utf8.count,
            candidates: RecordingSession().candidates)
        return (completion.start, completion.candidates.map(\.text))
    }

    @Test(
        "Tab offers what can stand at the cursor",
        arguments: [
            ("ne", 0, ["next", "next-exit"]), ("  vmw", 2, ["vmwrite"]),
            ("disas", 0, ["disassemble"]),
            ("bre", 0, ["break"]), ("run", 0, ["run"]),
            ("start cr", 6, ["cr0-mask-and-shadow"]), ("start 'x' ", 10, []),
            ("vmread gu", 7, ["GUEST_CR0", "GUEST_CR3"]), ("vmwrite HOST_CR0 ra", 17, ["rax"]),
            ("info ", 5, ["registers", "vmcs", "controls", "exits", "tlb", "break"]),
            ("i re", 2, ["registers"]), ("info registers r", 15, ["rax", "rbx"]),
            ("info vmcs h", 10, ["HOST_CR0"]), ("i r rax rb", 8, ["rbx"]),
            ("p rax+lo", 6, ["loop", "lost"]), ("p $ra", 3, ["rax"]),
            ("x/4xb l", 6, ["loop", "lost"]),
            ("b ", 2, ["exit", "loop", "lost"]), ("b lo", 2, ["loop", "lost"]),
            ("b exit c", 7, ["CPUID"]), ("set cr0-m", 4, ["cr0-mask.em"]),
            ("x/4", 0, []), ("why ", 4, ["not"]), ("nonsense ", 0, []),
        ])
    func offers(line: String, start: Int, words: [String]) {
        let offered = offered(line)
        #expect(offered.words == words)
        if !words.isEmpty { #expect(offered.start == start) }
    }

    @Test("What is behind the cursor plays no part, and bytes are counted, not characters")
    func cursor() {
        #expect(offered("vmr GUEST", cursor: 3).words == ["vmread"])
        #expect(offered("p é+lo").start == 5)
    }

    @Test("A long list is cut and says how much is left out; lines fit the width")
    func listing() {
        let many = Completion(
            start: 0, candidates: (0..<100).map { Completion.Candidate("candidate-\($0)") })
        let lines = many.listing(style: .plain)
        #expect(lines.last == "  and 40 more; type another letter")
        #expect(lines.allSatisfy { $0.count <= 80 })
        let noted = Completion(
            start: 0,
            candidates: [.init("x", note: String(repeating: "long ", count: 40)), .init("yy")])
        #expect(noted.listing(style: .plain).allSatisfy { $0.count <= 80 })
        #expect(noted.commonPrefix == "")
    }

    @Test("A candidate cannot bring an escape sequence to the terminal")
    func escaping() {
        let evil = Completion(
            start: 0, candidates: [.init("a\u{1B}[2J"), .init("b", note: "\u{7}")])
        #expect(!evil.listing(style: .plain).joined().unicodeScalars.contains { $0.value < 0x20 })
    }
}
