/// Characters that a text file of the workbook may not hold: they could drive a terminal or turn
/// the order of what is displayed.
public enum ControlCharacters {
    /// C0 and C1 controls except tab and line feed, DEL, line and paragraph separators, and the
    /// characters that change the writing direction.
    public static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xFEFF: true
        default: false
        }
    }

    /// The text with each forbidden character, tab and line feed as `\u{…}`: fit for one line.
    public static func visible(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if isForbidden(scalar) || scalar.value < 0x20 {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
