import Testing

@testable import Workbook

@Suite struct LessonTests {
    @Test("The repository's lessons have no mistakes, in any of a dozen variants")
    func lessonsCheck() throws {
        let found = LessonChecker(runner: MachineRunner()).check(try Repository.library())
        #expect(found.map(\.description) == [])
    }

    @Test("Both lessons are there, in order, with two exercises each")
    func lessons() throws {
        let library = try Repository.library()
        #expect(
            library.lessons.map(\.id) == ["root-non-root-and-neither", "cr0-mask-and-shadow"])
        #expect(library.lessons.map(\.number) == [5, 15])
        #expect(library.lessons.allSatisfy { $0.exercises.count == 2 })
        #expect(library.lesson("15")?.id == "cr0-mask-and-shadow")
    }

    @Test("Each question comes before the run that answers it is shown")
    func predictionBeforeReveal() throws {
        for lesson in try Repository.library().lessons {
            var shown: Set<String> = []
            for block in try lesson.variant(seed: 3).steps.flatMap(\.blocks) {
                if case .run(let run) = block { shown.insert(run.id) }
                if case .question(let question) = block, question.run.id != "guest" {
                    #expect(!shown.contains(question.run.id), "\(lesson.id): \(question.id)")
                }
            }
        }
    }

    @Test("The same seed gives the same variant, and other seeds give others")
    func variants() throws {
        let library = try Repository.library()
        let lesson = try #require(library.lesson("15"))
        #expect(try lesson.variant(seed: 7).steps == lesson.variant(seed: 7).steps)
        let texts = try Set((1...20).map { try lesson.variant(seed: $0).steps })
        #expect(texts.count > 3)
    }

    @Test("The lesson text has the answers that the manual gives")
    func questions() throws {
        let lesson = try #require(try Repository.library().lesson("15")).variant(seed: 1)
        var answers: [String: ObservedValue] = [:]
        for question in lesson.questions {
            let run = try MachineRunner().run(question.run.scenario)
            answers[question.id] = try question.key(in: run, file: lesson.file)
        }
        #expect(answers["read-back"] == .word("no exit"))
        #expect(answers["real-value"] == .word("exit"))
        #expect(answers["own-bit"] == .word("no exit"))
        #expect(answers["clts"] == .word("no exit"))
        #expect(answers["lmsw"] == .names(["TS"]))
    }

    @Test("A lesson's claims have the verdict of the table of claims, and lie within it")
    func claims() throws {
        #expect(Claim.all.map(\.id) == (1...24).map { $0 < 10 ? "C0\($0)" : "C\($0)" })
        let covered = try Repository.library().lessons.map { $0.claims.map(\.claim.id) }
        #expect(covered == [["C01", "C03", "C04"], ["C08", "C09"]])
    }

    @Test("Every line of the lessons and guests fits 80 columns")
    func width() throws {
        for folder in ["Lessons/05-root-non-root-and-neither", "Lessons/15-cr0-mask-and-shadow"]
            + ["Guests", "Guests/bench"]
        {
            let folder = Folder(path: Repository.root.path + "/" + folder)
            // Folders have no extension.
            for name in folder.names() ?? [] where name.contains(".") {
                let file = try TextFile.read(
                    folder.path + "/" + name, limit: Limits.lessonBytes)
                for line in file.text.split(separator: "\n") {
                    #expect(line.count <= 80, "\(name): \(line)")
                }
            }
        }
    }
}
