import Architecture
import InstructionSet

/// The sixteen general registers.
///
/// The accessors mutate on purpose: a non-mutating read copies the whole array.
public struct GeneralRegisters: Sendable, Equatable {
    @usableFromInline var file = InlineArray<16, UInt64>(repeating: 0)

    public init() {}

    /// The whole 64-bit register.
    @inlinable @inline(always) public subscript(_ register: GeneralRegister) -> UInt64 {
        mutating get { file[Int(register.rawValue)] }
        set { file[Int(register.rawValue)] = newValue }
    }

    /// By number; only the low four bits count.
    @inlinable @inline(always) subscript(_ number: UInt8) -> UInt64 {
        mutating get { file[unchecked: Int(number & 15)] }
        set { file[unchecked: Int(number & 15)] = newValue }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.values == right.values
    }

    /// All sixteen, in the order of ``GeneralRegister``.
    public var values: [UInt64] { (0..<16).map { file[$0] } }
}

/// A segment register with its hidden part, access rights in the format that the VMCS uses.
/// SDM 3C, 25.4.1 "Guest Register State".
public struct Segment: Sendable, Equatable {
    public var selector: UInt16
    public var base: UInt64
    /// In bytes, granularity already applied.
    public var limit: UInt32
    public var access: UInt32

    public init(selector: UInt16, base: UInt64, limit: UInt32, access: UInt32) {
        self.selector = selector
        self.base = base
        self.limit = limit
        self.access = access
    }

    /// Type field, bits 3:0.
    @inlinable public var type: UInt32 { access & 0xF }
    /// S: 1 for code and data, 0 for system segments.
    @inlinable public var isCodeOrData: Bool { access & 0x10 != 0 }
    @inlinable public var dpl: UInt8 { UInt8(truncatingIfNeeded: (access >> 5) & 3) }
    @inlinable public var isPresent: Bool { access & 0x80 != 0 }
    /// L: 64-bit code.
    @inlinable @inline(always) public var isLong: Bool { access & 0x2000 != 0 }
    /// D/B: 32-bit default, or a big stack.
    @inlinable @inline(always) public var isBig: Bool { access & 0x4000 != 0 }
    @inlinable public var isUnusable: Bool { access & 0x10000 != 0 }
    @inlinable public var isCode: Bool { access & 0x18 == 0x18 }
    @inlinable public var isConforming: Bool { access & 0x1C == 0x1C }
    /// A readable code or any data segment.
    @inlinable public var isReadable: Bool { !isCode || access & 2 != 0 }
    @inlinable public var isWritable: Bool { access & 0x1A == 0x12 }
    @inlinable public var isExpandDown: Bool { access & 0x1C == 0x14 }

    /// Usable data, writable, not expand-down, from 0 to 4 GiB.
    var isFlat: Bool { base == 0 && limit == 0xFFFF_FFFF && access & 0x1001E == 0x12 }

    /// What real mode and a reset give: base selector × 16, limit FFFFh, read/write data.
    public static func realMode(_ selector: UInt16, code: Bool = false) -> Segment {
        Segment(
            selector: selector, base: UInt64(selector) << 4, limit: 0xFFFF,
            access: code ? 0x9B : 0x93)
    }

    public static let unusable = Segment(selector: 0, base: 0, limit: 0, access: 0x10000)
}

/// GDTR or IDTR.
public struct DescriptorTableRegister: Sendable, Equatable {
    public var base: UInt64
    public var limit: UInt16

    public init(base: UInt64, limit: UInt16) {
        self.base = base
        self.limit = limit
    }
}

/// What blocks events for now. SDM 3C, 25.4.2 "Guest Non-Register State".
public struct Interruptibility: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let bySTI = Interruptibility(rawValue: 1)
    public static let byMovSS = Interruptibility(rawValue: 2)
    public static let bySMI = Interruptibility(rawValue: 4)
    public static let byNMI = Interruptibility(rawValue: 8)
}

/// All that the processor remembers, as one value: a snapshot is a copy of it.
public struct ProcessorState: Sendable {
    public var registers = GeneralRegisters()
    public var rip: UInt64 = 0
    public var flags = Flags()

    public var es = Segment.realMode(0) { didSet { note(es, as: .es) } }
    public var cs = Segment.realMode(0, code: true) { didSet { note(cs, as: .cs) } }
    public var ss = Segment.realMode(0) { didSet { note(ss, as: .ss) } }
    public var ds = Segment.realMode(0) { didSet { note(ds, as: .ds) } }
    public var fs = Segment.realMode(0) { didSet { note(fs, as: .fs) } }
    public var gs = Segment.realMode(0) { didSet { note(gs, as: .gs) } }
    /// A bit for each segment register through which all of the 32-bit space can be read and written
    /// as it is: most of the checks of most accesses, done once. Bit 7 is always set, for those of
    /// 64-bit code that have neither base nor limit.
    private(set) var flatSegments: UInt8 = 0x80
    public var ldtr = Segment(selector: 0, base: 0, limit: 0xFFFF, access: 0x82)
    public var tr = Segment(selector: 0, base: 0, limit: 0xFFFF, access: 0x8B)
    public var gdtr = DescriptorTableRegister(base: 0, limit: 0xFFFF)
    public var idtr = DescriptorTableRegister(base: 0, limit: 0xFFFF)

