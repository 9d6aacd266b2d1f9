import Testing

@testable import Workbook

/// A course in folders of its own.
private final class Student {
    let folder: TemporaryFolder
    let course: Course

    init() throws {
        folder = try TemporaryFolder()
        course = Course(
            library: try Repository.library(),
            store: ProgressStore(path: folder.path + "/progress.json"),
            answers: AnswerFolder(path: folder.path + "/answers"), runner: MachineRunner(),
            freshSeed: { 7 })
    }

    func answer(_ id: String, _ text: String) throws {
        try folder.write(text, to: "answers/\(id).yaml")
    }

    /// An answer that the exercise knows itself: `reference`, or a mistake's id.
    func answer(_ id: String, as sample: String) throws {
        let exercise = try #require(course.library.exercise(id)).exercise
        let samples = try ExerciseSamples(
            variant: try exercise.variant(seed: 7), grader: Grader(runner: MachineRunner()))
        try answer(id, try #require(samples.all.first { $0.name == sample }).text)
    }
}

/// A short name for a part, to compare walks.
private func name(_ part: LessonPlayer.Part) -> String {
    switch part {
    case .step: "step"
    case .text: "text"
    case .question(let question): "?" + question.id
    case .run(let run): "run " + run.id
    case .ladder: "ladder"
    case .verdicts(let verdicts):
        verdicts.map { $0.question.id + ($0.isRight ? "+" : "-") }.joined(separator: " ")
    case .exercise(let exercise): "exercise " + exercise.id
    case .endOfLesson: "end"
    }
}

@Suite struct LessonPlayerTests {
    /// Walks on until something is asked or the lesson ends.
    private func walk(_ player: inout LessonPlayer) throws -> [String] {
        var names: [String] = []
        while let part = try player.next() {
            if case .text = part { continue }
            names.append(name(part))
            if player.openQuestion != nil { break }
        }
        return names
    }

    @Test("A question waits for its prediction, and the verdict follows the run that answers it")
    func prediction() throws {
        let student = try Student()
        var player = try student.course.start("15")
        #expect(try walk(&player) == ["step", "step", "?read"])
        #expect(try player.next().map(name) == "?read")
        #expect(player.predict("much") == .notAnAnswer(expected: "a number"))
        #expect(player.predict("0x31") == .accepted(.number(0x31)))
        #expect(try walk(&player) == ["run read", "read-", "step", "?read-back"])
        #expect(player.predict("perhaps") == .notAnAnswer(expected: "exit, no exit or fault"))
        #expect(player.openQuestion?.id == "read-back")
        #expect(player.predict("2") == .accepted(.word("no exit")))
        #expect(try walk(&player) == ["run read-back", "read-back+", "step", "?real-value"])
        player.pass()
        #expect(try player.next().map(name) == "?real-value-bits")
        if case .accepted = player.predict("") { Issue.record("nothing is no prediction") }
        player.pass()
        #expect(player.predict("exit") == .noQuestion)
        let record = try #require(student.course.store.progress.lessons["cr0-mask-and-shadow"])
        #expect(record.step == 3)
        #expect(record.predictions["read"]?.right == false)
        #expect(record.predictions["read-back"] == .init(given: "no exit", right: true))
        #expect(record.predictions["real-value"] == nil)
    }

    @Test("A lesson goes on at the step where it was left, and begins again once it was finished")
    func resuming() throws {
        let student = try Student()
        var player = try student.course.start("root-non-root-and-neither")
        var steps = 0
        while let part = try player.next() {
            if case .step = part { steps += 1 }
            if case .question = part { player.pass() }
            if steps == 3 { break }
        }
        let again = try student.course.start("5")
        #expect(again.step == 2)
        #expect(again.lesson.seed == player.lesson.seed)
        var rest = again
        while let part = try rest.next() {
            if case .question = part { rest.pass() }
        }
        #expect(rest.isAtEndOfStep)
        #expect(
            student.course.store.progress.lessons["root-non-root-and-neither"]?.finished == true)
        #expect(try student.course.start("5").step == 0)
        #expect(again.step == 2)
    }

    @Test("Presenting records nothing, and shows the whole lesson")
    func presenting() throws {
        let student = try Student()
        var player = try student.course.present("cr0-mask-and-shadow")
        var names: [String] = []
        while let part = try player.next() {
            names.append(name(part))
            if case .question = part { player.pass() }
        }
        #expect(names.last == "end")
        #expect(names.count { $0.hasPrefix("exercise") } == 2)
        #expect(names.count { $0 == "step" } == player.count)
        #expect(student.course.store.progress == Progress())
        #expect(try player.next() == nil)
    }

    @Test("Every question of both lessons gets its verdict", arguments: ["5", "15"])
    func verdicts(lesson: String) throws {
        var player = try Student().course.present(lesson)
        while let part = try player.next() {
            if case .question = part { player.pass() }
        }
        #expect(
            player.verdicts.map(\.question.id).sorted()
                == player.lesson.questions.map(\.id).sorted())
    }
}

