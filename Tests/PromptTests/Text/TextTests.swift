import Narration
import Testing

@Suite("Text for the terminal")
struct TextTests {
    @Test(
        "Untrusted text loses what could steer a terminal, and says what it was",
        arguments: [
            ("plain text", "plain text"),
            ("\u{1B}[2Jgone", "\\x1b[2Jgone"),
            ("bell\u{07} nul\0 del\u{7F}", "bell\\x07 nul\\x00 del\\x7f"),
            ("C1 \u{9B}31m", "C1 \\x9b31m"),
            ("a\u{202E}b\u{2066}c", "a\\u{202e}b\\u{2066}c"),
            ("zero\u{200B}width", "zero\\u{200b}width"),
            ("lines\nand\ttabs\r", "lines\\nand\\ttabs\\r"),
            ("Grüße, 世界", "Grüße, 世界"),
        ])
    func escapesLines(text: String, shown: String) {
        #expect(EscapedText.line(text) == shown)
    }

    @Test("In a text of several lines their ends stay and tabs reach columns of eight")
    func escapesTexts() {
        #expect(EscapedText.lines("a\tb\r\n\tc\rd\n") == "a       b\n        c\\rd\n")
    }

    @Test("No scalar that terminals act on survives escaping")
    func escapesEveryControl() {
        let dangerous = Array(0...0x1F) + Array(0x7F...0x9F) + [0x061C, 0x200E, 0x200F]
        for value in dangerous + Array(0x202A...0x202E) + Array(0x2066...0x2069) {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let shown = EscapedText.line(String(Character(scalar)))
            #expect(shown.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "U+\(value)")
        }
    }

    @Test("A guest's bytes are shown as they come; CR LF is a line end also across two writes")
    func escapesConsole() {
        var console = GuestConsoleText()
        var shown = console.text(for: Array("ok\r".utf8))
        shown += console.text(for: Array("\n\u{1B}c".utf8))
        shown += console.text(for: [0xC3, 0xA9, 0x0D])
        #expect(shown + console.finish() == "ok\n\\x1bc\\xc3\\xa9\\r")
    }

    @Test("ASCII terminals get a substitute for every character that our texts use")
    func spellsInASCII() {
        let style = TextStyle(characters: .ascii)
        #expect(style.spelled("└─ “EM” → 1 … · §") == "`- \"EM\" -> 1 ... - section ")
        #expect(style.spelled("世") == "?")
        #expect(TextStyle.plain.spelled("└ “EM”") == "└ “EM”")
    }

    @Test("Without colour nothing is painted, and a width outside the range becomes the nearest")
    func styles() {
        #expect(TextStyle.plain.painted("EM", as: .decisive) == "EM")
        #expect(TextStyle(hasColor: true).painted("EM", as: .heading) == "\u{1B}[1mEM\u{1B}[0m")
        #expect(TextStyle(width: 7).width == 40)
        #expect(TextStyle(width: 1000).width == 200)
    }

    @Test("Prose is broken at spaces, with its indents, and words are never torn")
    func wraps() {
        let lines = WrappedText.lines(
            "one two  three four-is-longer-than-the-line five", width: 12, indent: "- ",
            hangingIndent: "  ")
        #expect(lines == ["- one two", "  three", "  four-is-longer-than-the-line", "  five"])
        #expect(WrappedText.lines("世界 世界", width: 5) == ["世界", "世界"])
        #expect(WrappedText.lines(" \n ", width: 5).isEmpty)
    }

    @Test("Paragraphs are wrapped, examples stay as they are")
    func wrapsTexts() {
        let text = "a paragraph\nof two lines\n\n  x/4xb   loop\n\n\nthe end\n"
        #expect(
            WrappedText.text(text, width: 16)
                == "a paragraph of\ntwo lines\n\n  x/4xb   loop\n\nthe end")
    }

    @Test("Columns are counted as terminals do")
    func widths() {
        #expect(DisplayWidth.of("世界 e\u{301} └") == 8)
        #expect("ab".padded(to: 4) == "ab  ")
        #expect("ab".leftPadded(to: 4) == "  ab")
        #expect("abcdef".truncated(to: 4) == "abc…")
        #expect("世界世界".truncated(to: 4) == "世…")
        #expect("abcd".truncated(to: 4) == "abcd")
    }

    @Test(
        "Numbers are decimal, or hexadecimal after 0x, of 64 bits",
        arguments: [
            ("0", 0), ("42", 42), ("0x2A", 42), ("0XfF", 255),
            ("18446744073709551615", UInt64.max), ("0xffffffffffffffff", UInt64.max),
            ("18446744073709551616", nil), ("", nil), ("0x", nil), ("-1", nil), ("+1", nil),
            ("0x+1", nil), ("ff", nil), ("1h", nil), ("1_000", nil), ("٣", nil),
        ] as [(String, UInt64?)])
    func parsesNumbers(text: String, value: UInt64?) {
        #expect(NumberText.parse(text) == value)
    }

    @Test(
        "A slip of the fingers still finds the name",
        arguments: [
            ("vmraed", ["vmread"]), ("nxet", ["next"]), ("HINT", ["hint"]), ("exit", ["next-exit"]),
            ("qqqqqq", []), ("", []), ("1", []),
        ])
    func suggests(typed: String, found: [String]) {
        let names = ["vmread", "vmwrite", "next", "next-exit", "hint"]
        #expect(Suggestions.nearest(to: typed, among: names) == found)
    }
}
