/// Bits of CR0. SDM 3A, "Control Registers".
public enum CR0Bit: UInt8, NamedBit {
    case pe = 0
    case mp = 1
    case em = 2
    case ts = 3
    case et = 4
    case ne = 5
    case wp = 16
    case am = 18
    case nw = 29
    case cd = 30
    case pg = 31

    /// All of them; the others are reserved.
    public static let defined = allCases.reduce(UInt64(0)) { $0 | $1.mask }

    public var name: String { "\(self)".uppercased() }

    public var title: String {
        switch self {
        case .pe: "protection enable"
        case .mp: "monitor coprocessor"
        case .em: "emulation"
        case .ts: "task switched"
        case .et: "extension type"
        case .ne: "numeric error"
        case .wp: "write protect"
        case .am: "alignment mask"
        case .nw: "not write-through"
        case .cd: "cache disable"
        case .pg: "paging"
        }
    }
}

/// Bits of CR4. SDM 3A, "Control Registers".
public enum CR4Bit: UInt8, NamedBit {
    case vme = 0
    case pvi = 1
    case tsd = 2
    case de = 3
    case pse = 4
    case pae = 5
    case mce = 6
    case pge = 7
    case pce = 8
    case osfxsr = 9
    case osxmmexcpt = 10
    case umip = 11
    case la57 = 12
    case vmxe = 13
    case smxe = 14
    case fsgsbase = 16
    case pcide = 17
    case osxsave = 18
    case kl = 19
    case smep = 20
    case smap = 21
    case pke = 22
    case cet = 23
    case pks = 24

    public var name: String { "\(self)".uppercased() }

    public var title: String {
        switch self {
        case .vme: "virtual-8086 mode extensions"
        case .pvi: "protected-mode virtual interrupts"
        case .tsd: "time stamp disable"
        case .de: "debugging extensions"
        case .pse: "page size extensions"
        case .pae: "physical address extension"
        case .mce: "machine-check enable"
        case .pge: "page global enable"
        case .pce: "performance-monitoring counter enable"
        case .osfxsr: "operating system support for FXSAVE"
        case .osxmmexcpt: "operating system support for SIMD exceptions"
        case .umip: "user-mode instruction prevention"
        case .la57: "57-bit linear addresses"
        case .vmxe: "VMX enable"
        case .smxe: "SMX enable"
        case .fsgsbase: "FSGSBASE enable"
        case .pcide: "PCID enable"
        case .osxsave: "XSAVE and processor extended states enable"
        case .kl: "key locker enable"
        case .smep: "supervisor-mode execution prevention"
        case .smap: "supervisor-mode access prevention"
        case .pke: "protection keys for user-mode pages"
        case .cet: "control-flow enforcement"
        case .pks: "protection keys for supervisor-mode pages"
        }
    }
}

/// Bits of IA32_EFER. SDM 3A, "Extended Feature Enable Register".
public enum EFERBit: UInt8, NamedBit {
    case sce = 0
    case lme = 8
    case lma = 10
    case nxe = 11

    public var name: String { "\(self)".uppercased() }

    public var title: String {
        switch self {
        case .sce: "SYSCALL enable"
        case .lme: "long mode enable"
        case .lma: "long mode active"
        case .nxe: "execute-disable enable"
        }
    }
}
