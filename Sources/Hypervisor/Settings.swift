import Architecture
import Machine

/// What `--set NAME=VALUE` and a scenario's `set` may name.
public enum SettingTarget: Sendable, Hashable {
    /// A general register at a width: `al` sets one byte, `eax` clears the upper half.
    case general(GeneralRegister, bytes: Int)
    case highByte(UInt8)
    case rip
    case rflags
    case selector(SegmentRegister)
    case controlRegister(Int)
    case efer
    case field(VMCSField)

    public enum Failure: Error, Equatable {
        case unknown(suggestions: [String])
        case tooWide(bits: Int)
    }

    /// Every name there is, for completion and for suggestions.
    public static let names: [String] = {
        var names: [String] = []
        for register in GeneralRegister.allCases {
            for bytes in [8, 4, 2, 1] { names.append(register.name(bytes: bytes)) }
        }
        names += ["ah", "ch", "dh", "bh", "rip", "eip", "ip", "rflags", "eflags", "flags"]
        names += SegmentRegister.allCases.map(\.name)
        names += ["cr0", "cr2", "cr3", "cr4", "efer"]
        return names + VMCSField.allCases.map(\.name)
    }()

    public init(name: String) throws(Failure) {
        if let field = VMCSField(name: name.uppercased()) {
            self = .field(field)
            return
        }
        let lower = name.lowercased()
        for register in GeneralRegister.allCases {
            for bytes in [8, 4, 2, 1] where register.name(bytes: bytes) == lower {
                self = .general(register, bytes: bytes)
                return
            }
        }
        for number in UInt8(0)..<4 where GeneralRegister.highByteName(number) == lower {
            self = .highByte(number)
            return
        }
        if let segment = SegmentRegister.allCases.first(where: { $0.name == lower }) {
            self = .selector(segment)
            return
        }
        switch lower {
        case "rip", "eip", "ip": self = .rip
        case "rflags", "eflags", "flags": self = .rflags
        case "cr0": self = .controlRegister(0)
        case "cr2": self = .controlRegister(2)
        case "cr3": self = .controlRegister(3)
        case "cr4": self = .controlRegister(4)
        case "efer": self = .efer
        default: throw .unknown(suggestions: Self.suggestions(for: name))
        }
    }

    /// Bits that a value may have.
    public var width: Int {
        switch self {
        case .general(_, let bytes): bytes * 8
        case .highByte: 8
        case .selector: 16
        case .rip, .rflags, .controlRegister, .efer: 64
        case .field(let field):
            field.width.bits
        }
    }

    /// Throws `tooWide` for a value that the target cannot hold.
    public func check(_ value: UInt64) throws(Failure) {
        if width < 64, value >> UInt64(width) != 0 { throw .tooWide(bits: width) }
    }

    /// Names that share a start with what was typed.
    private static func suggestions(for name: String) -> [String] {
        let upper = name.uppercased()
        let stem = upper.prefix(3)
        return names.filter { $0.uppercased().hasPrefix(stem) || $0.uppercased().contains(upper) }
            .prefix(6).map { $0 }
    }
}

extension ProcessorState {
    /// The value of a register outside the VMCS; 0 for a field.
    public func value(of target: SettingTarget) -> UInt64 {
        let general = registers.values
        switch target {
        case .general(let register, let bytes):
            let value = general[Int(register.rawValue)]
            return bytes == 8 ? value : value & ((1 << UInt64(bytes * 8)) - 1)
        case .highByte(let number): return general[Int(number & 3)] >> 8 & 0xFF
        case .rip: return rip
        case .rflags: return rflags
        case .selector(let name): return UInt64(self[name].selector)
        case .controlRegister(0): return cr0
        case .controlRegister(2): return cr2
        case .controlRegister(3): return cr3
        case .controlRegister: return cr4
        case .efer: return efer
        case .field: return 0
        }
    }

    /// Sets a register outside the VMCS; fields are the hypervisor's to write.
    public mutating func apply(_ setting: RunConfiguration.Setting) {
        let value = setting.value
        switch setting.target {
        case .general(let register, let bytes):
            switch bytes {
            case 8: registers[register] = value
            case 4: registers[register] = value & 0xFFFF_FFFF
            default:
                let mask = (UInt64(1) << UInt64(bytes * 8)) - 1
                registers[register] = (registers[register] & ~mask) | (value & mask)
            }
        case .highByte(let number):
            let register = GeneralRegister.allCases[Int(number)]
            registers[register] = (registers[register] & ~0xFF00) | (value & 0xFF) << 8
        case .rip: rip = value
        case .rflags: rflags = value
        case .selector(let name):
            self[name] = .realMode(UInt16(truncatingIfNeeded: value), code: name == .cs)
        case .controlRegister(0): cr0 = value
        case .controlRegister(2): cr2 = value
        case .controlRegister(3): cr3 = value
        case .controlRegister: cr4 = value
        case .efer: efer = value
        case .field: break
        }
    }
}
