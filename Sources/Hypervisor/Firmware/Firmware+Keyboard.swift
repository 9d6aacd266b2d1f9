import Machine

/// INT 16h: the keyboard. Keys go through the ring in the BIOS data area, as on a PC, but come
/// there only when they are asked for.
extension Firmware {
    func keyboardIsEmpty(_ machine: inout Machine) -> Bool {
        BIOSData.read(BIOSData.keyHead, size: 2, &machine)
            == BIOSData.read(BIOSData.keyTail, size: 2, &machine)
    }

    mutating func keyboard(
        _ registers: inout FirmwareRegisters, _ machine: inout Machine, _ call: inout FirmwareCall,
        _ source: KeyboardSource
    ) -> Bool {
        switch registers.ah {
        case 0x00, 0x10:
            switch fetchKey(waits: true, &machine, source) {
            case .there: break
            case .interrupted:
                call.isInterrupted = true
                return true
            case .missing:
                call.waitsForever = true
                return true
            }
            registers.ax = firstKey(&machine)
            let head = BIOSData.read(BIOSData.keyHead, size: 2, &machine)
            BIOSData.write(BIOSData.keyHead, next(head), size: 2, &machine)
        case 0x01, 0x11:
            let isThere = fetchKey(waits: false, &machine, source) == .there
            registers.zero = !isThere
            if isThere { registers.ax = firstKey(&machine) }
        // No key is held: neither shift nor control.
        case 0x02, 0x12: registers.ax = UInt16(registers.ah == 0x12 ? 0 : registers.ah) << 8
        case 0x03: break
        case 0x05: registers.al = store(registers.cx, &machine) ? 0 : 1
        default: return false
        }
        return true
    }

    // MARK: The ring

    private func next(_ place: UInt64) -> UInt64 {
        let following = place &+ 2
        let end = BIOSData.keyBuffer + BIOSData.keyBufferSize
        return (BIOSData.keyBuffer..<end).contains(following) ? following : BIOSData.keyBuffer
    }

    private func firstKey(_ machine: inout Machine) -> UInt16 {
        let head = BIOSData.read(BIOSData.keyHead, size: 2, &machine)
        return UInt16(truncatingIfNeeded: BIOSData.read(head, size: 2, &machine))
    }

    /// False: the ring is full.
    private func store(_ key: UInt16, _ machine: inout Machine) -> Bool {
        let tail = BIOSData.read(BIOSData.keyTail, size: 2, &machine)
        let following = next(tail)
        guard following != BIOSData.read(BIOSData.keyHead, size: 2, &machine) else { return false }
        BIOSData.write(tail, UInt64(key), size: 2, &machine)
        BIOSData.write(BIOSData.keyTail, following, size: 2, &machine)
        return true
    }

    private enum Key { case there, missing, interrupted }

    /// Has at least one key in the ring, if there is one.
    private mutating func fetchKey(
        waits: Bool, _ machine: inout Machine, _ source: KeyboardSource
    ) -> Key {
        while keyboardIsEmpty(&machine) {
            let mustWait = waits && keySequence.isEmpty
            let contents = mustWait ? ScreenContents(firmware: machine.memory) : nil
            switch source(mustWait, contents) {
            case .byte(let byte): for key in keys(behind: byte) { _ = store(key, &machine) }
            case .interrupted: return .interrupted
            case .none, .end:
                // An escape key with nothing behind it is no sequence.
                guard !keySequence.isEmpty else { return .missing }
                keySequence = []
                _ = store(KeyCodes.escape, &machine)
            }
        }
        return .there
    }

    /// The keys that are complete with this byte. A terminal sends cursor keys as ESC [ letter.
    private mutating func keys(behind byte: UInt8) -> [UInt16] {
        keySequence.append(byte)
        switch keySequence.count {
        case 1 where byte == 0x1B: return []
        case 2 where byte == UInt8(ascii: "["): return []
        default: break
        }
        defer { keySequence = [] }
        if keySequence.count == 3, let key = KeyCodes.cursorKey(byte) { return [key] }
        return keySequence.compactMap(KeyCodes.key)
    }
}

/// Scan codes in the high byte, characters in the low one: a US keyboard's.
enum KeyCodes {
    static let escape: UInt16 = 0x011B

    /// Keys of a row from its first scan code, without and with shift.
    private static let rows: [(first: UInt16, plain: String, shifted: String)] = [
        (0x02, "1234567890-=", "!@#$%^&*()_+"),
        (0x10, "qwertyuiop[]", "QWERTYUIOP{}"),
        (0x1E, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
        (0x2B, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
        (0x39, " ", " "),
    ]

    /// By character.
    private static let characters: [UInt8: UInt16] = {
        var codes: [UInt8: UInt16] = [
            0x08: 0x0E08, 0x7F: 0x0E08, 0x09: 0x0F09, 0x0A: 0x1C0D, 0x0D: 0x1C0D, 0x1B: escape,
        ]
        for row in rows {
            for text in [row.plain, row.shifted] {
                for (index, character) in text.utf8.enumerated() {
                    codes[character] = (row.first + UInt16(index)) << 8 | UInt16(character)
                }
            }
        }
        // Control with a letter: the letter's key, and its number in the alphabet.
        for number in UInt8(1)...26 where codes[number] == nil {
            let key = codes[number + 0x60].map { $0 & 0xFF00 } ?? 0
            codes[number] = key | UInt16(number)
        }
        return codes
    }()

    /// nil: no key of this keyboard.
    static func key(_ character: UInt8) -> UInt16? { characters[character] }

    /// By the letter that ends a terminal's sequence: up, down, right, left, end, home.
    static func cursorKey(_ letter: UInt8) -> UInt16? {
        let keys: [UInt8: UInt16] = [
            0x41: 0x4800, 0x42: 0x5000, 0x43: 0x4D00, 0x44: 0x4B00, 0x46: 0x4F00, 0x48: 0x4700,
        ]
        return keys[letter]
    }
}
