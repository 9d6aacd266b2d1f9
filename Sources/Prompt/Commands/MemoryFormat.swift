import Narration

/// How `x` and `p` show values, as gdb types it behind the slash: a count, a letter for the
/// format, a letter for the size, as in `x/16xb`. What is not given stays as it was last time.
public struct MemoryFormat: Equatable, Sendable {
    /// How one value is written.
    public enum Style: Character, CaseIterable, Sendable {
        case hexadecimal = "x"
        case decimal = "d"
        case unsigned = "u"
        case octal = "o"
        case binary = "t"
        case address = "a"
        case character = "c"
        case string = "s"
        case instruction = "i"
        /// Hexadecimal with leading zeros.
        case zeroPadded = "z"
    }

    /// The bytes of one value.
    public enum Size: Character, CaseIterable, Sendable {
        case byte = "b"
        case halfword = "h"
        case word = "w"
        case giant = "g"

        public var bytes: Int {
            switch self {
            case .byte: 1
            case .halfword: 2
            case .word: 4
            case .giant: 8
            }
        }
    }

    /// Values to show, 1 to ``countLimit``.
    public var count = 1
    public var style = Style.hexadecimal
    public var size = Size.word

    /// More values than these in one command are refused.
    public static let countLimit = 65_536

    public init(count: Int = 1, style: Style = .hexadecimal, size: Size = .word) {
        self.count = count
        self.style = style
        self.size = size
    }

    /// This format changed by what is typed: digits first, then letters in any order. The count
    /// is 1 if none is typed.
    public func changed(by text: String) throws(CommandError) -> MemoryFormat {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        var result = MemoryFormat(count: 1, style: style, size: size)
        if !digits.isEmpty {
            guard let count = Int(digits), (1...MemoryFormat.countLimit).contains(count) else {
                throw CommandError(
                    "\(CommandError.quoted(digits)) is not a count from 1 to \(Self.countLimit).")
            }
            result.count = count
        }
        for letter in text[digits.endIndex...] {
            if let style = Style(rawValue: letter) {
                result.style = style
            } else if let size = Size(rawValue: letter) {
                result.size = size
            } else {
                throw CommandError(
                    "\(CommandError.quoted(String(letter))) is not a letter for a format or size.",
                    advice: MemoryFormat.letters)
            }
        }
        return result
    }

    /// The letters, for messages.
    private static var letters: String {
        let styles = Style.allCases.map { String($0.rawValue) }.joined(separator: " ")
        let sizes = Size.allCases.map { String($0.rawValue) }.joined(separator: " ")
        return "Formats: \(styles). Sizes: \(sizes)."
    }
}
