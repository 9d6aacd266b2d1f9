import Architecture
import Hypervisor
import Narration

/// The bits that can be given by name in a value, by the register or VMCS field that has them.
public enum BitNames {
    /// The named bits of a register or field, lowest first; nil where it has none.
    public static func bits(of name: String) -> [(name: String, position: UInt8)]? {
        (try? SettingTarget(name: name)).flatMap(bits)
    }

    private static func bits(of target: SettingTarget) -> [(name: String, position: UInt8)]? {
        switch target {
        case .controlRegister(0): rows(CR0Bit.self)
        case .controlRegister(4): rows(CR4Bit.self)
        case .efer: rows(EFERBit.self)
        case .rflags: rows(FlagBit.self)
        case .field(let field): bits(of: field)
        case .general, .highByte, .rip, .selector, .controlRegister: nil
        }
    }

    private static func bits(of field: VMCSField) -> [(name: String, position: UInt8)]? {
        let bits = BitNaming.bits(of: field)
        return bits.isEmpty ? nil : bits.map { ($0.name, UInt8(truncatingIfNeeded: $0.position)) }
    }

    /// The position of a bit by its name, in any case, with or without the `#` of an exception.
    public static func position(of bit: String, in name: String) -> UInt8? {
        bits(of: name)?.first { Self.equal($0.name, bit) }?.position
    }

    /// Whether a word names a bit of this register or field.
    static func isBit(_ word: String, of name: String) -> Bool {
        position(of: word, in: name) != nil
    }

    /// Whether any register that decisions name bits of has a bit of this name.
    static func isKnown(_ bit: String) -> Bool {
        ["CR0", "CR4", "EFER", "RFLAGS", "EXCEPTION_BITMAP"].contains {
            position(of: bit, in: $0) != nil
        }
    }

    private static func equal(_ first: String, _ second: String) -> Bool {
        let plain = [first, second].map { Spelling.folded($0).filter { $0 != "#" } }
        return plain[0] == plain[1]
    }

    private static func rows<Bit: NamedBit>(_: Bit.Type) -> [(name: String, position: UInt8)] {
        Bit.allCases.map { ($0.name, $0.rawValue) }.sorted { $0.1 < $1.1 }
    }
}
