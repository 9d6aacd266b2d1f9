import Machine

/// What firmware tells of the machine in ACPI's form: as much of it as a kernel needs to find the
/// I/O APIC and the power-management timer.
///
/// Source: ACPI Specification, "System Description Tables".
enum ACPITables {
    /// Physical address of the first, the root pointer: a multiple of 16 in the ROM.
    static let address: UInt64 = 0xF_6000

    /// Of the parts that every table begins with.
    private static let headerSize = 36
    private static let ioAPICID: UInt8 = MultiprocessorTable.ioAPICID
    private static let timer: UInt8 = 0
    private static let timerInput: UInt64 = 2
    private static let allProcessors: UInt8 = 0xFF

    /// All tables, each at its place behind the pointer.
    static var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        func place(_ table: [UInt8]) -> UInt64 {
            defer { bytes += table + [UInt8](repeating: 0, count: -table.count & 15) }
            return address + UInt64(bytes.count)
        }
        let definitions = place(table("DSDT", revision: 1, []))
        let fixed = place(table("FACP", revision: 1, fixedDescription(definitions)))
        let interrupts = place(table("APIC", revision: 1, interruptControllers))
        let root = place(
            table("RSDT", revision: 1, little(fixed, 4) + little(interrupts, 4)))
        let pointer = Array("RSD PTR ".utf8) + [0] + Array("STEPVI".utf8) + [0] + little(root, 4)
        bytes.replaceSubrange(0..<pointer.count, with: summed(pointer, at: 8))
        return bytes
    }

    /// "Multiple APIC Description Table": the processor, the I/O APIC, the timer's input, NMIs.
    private static var interruptControllers: [UInt8] {
        let hasPIC: UInt64 = 1
        return little(PCMemoryMap.localAPIC, 4) + little(hasPIC, 4)
            // A local APIC: its processor, its ID, enabled.
            + [0, 8, 0, 0] + little(1, 4)
            + [1, 12, ioAPICID, 0] + little(IOAPIC.page, 4) + little(0, 4)
            // An ISA interrupt that comes in elsewhere, with the bus's polarity and trigger mode.
            + [2, 10, 0, timer] + little(timerInput, 4) + little(0, 2)
            + [4, 6, allProcessors, 0, 0, 1]
    }

    /// "Fixed ACPI Description Table", its fields behind the header by their offsets in the table:
    /// no power management but the timer.
    private static func fixedDescription(_ definitions: UInt64) -> [UInt8] {
        let fields: [(offset: Int, value: UInt64, size: Int)] = [
            (40, definitions, 4), (46, 9, 2), (76, UInt64(PowerManagementTimer.port), 4),
            (91, 4, 1), (112, 1, 4),
        ]
        var bytes = [UInt8](repeating: 0, count: 116 - headerSize)
        for field in fields {
            let start = field.offset - headerSize
            bytes.replaceSubrange(start..<start + field.size, with: little(field.value, field.size))
        }
        return bytes
    }

    private static func table(_ signature: String, revision: UInt8, _ body: [UInt8]) -> [UInt8] {
        var bytes = Array(signature.utf8) + little(UInt64(headerSize + body.count), 4)
        bytes += [revision, 0] + Array("STEPVISTEPVISR".utf8) + little(1, 4)
        bytes += Array("STEP".utf8) + little(1, 4)
        return summed(bytes + body, at: 9)
    }

    /// With the byte that makes the sum of all 0.
    private static func summed(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
        var bytes = bytes
        bytes[offset] = 0 &- bytes.reduce(0, &+)
        return bytes
    }

    private static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}
