import Glibc
import Narration
import Testing
import Workbook

@testable import Prompt

@Suite("The terminal's facts")
struct TerminalTests {
    private func style(
        _ variables: [String: String], columns: Int = 100, isInteractive: Bool = true
    ) -> TextStyle {
        Terminal.style(
            isInteractive: isInteractive, columns: columns, environment: Environment(variables))
    }

    @Test(
        "The locale decides about Unicode: the first of three variables that is set",
        arguments: [
            (["LANG": "en_GB.UTF-8"], true), (["LANG": "C.utf8"], true), (["LANG": "C"], false),
            ([:], false), (["LC_ALL": "C", "LANG": "de_DE.UTF-8"], false),
            (["LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"], true),
            (["LANG": "de_DE.ISO-8859-1"], false), (["TERM": "dumb", "LANG": "C.UTF-8"], false),
        ])
    func characters(variables: [String: String], isUnicode: Bool) {
        #expect((style(variables).characters == .unicode) == isUnicode)
    }

    @Test("Colour is for terminals that have it and people who want it")
    func color() {
        #expect(style(["TERM": "xterm"]).hasColor)
        #expect(!style(["TERM": "xterm", "NO_COLOR": "1"]).hasColor)
        #expect(style(["TERM": "xterm", "NO_COLOR": ""]).hasColor)
        #expect(!style(["TERM": "dumb"]).hasColor)
        #expect(!style([:]).hasColor)
        #expect(!style(["TERM": "xterm"], isInteractive: false).hasColor)
    }

    @Test("The width is what the environment states, else the terminal's, else 80")
    func width() {
        #expect(style([:]).width == 100)
        #expect(style(["COLUMNS": "60"]).width == 60)
        #expect(style(["COLUMNS": "wide"]).width == 100)
        #expect(style(["COLUMNS": "0"], columns: 0).width == 80)
        #expect(style(["COLUMNS": "9999999"]).width == 200)
        #expect(style([:], columns: 10).width == 40)
        #expect(style(["COLUMNS": "60"], isInteractive: false).width == 80)
    }

    @Test("The state folder is absolute or there is none")
    func stateFolder() {
        func folder(_ variables: [String: String]) -> String? {
            Environment(variables).stateFolder
        }
        #expect(folder(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/stepvisor")
        #expect(folder(["XDG_STATE_HOME": "s", "HOME": "/h"]) == "/h/.local/state/stepvisor")
        #expect(folder(["HOME": "/h"]) == "/h/.local/state/stepvisor")
        #expect(folder(["HOME": ""]) == nil)
    }
}

@Suite("The history's file")
struct HistoryFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/new/folders/history" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ bytes: [UInt8], to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = Glibc.write(descriptor, bytes, bytes.count)
        close(descriptor)
    }

    @Test("Lines come back in order, and folders are made for them")
    func keepsLines() throws {
        let file = HistoryFile(path: path)
        #expect(try file.load() == [])
        for line in ["list", "si 5", "si 5", "größer"] { try file.append(line) }
        #expect(try HistoryFile(path: path).load() == ["list", "si 5", "größer"])
    }

    @Test("The file belongs to the user alone, and nothing else is left in its folder")
    func isPrivate() throws {
        try HistoryFile(path: path).append("list")
        var facts = stat()
        #expect(stat(path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        let listing = try #require(opendir(folder.path + "/new/folders"))
        defer { closedir(listing) }
        var entries = 0
        while readdir(listing) != nil { entries += 1 }
        #expect(entries == 3)  // With "." and "..".
    }

    @Test("Old lines are dropped, and two sessions add to the same file")
    func isBounded() throws {
        let file = folder.path + "/history"
        let lines = (0..<HistoryFile.lineLimit + 5).map { "line \($0)" }
        write(Array(lines.joined(separator: "\n").utf8), to: file)
        try HistoryFile(path: file).append("last")
        let kept = try HistoryFile(path: file).load()
        #expect(kept.count == HistoryFile.lineLimit)
        #expect(kept.first == "line 6")
        #expect(kept.last == "last")
    }

    @Test("What is not text is left out")
    func skipsDamage() throws {
        let file = folder.path + "/history"
        write(
            Array("good\n".utf8) + [0xFF, 0xFE, 0x0A, 0x61, 0x00, 0x0A] + Array("last".utf8),
            to: file)
        #expect(try HistoryFile(path: file).load() == ["good", "last"])
    }

    @Test("A huge file is read from its end, in bounded memory")
    func isReadFromItsEnd() throws {
        let file = folder.path + "/history"
        write(
            [UInt8](repeating: 0x41, count: 3 * HistoryFile.byteLimit) + Array("\nend".utf8),
            to: file)
        #expect(try HistoryFile(path: file).load().last == "end")
    }

    @Test("A folder in its place and a file where a folder should be are failures, not crashes")
    func fails() throws {
        #expect(throws: WorkbookError(file: folder.path, "Is a directory")) {
            try HistoryFile(path: folder.path).load()
        }
        let file = folder.path + "/file"
        write([], to: file)
        #expect(throws: WorkbookError(file: file + "/x/history", "Not a directory")) {
            try HistoryFile(path: file + "/x/history").append("line")
        }
    }
}
