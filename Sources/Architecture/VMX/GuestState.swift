// The formats of guest-state fields that are no registers.

/// Bits of the guest interruptibility state.
///
/// Source: SDM 3C, "Guest Non-Register State", the table "Format of Interruptibility State". Bits
/// 31:5 are reserved and must be 0.
public enum InterruptibilityBit: UInt8, NamedBit {
    case blockingBySTI = 0
    case blockingByMOVSS = 1
    case blockingBySMI = 2
    case blockingByNMI = 3
    case enclaveInterruption = 4

    public var name: String {
        switch self {
        case .blockingBySTI: "blocking by STI"
        case .blockingByMOVSS: "blocking by MOV SS"
        case .blockingBySMI: "blocking by SMI"
        case .blockingByNMI: "blocking by NMI"
        case .enclaveInterruption: "enclave interruption"
        }
    }

    public var title: String {
        switch self {
        case .blockingBySTI: "maskable interrupts wait for one instruction after STI"
        case .blockingByMOVSS: "events wait for one instruction after a load of SS"
        case .blockingBySMI: "system-management interrupts are blocked"
        case .blockingByNMI: "NMIs, or virtual NMIs, are blocked"
        case .enclaveInterruption: "the VM exit came in enclave mode"
        }
    }
}

/// What a logical processor does; the value of the guest activity state.
///
/// Source: SDM 3C, "Guest Non-Register State".
public enum ActivityState: UInt32, CaseIterable, Sendable {
    case active = 0
    case hlt = 1
    case shutdown = 2
    case waitForSIPI = 3

    public var title: String {
        switch self {
        case .active: "active"
        case .hlt: "HLT"
        case .shutdown: "shutdown"
        case .waitForSIPI: "wait-for-SIPI"
        }
    }
}

/// Bits of the pending debug exceptions.
///
/// Source: SDM 3C, "Guest Non-Register State", the table "Format of
/// Pending-Debug-Exceptions". All other bits are reserved and must be 0.
public enum PendingDebugBit: UInt8, NamedBit {
    case b0 = 0
    case b1 = 1
    case b2 = 2
    case b3 = 3
    case busLock = 11
    case enabledBreakpoint = 12
    case bs = 14
    case rtm = 16

    public var name: String {
        switch self {
        case .b0, .b1, .b2, .b3: "B\(rawValue)"
        case .busLock: "BLD"
        case .enabledBreakpoint: "enabled breakpoint"
        case .bs: "BS"
        case .rtm: "RTM"
        }
    }

    public var title: String {
        switch self {
        case .b0, .b1, .b2, .b3: "breakpoint condition \(rawValue) was met"
        case .busLock: "a bus lock was detected"
        case .enabledBreakpoint: "a data or I/O breakpoint was met and was enabled in DR7"
        case .bs: "a debug exception by single-stepping would have come"
        case .rtm: "a debug exception came in an RTM region"
        }
    }
}

/// The access rights of a segment as the VMCS holds them.
///
/// Source: SDM 3C, "Guest Register State", the table "Format of Access Rights": bits 3:0 type,
/// 4 S, 6:5 DPL, 7 P, 12 AVL, 13 L, 14 D/B, 15 G, 16 unusable. Bits 15:0 are bits 55:40 of the
/// segment descriptor, without its limit bits.
public struct AccessRights: RawRepresentable, Sendable, Hashable {
    public var rawValue: UInt32

    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// From the two halves of a descriptor: the access rights of its second doubleword.
    @inlinable public init(descriptorHigh: UInt32) { rawValue = (descriptorHigh &>> 8) & 0xf0ff }

    /// Bits 3:0. ``SegmentType`` names them for code and data, ``SystemDescriptorType`` otherwise.
    @inlinable public var type: UInt8 { UInt8(truncatingIfNeeded: rawValue & 0xf) }

    /// Bit 4: a code or data segment, not a system segment.
    @inlinable public var isCodeOrData: Bool { rawValue & Self.codeOrDataBit != 0 }

    /// Bits 6:5: descriptor privilege level.
    @inlinable public var dpl: UInt8 { UInt8(truncatingIfNeeded: (rawValue &>> 5) & 3) }

    /// Bit 7: P.
    @inlinable public var isPresent: Bool { rawValue & Self.presentBit != 0 }

    /// Bit 12: AVL, available for use by system software.
    @inlinable public var isAvailable: Bool { rawValue & Self.availableBit != 0 }

    /// Bit 13: L, 64-bit mode; means something for CS alone.
    @inlinable public var isLong: Bool { rawValue & Self.longBit != 0 }

    /// Bit 14: D/B, 32-bit segment.
    @inlinable public var isBig: Bool { rawValue & Self.bigBit != 0 }

    /// Bit 15: G, the limit is in units of 4 KiB.
    @inlinable public var isGranular: Bool { rawValue & Self.granularBit != 0 }

    /// Bit 16: the segment was loaded with a null selector, or not at all.
    @inlinable public var isUnusable: Bool { rawValue & Self.unusableBit != 0 }

    /// Bits 31:17 and 11:8, which must be 0 at VM entry.
    @inlinable public var reserved: UInt32 { rawValue & 0xfffe_0f00 }

    /// Type bit 3 of a code or data segment: it is a code segment.
    @inlinable public var isCode: Bool { isCodeOrData && rawValue & 8 != 0 }

    /// Type bit 1: a data segment that may be written, a code segment that may be read.
    @inlinable public var isWritableOrReadable: Bool { rawValue & 2 != 0 }

    /// Type bit 2: a data segment that expands down, a code segment that is conforming.
    @inlinable public var isExpandDownOrConforming: Bool { rawValue & 4 != 0 }

    /// Type bit 0 of a code or data segment.
    @inlinable public var isAccessed: Bool { rawValue & 1 != 0 }

    public static let codeOrDataBit: UInt32 = 1 &<< 4
    public static let presentBit: UInt32 = 1 &<< 7
    public static let availableBit: UInt32 = 1 &<< 12
    public static let longBit: UInt32 = 1 &<< 13
    public static let bigBit: UInt32 = 1 &<< 14
    public static let granularBit: UInt32 = 1 &<< 15
    public static let unusableBit: UInt32 = 1 &<< 16

    /// A segment that cannot be used.
    public static let unusable = AccessRights(rawValue: unusableBit)
}
