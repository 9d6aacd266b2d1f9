import Foundation
import Testing

@testable import Narration
@testable import Prompt

@Suite("Reference pages")
struct ReferencePageTests {
    private static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Lessons/Reference")
    }

    /// `swift run stepvisor explain --pages Lessons/Reference` writes them anew.
    @Test("The pages in the repository are those that the tables make")
    func upToDate() throws {
        let pages = ReferencePages(.standard).all
        for page in pages {
            let text = try String(
                contentsOf: Self.folder.appending(path: page.name), encoding: .utf8)
            #expect(text == page.text, "\(page.name): write the reference pages anew")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(names.sorted() == pages.map(\.name).sorted())
    }

    @Test("Every entry is on a page")
    func complete() {
        let text = ReferencePages(.standard).all.map(\.text).joined()
        for entry in ReferenceBook.standard.entries {
            #expect(text.contains("`\(entry.name)`") || text.contains("## \(entry.name)\n"))
        }
    }
}
