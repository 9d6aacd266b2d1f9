/// Splits one source line into words.
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0

    /// The words of a line up to its comment.
    static func tokens(of line: [UInt8]) throws(SourceFault) -> [Token] {
        var lexer = Lexer(bytes: line)
        var tokens: [Token] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private mutating func next() throws(SourceFault) -> Token? {
        let before = position
        while let byte = peek(), byte.isSpace { position += 1 }
        guard let byte = peek(), byte != UInt8(ascii: ";") else { return nil }
        let start = position
        let kind: Token.Kind
        if byte.isDigit {
            kind = .number(try number())
        } else if byte == UInt8(ascii: "$"), peek(1)?.isDigit == true {
            position += 1
            kind = .number(try hexadecimal(after: start))
        } else if byte == UInt8(ascii: "$"), let after = peek(1), after.beginsName {
            position += 1
            kind = .name(word())
        } else if byte == UInt8(ascii: "?"), peek(1)?.continuesName != true {
            position += 1
            kind = .symbol(.question)
        } else if byte.beginsName {
            kind = .name(word())
        } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            kind = .string(try plainString(byte))
        } else if byte == UInt8(ascii: "`") {
            kind = .string(try escapedString())
        } else if byte == UInt8(ascii: "%"), let percent = percentWord() {
            kind = .percent(percent)
        } else {
            kind = .symbol(try symbol())
        }
        return Token(
            kind: kind, column: start + 1, length: position - start, spaced: start > before)
    }

    private mutating func word() -> String {
        let start = position
        while let byte = peek(), byte.continuesName { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// `%define`, `%1`, `%%label`, `%0`, `%+`; or nil where the sign is the operator.
    private mutating func percentWord() -> String? {
        guard let after = peek(1) else { return nil }
        let isLocal = after == UInt8(ascii: "%") && peek(2)?.beginsName == true
        let isJoin = after == UInt8(ascii: "+")
        guard after.beginsName || after.isDigit || isLocal || isJoin else { return nil }
        // `a %1` is a parameter, and so is not met here outside a macro; `a % 1` is a remainder.
        position += 1
        if isJoin {
            position += 1
            return "+"
        }
        if isLocal { position += 1 }
        return (isLocal ? "%" : "") + word()
    }

    private static let symbols: [[Token.Symbol]] = [
        [.compare, .arithmeticShiftRight],
        [
            .signedDivide, .signedModulo, .shiftLeft, .shiftRight, .logicalAnd, .logicalOr,
            .logicalXor, .lessOrEqual, .greaterOrEqual, .alsoEqual, .notEqual, .alsoNotEqual,
            .sectionStart,
        ],
    ]

    private mutating func symbol() throws(SourceFault) -> Token.Symbol {
        for (candidates, length) in zip(Self.symbols, [3, 2]) where position + length <= bytes.count
        {
            let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
            if let found = candidates.first(where: { $0.rawValue == text }) {
                position += length
                return found
            }
        }
        let byte = bytes[position]
        if byte < 0x80, let found = Token.Symbol(rawValue: String(UnicodeScalar(byte))) {
            position += 1
            return found
        }
        throw SourceFault(
            "unexpected byte 0x\(String(byte, radix: 16)): expected a name, number, string or "
                + "operator", column: position + 1, length: 1)
    }

    // MARK: strings

    private mutating func plainString(_ quote: UInt8) throws(SourceFault) -> [UInt8] {
        let start = position
        position += 1
        while let byte = peek() {
            position += 1
            if byte == quote { return Array(bytes[start + 1..<position - 1]) }
        }
        throw SourceFault(
            "a string without its closing quote", column: start + 1, length: position - start)
    }

    private mutating func escapedString() throws(SourceFault) -> [UInt8] {
        let start = position
        position += 1
        var value: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: "`") { return value }
            if byte == UInt8(ascii: "\\") { try escape(&value) } else { value.append(byte) }
        }
        throw SourceFault(
            "a string without its closing backquote", column: start + 1, length: position - start)
    }

    private mutating func escape(_ value: inout [UInt8]) throws(SourceFault) {
        let start = position
        guard let byte = peek() else { return }
        position += 1
        switch byte {
        case UInt8(ascii: "a"): value.append(7)
        case UInt8(ascii: "b"): value.append(8)
        case UInt8(ascii: "t"): value.append(9)
        case UInt8(ascii: "n"): value.append(10)
        case UInt8(ascii: "v"): value.append(11)
        case UInt8(ascii: "f"): value.append(12)
        case UInt8(ascii: "r"): value.append(13)
        case UInt8(ascii: "e"): value.append(27)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            position -= 1
            value.append(UInt8(truncatingIfNeeded: digits(radix: 8, most: 3)))
        case UInt8(ascii: "x"): value.append(UInt8(truncatingIfNeeded: digits(radix: 16, most: 2)))
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let code = digits(radix: 16, most: byte == UInt8(ascii: "u") ? 4 : 8)
            guard let scalar = UnicodeScalar(UInt32(truncatingIfNeeded: code)) else {
                throw SourceFault(
                    "no such Unicode character", column: start, length: position - start + 1)
            }
            value += Array(String(scalar).utf8)
        default: value.append(byte)
        }
    }

    private mutating func digits(radix: UInt64, most: Int) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<most {
            guard let byte = peek(), let digit = Self.digit(byte), digit < radix else { break }
            value = value &* radix &+ digit
            position += 1
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        if byte.isDigit { return UInt64(byte - 0x30) }
        let letter = byte | 0x20
        return letter >= 0x61 && letter <= 0x7A ? UInt64(letter - 0x61 + 10) : nil
    }

    // MARK: numbers

    private static func radix(_ letter: UInt8) -> UInt64? {
        switch letter | 0x20 {
        case UInt8(ascii: "h"), UInt8(ascii: "x"): 16
        case UInt8(ascii: "d"), UInt8(ascii: "t"): 10
        case UInt8(ascii: "o"), UInt8(ascii: "q"): 8
        case UInt8(ascii: "b"), UInt8(ascii: "y"): 2
        default: nil
        }
    }

    /// The digits and letters that follow each other, underscores left out.
    private mutating func numberWord() -> [UInt8] {
        var word: [UInt8] = []
        while let byte = peek(), byte.isDigit || byte.isLetter || byte == UInt8(ascii: "_") {
            if byte != UInt8(ascii: "_") { word.append(byte) }
            position += 1
        }
        return word
    }

    private mutating func hexadecimal(after start: Int) throws(SourceFault) -> UInt64 {
        let word = numberWord()
        return try value(word[...], radix: 16, start: start)
    }

    /// A number in any of NASM's notations: 0x1F, 1Fh, 0b101, 101b, 17q, 255, 1_000.
    private mutating func number() throws(SourceFault) -> UInt64 {
        let start = position
        let word = numberWord()
        if peek() == UInt8(ascii: ".") {
            position += 1
            throw SourceFault(
                "a floating-point constant is not supported; write its bits as a number",
                column: start + 1, length: position - start)
        }
        if let last = word.last, word.count > 1, let radix = Self.radix(last) {
            // A hexadecimal digit at the end is a radix letter unless 0x stands in front.
            let isPrefixed = word[0] == 0x30 && Self.radix(word[1]) == 16 && word.count > 2
            let digits = word.dropLast()
            if !isPrefixed, digits.allSatisfy({ (Self.digit($0) ?? 99) < radix }) {
                return try value(digits, radix: radix, start: start)
            }
        }
        if word.count > 2, word[0] == 0x30, let radix = Self.radix(word[1]) {
            return try value(word[2...], radix: radix, start: start)
        }
        return try value(word[...], radix: 10, start: start)
    }

    private func value(
        _ digits: ArraySlice<UInt8>, radix: UInt64, start: Int
    ) throws(SourceFault) -> UInt64 {
        var result: UInt64 = 0
        var fits = !digits.isEmpty
        for byte in digits {
            guard let digit = Self.digit(byte), digit < radix else {
                throw SourceFault(
                    "expected a number in base \(radix)", column: start + 1,
                    length: position - start)
            }
            let (high, product) = result.multipliedFullWidth(by: radix)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if high != 0 || carry { fits = false }
            result = sum
        }
        guard fits else {
            throw SourceFault(
                "expected a number of at most 64 bits", column: start + 1,
                length: position - start)
        }
        return result
    }
}
