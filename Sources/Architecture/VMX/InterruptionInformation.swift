/// An event as the VMCS describes it: the VM-entry interruption information, the VM-exit
/// interruption information and the IDT-vectoring information share this format.
///
/// Source: SDM 3C, "VM-Entry Controls for Event Injection", "Information for VM Exits Due to
/// Vectored Events" and "Information for VM Exits That Occur During Event Delivery".
public struct InterruptionInformation: RawRepresentable, Sendable, Hashable {
    public var rawValue: UInt32

    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A valid event.
    @inlinable public init(vector: UInt8, type: InterruptionType, hasErrorCode: Bool = false) {
        rawValue = Self.validBit | UInt32(type.rawValue) &<< 8 | UInt32(vector)
        if hasErrorCode { rawValue |= Self.errorCodeBit }
    }

    /// Bits 7:0.
    @inlinable public var vector: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// Bits 10:8.
    @inlinable public var typeNumber: UInt8 { UInt8(truncatingIfNeeded: (rawValue &>> 8) & 7) }

    /// Bits 10:8; nil for type 1, which is reserved.
    @inlinable public var type: InterruptionType? { InterruptionType(rawValue: typeNumber) }

    /// Bit 11: an error code is delivered, or was recorded in the field beside this one.
    @inlinable public var hasErrorCode: Bool { rawValue & Self.errorCodeBit != 0 }

    /// Bit 12, in the VM-exit interruption information alone: an IRET had removed blocking by NMI
    /// before the event. Reserved in VM-entry, undefined in IDT-vectoring information.
    @inlinable public var nmiUnblocking: Bool {
        get { rawValue & Self.nmiUnblockingBit != 0 }
        set {
            rawValue =
                newValue ? rawValue | Self.nmiUnblockingBit : rawValue & ~Self.nmiUnblockingBit
        }
    }

    /// Bits 30:12, which must be 0 in the VM-entry interruption information.
    @inlinable public var reservedAtEntry: UInt32 { rawValue & 0x7fff_f000 }

    /// Bit 31.
    @inlinable public var isValid: Bool { rawValue & Self.validBit != 0 }

    public static let errorCodeBit: UInt32 = 1 &<< 11
    public static let nmiUnblockingBit: UInt32 = 1 &<< 12
    public static let validBit: UInt32 = 1 &<< 31
}

/// The kind of an event in ``InterruptionInformation``, by number. Type 1 is reserved.
public enum InterruptionType: UInt8, CaseIterable, Sendable {
    case externalInterrupt = 0
    case nmi = 2
    case hardwareException = 3
    /// INT n.
    case softwareInterrupt = 4
    /// INT1.
    case privilegedSoftwareException = 5
    /// INT3 and INTO.
    case softwareException = 6
    /// An injected VM exit by the monitor trap flag; in VM-entry information alone.
    case otherEvent = 7

    /// The manual's name.
    public var title: String {
        switch self {
        case .externalInterrupt: "external interrupt"
        case .nmi: "non-maskable interrupt (NMI)"
        case .hardwareException: "hardware exception"
        case .softwareInterrupt: "software interrupt"
        case .privilegedSoftwareException: "privileged software exception"
        case .softwareException: "software exception"
        case .otherEvent: "other event"
        }
    }

    /// Whether an instruction raised the event, so that its length matters: delivery pushes the
    /// address behind it.
    @inlinable public var hasInstructionLength: Bool {
        switch self {
        case .softwareInterrupt, .privilegedSoftwareException, .softwareException: true
        default: false
        }
    }
}
