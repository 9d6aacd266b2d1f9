import Glibc
import Narration
import Testing

@testable import Prompt

/// What reads lines waits for signals too, and there is one readline in a process: one by one.
@Suite("Reading lines", .serialized)
struct LineSourceTests {
    /// As a program that was not told to ignore Ctrl-C, which the tests may have been. The signal
    /// goes to the process: the threads that tests run on block it.
    private static func catchInterrupts() {
        signal(SIGINT, SIG_DFL)
        Interruption.catchInterrupts()
    }

    @Suite("from a pipe")
    struct ReaderTests {
        /// All events of a pipe that holds these bytes.
        private func events(_ bytes: [UInt8]) throws -> [LineEvent] {
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            defer { close(ends[0]) }
            let writeEnd = ends[1]
            // More than a pipe holds must not block the test.
            let writer = Thread {
                _ = write(writeEnd, bytes, bytes.count)
                close(writeEnd)
            }
            defer { writer.join() }
            let reader = LineReader(descriptor: ends[0])
            var events: [LineEvent] = []
            while events.last != .endOfInput { events.append(reader.readLine()) }
            return events
        }

        @Test("Lines end with LF or CR LF; the last one needs no end")
        func lines() throws {
            #expect(
                try events(Array("si\n\nx/4xb 0\r\nend".utf8))
                    == [.line("si"), .line(""), .line("x/4xb 0"), .line("end"), .endOfInput])
            #expect(try events([]) == [.endOfInput])
        }

