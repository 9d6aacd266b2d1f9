import Machine

/// INT 10h: video.
extension Firmware {
    /// Modes by what they show.
    private enum Mode {
        static let wideText: UInt8 = 3
        static let graphics: UInt8 = 0x13
        static let graphicsMemory: UInt64 = 0xA0000
        static let graphicsSize: UInt64 = 320 * 200
    }

    /// False: there is no such function here, and nothing changes.
    func video(_ registers: inout FirmwareRegisters, _ machine: inout Machine) -> Bool {
        switch registers.ah {
        case 0x00: return setMode(registers.al, &machine)
        case 0x01: BIOSData.write(BIOSData.cursorShape, UInt64(registers.cx), size: 2, &machine)
        case 0x02:
            screen.setCursor(registers.bh, row: registers.dh, column: registers.dl, &machine)
        case 0x03:
            let place = screen.cursor(registers.bh, &machine)
            registers.dx = UInt16(place.row) << 8 | UInt16(place.column)
            let shape = BIOSData.read(BIOSData.cursorShape, size: 2, &machine)
            registers.cx = UInt16(truncatingIfNeeded: shape)
        case 0x05: setPage(registers.al & 7, &machine)
        case 0x06, 0x07: scroll(registers, &machine)
        case 0x08: registers.ax = screen.cell(registers.bh, &machine)
        case 0x09, 0x0A:
            let attribute = registers.ah == 0x09 ? registers.bl : nil
            screen.put(
                registers.al, attribute: attribute, count: registers.cx, page: registers.bh,
                &machine)
        case 0x0C, 0x0D: return pixel(&registers, &machine)
        case 0x0E:
            screen.type(
                registers.al, attribute: nil, page: screen.activePage(&machine), &machine)
        case 0x0F:
            let mode = BIOSData.read(BIOSData.videoMode, size: 1, &machine)
            let columns = BIOSData.read(BIOSData.columns, size: 1, &machine)
            registers.ax = UInt16(truncatingIfNeeded: columns << 8 | mode)
            registers.bh = screen.activePage(&machine)
        case 0x13: writeString(registers, &machine)
        case 0x1A where registers.al == 0:
            // A colour VGA.
            registers.al = 0x1A
            registers.bx = 0x0008
        case 0x0B, 0x10, 0x11, 0x12: break
        default: return false
        }
        return true
    }

    /// Bit 7 of the number: the memory is not cleared.
    private func setMode(_ number: UInt8, _ machine: inout Machine) -> Bool {
        let mode = number & 0x7F
        guard mode <= Mode.wideText || mode == 7 || mode == Mode.graphics else { return false }
        let columns: UInt64 = mode <= 1 || mode == Mode.graphics ? 40 : 80
        let fields: [(UInt64, UInt64, Int)] = [
            (BIOSData.videoMode, UInt64(mode), 1), (BIOSData.columns, columns, 2),
            (BIOSData.pageSize, columns == 40 ? 0x800 : 0x1000, 2), (BIOSData.lastRow, 24, 1),
            (BIOSData.cursorShape, 0x0607, 2),
        ]
        for (field, value, size) in fields { BIOSData.write(field, value, size: size, &machine) }
        for page in UInt8(0)..<8 { screen.setCursor(page, row: 0, column: 0, &machine) }
        setPage(0, &machine)
        guard number & 0x80 == 0 else { return true }
        if mode == Mode.graphics {
            for offset in stride(from: UInt64(0), to: Mode.graphicsSize, by: 8) {
                machine.writePhysical(Mode.graphicsMemory + offset, 0, size: 8)
            }
        } else {
            for offset in stride(from: UInt64(0), to: TextScreen.size, by: 2) {
                machine.writePhysical(TextScreen.memory + offset, TextScreen.blank, size: 2)
            }
        }
        return true
    }

    private func setPage(_ page: UInt8, _ machine: inout Machine) {
        let size = BIOSData.read(BIOSData.pageSize, size: 2, &machine)
        BIOSData.write(BIOSData.page, UInt64(page), size: 1, &machine)
        BIOSData.write(BIOSData.pageStart, UInt64(page) * size, size: 2, &machine)
    }

    private func scroll(_ registers: FirmwareRegisters, _ machine: inout Machine) {
        let area = TextScreen.Area(
            top: UInt64(registers.ch), left: UInt64(registers.cl), bottom: UInt64(registers.dh),
            right: UInt64(registers.dl))
        let lines = registers.ah == 0x06 ? Int(registers.al) : -Int(registers.al)
        screen.scroll(
            area, by: lines, attribute: registers.bh, page: screen.activePage(&machine), &machine)
    }

    /// A dot of mode 13h, the one graphics mode here.
    private func pixel(_ registers: inout FirmwareRegisters, _ machine: inout Machine) -> Bool {
        let offset = UInt64(registers.dx) * 320 + UInt64(registers.cx)
        let mode = BIOSData.read(BIOSData.videoMode, size: 1, &machine)
        guard mode == UInt64(Mode.graphics), offset < Mode.graphicsSize else { return false }
        let address = Mode.graphicsMemory + offset
        if registers.ah == 0x0C {
            machine.writePhysical(address, UInt64(registers.al), size: 1)
        } else {
            registers.al = UInt8(truncatingIfNeeded: machine.readPhysical(address, size: 1))
        }
        return true
    }

    /// Bit 0 of AL: the cursor moves; bit 1: each character brings its attribute.
    private func writeString(_ registers: FirmwareRegisters, _ machine: inout Machine) {
        let page = registers.bh
        let before = screen.cursor(page, &machine)
        screen.setCursor(page, row: registers.dh, column: registers.dl, &machine)
        let step: UInt64 = registers.al & 2 != 0 ? 2 : 1
        for index in 0..<UInt64(registers.cx) {
            let place = registers.es &+ ((UInt64(registers.bp) &+ index &* step) & 0xFFFF)
            let character = UInt8(truncatingIfNeeded: machine.readPhysical(place, size: 1))
            var attribute = registers.bl
            if step == 2 {
                attribute = UInt8(truncatingIfNeeded: machine.readPhysical(place + 1, size: 1))
            }
            screen.type(character, attribute: attribute, page: page, &machine)
        }
        if registers.al & 1 == 0 {
            screen.setCursor(page, row: before.row, column: before.column, &machine)
        }
    }
}
