import Conformance
import Foundation
import Testing

/// Files of vectors that nobody vouches for.
@Suite("A file of vectors")
struct VectorFileTests {
    private func outcomes(_ text: String) throws -> [VectorOutcome] {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "vectors-\(UUID().uuidString).jsonl")
        try Data(text.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        var outcomes: [VectorOutcome] = []
        try Replay.file(url.path) { outcomes.append($0) }
        return outcomes
    }

    @Test(
        "has a failing outcome with its line for each line that cannot be replayed",
        arguments: [
            "[", "{}", "\"text\"", "\0\0", #"{"id":"a"}"#, #"{"id":"a","code":"zz"}"#,
            #"{"id":"a","vmcs":{}}"#, #"{"id":"a","state":7}"#,
        ])
    func fails(_ line: String) throws {
        let outcomes = try outcomes("\n \t\r\n\(line)\n")
        #expect(outcomes.map(\.pass) == [false])
        #expect(outcomes.map(\.badLine) == [3])
        #expect(outcomes[0].json.text.contains("\"error\""))
    }

    @Test("brings no control character to the terminal, wherever it stands in the file")
    func isEscaped() throws {
        let outcomes = try outcomes(#"{"id":"\u001b[31m\u0000"}"# + "\n")
        #expect(outcomes.map(\.text.isEmpty) == [false])
        #expect(outcomes[0].text.utf8.allSatisfy { $0 >= 0x20 })
    }
}
