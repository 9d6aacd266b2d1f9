import Architecture
import InstructionSet
import Machine

/// A write of CR0 or CR4 drawn bit by bit: what is written, what the guest would read, which bits
/// the host owns, and which differ. The columns come from the register's table of bits.
struct BitDiagram {
    private struct Row {
        let label: String
        let cells: [String]
        let note: String
    }

    private static let indent = 7
    private static let labelWidth = 11
    private static let noteWidth = 29
    private static let mostLegs = 4

    private let access: ControlRegisterAccess
    private let sourceName: String

    /// nil where no bits are compared: CR3, CR8, and reads.
    init?(_ access: ControlRegisterAccess, codeSize: CodeSize?) {
        guard access.number == 0 || access.number == 4 else { return nil }
        switch access.kind {
        case .moveTo:
            let register = GeneralRegister(rawValue: access.generalRegister & 15) ?? .rax
            let bytes = codeSize == .bits64 ? 8 : 4
            sourceName = register.name(bytes: bytes).uppercased()
        case .lmsw: sourceName = "source operand"
        case .clts: sourceName = ""
        case .moveFrom, .smsw: return nil
        }
        self.access = access
    }

    /// The bits that the instruction can reach.
    private var reach: UInt64 {
        switch access.kind {
        case .lmsw: 0xF
        case .clts: CR0Bit.ts.mask
        default: ~0
        }
    }

    private var differing: UInt64 { (access.value ^ access.shadow) & reach }

    /// All named bits of CR0; of CR4, which has many, those that are set anywhere. Bits without a
    /// name only where they differ or are owned.
    private var columns: [BitNaming.Bit] {
        let named = BitNaming.bits(ofControlRegister: access.number)
        let used = access.value | access.shadow | access.mask
        let shown = named.filter {
            let bit = UInt64(1) << UInt64($0.position)
            return reach & bit != 0 && (access.number == 0 || used & bit != 0)
        }
        let others = (access.mask | differing) & reach & ~mask(of: named)
        let unnamed = (0..<64).filter { others >> UInt64($0) & 1 == 1 }
            .prefix(8).map { BitNaming.Bit(position: $0, name: "\($0)") }
        return (shown + unnamed).sorted { $0.position > $1.position }
    }

    private func mask(of bits: [BitNaming.Bit]) -> UInt64 {
        bits.reduce(0) { $0 | 1 << UInt64($1.position) }
    }

    func lines(_ style: TextStyle) -> [String] {
        var page = TextPage(style)
        var isFirst = true
        for block in blocks(style) {
            if !isFirst { page.blank() }
            draw(block, withNotes: isFirst, on: &page)
            isFirst = false
        }
        return page.lines
    }

    /// As many columns side by side as fit.
    private func blocks(_ style: TextStyle) -> [[BitNaming.Bit]] {
        let room = max(12, style.width - Self.indent - Self.labelWidth - Self.noteWidth - 2)
        var blocks: [[BitNaming.Bit]] = []
        var used = room
        for column in columns {
            let width = max(2, column.name.count) + 1
            if used + width > room {
                blocks.append([])
                used = 0
            }
            blocks[blocks.count - 1].append(column)
            used += width
        }
        return blocks
    }

    private func draw(_ columns: [BitNaming.Bit], withNotes: Bool, on page: inout TextPage) {
        func bits(_ value: UInt64, _ one: String, _ zero: String) -> [String] {
            columns.map { value >> UInt64($0.position) & 1 == 1 ? one : zero }
        }
        let register = "CR\(access.number)"
        var rows = [Row(label: "bit", cells: columns.map(\.name), note: "")]
        if access.kind != .clts {
            rows.append(
                Row(
                    label: "written", cells: bits(access.value, "1", "0"),
                    note: HexText.register(access.value) + "  " + sourceName))
        }
        rows.append(
            Row(
                label: "shadow", cells: bits(access.shadow, "1", "0"),
                note: HexText.register(access.shadow) + "  read shadow"))
        rows.append(
            Row(
                label: "host owns", cells: bits(access.mask, "x", "."),
                note: HexText.register(access.mask) + "  \(register) mask"))
        if access.kind != .clts {
            rows.append(Row(label: "differs", cells: bits(differing, "*", "."), note: ""))
        }
        for row in rows {
            var line = String(repeating: " ", count: Self.indent)
            line += row.label.padded(to: Self.labelWidth)
            for (column, cell) in zip(columns, row.cells) {
                line += cell.leftPadded(to: max(2, column.name.count)) + " "
            }
            if withNotes, !row.note.isEmpty { line += " " + row.note }
            while line.last == " " { line.removeLast() }
            page.add(line: line)
        }
        if access.kind != .clts { drawLegend(columns, on: &page) }
    }

    private func drawLegend(_ columns: [BitNaming.Bit], on page: inout TextPage) {
        var marks: [(place: Int, bit: BitNaming.Bit)] = []
        var place = Self.indent + Self.labelWidth
        for column in columns {
            let width = max(2, column.name.count)
            if differing >> UInt64(column.position) & 1 == 1 {
                marks.append((place + width - 1, column))
            }
            place += width + 1
        }
        guard marks.count <= Self.mostLegs else { return drawList(marks.map(\.bit), on: &page) }
        while let last = marks.popLast() {
            var line = ""
            for mark in marks { line = line.padded(to: mark.place) + "|" }
            line = line.padded(to: last.place) + "└ \(last.bit.name): "
            page.add(line: line + (isOwned(last.bit) ? "host-owned and different" : "guest-owned"))
        }
    }

    private func drawList(_ bits: [BitNaming.Bit], on page: inout TextPage) {
        let parts = [
            ("host-owned and different: ", bits.filter(isOwned)),
            ("guest-owned: ", bits.filter { !isOwned($0) }),
        ]
        for (title, bits) in parts where !bits.isEmpty {
            page.add(
                title + bits.map(\.name).joined(separator: " "), indent: Self.indent,
                hanging: Self.indent + 2)
        }
    }

    private func isOwned(_ bit: BitNaming.Bit) -> Bool {
        access.mask >> UInt64(bit.position) & 1 == 1
    }
}
