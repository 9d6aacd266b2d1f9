/// How many columns text takes in a terminal: 0 for combining marks, 2 for East Asian wide
/// characters and pictographs, else 1 (Unicode Standard Annex 11, "East Asian Width").
public enum DisplayWidth {
    /// The columns of one line of text that has been escaped and not yet been painted.
    public static func of(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + of($1) }
    }

    static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}

extension String {
    /// Filled with spaces on the right up to `width` columns; unchanged if it is wider.
    public func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - DisplayWidth.of(self)))
    }

    /// Filled with spaces on the left up to `width` columns; unchanged if it is wider.
    public func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - DisplayWidth.of(self))) + self
    }

    /// Cut to `width` columns, its end replaced by "…" if it is wider.
    public func truncated(to width: Int) -> String {
        guard DisplayWidth.of(self) > width else { return self }
        var result = ""
        var used = 1
        for character in self {
            used += DisplayWidth.of(String(character))
            if used > width { break }
            result.append(character)
        }
        return width > 0 ? result + "…" : ""
    }
}
