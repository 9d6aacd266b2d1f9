/// A 16550 serial port: what is written to it is sent at once.
///
/// Source: National Semiconductor PC16550D data sheet, "Registers".
public struct SerialPort: Sendable, Equatable {
    static let ports: ClosedRange<UInt16> = 0x3F8...0x3FF

    private enum LineControl {
        static let divisorLatch: UInt8 = 0x80
    }

    private enum LineStatus {
        static let dataReady: UInt8 = 0x01
        /// Transmitter holding register and transmitter empty.
        static let empty: UInt8 = 0x60
    }

    private enum ModemControl {
        static let out2: UInt8 = 0x08
        static let loop: UInt8 = 0x10
    }

    private enum Interrupt {
        static let received: UInt8 = 1
        static let transmitterEmpty: UInt8 = 2
        static let modemStatus: UInt8 = 8
    }

    /// 1200 baud until the guest sets another.
    private var divisor: UInt16 = 96
    private var interruptEnable: UInt8 = 0
    private var lineControl: UInt8 = 0
    private var modemControl: UInt8 = 0
    private var scratch: UInt8 = 0
    private var hasFIFO = false
    private var tellsTransmitterEmpty = false
    /// Bits 3:0 of the modem status: which lines have changed.
    private var modemChanges: UInt8 = 0
    private var received: [UInt8] = []

    private var isLoop: Bool { modemControl & ModemControl.loop != 0 }
    private var showsDivisor: Bool { lineControl & LineControl.divisorLatch != 0 }

    /// Whether it takes another byte from outside.
    var isReceiving: Bool { received.count < 16 && !isLoop }

    mutating func receive(_ byte: UInt8) { received.append(byte) }

    /// The output to the interrupt controller; OUT2 connects it.
    var isInterrupting: Bool {
        identification & 1 == 0
            && modemControl & (ModemControl.out2 | ModemControl.loop)
                == ModemControl.out2
    }

    /// Bit 0 is 0 where an interrupt waits; bits 3:1 tell the most urgent.
    private var identification: UInt8 {
        if interruptEnable & Interrupt.received != 0, !received.isEmpty { return 4 }
        if interruptEnable & Interrupt.transmitterEmpty != 0, tellsTransmitterEmpty { return 2 }
        if interruptEnable & Interrupt.modemStatus != 0, modemChanges != 0 { return 0 }
        return 1
    }

    /// In the loop the modem's lines are those of the modem control register; else somebody
    /// listens: clear to send, data set ready, carrier detected.
    private var modemLines: UInt8 {
        guard isLoop else { return 0xB0 }
        let control = modemControl
        return (control & 2) << 3 | (control & 1) << 5 | (control & 0xC) << 4
    }

    mutating func read(_ register: UInt16) -> UInt8 {
        switch register {
        case 0:
            if showsDivisor { return UInt8(truncatingIfNeeded: divisor) }
            return received.isEmpty ? 0 : received.removeFirst()
        case 1: return showsDivisor ? UInt8(truncatingIfNeeded: divisor >> 8) : interruptEnable
        case 2:
            let value = identification
            if value == 2 { tellsTransmitterEmpty = false }
            return value | (hasFIFO ? 0xC0 : 0)
        case 3: return lineControl
        case 4: return modemControl
        case 5: return LineStatus.empty | (received.isEmpty ? 0 : LineStatus.dataReady)
        case 6:
            defer { modemChanges = 0 }
            return modemLines | modemChanges
        default: return scratch
        }
    }

    /// The byte that leaves the port, where one does.
    mutating func write(_ register: UInt16, _ value: UInt8) -> UInt8? {
        switch register {
        case 0:
            if showsDivisor {
                divisor = divisor & 0xFF00 | UInt16(value)
                return nil
            }
            tellsTransmitterEmpty = true
            guard isLoop else { return value }
            if received.count < 16 { received.append(value) }
        case 1:
            if showsDivisor {
                divisor = divisor & 0xFF | UInt16(value) << 8
                return nil
            }
            // Enabling the interrupt tells at once that there is room.
            if value & ~interruptEnable & Interrupt.transmitterEmpty != 0 {
                tellsTransmitterEmpty = true
            }
            interruptEnable = value & 0xF
        case 2:
            let wasFIFO = hasFIFO
            hasFIFO = value & 1 != 0
            if hasFIFO != wasFIFO || value & 2 != 0 { received = [] }
        case 3: lineControl = value
        case 4: setModemControl(value)
        case 7: scratch = value
        // The status registers are read only.
        default: break
        }
        return nil
    }

    private mutating func setModemControl(_ value: UInt8) {
        let before = modemLines
        modemControl = value & 0x1F
        let changed = before ^ modemLines
        // Of the ring indicator only the falling edge counts.
        let ring: UInt8 = before & ~modemLines & 0x40
        modemChanges |= (changed & 0xB0 | ring) >> 4
    }
}
