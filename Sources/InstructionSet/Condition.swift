/// The sixteen conditions of Jcc, SETcc and CMOVcc, numbered as the low four opcode bits number
/// them. SDM 2, "Jcc—Jump if Condition Is Met".
public enum Condition: UInt8, CaseIterable, Sendable {
    case o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g

    /// All spellings; the first is the one that the disassembler writes.
    public var names: [String] {
        switch self {
        case .o: ["o"]
        case .no: ["no"]
        case .b: ["b", "c", "nae"]
        case .ae: ["ae", "nc", "nb"]
        case .e: ["e", "z"]
        case .ne: ["ne", "nz"]
        case .be: ["be", "na"]
        case .a: ["a", "nbe"]
        case .s: ["s"]
        case .ns: ["ns"]
        case .p: ["p", "pe"]
        case .np: ["np", "po"]
        case .l: ["l", "nge"]
        case .ge: ["ge", "nl"]
        case .le: ["le", "ng"]
        case .g: ["g", "nle"]
        }
    }

    public var name: String { "\(self)" }
}
