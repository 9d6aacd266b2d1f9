import Testing
import Workbook

@testable import Prompt

/// The way through lessons, on the workbook's own lesson about CR0. What is expected of a run is
/// what the lesson's text teaches; a first student's seed is 1 here.
@Suite("The course's commands")
struct CourseTests {
    private static let lesson = "cr0-mask-and-shadow"
    private static let exercise = "cr0-policy"

    @Test("Lessons are listed with what is done of them")
    func list() throws {
        let prompt = try ScriptedPrompt()
        let before = prompt.run("list").shown
        #expect(before.contains("steps, not begun, exercises 0 of 2"))
        prompt.run("start 15")
        #expect(prompt.run("list").shown.contains("cr0-mask-and-shadow: step 1 of "))
    }

    @Test("A step is shown, then the next; the question comes before the reveal")
    func steps() throws {
        let prompt = try ScriptedPrompt()
        let first = prompt.run("start \(Self.lesson)").shown
        #expect(first.contains(": Who owns a bit"))
        #expect(!first.contains(": Reading"))
        let second = prompt.run("next")
        #expect(second.shown.contains("What does the guest read?"))
        #expect(second.status == 1)
        #expect(second.messages.contains("The input ends where a question wants its answer."))
        #expect(!second.shown.contains("mov rbx, cr0\n"))
        let answered = prompt.run("next", "0x80000031")
        // The host owns the bit that the shadow has set: the real value is not what is read.
        #expect(answered.shown.contains("You predicted 0x80000031; the run shows"))
        #expect(answered.status == 0)
    }

    @Test("A wrong prediction is no failure, what is no answer fails a script")
    func answers() throws {
        let prompt = try ScriptedPrompt()
        let wrong = prompt.run("start 15", "next", "7", "list")
        #expect(wrong.status == 0)
        #expect(wrong.shown.contains("predictions 0 of 1"))
        let other = try ScriptedPrompt()
        let nonsense = other.run("start 15", "next", "next")
        #expect(nonsense.status == 1)
        #expect(nonsense.messages.contains("is not an answer to this. Expected is a number"))
        let skipped = other.run("next", "skip")
        #expect(skipped.shown.contains("The run shows: "))
    }

    @Test("Progress outlives the session")
    func progress() throws {
        let prompt = try ScriptedPrompt()
        prompt.run("start 15", "next", "skip", "next")
        let path = try #require(prompt.session.course.store.path)
        let store = ProgressStore(path: path)
        #expect(store.progress.lessons[Self.lesson]?.step == 2)
    }

    @Test("After a lesson's run the machine's commands work on it")
    func machine() throws {
        let prompt = try ScriptedPrompt()
        prompt.run("start 15", "next", "skip")
        let registers = prompt.run("p cr0", "info registers rip", "b stop", "c")
        #expect(registers.status == 0)
        #expect(registers.shown.contains("cr0 = 0x80000031  PG NE ET PE"))
    }

    @Test("Hints come in tiers; the solution waits for three tries; a right answer passes")
    func exercise() throws {
        let prompt = try ScriptedPrompt()
        let missing = prompt.run("verify \(Self.exercise)")
        #expect(missing.status == 1)
        #expect(missing.messages.contains("There is no answer yet."))
        #expect(prompt.run("hint \(Self.exercise)").shown.contains("Hint 1 of 3"))
        #expect(prompt.run("hint \(Self.exercise)").shown.contains("Hint 2 of 3"))
        for tries in 0..<3 {
            #expect(
                prompt.run("solution \(Self.exercise)").messages.contains("there were \(tries)"))
            let failed = prompt.run("verify \(Self.exercise)")
            #expect(failed.status == 1)
            #expect(failed.shown.contains("Not yet: "))
        }
        let solution = prompt.run("solution \(Self.exercise)")
        #expect(solution.status == 0)
        let answers = try #require(prompt.session.course.answers)
        try FileWriting.replace(
            answers.path(of: Self.exercise), bytes: Array(solution.shown.utf8))
        let passed = prompt.run("verify \(Self.exercise)")
        #expect(passed.status == 0)
        #expect(passed.shown.contains("Passed: all"))
        #expect(prompt.run("list").shown.contains("exercises 1 of 2"))
    }

    @Test("What is right is shown once the solution may be; nothing answered is no try")
    func withheld() throws {
        let prompt = try ScriptedPrompt()
        let table = "cr0-truth-table"
        for _ in 0..<4 {
            #expect(prompt.run("verify \(table)").messages.contains("There is no answer yet."))
        }
        #expect(prompt.run("solution \(table)").messages.contains("there were 0"))
        prompt.run("answer \(table)", "exit", "PE")
        for _ in 0..<2 {
            // The exercise named last is the one that is meant.
            let grade = prompt.run("verify").shown
            #expect(grade.contains("outcome: not answered"))
            #expect(grade.contains("bits: your answer gives PE, the run shows otherwise"))
            #expect(!grade.contains("expected is"))
        }
        #expect(prompt.run("verify").shown.contains("bits: your answer gives PE, expected is"))
    }

    @Test("A table as wide as a terminal of 80 columns fits into it")
    func tables() {
        let row = "| a" + String(repeating: " ", count: 74) + "b |"
        #expect(row.count == 80)
        let shown = LessonText(style: .plain).text(.table([row, "|---|", "|"]))
        #expect(shown.split(separator: "\n", omittingEmptySubsequences: false).count == 3)
        #expect(shown.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(shown.contains("b"))
    }

    @Test("A reset forgets the progress and keeps the answers under another name")
    func reset() throws {
        let prompt = try ScriptedPrompt()
        prompt.run("start 15", "verify \(Self.exercise)")
        #expect(prompt.run("list").shown.contains("cr0-mask-and-shadow: step 1 of "))
        let reset = prompt.run("reset 15")
        #expect(reset.shown.contains("\(Self.exercise).yaml.1"))
        #expect(!prompt.run("list").shown.contains("cr0-mask-and-shadow: step"))
        #expect(prompt.run("next").messages.contains("No lesson is under way."))
    }

    @Test(
        "What does not exist is told with what does",
        arguments: [
            ("start cr0-mask-and-shadw", "cr0-mask-and-shadow"), ("start 99", "no such lesson"),
            ("verify cr0-polcy", "cr0-policy"), ("hint nothing", "no such exercise"),
            ("solution nothing", "no such exercise"), ("reset nothing", "no such lesson"),
            ("verify", "start"), ("hint", "start"), ("next", "start"),
        ])
    func unknown(_ line: String, _ message: String) throws {
        let result = try ScriptedPrompt().run(line)
        #expect(result.status == 1)
        #expect(result.messages.contains(message))
    }

    @Test("answer asks for each part, keeps what is there, and verify grades it")
    func answering() throws {
        let prompt = try ScriptedPrompt()
        let first = prompt.run("answer cr0-policy", "PE, NE, WP, AM, PG", "PE, ET, NE, PG")
        #expect(first.status == 0)
        #expect(first.shown.contains("cr0-policy.yaml"))
        #expect(prompt.run("verify cr0-policy").shown.contains("Passed: all"))
        // Enter keeps what is there.
        #expect(prompt.run("answer cr0-policy", "", "").status == 0)
        #expect(prompt.run("verify cr0-policy").status == 0)
        let wrong = prompt.run("answer cr0-policy", "XX, YY")
        #expect(wrong.status == 1)
        #expect(prompt.run("verify cr0-policy").status == 0)
        #expect(prompt.run("answer cr0-policy").messages.contains("The input ends"))
        #expect(prompt.run("answer nothing").status == 1)
    }
}
