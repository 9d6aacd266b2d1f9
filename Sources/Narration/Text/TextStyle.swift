/// What the place that text goes to can show: how wide it is, whether it has colour, and which
/// characters it knows. Narration asks a style how to write; only the prompt asks the terminal.
public struct TextStyle: Sendable, Equatable {
    /// Which characters may be written.
    public enum Characters: Sendable, Equatable {
        /// Everything that Unicode prints.
        case unicode
        /// Printable ASCII alone; ``TextStyle/spelled(_:)`` has the substitutes.
        case ascii
    }

    /// Columns that a line may fill, within ``widthRange``.
    public let width: Int
    /// Whether SGR sequences (bold, colours) may be written. Nothing is ever said by colour alone.
    public let hasColor: Bool
    public let characters: Characters

    /// The widths that are used; a terminal that says less or more is taken as the nearest.
    public static let widthRange = 40...200
    /// The width that the texts are written for.
    public static let usualWidth = 80
    /// 80 columns, Unicode, no colour: for files, pipes and tests.
    public static let plain = TextStyle()

    public init(
        width: Int = TextStyle.usualWidth, hasColor: Bool = false, characters: Characters = .unicode
    ) {
        let range = TextStyle.widthRange
        self.width = min(max(width, range.lowerBound), range.upperBound)
        self.hasColor = hasColor
        self.characters = characters
    }

    /// `text` in the role's colours, or as it is where there is no colour.
    public func painted(_ text: String, as role: TextRole) -> String {
        hasColor && !text.isEmpty ? "\u{1B}[\(role.rendition)m\(text)\u{1B}[0m" : text
    }

    /// `text` in the characters that can be shown: unchanged, or spelled in ASCII.
    public func spelled(_ text: String) -> String {
        characters == .unicode ? text : AsciiSpelling.spell(text)
    }
}

/// Why a piece of text stands out. The colours for it are chosen here and nowhere else.
public enum TextRole: Sendable, CaseIterable {
    case heading, decisive, changed, secondary, warning, success

    /// The parameters of the "select graphic rendition" sequence (ECMA-48, "SGR").
    var rendition: String {
        switch self {
        case .heading: "1"
        case .decisive: "1;36"
        case .changed: "33"
        case .secondary: "2"
        case .warning: "31"
        case .success: "32"
        }
    }
}
