import Hypervisor

/// A firmware service in words.
struct FirmwareText {
    let call: FirmwareCall

    /// Said once: who the firmware is.
    static let introduction =
        "Stepvisor emulates the BIOS: its ROM at F0000h hands each service over with OUT B2h."

    /// As "int 13h, AH 02h: read sectors".
    var line: String {
        var text = "int \(HexText.padded(UInt64(call.vector), 2))h"
        if hasFunctions { text += ", AH \(HexText.padded(UInt64(call.function), 2))h" }
        text += ": " + (call.isProvided ? title : "not provided by this BIOS")
        if call.carry == true { text += "; fails, CF 1" }
        if call.waitsForever { text += "; no key comes any more" }
        return text
    }

    /// Services that programs call again and again: brief narration leaves them out.
    var isFrequent: Bool {
        switch (call.vector, call.function) {
        case (0x10, 0x02), (0x10, 0x03), (0x10, 0x09), (0x10, 0x0C), (0x10, 0x0E), (0x14, _),
            (0x16, 0x01), (0x16, 0x11), (0x1A, 0x00):
            call.isProvided
        default: false
        }
    }

    private var hasFunctions: Bool { ![0x11, 0x12, 0x18, 0x19].contains(call.vector) }

    private var title: String {
        switch call.vector {
        case 0x10: videoTitle
        case 0x11: "equipment"
        case 0x12: "conventional memory"
        case 0x13: diskTitle
        case 0x14: "serial port"
        case 0x15: systemTitle
        case 0x16: keyboardTitle
        case 0x17: "printer"
        case 0x18: "nothing to boot from"
        case 0x19: "boot again"
        default: "clock"
        }
    }

    private var videoTitle: String {
        switch call.function {
        case 0x00: "set video mode"
        case 0x01: "set cursor shape"
        case 0x02: "set cursor position"
        case 0x03: "get cursor position"
        case 0x05: "select page"
        case 0x06: "scroll up"
        case 0x07: "scroll down"
        case 0x08: "read character"
        case 0x09, 0x0A: "write character"
        case 0x0C: "write dot"
        case 0x0D: "read dot"
        case 0x0E: "teletype output"
        case 0x0F: "get video mode"
        case 0x13: "write string"
        default: "palette, fonts and adapter: nothing to do"
        }
    }

    private var diskTitle: String {
        switch call.function {
        case 0x00, 0x0D, 0x11: "reset disk"
        case 0x01: "status of the last operation"
        case 0x02: "read sectors"
        case 0x03: "write sectors, kept in memory"
        case 0x04: "verify sectors"
        case 0x08: "drive parameters"
        case 0x15: "disk type"
        case 0x41: "extensions"
        case 0x42: "extended read"
        case 0x43: "extended write, kept in memory"
        case 0x44: "extended verify"
        case 0x47: "extended seek"
        default: "extended drive parameters"
        }
    }

    private var systemTitle: String {
        switch call.function {
        case 0x24: "A20 gate"
        case 0x86: "wait"
        case 0x87: "move block"
        case 0x88: "extended memory"
        case 0xC1: "extended BIOS data area"
        default: "memory map"
        }
    }

    private var keyboardTitle: String {
        switch call.function {
        case 0x00, 0x10: "wait for a key"
        case 0x01, 0x11: "look for a key"
        case 0x05: "put a key"
        default: "keyboard state"
        }
    }
}
