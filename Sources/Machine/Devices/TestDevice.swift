/// What bare-metal test kernels expect of the virtual machine around them beside a PC: four ports
/// that keep what is written, and one for each of the interrupt controllers' inputs.
///
/// Source: QEMU, `hw/misc/pc-testdev.c`.
public struct TestDevice: Sendable, Equatable {
    static let dataPorts: ClosedRange<UInt16> = 0xE0...0xE3
    /// A write of 0 makes the input low, any other high.
    static let linePorts: ClosedRange<UInt16> = 0x2000...0x2017

    private var data: [UInt8] = [0, 0, 0, 0]

    public init() {}

    /// nil: none of its ports.
    func read(_ port: UInt16) -> UInt8? {
        Self.dataPorts.contains(port) ? data[Int(port - Self.dataPorts.lowerBound)] : nil
    }

    /// Of the ports that keep a value.
    mutating func write(_ port: UInt16, _ value: UInt8) {
        guard Self.dataPorts.contains(port) else { return }
        data[Int(port - Self.dataPorts.lowerBound)] = value
    }
}
