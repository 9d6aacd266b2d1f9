/// Bytes of JSON on their way out: numbers and texts are written in place, without a tree.
struct JSONBuffer {
    var bytes: [UInt8] = []

    mutating func append(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(decimal value: UInt64) {
        guard value > 9 else { return bytes.append(0x30 + UInt8(truncatingIfNeeded: value)) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = value
        var start = 20
        while rest > 0 {
            start -= 1
            digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        for index in start..<20 { bytes.append(digits[index]) }
    }

    /// `"0x…"`, lower-case and without padding.
    mutating func append(hex value: UInt64) {
        append("\"0x")
        let digits = max(1, (67 - value.leadingZeroBitCount) / 4)
        for index in (0..<digits).reversed() {
            bytes.append(Self.digit(UInt8(truncatingIfNeeded: value >> UInt64(index * 4) & 15)))
        }
        bytes.append(0x22)
    }

    /// Two digits for each byte, in quotes.
    mutating func append(hexBytes values: some Sequence<UInt8>) {
        bytes.append(0x22)
        for value in values {
            bytes.append(Self.digit(value >> 4))
            bytes.append(Self.digit(value & 15))
        }
        bytes.append(0x22)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    mutating func append(_ value: Bool) { append(value ? "true" : "false") }

    /// In quotes, with what JSON has escaped.
    mutating func append(quoted text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0..<0x20, 0x7F:
                append("\\u00")
                bytes.append(Self.digit(byte >> 4))
                bytes.append(Self.digit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
