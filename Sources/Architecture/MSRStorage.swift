/// What may be written to a register that does nothing but keep its value.
///
/// Source: SDM 4, "Architectural MSRs"; SDM 3A, "Memory Type Range Registers (MTRRs)".
public struct MSRStorage: Sendable {
    public enum Access: Sendable { case readOnly, readWrite, writeOnly }

    /// Which values a write takes; any other is #GP(0).
    public enum Values: Sendable {
        /// Those whose ones all lie in this mask.
        case bits(UInt64)
        /// A page's physical address, and ones in this mask.
        case address(UInt64)
        /// A memory type in bits 7:0, and ones in this mask.
        case memoryType(UInt64)
        /// A memory type in bits 7:0, and a page's physical address.
        case typedAddress
        /// A memory type in each of the eight bytes.
        case memoryTypes
    }

    public let msr: MSR
    public let access: Access
    public let values: Values
    /// The value after a reset.
    public let reset: UInt64
    /// Bits whose change has an effect that the model does not carry out.
    public let effective: UInt64

    init(
        _ msr: MSR, _ access: Access, _ values: Values = .bits(0), reset: UInt64 = 0,
        effective: UInt64 = 0
    ) {
        self.msr = msr
        self.access = access
        self.values = values
        self.reset = reset
        self.effective = effective
    }

    /// Whether a write of this value is accepted by a processor with addresses of this width.
    public func accepts(_ value: UInt64, physicalAddressWidth: Int) -> Bool {
        let width = UInt64(min(max(physicalAddressWidth, 32), 52))
        let address = ((1 << width) - 1) & ~UInt64(0xFFF)
        switch values {
        case .bits(let mask): return value & ~mask == 0
        case .address(let mask): return value & ~(address | mask) == 0
        case .memoryType(let mask): return value & ~(mask | 0xFF) == 0 && Self.isMemoryType(value)
        case .typedAddress: return value & ~(address | 0xFF) == 0 && Self.isMemoryType(value)
        case .memoryTypes:
            return (0..<8).allSatisfy { Self.isMemoryType(value >> UInt64($0 * 8)) }
        }
    }

    /// UC, WC, WT, WP or WB in bits 7:0.
    private static func isMemoryType(_ value: UInt64) -> Bool {
        switch value & 0xFF {
        case 0, 1, 4, 5, 6: true
        default: false
        }
    }

    // MARK: The registers

    public static let rows: [MSRStorage] = generalRows + variableRangeRows + fixedRangeRows

    /// The row's place in ``rows``; nil for a register that is more than storage.
    public static func index(of msr: MSR) -> Int? {
        let place = places[msr.position]
        return place == none ? nil : Int(place)
    }

    private static let none: UInt8 = .max
    private static let places: [UInt8] = {
        var places = [UInt8](repeating: none, count: MSR.allCases.count)
        for (index, row) in rows.enumerated() { places[row.msr.position] = UInt8(index) }
        return places
    }()

    private static let generalRows: [MSRStorage] = [
        .init(.platformID, .readOnly),
        .init(.specCtrl, .readWrite, .bits(7)),
        .init(.predCmd, .writeOnly, .bits(1)),
        // No microcode update: revision 0.
        .init(.biosSignID, .readWrite, .bits(~0)),
        .init(.platformInformation, .readOnly),
        .init(.umwaitControl, .readWrite, .bits(0xFFFF_FFFD)),
        // Eight variable ranges, fixed ranges, write-combining.
        .init(.mtrrCapabilities, .readOnly, reset: 0x508),
        .init(.archCapabilities, .readOnly),
        // No banks.
        .init(.mcgCapabilities, .readOnly),
        .init(.mcgStatus, .readWrite, .bits(0xF)),
        // Fast strings; no branch trace storage, no PEBS; MONITOR. Bits 18, 22 and 34 change what
        // CPUID says.
        .init(
            .miscEnable, .readWrite, .bits(0x4_00C5_1889), reset: 0x4_1801,
            effective: 0x4_0044_0000),
        .init(.mtrrDefaultType, .readWrite, .memoryType(0xC00)),
    ]

    /// Base: a type and an address. Mask: valid (bit 11), and an address.
    private static let variableRangeRows: [MSRStorage] = (0..<8).flatMap { number in
        [MSR.mtrrPhysBase0.rawValue + number * 2, MSR.mtrrPhysMask0.rawValue + number * 2]
    }.compactMap { MSR(rawValue: $0) }.map { msr in
        let isMask = msr.rawValue & 1 == 1
        return MSRStorage(msr, .readWrite, isMask ? .address(0x800) : .typedAddress)
    }

    private static let fixedRangeRows: [MSRStorage] = [
        MSR.mtrrFix64K00000, .mtrrFix16K80000, .mtrrFix16KA0000, .mtrrFix4KC0000, .mtrrFix4KC8000,
        .mtrrFix4KD0000, .mtrrFix4KD8000, .mtrrFix4KE0000, .mtrrFix4KE8000, .mtrrFix4KF0000,
        .mtrrFix4KF8000,
    ].map { MSRStorage($0, .readWrite, .memoryTypes) }
}
