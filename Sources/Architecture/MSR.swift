/// Model-specific registers, by number.
///
/// Source: SDM 4, "Architectural MSRs". The registers that the model, its guests or VM entries and
/// VM exits have to do with; the x2APIC registers are ``x2APICRange``.
public enum MSR: UInt32, CaseIterable, Sendable {
    case timeStampCounter = 0x10
    case platformID = 0x17
    case apicBase = 0x1b
    case featureControl = 0x3a
    case tscAdjust = 0x3b
    case specCtrl = 0x48
    case predCmd = 0x49
    case biosUpdateTrigger = 0x79
    case biosSignID = 0x8b
    case smmMonitorControl = 0x9b
    case smbase = 0x9e
    case platformInformation = 0xce
    case umwaitControl = 0xe1
    case mtrrCapabilities = 0xfe
    case archCapabilities = 0x10a
    case sysenterCS = 0x174
    case sysenterESP = 0x175
    case sysenterEIP = 0x176
    case mcgCapabilities = 0x179
    case mcgStatus = 0x17a
    case perfEventSelect0 = 0x186
    case perfStatus = 0x198
    case perfControl = 0x199
    case clockModulation = 0x19a
    case thermalInterrupt = 0x19b
    case thermalStatus = 0x19c
    case miscEnable = 0x1a0
    case energyPerfBias = 0x1b0
    case debugControl = 0x1d9
    case mtrrPhysBase0 = 0x200
    case mtrrPhysMask0 = 0x201
    case mtrrPhysBase1 = 0x202
    case mtrrPhysMask1 = 0x203
    case mtrrPhysBase2 = 0x204
    case mtrrPhysMask2 = 0x205
    case mtrrPhysBase3 = 0x206
    case mtrrPhysMask3 = 0x207
    case mtrrPhysBase4 = 0x208
    case mtrrPhysMask4 = 0x209
    case mtrrPhysBase5 = 0x20a
    case mtrrPhysMask5 = 0x20b
    case mtrrPhysBase6 = 0x20c
    case mtrrPhysMask6 = 0x20d
    case mtrrPhysBase7 = 0x20e
    case mtrrPhysMask7 = 0x20f
    case mtrrFix64K00000 = 0x250
    case mtrrFix16K80000 = 0x258
    case mtrrFix16KA0000 = 0x259
    case mtrrFix4KC0000 = 0x268
    case mtrrFix4KC8000 = 0x269
    case mtrrFix4KD0000 = 0x26a
    case mtrrFix4KD8000 = 0x26b
    case mtrrFix4KE0000 = 0x26c
    case mtrrFix4KE8000 = 0x26d
    case mtrrFix4KF0000 = 0x26e
    case mtrrFix4KF8000 = 0x26f
    case pat = 0x277
    case mtrrDefaultType = 0x2ff
    case perfCapabilities = 0x345
    case perfGlobalStatus = 0x38e
    case perfGlobalControl = 0x38f
    case vmxBasic = 0x480
    case vmxPinControls = 0x481
    case vmxPrimaryControls = 0x482
    case vmxExitControls = 0x483
    case vmxEntryControls = 0x484
    case vmxMisc = 0x485
    case vmxCR0Fixed0 = 0x486
    case vmxCR0Fixed1 = 0x487
    case vmxCR4Fixed0 = 0x488
    case vmxCR4Fixed1 = 0x489
    case vmxVMCSEnum = 0x48a
    case vmxSecondaryControls = 0x48b
    case vmxEPTVPIDCapabilities = 0x48c
    case vmxTruePinControls = 0x48d
    case vmxTruePrimaryControls = 0x48e
    case vmxTrueExitControls = 0x48f
    case vmxTrueEntryControls = 0x490
    case vmxVMFunctions = 0x491
    case vmxTertiaryControls = 0x492
    case rtitControl = 0x570
    case dsArea = 0x600
    case userCET = 0x6a0
    case supervisorCET = 0x6a2
    case pl0SSP = 0x6a4
    case pl1SSP = 0x6a5
    case pl2SSP = 0x6a6
    case pl3SSP = 0x6a7
    case interruptSSPTable = 0x6a8
    case tscDeadline = 0x6e0
    case pkrs = 0x6e1
    case bndcfgs = 0xd90
    case xss = 0xda0
    case lbrControl = 0x14ce
    case efer = 0xc000_0080
    case star = 0xc000_0081
    case lstar = 0xc000_0082
    case cstar = 0xc000_0083
    case fmask = 0xc000_0084
    case fsBase = 0xc000_0100
    case gsBase = 0xc000_0101
    case kernelGSBase = 0xc000_0102
    case tscAux = 0xc000_0103

    /// The manual's name, as "IA32_EFER".
    public var name: String { Self.rows[position].name }

    /// What it is for, in a few words.
    public var title: String { Self.rows[position].title }

    /// The feature without which a processor has not the register; nil where no bit of CPUID tells.
    public var feature: CPUFeature? { Self.rows[position].feature }

    /// The register of this name, as "IA32_EFER".
    public init?(name: String) {
        guard let row = Self.rows.first(where: { $0.name == name }) else { return nil }
        self = row.msr
    }

    /// The registers of the local APIC in x2APIC mode: the offset of a register in the APIC page,
    /// divided by 16, plus 800h. SDM 3A, "Extended XAPIC (x2APIC)".
    public static let x2APICRange: ClosedRange<UInt32> = 0x800...0x8ff

    /// Where processors keep their records of branches: how many there are differs by model.
    /// SDM 3B, "Last Branch, Interrupt, and Exception Recording".
    public static let lastBranchRanges: [ClosedRange<UInt32>] = [
        0x1c8...0x1c9, 0x1db...0x1de, 0x680...0x69f, 0x6c0...0x6df, 0xdc0...0xddf,
    ]

    /// The MSRs that the low half of the MSR bitmaps covers. SDM 3C, "MSR-Bitmap Address".
    public static let lowBitmapRange: ClosedRange<UInt32> = 0...0x1fff

    /// The MSRs that the high half of the MSR bitmaps covers.
    public static let highBitmapRange: ClosedRange<UInt32> = 0xc000_0000...0xc000_1fff

    /// The VMX capability MSRs.
    public static let vmxRange: ClosedRange<UInt32> =
        MSR.vmxBasic.rawValue...MSR.vmxTertiaryControls.rawValue

    /// An enumeration without payloads is represented by its cases' positions; a test holds this
    /// against `allCases`.
    var position: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

/// Bits of IA32_FEATURE_CONTROL. SDM 3C, "Enabling and Entering VMX Operation".
public enum FeatureControlBit: UInt8, NamedBit {
    case lock = 0
    case vmxInsideSMX = 1
    case vmxOutsideSMX = 2

    public var name: String { "bit \(rawValue)" }

    public var title: String {
        switch self {
        case .lock: "lock: the register cannot be written until reset"
        case .vmxInsideSMX: "VMXON is allowed in SMX operation"
        case .vmxOutsideSMX: "VMXON is allowed outside SMX operation"
        }
    }
}

/// Bits of IA32_APIC_BASE. SDM 3A, "Local APIC".
public enum APICBaseBit: UInt8, NamedBit {
    case bootstrapProcessor = 8
    case x2APICMode = 10
    case enable = 11

    public var name: String {
        switch self {
        case .bootstrapProcessor: "BSP"
        case .x2APICMode: "EXTD"
        case .enable: "EN"
        }
    }

    public var title: String {
        switch self {
        case .bootstrapProcessor: "this is the bootstrap processor"
        case .x2APICMode: "x2APIC mode"
        case .enable: "the local APIC is enabled"
        }
    }
}
