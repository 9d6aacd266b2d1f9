/// Where port accesses go that no VM exit takes away.
public struct PortBus: Sendable {
    /// Serial data (COM1) and the debug port: what is written here is the guest's output.
    public static let serialData: UInt16 = 0x3F8
    public static let debugOutput: UInt16 = 0xE9
    /// A write here ends the run.
    public static let debugExit: UInt16 = 0xF4
    /// A write here asks the firmware for a service, where there is one.
    public static let firmware: UInt16 = 0xB2

    /// One byte of output.
    public struct Output: Sendable, Equatable {
        public let port: UInt16
        public let byte: UInt8

        public init(port: UInt16, byte: UInt8) {
            self.port = port
            self.byte = byte
        }
    }

    /// Values that reads of a port give, for lessons, before any device is asked.
    ///
    /// Those of ``serialData`` arrive at the serial port: its line status tells of them.
    public var inputs: [UInt16: [UInt8]] = [:]
    /// All traffic in order, where it is wanted: nil keeps none.
    public var log: [PortTransfer]?
    /// The most data that ``log`` takes.
    public var logLimit = 1 << 20
    /// Firmware that lives outside of the machine answers calls.
    public var hasFirmware = false
    /// Firmware is called.
    var callsFirmware = false
    public var devices: Chipset
    /// The machine's time, in ticks of the devices.
    var now: UInt64 = 0
    /// A device was accessed: its lines, and when it interrupts next, may have changed.
    var needsLook = false
    /// Output not yet taken by ``takeOutput()``.
    private var waiting: [Output] = []
    /// The value written to the debug-exit port, once it was.
    public private(set) var exitValue: UInt32?
    /// More waiting output than this is thrown away unread: nobody takes it.
    private static let most = 1 << 20

    /// - Parameter memorySize: bytes of RAM, as firmware notes them for the guest.
    public init(memorySize: UInt64 = 0) { devices = Chipset(memorySize: memorySize) }

    public var hasOutput: Bool { !waiting.isEmpty }
    /// So much output waits that the run should pause for it to be taken.
    var isCrowded: Bool { waiting.count >= Self.most / 16 }

    /// The run loop has something to do about what was written.
    var wantsAttention: Bool { needsLook || exitValue != nil || callsFirmware || isCrowded }

    public mutating func takeOutput() -> [Output] {
        defer { waiting.removeAll(keepingCapacity: true) }
        return waiting
    }

    public mutating func read(_ port: UInt16, size: UInt8) -> UInt32 {
        var value: UInt32 = 0
        if let whole = devices.readWhole(port, size: size) {
            value = whole
        } else {
            for index in 0..<size {
                value |= UInt32(readByte(port &+ UInt16(index))) << UInt32(8 * index)
            }
        }
        note(PortTransfer(port: port, size: size, isInput: true, value: value))
        return value
    }

    private mutating func note(_ transfer: PortTransfer) {
        if let count = log?.count, count < logLimit { log?.append(transfer) }
    }

    private mutating func readByte(_ port: UInt16) -> UInt8 {
        if SerialPort.ports.contains(port) {
            fillSerialPort()
        } else if let byte = takeInput(port) {
            return byte
        }
        if let byte = devices.read(port, now) {
            needsLook = true
            return byte
        }
        // What reads as its own number tells a guest that the debug port is there.
        return port == Self.debugOutput ? UInt8(Self.debugOutput) : 0xFF
    }

    private mutating func takeInput(_ port: UInt16) -> UInt8? {
        guard var queue = inputs[port], !queue.isEmpty else { return nil }
        let byte = queue.removeFirst()
        inputs[port] = queue
        return byte
    }

    /// Hands the serial port what its buffer takes.
    private mutating func fillSerialPort() {
        while devices.serial.isReceiving, let byte = takeInput(Self.serialData) {
            devices.receive(byte)
        }
    }

    /// The output, where the access makes one.
    @discardableResult
    public mutating func write(_ port: UInt16, _ value: UInt32, size: UInt8) -> Output? {
        note(PortTransfer(port: port, size: size, isInput: false, value: value))
        if port == Self.debugExit {
            exitValue = value
            return nil
        }
        if port == Self.firmware, hasFirmware {
            callsFirmware = true
            return nil
        }
        if port == Self.debugOutput {
            return keep(Output(port: port, byte: UInt8(truncatingIfNeeded: value)))
        }
        guard devices.hasPorts(from: port, count: size) || !inputs.isEmpty else { return nil }
        needsLook = true
        if devices.writeWhole(port, value, size: size) { return nil }
        var output: Output?
        for index in 0..<size {
            let byte = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
            let place = port &+ UInt16(index)
            guard let sent = devices.write(place, byte, now) else { continue }
            output = keep(Output(port: place, byte: sent))
        }
        if inputs[Self.serialData] != nil { fillSerialPort() }
        return output
    }

    private mutating func keep(_ output: Output) -> Output {
        if waiting.count < Self.most { waiting.append(output) }
        return output
    }
}
