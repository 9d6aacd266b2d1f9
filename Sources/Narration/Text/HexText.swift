/// Numbers as the manual writes them in prose and tables: upper-case hexadecimal.
enum HexText {
    /// At least `digits` digits.
    static func padded(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// A register or address: eight digits, or sixteen where it needs more.
    static func register(_ value: UInt64) -> String { padded(value, value >> 32 == 0 ? 8 : 16) }

    /// A number in a sentence, as `60h`.
    static func prose(_ value: UInt64) -> String {
        String(value, radix: 16, uppercase: true) + "h"
    }

    /// Bytes with spaces between them.
    static func bytes(_ values: some Sequence<UInt8>) -> String {
        values.map { padded(UInt64($0), 2) }.joined(separator: " ")
    }
}

/// Words that depend on a number, and lists of words.
enum Wording {
    /// "1 step", "2 steps".
    static func count(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// "a", "a and b", "a, b and c".
    static func list(_ words: [String], _ conjunction: String = "and") -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }

    /// The first letter large.
    static func uppercasedStart(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    /// The first letter small, unless the word is an abbreviation.
    static func lowercasedStart(_ text: String) -> String {
        let second = text.dropFirst().first
        guard let first = text.first, second?.isLowercase == true else { return text }
        return first.lowercased() + text.dropFirst()
    }
}
