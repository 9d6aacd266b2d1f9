/// Lines being written: spelled in the style's characters, wrapped to its width, then painted.
struct TextPage {
    let style: TextStyle
    private(set) var lines: [String] = []

    init(_ style: TextStyle) { self.style = style }

    /// A paragraph, wrapped; `hanging` is the indent of all lines but the first.
    mutating func add(
        _ text: String, indent: Int = 0, hanging: Int? = nil, as role: TextRole? = nil
    ) {
        let first = String(repeating: " ", count: indent)
        let others = String(repeating: " ", count: hanging ?? indent)
        let wrapped = WrappedText.lines(
            style.spelled(text), width: style.width, indent: first, hangingIndent: others)
        for line in wrapped { append(line, role) }
    }

    /// One line as it stands, its end cut off where it is too wide.
    mutating func add(line text: String, as role: TextRole? = nil) {
        let spelled = style.spelled(text)
        let isWide = DisplayWidth.of(spelled) > style.width
        append(isWide ? style.spelled(spelled.truncated(to: style.width - 2)) : spelled, role)
    }

    /// A paragraph behind `lead`, wrapped in the columns that are left.
    mutating func add(_ text: String, lead: String) {
        let lines = WrappedText.lines(
            style.spelled(text), width: style.width, indent: style.spelled(lead),
            hangingIndent: String(repeating: " ", count: DisplayWidth.of(lead)))
        for line in lines { append(line, nil) }
    }

    /// Text behind `lead` up to `column`, a second text from there on; both wrap in their columns.
    mutating func add(
        _ left: String, lead: String, column: Int, _ right: String, as role: TextRole? = nil
    ) {
        let leftLines = WrappedText.lines(
            style.spelled(left), width: column - 2, indent: style.spelled(lead),
            hangingIndent: String(repeating: " ", count: DisplayWidth.of(lead)))
        let rightLines = WrappedText.lines(
            style.spelled(right), width: max(10, style.width - column))
        for index in 0..<max(leftLines.count, rightLines.count) {
            let text = index < leftLines.count ? leftLines[index] : ""
            guard index < rightLines.count else {
                append(text, nil)
                continue
            }
            let second = rightLines[index]
            let painted = role.map { style.painted(second, as: $0) } ?? second
            lines.append(text.padded(to: column) + painted)
        }
    }

    /// Items with a separator between them, as many on a line as fit; none is torn.
    mutating func add(items: [String], separator: String = " · ", lead: String = "  ") {
        let hanging = String(repeating: " ", count: DisplayWidth.of(lead))
        var line = lead
        var isFirst = true
        for item in items.map(style.spelled) {
            let next = (isFirst ? "" : style.spelled(separator)) + item
            if !isFirst, DisplayWidth.of(line) + DisplayWidth.of(next) > style.width {
                append(line, nil)
                line = hanging + item
            } else {
                line += next
            }
            isFirst = false
        }
        if !isFirst { append(line, nil) }
    }

    /// An empty line, unless there is one already.
    mutating func blank() {
        if lines.last?.isEmpty == false { lines.append("") }
    }

    mutating func add(_ others: [String]) { lines += others }

    private mutating func append(_ line: String, _ role: TextRole?) {
        lines.append(role.map { style.painted(line, as: $0) } ?? line)
    }
}
