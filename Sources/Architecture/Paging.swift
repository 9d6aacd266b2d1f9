// Bits of paging-structure entries.

/// Bits of a paging-structure entry, in all paging modes; bits 12 and up are addresses.
///
/// Source: SDM 3A, the chapter "Paging", the tables of paging-structure entries.
public enum PageEntryBit: UInt8, NamedBit {
    case present = 0
    case writable = 1
    case user = 2
    case writeThrough = 3
    case cacheDisable = 4
    case accessed = 5
    case dirty = 6
    /// PS in an entry that may map a page; PAT, bit 7, in an entry that maps 4 KiB.
    case pageSize = 7
    case global = 8
    /// PAT in an entry that maps a larger page.
    case largePAT = 12
    case executeDisable = 63

    public var name: String {
        switch self {
        case .present: "P"
        case .writable: "R/W"
        case .user: "U/S"
        case .writeThrough: "PWT"
        case .cacheDisable: "PCD"
        case .accessed: "A"
        case .dirty: "D"
        case .pageSize: "PS"
        case .global: "G"
        case .largePAT: "PAT"
        case .executeDisable: "XD"
        }
    }

    public var title: String {
        switch self {
        case .present: "present"
        case .writable: "writes are allowed"
        case .user: "user-mode accesses are allowed"
        case .writeThrough: "page-level write-through"
        case .cacheDisable: "page-level cache disable"
        case .accessed: "used for a translation"
        case .dirty: "written to"
        case .pageSize: "the entry maps a page"
        case .global: "the translation is global, if CR4.PGE is 1"
        case .largePAT: "selects the memory type of a large page"
        case .executeDisable: "instruction fetches are not allowed, if IA32_EFER.NXE is 1"
        }
    }
}

/// Bits of an EPT paging-structure entry.
///
/// Source: SDM 3C, "EPT Translation Mechanism", the tables of EPT entries.
public enum EPTEntryBit: UInt8, NamedBit {
    case read = 0
    case write = 1
    case execute = 2
    case ignorePAT = 6
    case pageSize = 7
    case accessed = 8
    case dirty = 9
    case userExecute = 10
    case verifyGuestPaging = 57
    case pagingWrite = 58
    case supervisorShadowStack = 60
    case subPageWrite = 61
    case suppressVE = 63

    public var name: String {
        switch self {
        case .read: "R"
        case .write: "W"
        case .execute: "X"
        case .ignorePAT: "IPAT"
        case .pageSize: "PS"
        case .accessed: "A"
        case .dirty: "D"
        case .userExecute: "XU"
        case .verifyGuestPaging: "VGP"
        case .pagingWrite: "PW"
        case .supervisorShadowStack: "SSS"
        case .subPageWrite: "SPP"
        case .suppressVE: "SVE"
        }
    }

    public var title: String {
        switch self {
        case .read: "reads are allowed"
        case .write: "writes are allowed"
        case .execute: "fetches are allowed (in supervisor mode, if modes are told apart)"
        case .ignorePAT: "the guest's PAT memory type is ignored"
        case .pageSize: "the entry maps a page"
        case .accessed: "used for a translation, if the EPT pointer enables the flags"
        case .dirty: "written to, if the EPT pointer enables the flags"
        case .userExecute: "fetches in user mode are allowed, with mode-based execute control"
        case .verifyGuestPaging: "guest-paging verification applies"
        case .pagingWrite: "writes by the guest's page walk are allowed"
        case .supervisorShadowStack: "supervisor shadow-stack accesses are allowed"
        case .subPageWrite: "write permission is given by sub-pages"
        case .suppressVE: "violations are never converted to virtualization exceptions"
        }
    }
}

