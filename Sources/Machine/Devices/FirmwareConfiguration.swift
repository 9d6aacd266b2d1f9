/// QEMU's firmware configuration device, ports 510h and 511h, as far as bare-metal test kernels ask
/// it: how much memory there is and how many processors.
///
/// Source: QEMU documentation, "QEMU Firmware Configuration (fw_cfg) Device".
struct FirmwareConfiguration: Sendable, Equatable {
    private let memorySize: UInt64
    private var item: [UInt8] = []
    private var offset = 0

    init(memorySize: UInt64) { self.memorySize = memorySize }

    private func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    private func content(_ key: UInt16) -> [UInt8] {
        switch key {
        case 0x00: Array("QEMU".utf8)
        // Bit 0: the traditional interface, no DMA.
        case 0x01: bytes(1, 4)
        case 0x03: bytes(memorySize, 8)
        // Processors, and the most that there can be.
        case 0x05, 0x0F: bytes(1, 2)
        default: []
        }
    }

    mutating func select(_ key: UInt16) {
        item = content(key)
        offset = 0
    }

    /// Beyond an item's end there are zeros.
    mutating func readByte() -> UInt8 {
        guard offset < item.count else { return 0 }
        defer { offset += 1 }
        return item[offset]
    }
}
