/// Values drawn bit by bit below one another, with a mark on the bits that matter.
struct BitDiagram {
    struct Row {
        let label: String
        let value: UInt64
        /// How a bit that is 1 is drawn, and one that is 0.
        var one = "1"
        var zero = "0"
        /// Beside the bits.
        var note = ""
    }

    /// A bit of the last row with what is to be said of it: in full, or in short where that is
    /// too wide.
    struct Mark {
        let position: Int
        let text: String
        let short: String
    }

    private static let indent = 5
    private static let labelWidth = 11
    private static let noteWidth = 29
    private static let cellWidth = 2
    /// More legs than these would cross the page.
    private static let mostLegs = 4

    let columns: [BitNaming.Bit]
    let rows: [Row]
    var marks: [Mark] = []

    func lines(_ style: TextStyle) -> [String] {
        var page = TextPage(style)
        for (index, block) in blocks(style).enumerated() {
            if index > 0 { page.blank() }
            draw(block, withNotes: index == 0, on: &page)
        }
        return page.lines
    }

    /// As many columns side by side as fit.
    private func blocks(_ style: TextStyle) -> [[BitNaming.Bit]] {
        let room = max(12, style.width - Self.indent - Self.labelWidth - Self.noteWidth - 2)
        var blocks: [[BitNaming.Bit]] = []
        var used = room
        for column in columns {
            let width = Self.width(column) + 1
            if used + width > room {
                blocks.append([])
                used = 0
            }
            blocks[blocks.count - 1].append(column)
            used += width
        }
        return blocks
    }

    private static func width(_ column: BitNaming.Bit) -> Int { max(cellWidth, column.name.count) }

    private func draw(_ columns: [BitNaming.Bit], withNotes: Bool, on page: inout TextPage) {
        page.add(line: line("bit", columns.map(\.name), columns))
        for row in rows {
            let cells = columns.map {
                row.value >> UInt64($0.position) & 1 == 1 ? row.one : row.zero
            }
            var text = line(row.label, cells, columns)
            if withNotes, !row.note.isEmpty { text += "  " + row.note }
            page.add(line: text)
        }
        drawLegs(columns, on: &page)
    }

    private func line(_ label: String, _ cells: [String], _ columns: [BitNaming.Bit]) -> String {
        let values = zip(columns, cells).map { column, cell in
            cell.leftPadded(to: Self.width(column))
        }
        let start = String(repeating: " ", count: Self.indent) + label.padded(to: Self.labelWidth)
        return start + values.joined(separator: " ")
    }

    private func drawLegs(_ columns: [BitNaming.Bit], on page: inout TextPage) {
        var legs: [(place: Int, mark: Mark, name: String)] = []
        var place = Self.indent + Self.labelWidth
        for column in columns {
            if let mark = marks.first(where: { $0.position == column.position }) {
                legs.append((place + Self.width(column) - 1, mark, column.name))
            }
            place += Self.width(column) + 1
        }
        guard legs.count <= Self.mostLegs else {
            return drawList(legs.map { ($0.mark, $0.name) }, on: &page)
        }
        while let last = legs.popLast() {
            var line = ""
            for leg in legs { line = line.padded(to: leg.place) + "|" }
            line = line.padded(to: last.place) + "└ \(last.name): "
            let fits = DisplayWidth.of(line + last.mark.text) <= page.style.width
            page.add(line: line + (fits ? last.mark.text : last.mark.short))
        }
    }

    private func drawList(_ marks: [(mark: Mark, name: String)], on page: inout TextPage) {
        var texts: [String] = []
        for mark in marks.map(\.mark) where !texts.contains(mark.text) { texts.append(mark.text) }
        for text in texts {
            let names = marks.filter { $0.mark.text == text }.map(\.name)
            page.add(
                "\(text): \(names.joined(separator: " "))", indent: Self.indent,
                hanging: Self.indent + 2)
        }
    }
}
