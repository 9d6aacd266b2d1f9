/// Text from outside (a guest, a lesson, a file's name) made safe to show: no control character,
/// no escape sequence and nothing that reorders or hides text reaches the terminal.
public enum EscapedText {
    /// `text` on one line: whatever is not printable becomes `\n`, `\t`, `\x1b` or `\u{202e}`.
    public static func line(_ text: String) -> String {
        escape(text, keepsLines: false)
    }

    /// `text` with its line ends kept (CR LF counts as one) and tabs spread to columns of eight.
    public static func lines(_ text: String) -> String {
        escape(text, keepsLines: true)
    }

    /// The spelling of one byte that is not printable ASCII, as `\x1b`.
    static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }

    private static let tabStop = 8

    private static func escape(_ text: String, keepsLines: Bool) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var result = String.UnicodeScalarView()
        var column = 0
        var previous: Unicode.Scalar = "\0"
        for scalar in text.unicodeScalars {
            if keepsLines && scalar == "\n" {
                if previous == "\r" { result.removeLast("\\r".count) }
                result.append(scalar)
                column = 0
            } else if keepsLines && scalar == "\t" {
                let spaces = tabStop - column % tabStop
                result.append(contentsOf: repeatElement(" ", count: spaces))
                column += spaces
            } else if isPrintable(scalar) {
                result.append(scalar)
                column += DisplayWidth.of(scalar)
            } else {
                let spelling = spelling(of: scalar)
                result.append(contentsOf: spelling.unicodeScalars)
                column += spelling.utf8.count
            }
            previous = scalar
        }
        return String(result)
    }

    private static func spelling(of scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default:
            UInt8(exactly: scalar.value).map(hexadecimal)
                ?? "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    /// Neither a control (C0, DEL, C1) nor a format character (bidirectional controls, invisible
    /// joiners, tags), a line separator, or a code point without a meaning.
    public static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
            .unassigned:
            false
        default:
            true
        }
    }
}

/// Bytes that a guest sends to a console port, made safe to show as they come: printable ASCII
/// and line ends pass, every other byte is spelled, as `\x1b`.
public struct GuestConsoleText: Sendable {
    /// A CR has come; it is part of a line end if LF is next.
    private var holdsReturn = false

    public init() {}

    /// The text to show for these bytes. A CR at their end waits for the next call.
    public mutating func text(for bytes: some Sequence<UInt8>) -> String {
        var result = ""
        for byte in bytes {
            if holdsReturn && byte != 0x0A { result += "\\r" }
            holdsReturn = byte == 0x0D
            switch byte {
            case 0x0A, 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x09: result += "\\t"
            case 0x0D: break
            default: result += EscapedText.hexadecimal(byte)
            }
        }
        return result
    }

    /// What is still held back when the output ends.
    public mutating func finish() -> String {
        defer { holdsReturn = false }
        return holdsReturn ? "\\r" : ""
    }
}
