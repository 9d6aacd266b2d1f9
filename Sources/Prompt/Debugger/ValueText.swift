import Narration
import Workbook

/// Values as the prompt writes them.
enum ValueText {
    static func hexadecimal(_ value: UInt64) -> String {
        "0x" + String(value, radix: 16)
    }

    /// A value of a register or field, with the names of the bits that are set, if it has named
    /// ones: `0x80000031  PG NE ET PE`.
    static func withBits(_ value: UInt64, of name: String) -> String {
        let bits = (BitNames.bits(of: name) ?? []).reversed()
        let names = bits.filter { value >> UInt64($0.position) & 1 == 1 }
            .map { GuestNames.typed($0.name) }
        return ([hexadecimal(value)] + (names.isEmpty ? [] : [" " + names.joined(separator: " ")]))
            .joined(separator: " ")
    }

    /// A value in one of gdb's formats.
    ///
    /// - Parameters:
    ///   - bytes: how many of its bytes count, 1 to 8.
    ///   - isPadded: whether a number has a digit for each of its bits, as `x` shows it.
    static func formatted(
        _ value: UInt64, as style: MemoryFormat.Style, bytes: Int, isPadded: Bool
    ) -> String {
        let bits = UInt64(bytes * 8)
        let cut = bits == 64 ? value : value & ((1 << bits) - 1)
        let signed = Int64(bitPattern: cut << (64 - bits)) >> Int64(64 - bits)
        switch style {
        case .hexadecimal where !isPadded: return hexadecimal(cut)
        case .address, .instruction, .string: return hexadecimal(cut)
        case .hexadecimal, .zeroPadded: return "0x" + digits(cut, radix: 16, count: bytes * 2)
        case .decimal: return String(signed)
        case .unsigned: return String(cut)
        case .octal: return "0" + String(cut, radix: 8)
        case .binary: return digits(cut, radix: 2, count: isPadded ? bytes * 8 : 1)
        case .character:
            let byte = UInt8(truncatingIfNeeded: cut)
            return "\(Int8(bitPattern: byte)) '\(character(byte))'"
        }
    }

    /// A byte as an ASCII character, or spelled, as `\xff`.
    static func character(_ byte: UInt8) -> String {
        guard byte < 0x80 else { return "\\x" + digits(UInt64(byte), radix: 16, count: 2) }
        return EscapedText.line(String(Unicode.Scalar(byte)))
    }

    /// Digits with leading zeros.
    static func digits(_ value: UInt64, radix: Int, count: Int) -> String {
        let text = String(value, radix: radix)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