        @Test("Bytes that are not UTF-8 are refused with a message; a NUL is a character")
        func badBytes() throws {
            #expect(
                try events([0x61, 0xFF, 0x0A, 0x61, 0x00, 0x62, 0x0A])
                    == [.rejected("This line is not UTF-8 text."), .line("a\0b"), .endOfInput])
        }

        @Test("A line may have 65536 bytes and no more, and the next one is read again")
        func longLines() throws {
            let longest = [UInt8](repeating: 0x61, count: 65_536)
            let tooLong = LineEvent.rejected("This line is longer than 65536 bytes.")
            let huge = [UInt8](repeating: 0x62, count: 1_000_000)
            let bytes = longest + [0x0D, 0x0A] + longest + [0x61, 0x0A] + huge + [0x0A, 0x63]
            #expect(
                try events(bytes)
                    == [
                        .line(String(decoding: longest, as: UTF8.self)), tooLong, tooLong,
                        .line("c"), .endOfInput,
                    ])
        }

        @Test("Ctrl-C ends the wait for a line")
        func interrupt() throws {
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            defer { ends.forEach { close($0) } }
            LineSourceTests.catchInterrupts()
            SignalPipe.drain()
            kill(getpid(), SIGINT)
            #expect(LineReader(descriptor: ends[0]).readLine() == .interrupted)
            #expect(Interruption.isRequested)
            Interruption.clear()
            #expect(!Interruption.isRequested)
        }
    }

    @Suite("with readline")
    struct EditorTests {
        private let terminal: Int32
        private let program: Int32
        private let folder: TemporaryFolder
        private let editor: LineEditor

        init() throws {
            var ends: (terminal: Int32, program: Int32) = (-1, -1)
            // Raw, so that what is typed ahead is not acted on before readline has the terminal.
            var mode = termios()
            cfmakeraw(&mode)
            var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
            try #require(openpty(&ends.terminal, &ends.program, nil, &mode, &size) == 0)
            (terminal, program) = ends
            folder = try TemporaryFolder()
            editor = LineEditor(
                input: program, output: program,
                environment: Environment(["XDG_STATE_HOME": folder.path, "LANG": "C.UTF-8"]))
        }

        private func read(typing keys: String) -> LineEvent {
            let bytes = Array(keys.utf8)
            _ = write(terminal, bytes, bytes.count)
            return editor.readLine(prompt: "(test) ")
        }

        /// Whether this is shown, at once or in a second.
        private func shows(_ text: String) -> Bool {
            var output: [UInt8] = []
            var state = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
            while poll(&state, 1, 1000) == 1 {
                var bytes = [UInt8](repeating: 0, count: 4096)
                output += bytes[..<max(0, Glibc.read(terminal, &bytes, bytes.count))]
                if String(decoding: output, as: UTF8.self).contains(text) { return true }
            }
            return false
        }

        @Test("A line can be edited, and Ctrl-D on an empty one ends the input")
        func editing() {
            #expect(read(typing: "ist\u{01}l\r") == .line("list"))
            #expect(read(typing: "größe\u{7F}er\r") == .line("größer"))
            #expect(read(typing: "\u{04}") == .endOfInput)
        }

        @Test("Earlier lines come back, from this session and from the file")
        func history() {
            #expect(read(typing: "vmread GUEST_CR0\r") == .line("vmread GUEST_CR0"))
            editor.remembersLines = false
            #expect(read(typing: "an answer\r") == .line("an answer"))
            #expect(read(typing: "\u{10}\r") == .line("vmread GUEST_CR0"))
            let file = HistoryFile(path: folder.path + "/stepvisor/history")
            #expect((try? file.load()) == ["vmread GUEST_CR0"])
        }

        @Test("Tab completes a unique word with a space and lists several with their notes")
        func completion() {
            editor.completer = { line, cursor in
                let words = [("next", "the next step"), ("next-exit", "the next exit")]
                let typed = String(decoding: Array(line.utf8).prefix(cursor), as: UTF8.self)
                return Completion(
                    start: 0,
                    candidates: words.filter { $0.0.hasPrefix(typed) }.map { .init($0, note: $1) })
            }
            #expect(read(typing: "next-\t2\r") == .line("next-exit 2"))
            #expect(read(typing: "n\t\t\r") == .line("next"))
            #expect(shows("  next       the next step\n  next-exit  the next exit"))
        }

        @Test("A candidate may replace the end of a word only")
        func partialCompletion() {
            editor.completer = { _, cursor in
                Completion(start: cursor - 2, candidates: [.init("rax", endsWord: false)])
            }
            #expect(read(typing: "p 8+ra\t*2\r") == .line("p 8+rax*2"))
        }

        @Test("Lines that are pasted as one come one after the other")
        func pasting() {
            #expect(read(typing: "\u{1B}[200~si\nc\n\u{1B}[201~\r") == .line("si"))
            #expect(editor.readLine(prompt: "") == .line("c"))
            #expect(read(typing: "q\r") == .line("q"))
        }

        @Test("Ctrl-C voids the line, and the next one is new")
        func interrupt() {
            LineSourceTests.catchInterrupts()
            editor.completer = { _, _ in
                kill(getpid(), SIGINT)
                return .none
            }
            #expect(read(typing: "half a l\t") == .interrupted)
            #expect(shows("^C"))
            #expect(!Interruption.isRequested)
            #expect(read(typing: "list\r") == .line("list"))
        }

        @Test("Without a home there is one notice, and lines are read all the same")
        func noHome() {
            let editor = LineEditor(input: program, output: program, environment: Environment([:]))
            let notice = editor.takeNotice()
            #expect(notice?.contains("XDG_STATE_HOME") == true)
            #expect(editor.takeNotice() == nil)
            _ = write(terminal, "list\r", 5)
            #expect(editor.readLine(prompt: "") == .line("list"))
        }

        @Test("The terminal is as it was once a line has been read")
        func restoresTerminal() {
            func mode() -> [UInt32] {
                var mode = termios()
                tcgetattr(program, &mode)
                return [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag]
            }
            let before = mode()
            _ = read(typing: "list\r")
            #expect(mode() == before)
            _ = read(typing: "\u{04}")
            #expect(mode() == before)
        }
    }
}
