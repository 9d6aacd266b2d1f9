/// Refuses, before a parser recurses or resolves anything, what would make it go deep or grow:
/// nesting and anchors. It looks at lines only, so it is a little stricter than YAML is.
struct YAMLBounds {
    let file: String
    let lineOffset: Int

    func check(_ text: String) throws(WorkbookError) {
        var open = 0
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let number = index + 1 + lineOffset
            try checkIndicators(line, number: number)
            for byte in line.utf8 {
                switch byte {
                case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): open = max(0, open - 1)
                default: break
                }
                guard open <= Limits.nesting else {
                    throw tooDeep(SourcePosition(line: number, column: 1))
                }
            }
        }
    }

    func tooDeep(_ position: SourcePosition) -> WorkbookError {
        WorkbookError(
            file: file, position: position, "lists and maps are nested too deeply",
            expected: "at most \(Limits.nesting) levels")
    }

    private func checkIndicators(_ line: Substring, number: Int) throws(WorkbookError) {
        var dashes = 0
        var column = 0
        var leading = true
        // The two characters before the present one.
        var last = UInt8(ascii: " ")
        var beforeLast = UInt8(ascii: " ")
        for byte in line.utf8 {
            column += 1
            switch byte {
            case UInt8(ascii: " "): break
            case UInt8(ascii: "-") where leading, UInt8(ascii: "?") where leading: dashes += 1
            default: leading = false
            }
            let position = SourcePosition(line: number, column: column)
            if last == UInt8(ascii: "&"), byte != UInt8(ascii: " "),
                " \t[{,".utf8.contains(beforeLast)
            {
                throw WorkbookError(
                    file: file, position: SourcePosition(line: number, column: column - 1),
                    "anchors and aliases are not read here",
                    expected: "the value itself, or a space behind the `&`")
            }
            if leading && (dashes > Limits.nesting || column > 8 * Limits.nesting) {
                throw tooDeep(position)
            }
            (beforeLast, last) = (last, byte)
        }
    }
}
