/// A word of a source line.
struct Token: Equatable {
    enum Kind: Equatable {
        /// A mnemonic, register, keyword, label or macro name, as written.
        case name(String)
        case number(UInt64)
        /// A quoted string, its escapes resolved.
        case string([UInt8])
        case symbol(Symbol)
        /// A word that begins with `%`: a directive or a macro parameter, without the `%`.
        case percent(String)
    }

    enum Symbol: String {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case signedDivide = "//"
        case modulo = "%"
        case signedModulo = "%%"
        case shiftLeft = "<<"
        case shiftRight = ">>"
        case arithmeticShiftRight = ">>>"
        case and = "&"
        case or = "|"
        case xor = "^"
        case complement = "~"
        case not = "!"
        case logicalAnd = "&&"
        case logicalOr = "||"
        case logicalXor = "^^"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "="
        case alsoEqual = "=="
        case notEqual = "!="
        case alsoNotEqual = "<>"
        case compare = "<=>"
        case open = "("
        case close = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
        case comma = ","
        case colon = ":"
        case question = "?"
        case here = "$"
        case sectionStart = "$$"
    }

    var kind: Kind
    /// Of its first byte in the line, counted from 1.
    var column: Int
    var length: Int
    /// White space stands before it.
    var spaced: Bool

    var name: String? {
        if case .name(let name) = kind { return name }
        return nil
    }

    func isSymbol(_ symbol: Symbol) -> Bool { kind == .symbol(symbol) }

    /// The word as a source has it, with a space in front where one stood.
    var text: [UInt8] {
        let word: [UInt8]
        switch kind {
        case .name(let name): word = Array(name.utf8)
        case .number(let number): word = Array(String(number).utf8)
        case .symbol(let symbol): word = Array(symbol.rawValue.utf8)
        case .percent(let name): word = [UInt8(ascii: "%")] + Array(name.utf8)
        case .string(let bytes):
            let escaped = bytes.flatMap { byte -> [UInt8] in
                if byte.isLetter || byte.isDigit || byte == 0x20 { return [byte] }
                return Array((byte < 16 ? "\\x0" : "\\x").utf8)
                    + Array(String(byte, radix: 16).utf8)
            }
            word = [UInt8(ascii: "`")] + escaped + [UInt8(ascii: "`")]
        }
        return spaced ? [0x20] + word : word
    }

    /// The same word, reported at the place of another: what a macro call became.
    func placed(at other: Token) -> Token {
        Token(kind: kind, column: other.column, length: other.length, spaced: spaced)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
    var isSpace: Bool { self == 0x20 || self >= 0x09 && self <= 0x0D }
    /// Can begin a name.
    var beginsName: Bool {
        isLetter || self == UInt8(ascii: "_") || self == UInt8(ascii: ".")
            || self == UInt8(ascii: "?") || self == UInt8(ascii: "@")
    }
    /// Can be in a name.
    var continuesName: Bool {
        beginsName || isDigit || self == UInt8(ascii: "$") || self == UInt8(ascii: "#")
            || self == UInt8(ascii: "~")
    }
}