@Suite struct CourseTests {
    @Test("A wrong answer, hints, three tries, the solution, a pass")
    func exercise() throws {
        let student = try Student()
        let course = student.course
        let place = try course.begin("cr0-policy")
        #expect(place.isNew)
        #expect(try !course.begin("cr0-policy").isNew)
        #expect(try course.hint(for: "cr0-policy").number == 1)
        #expect(try course.solution(of: "cr0-policy") == .notYet(tries: 0, needed: 3))
        try student.answer("cr0-policy", as: "empty-shadow")
        for _ in 0..<3 {
            #expect(try course.verify("cr0-policy").mistake?.id == "empty-shadow")
        }
        guard case .shown(let solution) = try course.solution(of: "cr0-policy") else {
            Issue.record("no solution after three tries")
            return
        }
        try student.answer("cr0-policy", solution)
        #expect(try course.verify("cr0-policy").passed)
        let numbers = try (0..<4).map { _ in try course.hint(for: "cr0-policy").number }
        #expect(numbers == [2, 3, 3, 3])
        let overview = course.library.overview(progress: course.store.progress)
        let exercise = try #require(overview.flatMap(\.exercises).first { $0.id == "cr0-policy" })
        #expect(exercise.tries == 4 && exercise.passed)
    }

    @Test("Resetting a lesson forgets its record and keeps its answers aside")
    func reset() throws {
        let student = try Student()
        _ = try student.course.start("15")
        try student.answer("cr0-policy", as: "reference")
        #expect(try student.course.verify("cr0-policy").passed)
        let moved = try student.course.reset("15")
        #expect(moved == [student.folder.path + "/answers/cr0-policy.yaml.1"])
        #expect(student.course.store.progress == Progress())
    }

    @Test("What does not exist is told with what was meant")
    func unknown() throws {
        let course = try Student().course
        #expect(
            mistakes { _ = try course.start("cr0-mask") }.first?.contains(
                "did you mean cr0-mask-and-shadow?") == true)
        #expect(
            mistakes { _ = try course.verify("cr0-polcy") }.first?.contains(
                "did you mean cr0-policy?") == true)
        #expect(
            mistakes { _ = try course.verify("cr0-policy") }.first?.contains("No such file") == true
        )
    }

    @Test("A folder is graded: passed, failed, unreadable, missing")
    func report() throws {
        let student = try Student()
        try student.answer("cr0-policy", as: "reference")
        try student.answer("root-ring", as: "selectors-only")
        try student.answer("root-where", "exercise: [")
        let library = student.course.library
        let folder = try #require(student.course.answers)
        let report = try library.grade(in: folder, runner: MachineRunner())
        #expect(report.entries.map(\.id) == library.lessons.flatMap(\.exercises).map(\.id))
        #expect((report.passed, report.failed, report.missing) == (1, 2, 1))
        #expect(report.hasUnreadable)
        let one = try library.grade(["15"], in: folder, runner: MachineRunner())
        #expect(one.entries.map(\.id) == ["cr0-truth-table", "cr0-policy"])
        #expect(
            mistakes { _ = try library.grade(["none"], in: folder, runner: MachineRunner()) }
                .first?.contains("there is no such exercise") == true)
    }

    @Test("A table is answered at the prompt, cell by cell, and passes")
    func fillingTable() throws {
        let student = try Student()
        let course = student.course
        _ = try course.begin("cr0-truth-table")
        let exercise = try #require(course.library.exercise("cr0-truth-table")).exercise
        guard case .table(let table) = try exercise.variant(seed: 7).work else { return }
        let key = try Grader(runner: MachineRunner()).key(of: table, file: "")
        let slots = try course.slots(of: "cr0-truth-table")
        #expect(slots.allSatisfy { $0.current == nil })
        let before = try student.folder.text(of: "answers/cr0-truth-table.yaml")
        for (slot, value) in zip(slots, key.flatMap { $0 }) {
            try course.fill(slot, of: "cr0-truth-table", with: value.description)
        }
        #expect(try course.verify("cr0-truth-table").passed)
        let after = try student.folder.text(of: "answers/cr0-truth-table.yaml")
        let isKept = zip(before.split(separator: "\n"), after.split(separator: "\n")).allSatisfy {
            $0 == $1 || $0.contains("outcome: ")
        }
        #expect(isKept)
        #expect(try course.slots(of: "cr0-truth-table").allSatisfy { $0.current != nil })
    }

    @Test(
        "A value is filled in as bits or as a number",
        arguments: [
            ("PE, NE, PG", "[PE, NE, PG]" as String?), ("[WP]", "[WP]"), ("TS", "[TS]"),
            ("0x21", "0x21"), ("[]", "[]"), ("QQ", nil), ("", nil), ("[PE", nil), ("a: b", nil),
            ("0x10000000000000000", nil), ("PE]\nseed: 3", nil),
        ])
    func fillingValue(text: String, written: String?) throws {
        let student = try Student()
        let course = student.course
        _ = try course.begin("cr0-policy")
        let slot = try #require(course.slots(of: "cr0-policy").first)
        #expect(slot.name == "CR0_MASK" && slot.current == "[]")
        let found = mistakes { try course.fill(slot, of: "cr0-policy", with: text) }
        #expect(found.isEmpty == (written != nil), "\(found)")
        #expect(try course.slots(of: "cr0-policy").first?.current == written ?? "[]")
    }

    @Test("A line that a student has written differently is left alone")
    func fillingOther() throws {
        let student = try Student()
        let course = student.course
        for set in [
            "{CR0_MASK: [], CR0_SHADOW: []}", "\n  CR0_MASK:\n    - PE", "\n  CR0_MASK: 1 # mine",
        ] {
            let text = "exercise: cr0-policy\nseed: 1\nset: \(set)\n"
            try student.answer("cr0-policy", text)
            let slot = try #require(course.slots(of: "cr0-policy").first)
            let found = mistakes { try course.fill(slot, of: "cr0-policy", with: "PE") }
            #expect(found.first?.contains("is not as the starter has it") == true)
            #expect(try student.folder.text(of: "answers/cr0-policy.yaml") == text)
        }
    }
}
