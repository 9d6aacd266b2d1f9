import Machine

/// The text screen: characters and attributes from B8000h on, and the cursors in the BIOS data area.
struct TextScreen: Sendable {
    static let memory: UInt64 = 0xB8000
    /// Bytes of video memory, all pages.
    static let size: UInt64 = 0x8000
    static let columns: UInt64 = 80
    static let rows: UInt64 = 25
    /// A blank in light grey on black.
    static let blank: UInt64 = 0x0720

    /// A page of blanks.
    private static let blanks: [UInt8] = (0..<PhysicalMemory.pageSize).map { index in
        UInt8(truncatingIfNeeded: blank >> UInt64((index & 1) * 8))
    }

    static func clear(_ memory: inout PhysicalMemory) {
        for offset in stride(from: UInt64(0), to: size, by: blanks.count) {
            memory.load(blanks, at: Self.memory + offset)
        }
    }

    // MARK: What the data area says

    private func columns(_ machine: inout Machine) -> UInt64 {
        max(BIOSData.read(BIOSData.columns, size: 2, &machine) & 0xFF, 1)
    }

    private func lastRow(_ machine: inout Machine) -> UInt64 {
        BIOSData.read(BIOSData.lastRow, size: 1, &machine)
    }

    func activePage(_ machine: inout Machine) -> UInt8 {
        UInt8(truncatingIfNeeded: BIOSData.read(BIOSData.page, size: 1, &machine)) & 7
    }

    func cursor(_ page: UInt8, _ machine: inout Machine) -> (row: UInt8, column: UInt8) {
        let word = BIOSData.read(BIOSData.cursors + UInt64(page & 7) * 2, size: 2, &machine)
        return (UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word))
    }

    func setCursor(_ page: UInt8, row: UInt8, column: UInt8, _ machine: inout Machine) {
        let word = UInt64(row) << 8 | UInt64(column)
        BIOSData.write(BIOSData.cursors + UInt64(page & 7) * 2, word, size: 2, &machine)
    }

    /// Where a cell is, within the video memory whatever the numbers are.
    private func address(
        _ page: UInt8, _ row: UInt64, _ column: UInt64, _ machine: inout Machine
    ) -> UInt64 {
        let pageSize = BIOSData.read(BIOSData.pageSize, size: 2, &machine)
        let cell = row * columns(&machine) + column
        return Self.memory + (UInt64(page & 7) * pageSize + cell * 2) % Self.size
    }

    // MARK: Cells

    func cell(_ page: UInt8, _ machine: inout Machine) -> UInt16 {
        let place = cursor(page, &machine)
        let address = address(page, UInt64(place.row), UInt64(place.column), &machine)
        return UInt16(truncatingIfNeeded: machine.readPhysical(address, size: 2))
    }

    /// Writes a character from the cursor on, which stays. Attribute nil: as it is there.
    func put(
        _ character: UInt8, attribute: UInt8?, count: UInt16, page: UInt8,
        _ machine: inout Machine
    ) {
        let place = cursor(page, &machine)
        let start = address(page, UInt64(place.row), UInt64(place.column), &machine)
        for index in 0..<UInt64(count) {
            let address = Self.memory + (start - Self.memory + index * 2) % Self.size
            machine.writePhysical(address, UInt64(character), size: 1)
            if let attribute { machine.writePhysical(address + 1, UInt64(attribute), size: 1) }
        }
    }

    /// Writes as a teletype does: the cursor moves on, and the page scrolls at its end.
    func type(_ character: UInt8, attribute: UInt8?, page: UInt8, _ machine: inout Machine) {
        var (row, column) = cursor(page, &machine)
        let columns = columns(&machine)
        switch character {
        case 0x07: return
        case 0x08: column = column > 0 ? column - 1 : 0
        case 0x0A: row &+= 1
        case 0x0D: column = 0
        default:
            put(character, attribute: attribute, count: 1, page: page, &machine)
            column &+= 1
        }
        if UInt64(column) >= columns {
            column = 0
            row &+= 1
        }
        let last = lastRow(&machine)
        if UInt64(row) > last {
            scroll(
                Area(top: 0, left: 0, bottom: last, right: columns - 1), by: 1, attribute: 0x07,
                page: page, &machine)
            row = UInt8(truncatingIfNeeded: last)
        }
        setCursor(page, row: row, column: column, &machine)
    }

    func write(_ text: String, _ machine: inout Machine) {
        let page = activePage(&machine)
        for byte in text.utf8 { type(byte, attribute: nil, page: page, &machine) }
    }

    /// A rectangle of cells, both ends included.
    struct Area {
        var top: UInt64
        var left: UInt64
        var bottom: UInt64
        var right: UInt64
    }

    /// Moves an area's rows up (or down, where negative) and blanks those that come free. 0: all.
    func scroll(
        _ area: Area, by lines: Int, attribute: UInt8, page: UInt8, _ machine: inout Machine
    ) {
        let right = min(area.right, columns(&machine) - 1)
        let bottom = min(area.bottom, lastRow(&machine))
        guard area.top <= bottom, area.left <= right else { return }
        let height = bottom - area.top + 1
        let distance = lines == 0 ? height : min(UInt64(lines.magnitude), height)
        for index in 0..<height {
            let row = lines < 0 ? bottom - index : area.top + index
            for column in area.left...right {
                var cell = UInt64(attribute) << 8 | 0x20
                if index + distance < height {
                    let from = lines < 0 ? row - distance : row + distance
                    cell = machine.readPhysical(address(page, from, column, &machine), size: 2)
                }
                machine.writePhysical(address(page, row, column, &machine), cell, size: 2)
            }
        }
    }
}