    public var cr0: UInt64 = 0x30
    public var cr2: UInt64 = 0
    public var cr3: UInt64 = 0
    public var cr4: UInt64 = 0
    public var dr = InlineArray<4, UInt64>(repeating: 0)
    public var dr6: UInt64 = 0xFFFF_0FF0
    public var dr7: UInt64 = 0x400

    public var msrs = ModelSpecificRegisters()
    /// The PDPTEs that PAE paging keeps in registers.
    public var pdptes = InlineArray<4, UInt64>(repeating: 0)

    /// Current privilege level, 0 to 3.
    public var cpl: UInt8 = 0 { didSet { userBit = cpl == 3 ? 1 : 0 } }
    /// 1 at CPL 3, else 0: what data accesses ask for.
    private(set) var userBit: UInt8 = 0
    public var activity = ActivityState.active
    public var interruptibility: Interruptibility = []
    /// SDM 3C, 25.4.2: pending debug exceptions, in the VMCS field's format.
    public var pendingDebug: UInt64 = 0
    /// The task that was entered has the T flag in its TSS: a debug exception comes first of all.
    public var trapsAtTask = false
    /// Time-stamp counter: guest steps are the clock.
    public var tsc: UInt64 = 0
    /// Address-range monitoring is armed: MONITOR was executed, and nothing has ended it.
    public var isMonitorArmed = false
    public var vmx = VMXState()
    public var apic = LocalAPIC.asFirmwareLeavesIt
    /// Bits of a physical address that count: without bit 20 while address line 20 is held low.
    var physicalMask = ~UInt64(0)
    /// Extended control register 0: bit 0 (x87) is always 1.
    public var xcr0: UInt64 = 1
    public var floating = FloatingState()
    /// What RDRAND and RDSEED continue from.
    public var randomState: UInt64 = 0

    public init() {}

    /// The local APIC's task-priority class.
    @inline(always) public var cr8: UInt64 {
        get { UInt64(apic.taskPriority >> 4) }
        set { apic.taskPriority = UInt8(truncatingIfNeeded: newValue & 0xF) << 4 }
    }

    @inline(always) var isA20Masked: Bool { physicalMask != ~0 }

    /// The local APIC is enabled, by IA32_APIC_BASE.
    @inline(always) var hasAPIC: Bool { msrs.apicBase.has(APICBaseBit.enable) }
    @inline(always) var isX2APIC: Bool { msrs.apicBase.has(APICBaseBit.x2APICMode) }

    @inlinable @inline(always) public var efer: UInt64 {
        get { msrs.efer }
        set { msrs.efer = newValue }
    }

    private mutating func note(_ segment: Segment, as name: SegmentRegister) {
        let bit = Self.bit(name)
        flatSegments = segment.isFlat ? flatSegments | bit : flatSegments & ~bit
    }

    @inline(always) func isFlat(_ name: SegmentRegister) -> Bool {
        flatSegments & Self.bit(name) != 0
    }

    @inline(always) private static func bit(_ name: SegmentRegister) -> UInt8 {
        switch name {
        case .es: 1
        case .cs: 2
        case .ss: 4
        case .ds: 8
        case .fs: 16
        case .gs: 32
        }
    }

    /// The bit of ``flatSegments`` for accesses of code of this size; 0 where there is none.
    static func flatBit(_ name: SegmentRegister, _ size: CodeSize) -> UInt8 {
        guard size == .bits64 else { return bit(name) }
        return name == .fs || name == .gs ? 0 : 0x80
    }

    /// By the number in an instruction's encoding.
    public subscript(_ name: SegmentRegister) -> Segment {
        get {
            switch name {
            case .es: es
            case .cs: cs
            case .ss: ss
            case .ds: ds
            case .fs: fs
            case .gs: gs
            }
        }
        set {
            switch name {
            case .es: es = newValue
            case .cs: cs = newValue
            case .ss: ss = newValue
            case .ds: ds = newValue
            case .fs: fs = newValue
            case .gs: gs = newValue
            }
        }
    }

    @inlinable @inline(always) public var isProtected: Bool { cr0 & 1 != 0 }
    @inlinable @inline(always) public var isPaging: Bool { cr0 & 0x8000_0000 != 0 }
    @inlinable @inline(always) public var isLongMode: Bool { efer & 0x400 != 0 }
    @inlinable @inline(always) public var isVirtual8086: Bool {
        flags.control & 0x2_0000 != 0 && isProtected
    }
    @inlinable @inline(always) public var is64Bit: Bool { isLongMode && cs.isLong }

    /// The size in which CS has code decoded.
    public var codeSize: CodeSize {
        if is64Bit { return .bits64 }
        return cs.isBig ? .bits32 : .bits16
    }

    // Inlined, what asks for one flag works out no other, and no call copies the whole state.
    @inlinable @inline(__always) public var rflags: UInt64 {
        get { flags.value }
        set { flags.value = newValue }
    }

    /// In real-address mode CS is a writable segment like the others: its type reads 3 from then on,
    /// as the recorded implementation saves it (the manual gives that value after a reset).
    mutating func makeCodeWritable() { cs.access = (cs.access & ~0xF) | 3 }

    /// IOPL, 0 to 3.
    @inlinable public var iopl: UInt8 { UInt8(truncatingIfNeeded: (flags.control >> 12) & 3) }
}
