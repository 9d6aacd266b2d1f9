import Foundation
import Testing

@testable import Workbook

/// A copy of the workbook in which a test can make mistakes.
final class LessonCopy {
    let folder: TemporaryFolder
    static let lesson = "Lessons/15-cr0-mask-and-shadow"

    init() throws {
        folder = try TemporaryFolder()
        for name in ["Lessons", "Guests"] {
            try FileManager.default.copyItem(
                atPath: Repository.root.path + "/" + name, toPath: folder.path + "/" + name)
        }
    }

    func replace(_ old: String, _ new: String, in file: String) throws {
        let name = Self.lesson + "/" + file
        let text = try folder.text(of: name)
        #expect(text.contains(old), "\(file) has no \(old)")
        try folder.write(text.replacingOccurrences(of: old, with: new), to: name)
    }

    /// What `lessons check` tells, without the folder's path.
    /// - Parameter runs: whether questions are answered and sample answers graded too.
    func check(runs: Bool = false) throws -> [String] {
        let library = try Library(root: Folder(path: folder.path))
        let runner = runs ? MachineRunner() : nil
        return LessonChecker(runner: runner, seeds: 1...1).check(library).map {
            $0.description.replacingOccurrences(of: "\(folder.path)/\(Self.lesson)/", with: "")
        }
    }
}

@Suite struct LessonMistakeTests {
    struct Change: CustomTestStringConvertible {
        let file: String
        let old: String
        let new: String
        let message: String
        /// The mistake shows only when the lesson is run.
        let needsRun: Bool
        var testDescription: String { message }

        init(
            _ file: String, _ old: String, _ new: String, _ message: String, needsRun: Bool = false
        ) {
            (self.file, self.old, self.new, self.message) = (file, old, new, message)
            self.needsRun = needsRun
        }
    }

    static let inMarkdown: [Change] = [
        .init("lesson.md", "---\nid:", "id:", "lesson.md:1:1: there is no front matter"),
        .init("lesson.md", "id: cr0-m", "idd: cr0-m", "lesson.md:2:1: front matter: `idd` is not"),
        .init("lesson.md", "C08: holds", "C08: imprecise", "lesson.md:5:8: the verdict on C08"),
        .init("lesson.md", "C09:", "C99:", "lesson.md:6:3: there is no claim C99"),
        .init("lesson.md", "[root-non", "[rot-non", "did you mean root-non-root-and-neither?"),
        .init(
            "lesson.md", "# CR0: mask and", "# CR0: a mask and", "lesson.md:11:1: the heading is"),
        .init("lesson.md", "PG and {owned},", "PG and {owner},", "drawn for {owner}; did you mean"),
        .init("lesson.md", "file: policy.yaml", "file: ../x.yaml", "there is no exercise ../x"),
        .init(
            "lesson.md", "run: read\n", "run: raed\n", "no run raed up to here; did you mean read"),
        .init(
            "lesson.md", "about: register rbx at", "about: rbx at", "is nothing that a run shows"),
        .init(
            "lesson.md", "register rbx at write", "register rbx at wrote", "without showing this",
            needsRun: true),
        .init(
            "lesson.md", "[exit, no exit, fault]", "[fault]", "expected one of the options fault",
            needsRun: true),
        .init("lesson.md", "id: own-bit\nask", "id: read\nask", "there is a question read already"),
        .init("lesson.md", "```question", "```qestion", "did you mean question?"),
        .init("lesson.md", "Holds. The exact", "So. The exact", "paragraph that begins with Holds"),
        .init("lesson.md", "not others. (C08)", "not others.", "the lesson does not quote C08"),
        .init("lesson.md", "SDM 3C, 24.8", "SDM 3C, 24.9", "expected SDM 3C, 24.8 \"Restrictions"),
        .init("lesson.md", "to: handled", "to: handler_2", "cr0-refused.asm has no label handler"),
        .init("lesson.md", "guest: cr0-re", "guest: cr1-re", "there is no guest cr1-refused.asm"),
        .init(
            "lesson.md", "file: policy.yaml\n```", "file: policy.yaml", "this fence is not closed"),
        .init(
            "lesson.md", "narrate: full", "narrate: ful", "`narrate`: ful is not known here; did"),
    ]

