import Foundation
import Testing

@testable import Workbook

/// The lessons and guests of this repository.
enum Repository {
    static let root = Folder(
        path: URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)
            .dropTrailingSlash)

    static func library() throws -> Library {
        try Library(root: root)
    }
}

extension String {
    fileprivate var dropTrailingSlash: String {
        hasSuffix("/") ? String(dropLast()) : self
    }
}

/// A folder of its own for a test, removed afterwards.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "workbook-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false).dropTrailingSlash
    }

    func write(_ text: String, to name: String) throws {
        let url = URL(filePath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func text(of name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The messages of a call that should fail.
func mistakes(_ body: () throws -> Void) -> [String] {
    do {
        try body()
        return []
    } catch let error as WorkbookError {
        return error.diagnostics.map(\.description)
    } catch {
        return ["\(error)"]
    }
}
