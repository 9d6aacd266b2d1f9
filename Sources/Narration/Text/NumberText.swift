/// Numbers as people type them, everywhere in the program: decimal, or hexadecimal after 0x.
public enum NumberText {
    /// The number, or nil if the text is anything else or does not fit in 64 bits.
    public static func parse(_ text: some StringProtocol) -> UInt64? {
        let lowercased = text.lowercased()
        let isHexadecimal = lowercased.hasPrefix("0x")
        let digits = isHexadecimal ? lowercased.dropFirst(2) : lowercased[...]
        // The library's parser takes a sign, which is none of our forms.
        guard let first = digits.first, first.isASCII, first.isHexDigit else { return nil }
        return UInt64(digits, radix: isHexadecimal ? 16 : 10)
    }
}
