import Narration

/// An expression as typed at the prompt: numbers, names, parentheses and C's integer operators
/// with C's precedence, on 64-bit values that wrap around.
public struct Expression {
    /// Gives the value of a name (a register, a label, a field), or throws if there is none.
    public typealias Names = (String) throws(CommandError) -> UInt64

    /// The value of `text`.
    public static func evaluate(_ text: String, names: @escaping Names) throws(CommandError)
        -> UInt64
    {
        var parser = Parser(text: Array(text), names: names)
        let value = try parser.binary(level: 0)
        try parser.expectEnd()
        return value
    }

    /// Whether a character can be part of a name. A name may begin with `$`, as gdb's registers.
    static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || "_.$".contains(character))
    }

    /// The operators, the loosest first; those of a row bind equally, from left to right.
    private static let levels: [[String]] = [
        ["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"],
    ]
    /// Parentheses and signs within one another, at most.
    private static let depthLimit = 64

    private struct Parser {
        let text: [Character]
        let names: Names
        var position = 0
        var depth = 0

        mutating func binary(level: Int) throws(CommandError) -> UInt64 {
            guard level < levels.count else { return try unary() }
            var value = try binary(level: level + 1)
            while let sign = takeOperator(levels[level]) {
                skipSpace()
                let column = position
                let right = try binary(level: level + 1)
                value = try apply(sign, value, right, column: column)
            }
            return value
        }

        private func apply(
            _ sign: String, _ left: UInt64, _ right: UInt64, column: Int
        ) throws(CommandError) -> UInt64 {
            switch sign {
            case "|": return left | right
            case "^": return left ^ right
            case "&": return left & right
            case "<<": return left << right
            case ">>": return left >> right
            case "+": return left &+ right
            case "-": return left &- right
            case "*": return left &* right
            default:
                guard right != 0 else {
                    throw CommandError("The divisor at column \(column + 1) is 0.")
                }
                return sign == "/" ? left / right : left % right
            }
        }

        private mutating func unary() throws(CommandError) -> UInt64 {
            depth += 1
            defer { depth -= 1 }
            guard depth <= depthLimit else {
                throw CommandError("The expression has more than \(depthLimit) levels.")
            }
            if takeOperator(["-"]) != nil { return 0 &- (try unary()) }
            if takeOperator(["~"]) != nil { return ~(try unary()) }
            if takeOperator(["+"]) != nil { return try unary() }
            if takeOperator(["("]) != nil {
                let value = try binary(level: 0)
                guard takeOperator([")"]) != nil else { throw unexpected("a closing parenthesis") }
                return value
            }
            return try primary()
        }

        private mutating func primary() throws(CommandError) -> UInt64 {
            skipSpace()
            let word = String(text[position...].prefix(while: isNameCharacter))
            guard let first = word.first else { throw unexpected("a number or a name") }
            guard first.isNumber else {
                position += word.count
                return try names(word)
            }
            guard let value = NumberText.parse(word) else {
                throw CommandError(
                    "\(CommandError.quoted(word)) is not a number of at most 64 bits.",
                    advice: "Numbers are decimal, or hexadecimal after 0x.")
            }
            position += word.count
            return value
        }

        func expectEnd() throws(CommandError) {
            guard text[position...].allSatisfy(\.isWhitespace) else {
                throw unexpected("an operator")
            }
        }

        private mutating func skipSpace() {
            while position < text.count && text[position].isWhitespace { position += 1 }
        }

        private mutating func takeOperator(_ signs: [String]) -> String? {
            skipSpace()
            let sign = signs.first { text[position...].starts(with: $0) }
            position += sign?.count ?? 0
            return sign
        }

        private func unexpected(_ wanted: String) -> CommandError {
            let rest = text[position...].drop(while: \.isWhitespace)
            guard let found = rest.first else {
                return CommandError("The expression ends where \(wanted) is expected.")
            }
            let column = rest.startIndex + 1
            return CommandError(
                "Column \(column) has \(CommandError.quoted(String(found))), not \(wanted).")
        }
    }
}
