/// The sixteen general registers, numbered as ModRM and REX number them.
public enum GeneralRegister: UInt8, CaseIterable, Sendable {
    case rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi
    case r8, r9, r10, r11, r12, r13, r14, r15

    /// gdb's name of the 64-bit register.
    public var name: String { "\(self)" }

    /// The assembler's name at a width of 1, 2, 4 or 8 bytes. Width 1 is the low byte (`spl` to
    /// `dil` for registers 4 to 7; ``highByteName(_:)`` has `ah` to `bh`).
    public func name(bytes: Int) -> String {
        guard rawValue < 8 else {
            return name + ([1: "b", 2: "w", 4: "d"][bytes] ?? "")
        }
        let word = String(name.dropFirst())
        switch bytes {
        case 1: return rawValue < 4 ? word.replacing("x", with: "l") : word + "l"
        case 2: return word
        case 4: return "e" + word
        default: return name
        }
    }

    /// `ah`, `ch`, `dh`, `bh` for registers 0 to 3 as bits 15:8, else nil.
    public static func highByteName(_ number: UInt8) -> String? {
        number < 4 ? ["ah", "ch", "dh", "bh"][Int(number)] : nil
    }
}

/// The segment registers, numbered as the instruction encoding numbers them.
public enum SegmentRegister: UInt8, CaseIterable, Sendable {
    case es, cs, ss, ds, fs, gs

    public var name: String { "\(self)" }
}

/// Bits of RFLAGS. SDM 1, "EFLAGS Register".
public enum FlagBit: UInt8, NamedBit {
    case cf = 0
    case pf = 2
    case af = 4
    case zf = 6
    case sf = 7
    case tf = 8
    case `if` = 9
    case df = 10
    case of = 11
    case nt = 14
    case rf = 16
    case vm = 17
    case ac = 18
    case vif = 19
    case vip = 20
    case id = 21

    public var name: String { "\(self)".uppercased() }

    public var title: String {
        switch self {
        case .cf: "carry"
        case .pf: "parity"
        case .af: "auxiliary carry"
        case .zf: "zero"
        case .sf: "sign"
        case .tf: "trap"
        case .if: "interrupt enable"
        case .df: "direction"
        case .of: "overflow"
        case .nt: "nested task"
        case .rf: "resume"
        case .vm: "virtual-8086 mode"
        case .ac: "alignment check, access control"
        case .vif: "virtual interrupt"
        case .vip: "virtual interrupt pending"
        case .id: "identification"
        }
    }
}
