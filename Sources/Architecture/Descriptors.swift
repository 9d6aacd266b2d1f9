// Segment descriptors and gates.

/// The type of a code- or data-segment descriptor (S is 1), bits 3:0.
///
/// Source: SDM 3A, "Code- and Data-Segment Descriptor Types".
public enum SegmentType: UInt8, CaseIterable, Sendable {
    case readOnly, readOnlyAccessed, readWrite, readWriteAccessed
    case readOnlyExpandDown, readOnlyExpandDownAccessed
    case readWriteExpandDown, readWriteExpandDownAccessed
    case executeOnly, executeOnlyAccessed, executeRead, executeReadAccessed
    case executeOnlyConforming, executeOnlyConformingAccessed
    case executeReadConforming, executeReadConformingAccessed

    /// The manual's description.
    public var title: String {
        switch self {
        case .readOnly: "read-only"
        case .readOnlyAccessed: "read-only, accessed"
        case .readWrite: "read/write"
        case .readWriteAccessed: "read/write, accessed"
        case .readOnlyExpandDown: "read-only, expand-down"
        case .readOnlyExpandDownAccessed: "read-only, expand-down, accessed"
        case .readWriteExpandDown: "read/write, expand-down"
        case .readWriteExpandDownAccessed: "read/write, expand-down, accessed"
        case .executeOnly: "execute-only"
        case .executeOnlyAccessed: "execute-only, accessed"
        case .executeRead: "execute/read"
        case .executeReadAccessed: "execute/read, accessed"
        case .executeOnlyConforming: "execute-only, conforming"
        case .executeOnlyConformingAccessed: "execute-only, conforming, accessed"
        case .executeReadConforming: "execute/read, conforming"
        case .executeReadConformingAccessed: "execute/read, conforming, accessed"
        }
    }
}

/// The type of a system-segment or gate descriptor (S is 0), bits 3:0. 0, 8, 10 and 13 are
/// reserved; in IA-32e mode so are 1, 3, 4 to 7, and the 32-bit ones are 64-bit ones.
///
/// Source: SDM 3A, "System Descriptor Types".
public enum SystemDescriptorType: UInt8, CaseIterable, Sendable {
    case tss16Available = 1
    case ldt = 2
    case tss16Busy = 3
    case callGate16 = 4
    case taskGate = 5
    case interruptGate16 = 6
    case trapGate16 = 7
    case tss32Available = 9
    case tss32Busy = 11
    case callGate32 = 12
    case interruptGate32 = 14
    case trapGate32 = 15

    /// The manual's description outside IA-32e mode.
    public var title: String {
        switch self {
        case .tss16Available: "16-bit TSS (available)"
        case .ldt: "LDT"
        case .tss16Busy: "16-bit TSS (busy)"
        case .callGate16: "16-bit call gate"
        case .taskGate: "task gate"
        case .interruptGate16: "16-bit interrupt gate"
        case .trapGate16: "16-bit trap gate"
        case .tss32Available: "32-bit TSS (available)"
        case .tss32Busy: "32-bit TSS (busy)"
        case .callGate32: "32-bit call gate"
        case .interruptGate32: "32-bit interrupt gate"
        case .trapGate32: "32-bit trap gate"
        }
    }

    /// The manual's description in IA-32e mode; nil for a type that is reserved there.
    public var titleIA32e: String? {
        switch self {
        case .ldt: "LDT"
        case .tss32Available: "64-bit TSS (available)"
        case .tss32Busy: "64-bit TSS (busy)"
        case .callGate32: "64-bit call gate"
        case .interruptGate32: "64-bit interrupt gate"
        case .trapGate32: "64-bit trap gate"
        default: nil
        }
    }
}
