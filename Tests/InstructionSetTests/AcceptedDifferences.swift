@testable import InstructionSet

/// Where this assembler and NASM 2.16 part, on purpose. The list may shrink, not grow: a test counts
/// it.
enum AcceptedDifferences {
    struct Difference {
        /// What the source line begins with.
        var line: String
        var modes: [CodeSize]
        var reason: String
    }

    static let all: [Difference] = []

    static func accepts(_ line: String, _ mode: CodeSize) -> Bool {
        all.contains { line.hasPrefix($0.line) && $0.modes.contains(mode) }
    }
}
