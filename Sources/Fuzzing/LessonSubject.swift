import Hypervisor
import Workbook

/// Lessons with a changed file, read whole and filled in as a student would see them.
public final class LessonSubject: FuzzSubject {
    /// Which file of which lesson is changed, and to what.
    public struct Input: Sendable {
        let lesson: Int
        let file: Int
        let bytes: [UInt8]
    }

    /// A lesson's files in a folder of its own, which is all that a library of it reads.
    private struct Copy {
        let lessons: Folder
        let path: String
        let files: [(name: String, bytes: [UInt8])]
    }

    private let root: Folder
    private let temporary: TemporaryFolder
    private let copies: [Copy]
    private let corpus: [[UInt8]]
    private static let seeds: [UInt64] = [1, 2]

    /// - Parameter root: the folder with guests and lessons.
    /// - Throws: where there are no lessons, or no folder can be made.
    public init(root: Folder?) throws(FuzzUnavailable) {
        guard let root, let names = Folder(path: root.path + "/Lessons").names() else {
            throw FuzzUnavailable(message: "there are no lessons here to begin from")
        }
        self.root = root
        let temporary = try TemporaryFolder("lessons")
        self.temporary = temporary
        copies = names.filter { $0 != Library.reference }.compactMap { name in
            Self.copy(name, root, temporary)
        }
        corpus = copies.flatMap { $0.files.map(\.bytes) }
    }

    private static func copy(
        _ name: String, _ root: Folder, _ temporary: TemporaryFolder
    ) -> Copy? {
        let lesson = Folder(path: root.path + "/Lessons/" + name)
        let files = (lesson.names() ?? []).compactMap { file in
            lesson.file(file).flatMap { try? BoundedFile.read($0) }.map { (file, $0) }
        }
        guard files.contains(where: { $0.0 == "lesson.md" }) else { return nil }
        let folder = temporary.makeFolder("of-" + name)
        let path = temporary.makeFolder("of-" + name + "/" + name)
        for (file, bytes) in files { TemporaryFolder.write(bytes, to: path + "/" + file) }
        return Copy(lessons: Folder(path: folder), path: path, files: files)
    }

    public func draw(_ generator: inout SplitMix64) -> Input {
        let lesson = generator.index(copies.count)
        let files = copies[lesson].files
        let text = files.firstIndex { $0.name == "lesson.md" } ?? 0
        let file = generator.chance(75) ? text : generator.index(files.count)
        var bytes = files[file].bytes
        for _ in 0..<generator.index(5) {
            Mutation.change(&bytes, words: Self.words, others: corpus, &generator)
        }
        return Input(lesson: lesson, file: file, bytes: bytes)
    }

    public func feed(_ input: Input) throws(FuzzFailure) -> FuzzVerdict {
        let copy = copies[input.lesson]
        let file = copy.files[input.file]
        TemporaryFolder.write(input.bytes, to: copy.path + "/" + file.name)
        defer { TemporaryFolder.write(file.bytes, to: copy.path + "/" + file.name) }
        do {
            let library = try Library(root: root, lessons: copy.lessons)
            guard let lesson = library.lessons.first else {
                return try refused(library.diagnostics.map(\.description))
            }
            for seed in Self.seeds {
                _ = try lesson.variant(seed: seed)
                for exercise in lesson.exercises { _ = try exercise.variant(seed: seed) }
            }
        } catch let failure as FuzzFailure {
            throw failure
        } catch {
            return try refused(["\(error)"])
        }
        return .accepted
    }

    private func refused(_ texts: [String]) throws(FuzzFailure) -> FuzzVerdict {
        guard !texts.isEmpty, texts.allSatisfy({ !$0.isEmpty }) else {
            throw FuzzFailure("refused without a text")
        }
        return .refused
    }

    public func text(of input: Input) -> String {
        copies[input.lesson].files[input.file].name + "\n"
            + String(decoding: input.bytes, as: UTF8.self)
    }

    /// What means something in a lesson.
    private static let words: [[UInt8]] = [
        "```run\n", "```question\n", "```exercise\n", "```ladder\n", "```\n", "## ", "# ", "---\n",
        "draw:\n", "  - ", ": ", "{}", "[[", "]]", "{name}", "$", "kind: ", "answer: ", "\u{202E}",
        "scenario: ", "columns: ", "cases:\n", "id: ", "0xffffffffffffffff", "-1", "C01: wrong\n",
        "../", "\0", "\r\n", "&a ", "*a", "| ", "<!-- ", "`",
    ].map { Array($0.utf8) }
}
