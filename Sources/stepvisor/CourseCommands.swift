import ArgumentParser
import Narration
import Prompt
import Workbook

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the lessons, their exercises and your progress.")

    @OptionGroup var root: RootOption

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        let library = try root.library()
        let store = ProgressStore(environment: ProcessVariables.all)
        for notice in store.takeNotices() { StandardError.write(notice) }
        let lessons = library.overview(progress: store.progress)
        if json {
            for lesson in lessons { StandardOutput.line(object(lesson)) }
        } else {
            let style = Terminal().style
            let text = LessonText(style: style).overview(lessons, withExercises: true)
            StandardOutput.line(style.spelled(text))
        }
        guard library.diagnostics.isEmpty else {
            throw InputFailure(library.diagnostics.map(\.description).joined(separator: "\n"))
        }
    }

    private func object(_ lesson: LessonOverview) -> String {
        JSON.members(
            ("id", .string(lesson.id)), ("number", .count(lesson.number)),
            ("title", .string(lesson.title)),
            ("claims", .list(lesson.claims.map { .string($0) })),
            ("prerequisites", .list(lesson.prerequisites.map { .string($0) })),
            ("steps", .count(lesson.steps)), ("stepsShown", .count(lesson.stepsShown)),
            ("finished", .bool(lesson.isFinished)),
            ("predictions", .count(lesson.predictions)),
            ("rightPredictions", .count(lesson.rightPredictions)),
            (
                "exercises",
                .list(
                    lesson.exercises.map { exercise in
                        .members(
                            ("id", .string(exercise.id)), ("title", .string(exercise.title)),
                            ("tries", .count(exercise.tries)), ("passed", .bool(exercise.passed)))
                    })
            )
        ).text
    }
}

struct GradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grade",
        abstract: "Grade a folder of answers.",
        discussion: """
            Every exercise, or those named, by running what was answered. Status 0 when every \
            answer there is passes, and all those named; 1 otherwise.
            """)

    @Argument(help: "Exercises or lessons; none: all.")
    var ids: [String] = []

    @Option(help: "The folder of answers; else STEPVISOR_ANSWERS, else ~/stepvisor-answers.")
    var answers: String?

    @OptionGroup var root: RootOption

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        let library = try root.library()
        let report = try root.told { () throws(WorkbookError) in
            try library.grade(ids, in: try folder(), runner: MachineRunner())
        }
        for entry in report.entries {
            if json {
                StandardOutput.line(object(entry))
            } else {
                for line in lines(entry) { StandardOutput.line(line) }
            }
        }
        tellPredictions(library)
        StandardError.write(
            "\(report.passed) passed, \(report.failed) failed, \(report.missing) without an answer")
        if report.hasUnreadable { throw Status.usage }
        if report.failed > 0 || (!ids.isEmpty && report.missing > 0) { throw Status.failed }
    }

    /// What was answered at the prompt: predictions are counted and never fail.
    private func tellPredictions(_ library: Library) {
        let store = ProgressStore(environment: ProcessVariables.all)
        for notice in store.takeNotices() { StandardError.write(notice) }
        for lesson in library.overview(progress: store.progress) {
            let isAsked = ids.isEmpty || ids.contains(lesson.id)
            guard isAsked, lesson.predictions > 0 else { continue }
            if json {
                StandardOutput.line(
                    JSON.members(
                        ("id", .string(lesson.id)), ("result", .string("predictions")),
                        ("pass", .null), ("right", .count(lesson.rightPredictions)),
                        ("made", .count(lesson.predictions))
                    ).text)
            } else {
                let count = "\(lesson.rightPredictions) of \(lesson.predictions) right"
                StandardOutput.line("seen    \(lesson.id.padded(to: 34)) predictions \(count)")
            }
        }
    }

    private func folder() throws(WorkbookError) -> AnswerFolder {
        if let answers { return AnswerFolder(path: answers) }
        guard let standard = AnswerFolder.standard(environment: ProcessVariables.all) else {
            throw WorkbookError(
                file: "answers", "there is no home folder",
                expected: "--answers or STEPVISOR_ANSWERS")
        }
        return standard
    }

    private func lines(_ entry: GradeReport.Entry) -> [String] {
        let id = entry.id.padded(to: 34)
        switch entry.result {
        case .missing: return ["none    \(id) no \(entry.path)"]
        case .unreadable(let diagnostics):
            return ["error   \(id)"] + diagnostics.map { "        \($0.description)" }
        case .graded(let grade):
            let mark = grade.passed ? "passed " : "FAILED "
            // The rest of it as the prompt's verify says it.
            let text =
                grade.passed ? "" : LessonText(style: .plain).grade(grade, showsExpected: true)
            let rest = text.split(separator: "\n").map { "        \($0)" }
            return ["\(mark) \(id)"] + rest.map { EscapedText.line($0) }
        }
    }

    private func object(_ entry: GradeReport.Entry) -> String {
        var members = [
            JSON.Member("id", .string(entry.id)), JSON.Member("lesson", .string(entry.lesson)),
            JSON.Member("path", .string(entry.path)),
        ]
        switch entry.result {
        case .missing:
            members += [JSON.Member("result", .string("missing")), JSON.Member("pass", .null)]
        case .unreadable(let diagnostics):
            members += [
                JSON.Member("result", .string("unreadable")), JSON.Member("pass", .bool(false)),
                JSON.Member("errors", .list(diagnostics.map { .string($0.description) })),
            ]
        case .graded(let grade):
            members += [
                JSON.Member("result", .string(grade.passed ? "passed" : "failed")),
                JSON.Member("pass", .bool(grade.passed)),
                JSON.Member("seed", .unsigned(grade.seed)),
                JSON.Member("mistake", grade.mistake.map { .string($0.id) } ?? .null),
                JSON.Member("hint", grade.hint.map { .string($0) } ?? .null),
                JSON.Member("comparisons", .list(grade.comparisons.map(comparison))),
            ]
        }
        return JSON.object(members).text
    }

    private func comparison(_ comparison: Workbook.Comparison) -> JSON {
        .members(
            ("place", .string(comparison.place)), ("what", .string(comparison.what)),
            ("expected", .string(comparison.expected)),
            ("given", comparison.given.map { .string($0) } ?? .null),
            ("agrees", .bool(comparison.agrees)))
    }
}

