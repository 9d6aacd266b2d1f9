/// Reads a lesson's folder.
struct LessonReader {
    let files: LessonFiles
    private var name: String { files.folder.path }

    static let markdownFile = "lesson.md"

    /// Reads everything, and throws every mistake of it.
    func read() throws(WorkbookError) -> Lesson {
        let fileName = name + "/" + Self.markdownFile
        let collector = DiagnosticCollector(file: fileName)
        guard let path = files.folder.file(Self.markdownFile) else {
            throw WorkbookError(
                file: name, "has no lesson", expected: "a file \(Self.markdownFile)")
        }
        let file = try TextFile.read(path, limit: Limits.lessonBytes)
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        let (matter, body) = try split(lines, file: fileName)
        let front = try YAMLComposer.compose(matter, file: fileName, firstLine: 2)
        let elements = Markdown.parse(
            Array(lines[body...]), firstLine: body + 1, collector: collector)
        let lesson = build(front, elements, collector: collector)
        try collector.throwIfAny()
        guard let lesson else { throw WorkbookError(file: fileName, "is no lesson") }
        return lesson
    }

    /// The front matter's text, and the index of the line after it.
    private func split(_ lines: [Substring], file: String) throws(WorkbookError) -> (String, Int) {
        let expected = "YAML between two lines of ---"
        guard lines.first == "---" else {
            throw WorkbookError(
                file: file, position: .start, "there is no front matter", expected: expected)
        }
        guard let end = lines.dropFirst().firstIndex(of: "---") else {
            throw WorkbookError(
                file: file, position: .start, "the front matter is not closed", expected: expected)
        }
        return (lines[1..<end].joined(separator: "\n"), end + 1)
    }

    private func build(
        _ front: YAMLNode?, _ elements: [Markdown.Element], collector: DiagnosticCollector
    ) -> Lesson? {
        guard var map = MapReader(front, what: "front matter", collector: collector) else {
            return nil
        }
        let id = map.requiredText("id", expected: "the lesson's id, as cr0-mask-and-shadow")
        let title = map.requiredText("title", expected: "the lesson's title")
        let claims = claims(
            map.map("claims", expected: "a map of claims to verdicts"), collector: collector)
        let prerequisites = map.texts("prerequisites", expected: "a list of lesson ids")
        let draws = Draws(
            entries: map.map("draw", expected: "a map of names to lists"), collector: collector)
        map.finish()
        let (sections, exercises) = sections(elements, title: title, collector: collector)
        ProseChecker(collector: collector).check(elements, claims: claims)
        guard let id, let title, let number = number(collector) else { return nil }
        return Lesson(
            id: id.value, number: number, title: title.value, claims: claims,
            prerequisites: prerequisites, folder: files.folder, file: collector.file,
            exercises: exercises, draws: draws, sections: sections, files: files)
    }

    /// The number at the start of the folder's name.
    private func number(_ collector: DiagnosticCollector) -> Int? {
        let last = name.split(separator: "/").last ?? ""
        let digits = last.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), last.dropFirst(digits.count).hasPrefix("-") else {
            collector.report(
                nil, "the folder is called \(last)", expected: "a number and a topic, as 15-cr0")
            return nil
        }
        return number
    }

    private func claims(
        _ entries: [YAMLNode.Entry], collector: DiagnosticCollector
    ) -> [(claim: Claim, position: SourcePosition)] {
        entries.compactMap { entry in
            guard let claim = Claim.named(entry.key) else {
                collector.report(
                    entry.keyPosition, "there is no claim \(entry.key)", expected: "C01 to C24")
                return nil
            }
            guard entry.value.text == claim.verdict.rawValue else {
                collector.report(
                    entry.value.position,
                    "the verdict on \(claim.id) is given as \(entry.value.text ?? "nothing")",
                    expected: claim.verdict.rawValue)
                return nil
            }
            return (claim, entry.keyPosition)
        }
    }

    private func sections(
        _ elements: [Markdown.Element], title: Located<String>?, collector: DiagnosticCollector
    ) -> ([Lesson.Section], [Exercise]) {
        var sections: [Lesson.Section] = []
        var exercises: [Exercise] = []
        for element in elements {
            switch element.kind {
            case .heading(level: 1, let text):
                if let title, text != title.value {
                    collector.report(
                        element.position, "the heading is \(text)",
                        expected: "the title of the front matter, \(title.value)")
                }
            case .heading(level: 2, let text):
                sections.append(
                    Lesson.Section(title: text, position: element.position, elements: []))
            default:
                guard !sections.isEmpty else {
                    collector.report(
                        element.position, "this stands before the first step",
                        expected: "a heading `## …` for each step")
                    continue
                }
                content(element, collector: collector, exercises: &exercises).map {
                    sections[sections.count - 1].elements.append($0)
                }
            }
        }
        if sections.isEmpty {
            collector.report(nil, "has no steps", expected: "a heading `## …` for each step")
        }
        return (sections, exercises)
    }

    private func content(
        _ element: Markdown.Element, collector: DiagnosticCollector, exercises: inout [Exercise]
    ) -> Lesson.SectionElement? {
        switch element.kind {
        case .heading(_, let text): return .text(.heading(text), element.position)
        case .text(let text): return .text(text, element.position)
        case .fence(let info, let lines):
            guard let fence = Fence(rawValue: info) else {
                let suggestion = Spelling.suggestion(
                    for: info, among: Fence.allCases.map(\.rawValue))
                if !suggestion.isEmpty {
                    collector.report(element.position, "a fence `\(info)`\(suggestion)")
                }
                return .text(.code(language: info, lines: lines), element.position)
            }
            return self.fence(fence, lines, element, collector, &exercises)
        }
    }

    /// The fences that are not just shown.
    private enum Fence: String, CaseIterable {
        case run, question, ladder, exercise, source
    }

    private func fence(
        _ fence: Fence, _ lines: [String], _ element: Markdown.Element,
        _ collector: DiagnosticCollector, _ exercises: inout [Exercise]
    ) -> Lesson.SectionElement? {
        let text = lines.joined(separator: "\n")
        let node: YAMLNode?
        do throws(WorkbookError) {
            node = try YAMLComposer.compose(
                text, file: collector.file, firstLine: element.position.line + 1)
        } catch {
            collector.report(error)
            return nil
        }
        guard let node else {
            collector.report(element.position, "this \(fence.rawValue) is empty")
            return nil
        }
        switch fence {
        case .run: return .run(node)
        case .question: return .question(node)
        case .ladder: return .ladder(node)
        case .source:
            return SourceExcerpt(node, files: files, collector: collector).map {
                .text(.code(language: "nasm", lines: $0.lines), element.position)
            }
        case .exercise:
            guard let exercise = exercise(node, collector) else { return nil }
            if exercises.contains(where: { $0.id == exercise.id }) {
                collector.report(node.position, "there is an exercise \(exercise.id) already")
                return nil
            }
            exercises.append(exercise)
            return .exercise(id: exercise.id)
        }
    }

    private func exercise(_ node: YAMLNode, _ collector: DiagnosticCollector) -> Exercise? {
        guard var map = MapReader(node, what: "exercise", collector: collector) else { return nil }
        let file = map.requiredText("file", expected: "an exercise file of the lesson")
        map.finish()
        guard let file else { return nil }
        guard let path = files.folder.file(file.value) else {
            collector.report(
                file.position, "there is no exercise \(file.value) in the lesson's folder",
                expected: "a file of the folder")
            return nil
        }
        do throws(WorkbookError) {
            return try ExerciseReader(files: files, path: path).read()
        } catch {
            collector.report(error)
            return nil
        }
    }
}
