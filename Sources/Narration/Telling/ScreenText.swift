import Hypervisor

/// A guest's text screen as plain rows.
public struct ScreenText {
    /// From the top to the last that is not blank, without trailing blanks; empty for a blank screen.
    public let rows: [String]

    public init(_ contents: ScreenContents) {
        var rows = contents.rows.map { row in
            var text = String(row.map { Self.characters[Int($0)] })
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
        while rows.last?.isEmpty == true { rows.removeLast() }
        self.rows = rows
    }

    /// For people: the rows with a line above and below.
    public func lines(_ style: TextStyle) -> [String] {
        guard !rows.isEmpty else { return [] }
        let rule = String(repeating: "─", count: min(style.width, 80))
        let title = "─ the guest's screen "
        let head = title + rule.dropFirst(title.count)
        return ([head] + rows + [rule]).map(style.spelled)
    }

    /// Code page 437. Bytes 0 and FFh show nothing.
    private static let characters = Array(
        " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
            + " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
            + "`abcdefghijklmnopqrstuvwxyz{|}~⌂"
            + "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
            + "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
            + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
            + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ")
}
