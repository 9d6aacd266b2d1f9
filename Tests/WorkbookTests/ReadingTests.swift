import Foundation
import Testing

@testable import Workbook

@Suite struct ReadingTests {
    private func compose(_ text: String) -> [String] {
        mistakes { _ = try YAMLComposer.compose(text, file: "x.yaml") }
    }

    @Test("A YAML value knows its line and column, also behind letters of several bytes")
    func positions() throws {
        let node = try #require(
            try YAMLComposer.compose("a: 1\nβeta: {c: [x, 'é', z]}\n", file: "x", firstLine: 10))
        guard case .map(let entries) = node.value, case .map(let inner) = entries[1].value.value,
            case .list(let list) = inner[0].value.value
        else {
            Issue.record("no map of a list")
            return
        }
        #expect(entries[1].keyPosition == SourcePosition(line: 11, column: 1))
        #expect(list.map(\.position.column) == [12, 15, 20])
        #expect(list.map(\.position.line) == [11, 11, 11])
    }

    @Test(
        "Text that is no YAML, or more than the plain part of it, is refused with its place",
        arguments: [
            ("a: [1, 2", "which began in line 1"),
            ("a: b: c", "x.yaml:1:5"),
            ("a: 1\n--- \nb: 2\n", "one YAML document"),
            ("a: 1\na: 2\n", "x.yaml:1:1: given twice: a"),
            ("? [a]\n: 1\n", "a list or map as a key"),
            ("a: &x 1\nb: *x\n", "x.yaml:1:4: anchors and aliases are not read here"),
            ("a: *x\n", "undefined alias"),
            (String(repeating: "[", count: 5000), "nested too deeply"),
            (String(repeating: "- ", count: 5000), "nested too deeply"),
            (String(repeating: "{a: ", count: 40), "nested too deeply"),
            ((0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), "too deeply"),
            ("[" + String(repeating: "a, ", count: 30_000) + "]", "too many values"),
            ("a: \"\\q\"", "unknown escape"),
        ])
    func refused(text: String, message: String) {
        let found = compose(text)
        #expect(found.count == 1)
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test(
        "A thousand aliases of aliases are refused before they are resolved",
        .timeLimit(.minutes(1)))
    func aliases() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<40 {
            let inner = (0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ", ")
            text += "a\(level): &a\(level) [\(inner)]\n"
        }
        #expect(compose(text + "? *a39\n: 1\n").contains { $0.contains("anchors") })
    }

    @Test("Mutated lesson data never crashes its reader", arguments: 0..<40 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let names = [
            "15-cr0-mask-and-shadow/truth-table.yaml", "15-cr0-mask-and-shadow/policy.yaml",
        ]
        let name = names[Int(generator.number(below: 2))]
        let path = Repository.root.path + "/Lessons/" + name
        var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
        let pieces = Array("[]{}:,-?&*!|>'\"%@`#\n \t0x\u{1b}é".utf8)
        for _ in 0..<(1 + generator.number(below: 30)) {
            let place = Int(generator.number(below: UInt64(bytes.count)))
            let piece = pieces[Int(generator.number(below: UInt64(pieces.count)))]
            if generator.number(below: 2) == 0 {
                bytes[place] = piece
            } else {
                bytes.insert(piece, at: place)
            }
        }
        let folder = try TemporaryFolder()
        try folder.write(String(decoding: bytes, as: UTF8.self), to: "x.yaml")
        let files = LessonFiles(
            folder: Folder(path: folder.path),
            guests: Folder(path: Repository.root.path + "/Guests"))
        do throws(WorkbookError) {
            let reader = ExerciseReader(files: files, path: folder.path + "/x.yaml")
            _ = try reader.read().variant(seed: seed)
        } catch {
            #expect(!error.diagnostics.isEmpty)
            #expect(error.diagnostics.count <= Limits.diagnostics)
        }
    }

    @Test("A file that is no bounded text is refused")
    func files() throws {
        let folder = try TemporaryFolder()
        let read = { (name: String) in
            mistakes { _ = try TextFile.read(folder.path + "/" + name, name: name, limit: 100) }
        }
        try folder.write(String(repeating: "x", count: 101), to: "long")
        try folder.write("one\ntwo \u{1B}[31mred", to: "escape")
        try folder.write("turned \u{202E}round", to: "direction")
        try Data([0x61, 0x0A, 0x62, 0xC3, 0x28]).write(to: URL(filePath: folder.path + "/bytes"))
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        #expect(read("long") == ["long: 101 bytes: expected at most 100"])
        #expect(read("escape").first?.hasPrefix("escape:2:5: an invisible character, U+1B") == true)
        #expect(read("direction").first?.hasPrefix("direction:1:8: an invisible") == true)
        #expect(read("bytes") == ["bytes:2:2: these bytes are not text; expected UTF-8"])
        #expect(read("pipe") == ["pipe: expected a regular file"])
        #expect(read(".").first?.contains("expected a regular file") == true)
        #expect(read("none").first?.contains("No such file") == true)
    }

    @Test("A gigabyte of nothing is refused without being read", .timeLimit(.minutes(1)))
    func sparse() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/huge.yaml"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(truncate(path, 1 << 30) == 0)
        let found = mistakes { _ = try ScenarioFile.read(path) }
        #expect(found.first?.contains("1073741824 bytes: expected at most") == true)
    }

    @Test(
        "A name leads out of no folder",
        arguments: [
            "../x", "/etc/passwd", "a/../../x", "", "a//b", ".hidden", "a/.", "link", "a\0b",
        ])
    func paths(name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("in", to: "inside/in")
        try folder.write("out", to: "x")
        symlink(folder.path + "/x", folder.path + "/inside/link")
        let inside = Folder(path: folder.path + "/inside")
        #expect(inside.file(name) == nil)
        #expect(inside.file("in") != nil)
    }

    @Test("SplitMix64 gives the numbers of its published reference for seed 1234567")
    func generator() {
        // The check values that Java's SplittableRandom and its ports share.
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }
}