struct PresentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "present",
        abstract: "Show a lesson to a class: Enter goes on, nothing is recorded.")

    @Argument(help: "The lesson: its id or number.")
    var lesson: String

    @Option(help: "Which variant of the lesson's numbers.", transform: Parsing.number)
    var seed: UInt64?

    @OptionGroup var root: RootOption

    func run() throws {
        let status = try root.told { () throws(WorkbookError) in
            try Presentation.run(lesson: lesson, seed: seed, root: try root.folder())
        }
        if status != 0 { throw ExitCode(status) }
    }
}

struct LessonsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lessons", abstract: "Work on lessons.", subcommands: [LessonsCheck.self])
}

struct LessonsCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell every mistake in the lessons, with file and line, and run all of them.")

    @Argument(help: "The folder of lessons; else the workbook's own.")
    var folder: String?

    @OptionGroup var root: RootOption

    func run() throws {
        let library = try root.library(lessons: folder)
        let checker = LessonChecker(runner: MachineRunner())
        let found = checker.check(library)
        for diagnostic in found { StandardOutput.line(EscapedText.line(diagnostic.description)) }
        StandardError.write("\(library.lessons.count) lessons, \(found.count) mistakes")
        if !found.isEmpty { throw Status.failed }
    }
}

extension RootOption {
    /// The workbook's lessons, or those of another folder.
    func library(lessons folder: String? = nil) throws -> Library {
        try told { () throws(WorkbookError) in
            let root = try self.folder()
            guard let folder else { return try Library(root: root) }
            return try Library(root: root, lessons: Folder(path: folder))
        }
    }

    /// A mistake in the input is status 2.
    func told<T>(_ work: () throws(WorkbookError) -> T) throws -> T {
        do {
            return try work()
        } catch { throw InputFailure(error.description) }
    }
}
