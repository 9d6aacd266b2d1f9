import Machine

/// RAM as a PC has it, and as its firmware reports it: a gap below 1 MiB for video and firmware,
/// and one below 4 GiB for devices, among them the local APIC at FEE00000h.
public struct PCMemoryMap: Sendable, Equatable {
    /// An address range and what it is for. ACPI Specification, "System Address Map Interfaces".
    public struct Range: Sendable, Equatable {
        public enum Kind: UInt32, Sendable {
            case available = 1
            case reserved = 2
        }

        public let base: UInt64
        public let size: UInt64
        public let kind: Kind
    }

    /// RAM from here on moves up to ``aboveDevices``.
    public static let deviceGap: UInt64 = 0xC000_0000
    static let aboveDevices: UInt64 = 1 << 32
    /// The extended BIOS data area: the last KiB of the conventional 640.
    static let extendedBIOSData: UInt64 = 0x9_FC00
    static let conventionalEnd: UInt64 = 0xA_0000
    static let rom: Swift.Range<UInt64> = 0xF_0000..<0x10_0000
    /// The ROM once more, where the processor begins after a reset.
    static let resetROM: Swift.Range<UInt64> = 0xFFFF_0000..<0x1_0000_0000
    static let localAPIC: UInt64 = 0xFEE0_0000

    /// RAM below the gap for devices, in bytes.
    public let low: UInt64
    /// RAM above it.
    public let high: UInt64

    /// - Parameter memorySize: bytes in all, 1 MiB or more.
    public init(memorySize: UInt64) {
        low = min(memorySize, Self.deviceGap)
        high = memorySize - low
    }

    /// KiB below 640 that are free.
    public var lowerKiB: UInt32 { UInt32(Self.extendedBIOSData / 1024) }

    /// KiB from 1 MiB to the first gap.
    public var upperKiB: UInt32 { UInt32((low - min(low, Self.rom.upperBound)) / 1024) }

    /// In rising order.
    public var ranges: [Range] {
        var ranges = [
            Range(base: 0, size: Self.extendedBIOSData, kind: .available),
            Range(
                base: Self.extendedBIOSData, size: Self.conventionalEnd - Self.extendedBIOSData,
                kind: .reserved),
            Range(
                base: Self.rom.lowerBound, size: Self.rom.upperBound - Self.rom.lowerBound,
                kind: .reserved),
        ]
        if low > Self.rom.upperBound {
            ranges.append(
                Range(
                    base: Self.rom.upperBound, size: low - Self.rom.upperBound, kind: .available))
        }
        ranges.append(Range(base: Self.localAPIC, size: 0x1000, kind: .reserved))
        ranges.append(
            Range(
                base: Self.resetROM.lowerBound,
                size: Self.resetROM.upperBound - Self.resetROM.lowerBound, kind: .reserved))
        if high > 0 {
            ranges.append(Range(base: Self.aboveDevices, size: high, kind: .available))
        }
        return ranges
    }

    /// The RAM itself.
    public var memory: PhysicalMemory {
        var memory = PhysicalMemory(size: low)
        if high > 0 { memory.addBank(base: Self.aboveDevices, size: high) }
        memory.addBank(
            base: Self.resetROM.lowerBound,
            size: Self.resetROM.upperBound - Self.resetROM.lowerBound)
        return memory
    }
}
