extension JSON {
    /// Why a text is not JSON: what was expected, and where.
    public struct ParseError: Error, Sendable, Equatable {
        public let message: String
        /// Byte in the text, from 1.
        public let column: Int
    }

    /// Reads one value, and nothing behind it but white space.
    public init(parsing text: some Sequence<UInt8>) throws(ParseError) {
        var parser = JSONParser(Array(text))
        self = try parser.whole()
    }

    /// A number given as JSON number, decimal string or "0x…" string.
    public var number: UInt64? {
        switch self {
        case .unsigned(let value): return value
        case .string(let text):
            let lower = text.lowercased()
            return lower.hasPrefix("0x") ? UInt64(lower.dropFirst(2), radix: 16) : UInt64(lower)
        default: return nil
        }
    }

    public var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    public var listValue: [JSON]? { if case .list(let values) = self { values } else { nil } }
    public var memberList: [Member]? { if case .object(let list) = self { list } else { nil } }
}

/// A recursive-descent reader with a limit to its depth.
private struct JSONParser {
    private static let deepest = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func failure(_ expected: String) -> JSON.ParseError {
        JSON.ParseError(message: "expected \(expected)", column: position + 1)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func whole() throws(JSON.ParseError) -> JSON {
        let value = try value()
        skipSpace()
        guard next == nil else { throw failure("the end") }
        return value
    }

    private mutating func value() throws(JSON.ParseError) -> JSON {
        skipSpace()
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw failure("at most \(Self.deepest) levels") }
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSON) throws(JSON.ParseError) -> JSON {
        for byte in text.utf8 {
            guard take(byte) else { throw failure(text) }
        }
        return value
    }

    private mutating func number() throws(JSON.ParseError) -> JSON {
        let start = position
        while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let value = UInt64(text) { return .unsigned(value) }
        if let value = Int64(text) { return .signed(value) }
        guard Double(text) != nil else {
            position = start
            throw failure("a value")
        }
        return .other(text)
    }

    private mutating func list() throws(JSON.ParseError) -> JSON {
        position += 1
        var values: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .list([]) }
        while true {
            values.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .list(values) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or ']'") }
        }
    }

    private mutating func object() throws(JSON.ParseError) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("':'") }
            members.append(JSON.Member(key, try value()))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or '}'") }
        }
    }

    private mutating func string() throws(JSON.ParseError) -> String {
        position += 1
        var content: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"): content += try escape()
            case 0..<0x20: throw failure("no control character in a string")
            default: content.append(byte)
            }
        }
        throw failure("'\"' at the end of the string")
    }

    private mutating func escape() throws(JSON.ParseError) -> [UInt8] {
        guard let byte = next else { throw failure("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"): return Array(String(try unicode()).utf8)
        default: throw failure("an escape")
        }
    }

    private mutating func unicode() throws(JSON.ParseError) -> Unicode.Scalar {
        let high = try fourDigits()
        if let scalar = Unicode.Scalar(high) { return scalar }
        // A surrogate pair, or half of one.
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { return "\u{FFFD}" }
        let low = try fourDigits()
        let combined = 0x10000 &+ ((high & 0x3FF) << 10) &+ (low & 0x3FF)
        return Unicode.Scalar(combined) ?? "\u{FFFD}"
    }

    private mutating func fourDigits() throws(JSON.ParseError) -> UInt32 {
        guard position + 4 <= bytes.count,
            let value = UInt32(
                String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits") }
        position += 4
        return value
    }
}