/// The EPT pointer: the field that says where the EPT paging structures are.
///
/// Source: SDM 3C, "Extended-Page-Table Pointer (EPTP)", the table of its format.
public struct EPTPointer: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A pointer to structures that are write-back, with a page walk of four levels.
    @inlinable public init(address: UInt64, accessedAndDirty: Bool = false) {
        rawValue = address & ~0xfff | 0x1e | (accessedAndDirty ? 0x40 : 0)
    }

    /// Bits 2:0: the memory type of the structures, 0 or 6; nil for a number without a type.
    @inlinable public var memoryType: MemoryType? {
        MemoryType(rawValue: UInt8(truncatingIfNeeded: rawValue & 7))
    }

    /// Bits 5:3, plus 1: the page-walk length, 4 for four levels.
    @inlinable public var walkLength: Int { Int((rawValue &>> 3) & 7) + 1 }

    /// Bit 6: accessed and dirty flags for EPT are enabled.
    @inlinable public var accessedAndDirty: Bool { rawValue & 0x40 != 0 }

    /// Bit 7: access rights for supervisor shadow-stack pages are enforced.
    @inlinable public var supervisorShadowStack: Bool { rawValue & 0x80 != 0 }

    /// Bits 11:8, which must be 0.
    @inlinable public var reserved: UInt64 { rawValue & 0xf00 }

    /// The physical address of the PML4 table; bits beyond the processor's width must be 0.
    @inlinable public var address: UInt64 { rawValue & ~0xfff }
}

/// The memory types that MTRRs, PAT and EPT entries name by number.
///
/// Source: SDM 3A, "Memory Type Range Registers (MTRRs)" and "Page Attribute Table (PAT)".
public enum MemoryType: UInt8, CaseIterable, Sendable {
    case uncacheable = 0
    case writeCombining = 1
    case writeThrough = 4
    case writeProtected = 5
    case writeBack = 6
    /// UC-, in the PAT alone.
    case uncached = 7

    public var name: String {
        switch self {
        case .uncacheable: "UC"
        case .writeCombining: "WC"
        case .writeThrough: "WT"
        case .writeProtected: "WP"
        case .writeBack: "WB"
        case .uncached: "UC-"
        }
    }
}

/// Bits of a page fault's error code.
///
/// Source: SDM 3A, "Page-Fault Exceptions".
public enum PageFaultBit: UInt8, NamedBit {
    case present = 0
    case write = 1
    case user = 2
    case reservedBit = 3
    case instructionFetch = 4
    case protectionKey = 5
    case shadowStack = 6
    case hlat = 7
    case sgx = 15

    public var name: String {
        switch self {
        case .present: "P"
        case .write: "W/R"
        case .user: "U/S"
        case .reservedBit: "RSVD"
        case .instructionFetch: "I/D"
        case .protectionKey: "PK"
        case .shadowStack: "SS"
        case .hlat: "HLAT"
        case .sgx: "SGX"
        }
    }

    public var title: String {
        switch self {
        case .present: "a page-level protection violation, not a page that is not present"
        case .write: "the access was a write"
        case .user: "the access was a user-mode one"
        case .reservedBit: "a reserved bit was 1 in a paging-structure entry"
        case .instructionFetch: "the access was an instruction fetch"
        case .protectionKey: "a protection key did not allow the access"
        case .shadowStack: "the access was a shadow-stack access"
        case .hlat: "the fault came in HLAT paging"
        case .sgx: "the fault came from SGX access control"
        }
    }
}

/// Bits of the error codes that name a selector: #TS, #NP, #SS, #GP.
///
/// Source: SDM 3A, "Error Code". Bits 15:3 are the selector's index.
public enum SelectorErrorBit: UInt8, NamedBit {
    case ext = 0
    case idt = 1
    case ti = 2

    public var name: String { "\(self)".uppercased() }

    public var title: String {
        switch self {
        case .ext: "the exception came during delivery of an event external to the program"
        case .idt: "the index is that of a gate in the IDT"
        case .ti: "the index is that of a descriptor in the LDT, not in the GDT"
        }
    }
}
