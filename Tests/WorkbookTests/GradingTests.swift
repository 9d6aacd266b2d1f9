import Testing

@testable import Workbook

@Suite struct GradingTests {
    private let grader = Grader(runner: MachineRunner())

    private func exercise(_ id: String) throws -> Exercise {
        try #require(try Repository.library().exercise(id)).exercise
    }

    private func grade(_ text: String, _ id: String) throws -> Grade {
        try grader.grade(AnswerFile.parse(text, file: "answer.yaml"), of: try exercise(id))
    }

    /// The cells of a solution, to be changed by a test.
    private func solution(_ id: String, seed: UInt64) throws -> (TableWork, [[ObservedValue]]) {
        guard case .table(let table) = try exercise(id).variant(seed: seed).work else {
            throw WorkbookError(file: id, "is no table")
        }
        return (table, try grader.key(of: table, file: id))
    }

    @Test("The truth table's key is mask AND (written XOR shadow), by hand for each row")
    func truthTable() throws {
        let (table, key) = try solution("cr0-truth-table", seed: 5)
        for (row, values) in zip(table.cases, key) {
            let set = row.scenario.file.settings.reduce(into: [String: UInt64]()) {
                $0[$1.name.value] = $1.value
            }
            let mask = try #require(set["CR0_MASK"])
            let differing = try mask & (#require(set["rsi"]) ^ #require(set["CR0_SHADOW"]))
            #expect(values[0] == .word(differing == 0 ? "no exit" : "exit"))
        }
        #expect(Set(key.map { $0[0] }).count == 2)
    }

    @Test("A starter has every case, and graded as it is says that nothing is answered")
    func starter() throws {
        for id in ["cr0-truth-table", "root-where"] {
            let variant = try exercise(id).variant(seed: 4)
            let grade = try grade(AnswerText.starter(variant), id)
            #expect(!grade.passed)
            #expect(grade.comparisons.allSatisfy { $0.given == nil })
            #expect(grade.mistake == nil)
        }
    }

    @Test("An answer with one row as a mistake has it, of several that could be, is a mistake")
    func onlyOneRow() throws {
        var (table, key) = try solution("cr0-truth-table", seed: 2)
        let variant = try exercise("cr0-truth-table").variant(seed: 2)
        let row = try #require(table.cases.firstIndex { $0.wrong["read-back-exits"] != nil })
        key[row][0] = .word("exit")
        let grade = try grade(AnswerText.solution(variant, key: key), "cr0-truth-table")
        #expect(!grade.passed)
        // One row of three does not show a rule.
        #expect(grade.mistake == nil)
        #expect(grade.hint == variant.hints.first)
    }

    @Test("A wrong answer of no known kind gets the first hint, and what was compared")
    func unknownMistake() throws {
        let grade = try grade(
            "exercise: cr0-policy\nseed: 1\nset: {CR0_MASK: [PG], CR0_SHADOW: [PG]}\n",
            "cr0-policy")
        #expect(!grade.passed)
        #expect(grade.mistake == nil)
        let wrong = grade.comparisons.filter { !$0.agrees }
        #expect(wrong.contains { $0.expected == "exit" && $0.given == "fault" })
    }

    @Test("An entry that fails is told as what ended each probe")
    func entryFailure() throws {
        let grade = try grade(
            """
            exercise: root-ring
            seed: 1
            set: {GUEST_CS_AR: 0xa09b, GUEST_SS_AR: 0xc0f3}
            """, "root-ring")
        #expect(grade.mistake?.id == "code-segment-only")
        #expect(
            grade.comparisons.contains {
                $0.given?.contains("entry-failure: DPL of CS equals DPL of SS") == true
            })
    }
}

@Suite struct AnswerFileTests {
    private func check(_ text: String, _ id: String) -> [String] {
        mistakes {
            let exercise = try #require(try Repository.library().exercise(id)).exercise
            _ = try Grader(runner: MachineRunner())
                .grade(AnswerFile.parse(text, file: "a.yaml"), of: exercise)
        }
    }

