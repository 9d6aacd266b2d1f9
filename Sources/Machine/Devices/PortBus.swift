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

        /// What a transfer prints; nil where it is no output.
        public init?(_ transfer: PortTransfer) {
            let isOutput =
                transfer.port == PortBus.serialData || transfer.port == PortBus.debugOutput
            guard isOutput, !transfer.isInput else { return nil }
            port = transfer.port
            byte = UInt8(truncatingIfNeeded: transfer.value)
        }
    }

    /// Values that reads of a port give, for lessons; other ports read all ones.
    public var inputs: [UInt16: [UInt8]] = [:]
    /// All traffic in order, where it is wanted: nil keeps none.
    public var log: [PortTransfer]?
    /// The most data that ``log`` takes.
    public var logLimit = 1 << 20
    /// Firmware that lives outside of the machine answers calls.
    public var hasFirmware = false
    /// Firmware is called.
    var callsFirmware = false
    /// Output not yet taken by ``takeOutput()``.
    private var waiting: [Output] = []
    /// The value written to the debug-exit port, once it was.
    public private(set) var exitValue: UInt32?
    /// More waiting output than this is thrown away unread: nobody takes it.
    private static let most = 1 << 20

    public init() {}

    public var hasOutput: Bool { !waiting.isEmpty }
    /// So much output waits that the run should pause for it to be taken.
    var isCrowded: Bool { waiting.count >= Self.most / 16 }

    public mutating func takeOutput() -> [Output] {
        defer { waiting.removeAll(keepingCapacity: true) }
        return waiting
    }

    public mutating func read(_ port: UInt16, size: UInt8) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<size {
            value |= UInt32(readByte(port &+ UInt16(index))) << UInt32(8 * index)
        }
        note(PortTransfer(port: port, size: size, isInput: true, value: value))
        return value
    }

    private mutating func note(_ transfer: PortTransfer) {
        if let count = log?.count, count < logLimit { log?.append(transfer) }
    }

    private mutating func readByte(_ port: UInt16) -> UInt8 {
        // COM1's line status: the transmitter is always empty.
        if port == Self.serialData + 5 { return 0x60 }
        guard var queue = inputs[port], !queue.isEmpty else { return 0xFF }
        let byte = queue.removeFirst()
        inputs[port] = queue
        return byte
    }

    public mutating func write(_ port: UInt16, _ value: UInt32, size: UInt8) {
        note(PortTransfer(port: port, size: size, isInput: false, value: value))
        if port == Self.debugExit {
            exitValue = value
            return
        }
        if port == Self.firmware, hasFirmware {
            callsFirmware = true
            return
        }
        let transfer = PortTransfer(port: port, size: size, isInput: false, value: value)
        if let output = Output(transfer), waiting.count < Self.most { waiting.append(output) }
    }
}
