/// The I/O APIC of a PC: 24 inputs, each with an entry that says where its interrupts go.
///
/// What it sends waits in ``messages`` until the machine hands it to the local APIC. Of ISA's
/// interrupts number n comes in at input n, but the timer's at input 2, and the interrupt
/// controllers' output at input 0.
///
/// Source: Intel 82093AA I/O Advanced Programmable Interrupt Controller data sheet; MultiProcessor
/// Specification 1.4, "Assignment of I/O Interrupts to the APIC I/O Unit".
public struct IOAPIC: Sendable, Equatable {
    /// Physical address of its page.
    public static let page: UInt64 = 0xFEC0_0000

    /// Bits of a redirection-table entry. Vector, delivery mode, destination mode and destination
    /// stand where an interrupt command has them.
    enum Entry {
        static let deliveryMode: UInt64 = 7 << 8
        static let external: UInt64 = 7 << 8
        static let remoteIRR: UInt64 = 1 << 14
        static let level: UInt64 = 1 << 15
        static let mask: UInt64 = 1 << 16
        /// All but delivery status and remote IRR.
        static let writable: UInt64 = 0xFF00_0000_0001_AFFF
    }

    /// Offsets in the page.
    private enum Offset {
        static let select: UInt64 = 0x00
        static let window: UInt64 = 0x10
    }

    /// Registers behind the window.
    private enum Register {
        static let id: UInt8 = 0x00
        static let version: UInt8 = 0x01
        static let arbitration: UInt8 = 0x02
        static let table: UInt8 = 0x10
    }

    static let inputs = 24
    /// An 82093AA, with the number of its last input.
    static let version = UInt32(inputs - 1) << 16 | 0x11

    private var selected: UInt8 = 0
    private var id: UInt32 = 0
    /// The redirection table: after a reset all inputs are masked.
    private var entries = [UInt64](repeating: Entry.mask, count: inputs)
    /// Inputs that are high.
    private var lines: UInt32 = 0
    /// Interrupts on their way to the processor: the entries that sent them.
    private(set) var messages: [UInt64] = []

    // MARK: Inputs

    /// An input changes: its edge, or its level, may interrupt.
    mutating func set(_ input: Int, _ isHigh: Bool) {
        let bit = UInt32(1) << UInt32(input)
        guard (lines & bit != 0) != isHigh else { return }
        lines ^= bit
        // "Edge-sensitive interrupts signaled on a masked interrupt pin are ignored."
        guard isHigh, entries[input] & Entry.mask == 0 else { return }
        send(input)
    }

    /// An edge, and the line is low again.
    mutating func pulse(_ input: Int) {
        set(input, true)
        set(input, false)
    }

    private mutating func send(_ input: Int) {
        let entry = entries[input]
        // Asked when the processor looks: the interrupt controllers give the vector.
        guard entry & Entry.deliveryMode != Entry.external else { return }
        if entry & Entry.level != 0 {
            guard entry & Entry.remoteIRR == 0 else { return }
            entries[input] = entry | Entry.remoteIRR
        }
        messages.append(entry)
    }

    /// A local APIC has ended a level-triggered interrupt: where the line is still high it comes
    /// again.
    mutating func endInterrupt(_ vector: UInt8) {
        for input in 0..<Self.inputs
        where UInt8(truncatingIfNeeded: entries[input]) == vector
            && entries[input] & Entry.remoteIRR != 0
        {
            entries[input] &= ~Entry.remoteIRR
            sendLevel(input)
        }
    }

    private mutating func sendLevel(_ input: Int) {
        let isHigh = lines >> UInt32(input) & 1 == 1
        guard isHigh, entries[input] & (Entry.mask | Entry.level) == Entry.level else { return }
        send(input)
    }

    /// The interrupt controllers' requests reach the processor through input 0.
    var passesExternal: Bool {
        entries[0] & (Entry.mask | Entry.deliveryMode) == Entry.external
    }

    mutating func takeMessages() -> [UInt64] {
        defer { messages.removeAll(keepingCapacity: true) }
        return messages
    }

    // MARK: Registers

    /// The register of 32 bits at an address of its page; 0 where there is none.
    func read(_ address: UInt64) -> UInt32 {
        switch address & 0xFF {
        case Offset.select: UInt32(selected)
        case Offset.window: register
        default: 0
        }
    }

    private var register: UInt32 {
        switch selected {
        case Register.id, Register.arbitration: return id
        case Register.version: return Self.version
        default:
            guard let input = selectedInput else { return 0 }
            return UInt32(truncatingIfNeeded: entries[input] >> selectedShift)
        }
    }

    private var selectedInput: Int? {
        guard selected >= Register.table else { return nil }
        let input = Int(selected - Register.table) / 2
        return input < Self.inputs ? input : nil
    }

    /// An entry's registers are its low half and its high half.
    private var selectedShift: UInt64 { UInt64(selected & 1) * 32 }

    mutating func write(_ address: UInt64, _ value: UInt32) {
        switch address & 0xFF {
        case Offset.select: selected = UInt8(truncatingIfNeeded: value)
        case Offset.window: writeRegister(value)
        default: break
        }
    }

    private mutating func writeRegister(_ value: UInt32) {
        if selected == Register.id { id = value & 0x0F00_0000 }
        guard let input = selectedInput else { return }
        let writable = 0xFFFF_FFFF << selectedShift & Entry.writable
        entries[input] =
            entries[input] & ~writable | UInt64(value) << selectedShift & writable
        // An edge-triggered input has no remote IRR.
        if entries[input] & Entry.level == 0 { entries[input] &= ~Entry.remoteIRR }
        sendLevel(input)
    }
}
