import Narration

/// A command as it was typed: what its handler works on.
public struct Invocation: Equatable, Sendable {
    /// The command's full name, a subcommand's included, as "info registers".
    public let name: String
    /// How it is typed rightly; errors show it.
    public let usage: String
    /// What stood behind a slash: `16xb` in `x/16xb`; nil without a slash.
    public let format: String?
    /// The rest of the line.
    public let text: String
    /// Whether an empty line asked for it once more.
    public let isRepetition: Bool

    /// The error that says how the command is typed.
    public func misused(_ problem: String) -> CommandError {
        CommandError(problem, advice: "It is typed: \(usage)")
    }

    /// For a command without arguments.
    public func expectNothing() throws(CommandError) {
        guard text.isEmpty, format == nil else {
            throw misused("“\(name)” takes no argument here.")
        }
    }

    /// The arguments, parted by white space. What stands in single or double quotes is one;
    /// behind a backslash any character stands for itself, except in single quotes.
    public func words() throws(CommandError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: (mark: Character, column: Int)?
        var isEscaped = false
        for (column, character) in text.enumerated() {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\" && quote?.mark != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open.mark { quote = nil } else { word?.append(character) }
            } else if character == "\"" || character == "'" {
                quote = (character, column + 1)
                word = word ?? ""
            } else if character.isWhitespace {
                if let whole = word.take() { words.append(whole) }
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let quote {
            throw misused("The quotation mark at column \(quote.column) is not closed.")
        }
        if isEscaped { word = (word ?? "") + "\\" }
        if let word { words.append(word) }
        return words
    }

    /// The only argument, or nil if there is none.
    public func optionalWord() throws(CommandError) -> String? {
        let words = try words()
        guard words.count <= 1 else {
            throw misused("“\(name)” takes one argument, not \(words.count).")
        }
        return words.first
    }

    /// The only argument.
    ///
    /// - Parameter meaning: what it stands for, as "a VMCS field", for the error without it.
    public func word(_ meaning: String) throws(CommandError) -> String {
        guard let word = try optionalWord() else { throw misused("\(meaning) is missing.") }
        return word
    }

    /// A number of times, 1 if none is given.
    public func count() throws(CommandError) -> UInt64 {
        guard let word = try optionalWord() else { return 1 }
        guard let count = NumberText.parse(word), count > 0 else {
            throw misused(
                "\(CommandError.quoted(word)) is not a number of times: a positive number is.")
        }
        return count
    }
}
