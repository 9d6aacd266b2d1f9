@testable import InstructionSet

/// Where this assembler and NASM 2.16 part, on purpose. The list may shrink, not grow: a test counts
/// it.
enum AcceptedDifferences {
    struct Difference {
        /// A program that shows it.
        var source: String
        var reason: String
    }

    static let all: [Difference] = [
        Difference(
            source: "bits 16\no32 call $",
            reason: "NASM writes a 66 prefix and a 16-bit displacement behind it, which is no call"),
        Difference(
            source: "bits 64\no64 in eax, dx",
            reason: "a REX.W that means nothing is refused, not written with a warning"),
        Difference(
            source: "hltt",
            reason: "a name alone on a line is refused: more often a slip than a label"),
        Difference(
            source: "dd 1.5",
            reason: "floating-point constants are not supported"),
        Difference(
            source: "fsin",
            reason: "instructions that the model does not execute are refused"),
    ]
}
