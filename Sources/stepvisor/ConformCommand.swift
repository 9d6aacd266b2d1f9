import ArgumentParser
import Conformance

struct ConformCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conform",
        abstract: "Replay recorded vectors and compare.",
        discussion: """
            A line a vector, in input order; the summary goes to standard error. Status 1 when a \
            vector fails.
            """)

    @Argument(help: "Files of vectors, JSON Lines.", completion: .file(extensions: ["jsonl"]))
    var files: [String]

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        var passed = 0
        var failed = 0
        var open = 0
        for file in files {
            do {
                try Replay.file(file) { outcome in
                    switch outcome.pass {
                    case true?: passed += 1
                    case false?: failed += 1
                    case nil: open += 1
                    }
                    StandardOutput.line(json ? outcome.json.text : outcome.text)
                }
            } catch { throw InputFailure("\(error.path): \(error.message)") }
        }
        let rest = open > 0 ? ", \(open) without an expectation" : ""
        StandardError.write("\(passed) passed, \(failed) failed\(rest)")
        if failed > 0 { throw Status.failed }
    }
}