    @Test(
        "A mistake in an answer's file is told with line, column and what was expected",
        arguments: [
            ("", "a.yaml:1:1: answer: nothing is written here; expected a map"),
            ("exercise: cr0-truth-table\n", "`seed` is missing"),
            ("exercise: cr0-policy\nseed: 1\n", "a.yaml:1:11: answers cr0-policy; expected cr0-t"),
            ("exercise: cr0-truth-table\nseed: -1\n", "a.yaml:2:7: `seed`: -1 is negative"),
            (
                "exercise: cr0-truth-table\nseed: 1\nanswers: {12: {outcome: exit}}\n",
                "a.yaml:3:11: there is no case 12; expected a number from 1 to 9"
            ),
            (
                "exercise: cr0-truth-table\nseed: 1\nanswers:\n  1: {outcome: exitt}\n",
                "a.yaml:4:16: outcome: exitt is no answer; did you mean exit?"
            ),
            (
                "exercise: cr0-truth-table\nseed: 1\nanswers:\n  1: {outcom: exit}\n",
                "a.yaml:4:7: case 1: `outcom` is not known here; did you mean outcome?"
            ),
            (
                "exercise: cr0-truth-table\nseed: 1\nanswers:\n  2: {bits: [EMM]}\n",
                "a.yaml:4:13: bits: [EMM] is no answer"
            ),
            (
                "exercise: cr0-truth-table\nseed: 1\nset: {CR0_MASK: 1}\n",
                "a.yaml:3:7: this exercise asks for a table"
            ),
            (
                "exercise: cr0-truth-table\nseed: 1\nseed: 2\n",
                "a.yaml:2:1: given twice: seed; expected each key once"
            ),
        ])
    func tableMistakes(text: String, message: String) {
        let found = check(text, "cr0-truth-table")
        #expect(found.count == 1)
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test(
        "A value that cannot be set, or is none, is told",
        arguments: [
            ("{GUEST_CR0: 1}", "GUEST_CR0 cannot be set in this exercise"),
            ("{CR0_MASK: [PE, WQ]}", "CR0_MASK has no bit WQ; did you mean WP?"),
            ("{CR0_MASK: 12h}", "CR0_MASK: 12h is not a number here (write 0x12)"),
            ("{CR0_MASK: 0x10000000000000000}", "does not fit 64 bits"),
            ("{CR0_MASK: {FOO: 1}}", "a map that names no register with bits"),
            ("{}", "sets nothing"),
            ("[]", "`set`: a list is written here"),
        ])
    func buildMistakes(set: String, message: String) {
        let found = check("exercise: cr0-policy\nseed: 1\nset: \(set)\n", "cr0-policy")
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test("A starter is written once, never over an answer; reset keeps the old ones")
    func folder() throws {
        let temporary = try TemporaryFolder()
        let folder = AnswerFolder(path: temporary.path + "/deep/answers")
        let exercise = try #require(try Repository.library().exercise("cr0-policy")).exercise
        let variant = try exercise.variant(seed: 3)
        #expect(try folder.writeStarter(variant))
        try temporary.write("mine", to: "deep/answers/cr0-policy.yaml")
        #expect(try !folder.writeStarter(variant))
        #expect(try temporary.text(of: "deep/answers/cr0-policy.yaml") == "mine")
        #expect(try folder.setAside("cr0-policy") == folder.path + "/cr0-policy.yaml.1")
        #expect(try folder.writeStarter(variant))
        #expect(try folder.setAside("cr0-policy") == folder.path + "/cr0-policy.yaml.2")
        #expect(try temporary.text(of: "deep/answers/cr0-policy.yaml.1") == "mine")
        #expect(try folder.setAside("cr0-policy") == nil)
    }
}
