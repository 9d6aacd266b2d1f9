import Foundation
import Testing

@testable import Workbook

@Suite struct ProgressTests {
    private func grade(_ id: String, passed: Bool) -> Grade {
        let comparison = Comparison(
            place: "1", what: "x", expected: "a", given: "b", agrees: passed)
        return Grade(exercise: id, seed: 1, comparisons: [comparison])
    }

    @Test("Two sessions at once do not lose each other's passes")
    func concurrent() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/state/stepvisor/progress.json"
        let first = ProgressStore(path: path)
        let second = ProgressStore(path: path)
        first.update { $0.graded(grade("a", passed: true)) }
        second.update { $0.graded(grade("b", passed: true)) }
        first.update { $0.graded(grade("a", passed: false)) }
        let later = ProgressStore(path: path).progress
        #expect(later.exercises["a"]?.passed == true)
        #expect(later.exercises["a"]?.tries == 2)
        #expect(later.exercises["b"]?.passed == true)
        #expect(first.takeNotices() + second.takeNotices() == [])
    }

    @Test("Many threads that each record a try lose none")
    func threads() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/progress.json"
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<5 {
                        ProgressStore(path: path).update { $0.graded(grade("a", passed: false)) }
                    }
                }
            }
        }
        #expect(ProgressStore(path: path).progress.exercises["a"]?.tries == 40)
        let names = Folder(path: folder.path).names()
        #expect(names == ["progress.json", "progress.json.lock"])
    }

    @Test(
        "A damaged file is set aside with a notice, and progress starts anew",
        arguments: [
            "", "nonsense", "{}", "{\"version\": 1}", "{\"version\": -3}", "[1, 2", "\u{1B}[2J",
            String(repeating: "[", count: 100_000),
            "{\"version\":1,\"lessons\":{},\"exercises\":{\"a\":{\"seed\":1,\"tries\":-1,"
                + "\"passed\":true,\"hints\":0,\"solutionShown\":false}}}",
        ])
    func damaged(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("old", to: "progress.json.damaged-1")
        try folder.write(text, to: "progress.json")
        let store = ProgressStore(path: folder.path + "/progress.json")
        #expect(store.takeNotices().first?.contains("progress.json.damaged-2") == true)
        #expect(store.progress == Progress())
        #expect(try folder.text(of: "progress.json.damaged-1") == "old")
        #expect(try folder.text(of: "progress.json.damaged-2") == text)
        store.update { $0.graded(grade("a", passed: true)) }
        let again = ProgressStore(path: folder.path + "/progress.json")
        #expect(again.progress.exercises["a"]?.passed == true)
        #expect(again.takeNotices() == [])
    }

    @Test("A later version's file is left alone, and progress is kept in memory")
    func newer() throws {
        let folder = try TemporaryFolder()
        try folder.write("{\"version\": 2, \"x\": []}", to: "progress.json")
        let store = ProgressStore(path: folder.path + "/progress.json")
        store.update { $0.graded(grade("a", passed: true)) }
        #expect(store.progress.exercises["a"]?.passed == true)
        #expect(store.takeNotices().first?.contains("later version") == true)
        #expect(try folder.text(of: "progress.json") == "{\"version\": 2, \"x\": []}")
    }

    @Test("Without a home folder progress is kept in memory, with a notice")
    func homeless() {
        let store = ProgressStore(environment: ["XDG_STATE_HOME": "relative"])
        #expect(store.path == nil)
        #expect(store.takeNotices().count == 1)
        store.update { $0.graded(grade("a", passed: true)) }
        #expect(store.progress.exercises["a"]?.passed == true)
    }

    @Test("A folder that cannot be made is told once, and the session goes on")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        try folder.write("a file", to: "state")
        let store = ProgressStore(path: folder.path + "/state/progress.json")
        store.update { $0.graded(grade("a", passed: true)) }
        store.update { $0.graded(grade("a", passed: true)) }
        #expect(store.takeNotices().count == 1)
        #expect(store.progress.exercises["a"]?.tries == 2)
    }

    @Test("The environment says where: XDG_STATE_HOME, else the home folder")
    func places() throws {
        let folder = try TemporaryFolder()
        let home = ProgressStore(environment: ["HOME": folder.path])
        #expect(home.path == folder.path + "/.local/state/stepvisor/progress.json")
        let state = ProgressStore(
            environment: ["HOME": "/x", "XDG_STATE_HOME": folder.path + "/s"])
        #expect(state.path == folder.path + "/s/stepvisor/progress.json")
    }

    @Test("A solution may be seen after a pass or three tries, and the first prediction counts")
    func rules() {
        var progress = Progress()
        for _ in 0..<2 { progress.graded(grade("a", passed: false)) }
        #expect(progress.exercises["a"]?.maySeeSolution == false)
        progress.graded(grade("a", passed: false))
        #expect(progress.exercises["a"]?.maySeeSolution == true)
        progress.graded(grade("b", passed: true))
        #expect(progress.exercises["b"]?.maySeeSolution == true)
        progress.predicted(
            .init(given: "exit", right: false), question: "q", of: "l", seed: 1)
        progress.predicted(
            .init(given: "no exit", right: true), question: "q", of: "l", seed: 1)
        #expect(progress.lessons["l"]?.predictions["q"]?.given == "exit")
        progress.reached(step: 3, of: "l", seed: 1, finished: false)
        progress.reached(step: 2, of: "l", seed: 1, finished: false)
        #expect(progress.lessons["l"]?.step == 3)
    }
}
