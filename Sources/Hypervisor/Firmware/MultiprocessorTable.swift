import Architecture
import Machine

/// What firmware tells of the processor, the I/O APIC and its inputs, for kernels that do not ask
/// ACPI: a pointer that they search for in the ROM, and the table behind it.
///
/// Source: MultiProcessor Specification 1.4, "MP Configuration Table".
struct MultiprocessorTable {
    /// Physical address of the pointer, a multiple of 16.
    static let address: UInt64 = 0xF_5000

    /// Kinds of the table's entries.
    private enum EntryType: UInt8 { case processor, bus, ioAPIC, ioInterrupt, localInterrupt }

    /// Kinds of interrupts.
    private enum Interrupt: UInt8 { case vectored, nmi, smi, external }

    /// The I/O APIC's ID: the processor's local APIC has 0.
    static let ioAPICID: UInt8 = 1
    private static let specification: UInt8 = 4
    private static let pointerSize: UInt64 = 16
    private static let headerSize = 44
    private static let localAPICVersion: UInt8 = 0x14
    private static let ioAPICVersion: UInt8 = 0x11
    private static let isaBus: UInt8 = 0
    private static let everyone: UInt8 = 0xFF

    let processor: Processor

    /// Pointer and table.
    var bytes: [UInt8] { pointer + table }

    private var pointer: [UInt8] {
        var bytes = Array("_MP_".utf8) + little(Self.address + Self.pointerSize, 4)
        bytes += [UInt8(Self.pointerSize / 16), Self.specification, 0, 0, 0, 0, 0, 0]
        bytes[10] = checksum(bytes)
        return bytes
    }

    private var table: [UInt8] {
        let entries = self.entries
        let length = Self.headerSize + entries.reduce(0) { $0 + $1.count }
        var bytes = Array("PCMP".utf8) + little(UInt64(length), 2) + [Self.specification, 0]
        bytes += Array("STEPVISOSTEPVISOR   ".utf8) + little(0, 4) + little(0, 2)
        bytes += little(UInt64(entries.count), 2) + little(PCMemoryMap.localAPIC, 4) + little(0, 4)
        bytes += entries.joined()
        bytes[7] = checksum(bytes)
        return bytes
    }

    private var entries: [[UInt8]] {
        let version = processor.cpuid(leaf: 1, subleaf: 0)
        var entries: [[UInt8]] = [
            // Enabled, and the one that boots.
            [EntryType.processor.rawValue, 0, Self.localAPICVersion, 3]
                + little(UInt64(version.eax), 4) + little(UInt64(version.edx), 4) + little(0, 8),
            [EntryType.bus.rawValue, Self.isaBus] + Array("ISA   ".utf8),
            [EntryType.ioAPIC.rawValue, Self.ioAPICID, Self.ioAPICVersion, 1]
                + little(IOAPIC.page, 4),
            interrupt(.ioInterrupt, .external, from: 0, to: Self.ioAPICID, input: 0),
        ]
        // The cascade's input is the timer's.
        for line in UInt8(0)..<16 where line != 2 {
            let input = line == 0 ? 2 : line
            entries.append(
                interrupt(.ioInterrupt, .vectored, from: line, to: Self.ioAPICID, input: input))
        }
        entries.append(
            interrupt(.localInterrupt, .external, from: 0, to: Self.everyone, input: 0))
        entries.append(interrupt(.localInterrupt, .nmi, from: 0, to: Self.everyone, input: 1))
        return entries
    }

    /// Polarity and trigger mode are the bus's.
    private func interrupt(
        _ type: EntryType, _ interrupt: Interrupt, from line: UInt8, to apic: UInt8, input: UInt8
    ) -> [UInt8] {
        [type.rawValue, interrupt.rawValue, 0, 0, Self.isaBus, line, apic, input]
    }

    private func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    /// What makes the sum of all bytes 0.
    private func checksum(_ bytes: [UInt8]) -> UInt8 { 0 &- bytes.reduce(0, &+) }
}
