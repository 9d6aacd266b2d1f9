import ArgumentParser
import Glibc
import Narration
import Prompt
import Workbook

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what a rule, field, control bit, exit reason or other name means.",
        discussion: """
            NAME is any name or number that the manual or the model has for it: CR0_MASK, \
            "unrestricted guest", cr0-mask.differs, 0x6800. Where several have it a kind before it \
            tells them apart, as in exit 28; a kind alone lists all of it. Without a name: the \
            kinds.
            """)

    @Argument(help: "What to explain.")
    var name: [String] = []

    @Flag(help: "One JSON object a line.")
    var json = false

    @Option(help: "Write the reference pages into this folder instead.")
    var pages: String?

    func run() throws {
        let book = ReferenceBook.standard
        if let pages { return try write(ReferencePages(book), to: pages) }
        let text = ReferenceText(style: Terminal().style)
        guard !name.isEmpty else {
            return tell(text.kinds(book), ReferenceEntry.Kind.allCases.map { .string($0.rawValue) })
        }
        let wanted = name.joined(separator: " ")
        switch book.find(wanted) {
        case .entry(let entry, let others):
            tell(text.lines(entry, others: others), [ReferenceJSON.object(entry)])
        case .kind(let kind, let entries):
            tell(text.list(kind, entries), entries.map(ReferenceJSON.name))
        case .ambiguous(let entries):
            let names = entries.map { "\n  explain \($0.name)    \($0.title)" }
            throw InputFailure("\(wanted): several have this name:\(names.joined())")
        case .unknown(let suggestions):
            let near =
                suggestions.isEmpty
                ? "stepvisor explain lists what is"
                : "did you mean \(suggestions.joined(separator: ", "))?"
            throw InputFailure("\(wanted): not known here; \(near)")
        }
    }

    private func tell(_ lines: [String], _ objects: [JSON]) {
        if json {
            for object in objects { StandardOutput.line(object.text) }
        } else {
            for line in lines { StandardOutput.line(line) }
        }
    }

    private func write(_ pages: ReferencePages, to folder: String) throws {
        guard Folder(path: folder).exists else {
            throw InputFailure("\(folder): expected a folder")
        }
        for page in pages.all {
            let path = "\(folder)/\(page.name)"
            guard let file = fopen(path, "w") else {
                throw InputFailure("\(path): cannot be written")
            }
            let isWritten = fputs(page.text, file) >= 0
            guard fclose(file) == 0, isWritten else {
                throw InputFailure("\(path): cannot be written")
            }
        }
    }
}
