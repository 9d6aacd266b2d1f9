import Narration

/// A place in a text file. Lines and columns count from 1; a column counts Unicode scalars.
public struct SourcePosition: Sendable, Hashable, Comparable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static let start = SourcePosition(line: 1, column: 1)

    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One thing that is wrong with a file, with what was expected in its place.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    /// The file as its reader would name it.
    public var file: String
    /// nil where the file as a whole is meant.
    public var position: SourcePosition?
    public var message: String
    /// What would have been right, as a noun phrase.
    public var expected: String?

    public init(
        file: String, position: SourcePosition? = nil, message: String, expected: String? = nil
    ) {
        self.file = file
        self.position = position
        self.message = message
        self.expected = expected
    }

    /// `FILE:LINE:COLUMN: MESSAGE; expected EXPECTED`, control characters of the file made visible.
    public var description: String {
        let place = position.map { ":\($0.line):\($0.column)" } ?? ""
        let rest = expected.map { "; expected \($0)" } ?? ""
        return EscapedText.line("\(file)\(place): \(message)\(rest)")
    }
}

/// Everything that was found wrong with one input.
public struct WorkbookError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order of the files' lines; never empty.
    public let diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    public init(
        file: String, position: SourcePosition? = nil, _ message: String, expected: String? = nil
    ) {
        let diagnostic = Diagnostic(
            file: file, position: position, message: message, expected: expected)
        diagnostics = [diagnostic]
    }

    public var description: String {
        diagnostics.map(\.description).joined(separator: "\n")
    }
}

/// Gathers the mistakes of one file, so that one reading tells all of them.
final class DiagnosticCollector {
    let file: String
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String) {
        self.file = file
    }

    func report(_ position: SourcePosition?, _ message: String, expected: String? = nil) {
        let diagnostic = Diagnostic(
            file: file, position: position, message: message, expected: expected)
        // A file that is wrong all over tells its first mistakes; more would only scroll them away.
        guard diagnostics.count < Limits.diagnostics, !diagnostics.contains(diagnostic) else {
            return
        }
        diagnostics.append(diagnostic)
    }

    func report(_ error: WorkbookError) {
        for diagnostic in error.diagnostics where diagnostics.count < Limits.diagnostics {
            if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
        }
    }

    /// Throws what was gathered, if anything was.
    func throwIfAny() throws(WorkbookError) {
        guard !diagnostics.isEmpty else { return }
        let start = SourcePosition.start
        throw WorkbookError(
            diagnostics.enumerated().sorted { first, second in
                let left = first.element.position ?? start
                let right = second.element.position ?? start
                return left == right ? first.offset < second.offset : left < right
            }.map(\.element))
    }
}