    static let inData: [Change] = [
        .init("write.yaml", "cr0-write.asm", "cr0-writ.asm", "write.yaml:2:8: there is no guest"),
        .init("write.yaml", "guest:", "\tguest:", "write.yaml:2:1: found character that cannot"),
        .init("policy.yaml", "kind: build", "kind: built", "policy.yaml:5:7: `kind`: built is not"),
        .init("policy.yaml", "[WP, AM]\n", "[WP]\n", "2 different values are drawn from 1"),
        .init("policy.yaml", "{hidden}.", "{hiden}.", "nothing is drawn for {hiden}; did you mean"),
        .init(
            "policy.yaml", "  - |\n    Decide", "  - ''\n  - |\n    Decide",
            "4 hints; expected three"),
        .init(
            "policy.yaml", "PG, {kept}, {hidden}]\n  CR0_SHADOW: [PE, ET, NE, PG]\n# ET",
            "PG]\n  CR0_SHADOW: [PE, ET, NE, PG]\n# ET", "the answer `second` counts as",
            needsRun: true),
        .init(
            "truth-table.yaml", "shadow-is-real: {outcome: exit}\n      read-back",
            "shadow-is-rael: {outcome: exit}\n      read-back", "no mistake shadow-is-rael; did"),
        .init(
            "truth-table.yaml", "masked-always-exits: {outcome: exit}",
            "masked-always-exits: {outcome: no exit}", "masked-always-exits leads to is right",
            needsRun: true),
        .init("truth-table.yaml", "row:", "rwo:", "exercise: `row` is missing"),
    ]

    @Test("A mistake in a lesson is told with file and line", arguments: inMarkdown + inData)
    func told(change: Change) throws {
        let copy = try LessonCopy()
        try copy.replace(change.old, change.new, in: change.file)
        let found = try copy.check(runs: change.needsRun)
        #expect(found.contains { $0.contains(change.message) }, "\(found.prefix(5))")
    }

    @Test("A lesson of more than a mebibyte is refused")
    func tooLong() throws {
        let copy = try LessonCopy()
        let text = String(repeating: "A line of a lesson.\n", count: 60_000)
        try copy.folder.write(text, to: LessonCopy.lesson + "/lesson.md")
        #expect(
            try copy.check() == ["lesson.md: 1200000 bytes: expected at most 1048576"]
        )
    }

    @Test("A lesson cannot hold escape codes")
    func escapes() throws {
        let copy = try LessonCopy()
        try copy.replace("Now the guest", "\u{1B}]0;x\u{7}Now the guest", in: "lesson.md")
        #expect(try copy.check().first?.contains("an invisible character, U+1B") == true)
    }

    @Test("Mutated lessons never crash their reader", arguments: 0..<30 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        let copy = try LessonCopy()
        var generator = SplitMix64(seed: seed)
        let name = LessonCopy.lesson + "/lesson.md"
        var lines = try copy.folder.text(of: name).split(
            separator: "\n", omittingEmptySubsequences: false)
        for _ in 0..<(1 + generator.number(below: 12)) {
            let first = Int(generator.number(below: UInt64(lines.count)))
            let second = Int(generator.number(below: UInt64(lines.count)))
            switch generator.number(below: 4) {
            case 0: lines.swapAt(first, second)
            case 1: lines.remove(at: first)
            case 2: lines[first] = lines[first].dropLast(2)
            default: lines.insert(lines[second], at: first)
            }
        }
        try copy.folder.write(lines.joined(separator: "\n"), to: name)
        #expect(try copy.check().count <= 4 * Limits.diagnostics)
    }
}
