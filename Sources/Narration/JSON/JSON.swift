/// A JSON value that keeps its keys in order and its integers exact.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case unsigned(UInt64)
    case signed(Int64)
    /// A number that is no integer of 64 bits: its text.
    case other(String)
    case string(String)
    case list([JSON])
    case object([Member])

    public struct Member: Sendable, Equatable {
        public let key: String
        public let value: JSON

        public init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// Registers, addresses and field values: lower-case hexadecimal without padding.
    public static func hex(_ value: UInt64) -> JSON { .string(value.hex) }

    /// Counts and lengths.
    public static func count(_ value: some BinaryInteger) -> JSON {
        .unsigned(UInt64(clamping: value))
    }

    public static func members(_ pairs: (String, JSON)...) -> JSON {
        .object(pairs.map { Member($0.0, $0.1) })
    }

    /// The value of a key, nil where there is none or this is no object.
    public subscript(_ key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// On one line.
    public var text: String {
        var out = ""
        write(to: &out)
        return out
    }

    private func write(to out: inout String) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .unsigned(let value): out += String(value)
        case .signed(let value): out += String(value)
        case .other(let text): out += text
        case .string(let value): Self.quote(value, to: &out)
        case .list(let values):
            out += "["
            for (index, value) in values.enumerated() {
                if index > 0 { out += "," }
                value.write(to: &out)
            }
            out += "]"
        case .object(let members):
            out += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { out += "," }
                Self.quote(member.key, to: &out)
                out += ":"
                member.value.write(to: &out)
            }
            out += "}"
        }
    }

    private static func quote(_ text: String, to out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}

extension BinaryInteger {
    /// Lower-case, with 0x, without padding.
    public var hex: String { "0x" + String(self, radix: 16) }
}
