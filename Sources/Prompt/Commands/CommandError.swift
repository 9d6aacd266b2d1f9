import Narration

/// Why a command was not carried out, for the person who typed it.
public struct CommandError: Error, Equatable, Sendable {
    /// What is wrong, a sentence.
    public let message: String
    /// What to do instead, a sentence; may be empty.
    public let advice: String

    public init(_ message: String, advice: String = "") {
        self.message = message
        self.advice = advice
    }

    /// A name that is none of those that could stand here.
    ///
    /// - Parameters:
    ///   - kind: what was looked for, with its article, as "a command".
    ///   - names: all that there are.
    ///   - fallback: the advice when nothing resembles it.
    public static func unknown(
        _ kind: String, _ name: String, among names: [String], fallback: String = ""
    ) -> CommandError {
        let nearest = Suggestions.nearest(to: name, among: names)
        let advice =
            nearest.isEmpty ? fallback : "Did you mean \(Suggestions.alternatives(nearest))?"
        return CommandError("\(quoted(name)) is not \(kind).", advice: advice)
    }

    /// A beginning that several names share.
    static func ambiguous(_ name: String, candidates: [String]) -> CommandError {
        CommandError(
            "\(quoted(name)) could be \(Suggestions.alternatives(candidates)).",
            advice: "Type more of it.")
    }

    /// Something that was typed, safe to show and not too long to.
    static func quoted(_ text: some StringProtocol) -> String {
        "“\(EscapedText.line(String(text.prefix(80))).truncated(to: 60))”"
    }
}
