/// The 8042 keyboard controller, ports 60h and 64h, with what hangs on its output port: the gate of
/// address line 20 and the processor's reset.
///
/// The keyboard behind it answers commands; keys are pressed from outside.
///
/// Source: IBM PS/2 technical reference, "Keyboard and Auxiliary Device Controller".
public struct KeyboardController: Sendable, Equatable {
    static let ports: [ClosedRange<UInt16>] = [0x60...0x60, 0x64...0x64, 0x92...0x92]

    /// Bits of the output port.
    private enum OutputPort {
        /// Low resets the processor.
        static let reset: UInt8 = 1
        static let a20: UInt8 = 2
    }

    /// What a byte written to port 60h is.
    private enum Expecting: Sendable { case keyboardCommand, keyboardData, commandByte, outputPort }

    private var queue: [UInt8] = []
    /// Bit 0: interrupts; bit 2: the self-test was passed; bit 6: scan codes are translated.
    private var commandByte: UInt8 = 0x45
    private var expecting = Expecting.keyboardCommand
    private var lastWasCommand = false
    /// Address line 20 is open, not held low.
    private(set) var opensA20 = true
    /// The guest has pulled the reset line.
    private(set) var wantsReset = false

    private static let acknowledge: UInt8 = 0xFA

    /// The output to the interrupt controller's input 1.
    var isInterrupting: Bool { !queue.isEmpty && commandByte & 1 != 0 }

    /// A scan code from the keyboard; lost where sixteen bytes wait.
    mutating func press(_ scanCode: UInt8) { add(scanCode) }

    private mutating func add(_ bytes: UInt8...) {
        for byte in bytes where queue.count < 16 { queue.append(byte) }
    }

    /// nil: none of its ports.
    mutating func read(_ port: UInt16) -> UInt8? {
        switch port {
        // With nothing to hand out it reads as a port that nobody claims.
        case 0x60: return queue.isEmpty ? 0xFF : queue.removeFirst()
        case 0x64:
            // The keyboard is not locked; the input buffer is always empty.
            var status: UInt8 = 0x10 | commandByte & 4
            if !queue.isEmpty { status |= 1 }
            if lastWasCommand { status |= 8 }
            return status
        case 0x92: return opensA20 ? 2 : 0
        default: return nil
        }
    }

    /// False: none of its ports.
    @discardableResult
    mutating func write(_ port: UInt16, _ value: UInt8) -> Bool {
        switch port {
        case 0x60:
            lastWasCommand = false
            writeData(value)
        case 0x64:
            lastWasCommand = true
            writeCommand(value)
        // System control port A: the same two lines, faster.
        case 0x92:
            opensA20 = value & 2 != 0
            if value & 1 != 0 { wantsReset = true }
        default: return false
        }
        return true
    }

    private mutating func writeCommand(_ value: UInt8) {
        expecting = .keyboardCommand
        switch value {
        case 0x20: add(commandByte)
        case 0x60: expecting = .commandByte
        // Self-test passed; interface test: no fault.
        case 0xAA:
            commandByte |= 4
            add(0x55)
        case 0xAB: add(0)
        // Disable and enable the keyboard.
        case 0xAD: commandByte |= 0x10
        case 0xAE: commandByte &= ~0x10
        case 0xD0: add(OutputPort.reset | (opensA20 ? OutputPort.a20 : 0))
        case 0xD1: expecting = .outputPort
        // Pulses on the output port's low bits, a 0 in each place that is pulsed.
        case 0xF0...0xFF: if value & OutputPort.reset == 0 { wantsReset = true }
        default: break
        }
    }

    private mutating func writeData(_ value: UInt8) {
        let meaning = expecting
        expecting = .keyboardCommand
        switch meaning {
        case .commandByte: commandByte = value
        case .outputPort:
            opensA20 = value & OutputPort.a20 != 0
            if value & OutputPort.reset == 0 { wantsReset = true }
        case .keyboardData: add(Self.acknowledge)
        case .keyboardCommand: commandKeyboard(value)
        }
    }

    private mutating func commandKeyboard(_ value: UInt8) {
        switch value {
        // Echo.
        case 0xEE: add(0xEE)
        // Identify: a keyboard with translation.
        case 0xF2: add(Self.acknowledge, 0xAB, 0x41)
        // Lights, scan-code set, repetition: a byte follows.
        case 0xED, 0xF0, 0xF3:
            add(Self.acknowledge)
            expecting = .keyboardData
        // Reset: acknowledged, and the self-test is passed.
        case 0xFF: add(Self.acknowledge, 0xAA)
        default: add(Self.acknowledge)
        }
    }
}
