/// The parts of a VMCS field's encoding.
///
/// Source: SDM 3C, "VMREAD, VMWRITE, and Encodings of VMCS Fields", the table on the structure of
/// the encoding: bit 0 access type, bits 9:1 index, 11:10 type, 12 reserved, 14:13 width.
public struct VMCSFieldEncoding: RawRepresentable, Sendable, Hashable {
    /// Bits 14:0 of VMREAD's or VMWRITE's register operand.
    public let rawValue: UInt16

    /// Nil if a reserved bit is set: bit 12 or any above bit 14.
    @inlinable public init?(rawValue: UInt16) {
        guard rawValue & 0x9000 == 0 else { return nil }
        self.rawValue = rawValue
    }

    /// The encoding in VMREAD's or VMWRITE's register operand; nil if it sets a reserved bit, so
    /// that it names no field on any processor.
    @inlinable public init?(operand: UInt64) {
        guard operand & ~0x6fff == 0 else { return nil }
        rawValue = UInt16(truncatingIfNeeded: operand)
    }

    @inlinable init(field: VMCSField) { rawValue = field.rawValue }

    /// Whether the encoding names the high 32 bits of a 64-bit field.
    @inlinable public var isHigh: Bool { rawValue & 1 != 0 }

    /// The field's number among those of its width and type: 0 to 511.
    @inlinable public var index: Int { Int(rawValue &>> 1) & 0x1ff }

    @inlinable public var kind: Kind {
        switch (rawValue &>> 10) & 3 {
        case 0: .control
        case 1: .exitInformation
        case 2: .guestState
        default: .hostState
        }
    }

    @inlinable public var width: Width {
        switch (rawValue &>> 13) & 3 {
        case 0: .bits16
        case 1: .bits64
        case 2: .bits32
        default: .natural
        }
    }

    /// The area of the VMCS, in the order of the encoding's type bits.
    public enum Kind: UInt8, CaseIterable, Sendable {
        case control, exitInformation, guestState, hostState

        /// The manual's word for it.
        public var title: String {
            switch self {
            case .control: "control"
            case .exitInformation: "VM-exit information"
            case .guestState: "guest state"
            case .hostState: "host state"
            }
        }
    }

    /// The field's width, in the order of the encoding's width bits.
    public enum Width: UInt8, CaseIterable, Sendable {
        case bits16, bits64, bits32, natural

        /// The manual's word for it.
        public var title: String {
            switch self {
            case .bits16: "16-bit"
            case .bits64: "64-bit"
            case .bits32: "32-bit"
            case .natural: "natural-width"
            }
        }

        /// The bits that a field of this width holds on a processor with Intel 64 architecture.
        @inlinable public var mask: UInt64 {
            switch self {
            case .bits16: 0xffff
            case .bits32: 0xffff_ffff
            case .bits64, .natural: .max
            }
        }

        /// The field's size in bits on a processor with Intel 64 architecture.
        @inlinable public var bits: Int { UInt64.bitWidth - mask.leadingZeroBitCount }
    }

    /// A dense number for the encoding without its access type: width and type with the low six
    /// bits of the index. No field of revision 078 has a higher index; those encodings share the
    /// last position, which belongs to no field.
    @usableFromInline var tablePosition: Int {
        guard index < 64 else { return Self.tableSize - 1 }
        return Int((rawValue &>> 13) & 3) * 256 + Int((rawValue &>> 10) & 3) * 64 + index
    }

    static let tableSize = 4 * 4 * 64 + 1
}
