/// The 8254 timer of a PC and port 61h beside it: counter 0 interrupts by input 0 of the interrupt
/// controller, counter 2 makes the speaker's tone.
///
/// Times are in ticks of the timer's input.
///
/// Source: Intel 8254 data sheet, "Programming the 8254"; ISA's "System Control Port B".
public struct PIT: Sendable, Equatable {
    static let ports: [ClosedRange<UInt16>] = [0x40...0x43, 0x61...0x61]

    private var channels = [
        PITChannel(gate: true), PITChannel(gate: true), PITChannel(gate: false),
    ]
    /// Bits 3:0 of port 61h as written: the gate of counter 2, the speaker, two check enables.
    private var control: UInt8 = 0
    /// Up to here counter 0's output has been seen.
    private var seen: UInt64 = 0

    /// When counter 0 interrupts next; nil: never, as it stands.
    var nextInterrupt: UInt64? { channels[0].nextRise(after: seen) }

    /// Counter 0's output rose since the last look.
    mutating func advance(to now: UInt64) -> Bool {
        defer { seen = max(seen, now) }
        guard let next = nextInterrupt else { return false }
        return next <= now
    }

    /// nil: none of its ports.
    mutating func read(_ port: UInt16, _ now: UInt64) -> UInt8? {
        switch port {
        case 0x40...0x42: return channels[Int(port - 0x40)].read(now)
        // The control register cannot be read.
        case 0x43: return 0xFF
        case 0x61:
            // Bit 4 turns with each refresh of memory, every 15 microseconds.
            let refresh: UInt8 = now / 18 & 1 == 1 ? 0x10 : 0
            return control | refresh | (channels[2].output(now) ? 0x20 : 0)
        default: return nil
        }
    }

    /// False: none of its ports.
    @discardableResult
    mutating func write(_ port: UInt16, _ value: UInt8, _ now: UInt64) -> Bool {
        switch port {
        case 0x40...0x42: channels[Int(port - 0x40)].write(value, now)
        case 0x43: writeControl(value, now)
        case 0x61:
            control = value & 0xF
            channels[2].setGate(value & 1 == 1, now)
        default: return false
        }
        return true
    }

    private mutating func writeControl(_ value: UInt8, _ now: UInt64) {
        let number = Int(value >> 6)
        guard number < 3 else {
            // Read-back: for each counter that is named, count and status unless a bit says no.
            for index in 0..<3 where value & (2 << UInt8(index)) != 0 {
                if value & 0x20 == 0 { channels[index].latchCount(now) }
                if value & 0x10 == 0 { channels[index].latchStatus(now) }
            }
            return
        }
        let access = value >> 4 & 3
        if access == 0 {
            channels[number].latchCount(now)
        } else {
            channels[number].configure(
                access: access, mode: value >> 1 & 7, isBCD: value & 1 == 1)
        }
    }
}
