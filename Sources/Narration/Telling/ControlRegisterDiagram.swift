import Architecture
import InstructionSet
import Machine

/// An access to CR0 or CR4 in VMX non-root operation, drawn bit by bit. The columns come from the
/// register's table of bits.
struct ControlRegisterDiagram {
    private let access: ControlRegisterAccess

    /// nil where no bits are compared: CR3 and CR8.
    init?(_ access: ControlRegisterAccess) {
        guard access.number == 0 || access.number == 4 else { return nil }
        self.access = access
    }

    // MARK: Writes

    /// What is written against the shadow, with the bits that the host owns.
    func write(codeSize: CodeSize?, _ style: TextStyle) -> [String] {
        var rows = [
            BitDiagram.Row(
                label: "shadow", value: access.shadow,
                note: HexText.register(access.shadow) + "  read shadow"),
            BitDiagram.Row(
                label: "host owns", value: access.mask, one: "x", zero: ".",
                note: HexText.register(access.mask) + "  CR\(access.number) mask"),
        ]
        // CLTS writes no value: the shadow and the mask alone decide.
        guard access.kind != .clts else {
            return BitDiagram(columns: columns(access.shadow | access.mask), rows: rows).lines(
                style)
        }
        rows.insert(
            BitDiagram.Row(
                label: "written", value: access.value,
                note: HexText.register(access.value) + "  " + sourceName(codeSize)), at: 0)
        rows.append(BitDiagram.Row(label: "differs", value: differing, one: "*", zero: "."))
        let used = access.value | access.shadow | access.mask
        let marks = columns(used).filter { isSet($0, differing) }.map(mark)
        return BitDiagram(columns: columns(used), rows: rows, marks: marks).lines(style)
    }

    /// What is to be said of a bit that differs.
    private func mark(_ bit: BitNaming.Bit) -> BitDiagram.Mark {
        let position = bit.position
        if access.kind == .lmsw, position == Int(CR0Bit.pe.rawValue), !isSet(bit, access.value) {
            return BitDiagram.Mark(
                position: position, text: "different, but LMSW cannot clear it",
                short: "not cleared")
        }
        return isSet(bit, access.mask)
            ? BitDiagram.Mark(
                position: position, text: "host-owned and different", short: "host-owned")
            : BitDiagram.Mark(
                position: position, text: "different, but guest-owned", short: "guest-owned")
    }

    /// The bits that the instruction can reach.
    private var reach: UInt64 {
        switch access.kind {
        case .lmsw: 0xF
        case .clts: CR0Bit.ts.mask
        case .moveTo, .moveFrom, .smsw: ~0
        }
    }

    private var differing: UInt64 { (access.value ^ access.shadow) & reach }

    private func sourceName(_ size: CodeSize?) -> String {
        guard access.kind == .moveTo else { return "the source" }
        let register = GeneralRegister(rawValue: access.generalRegister & 15) ?? .rax
        return register.name(bytes: size == .bits64 ? 8 : 4).uppercased()
    }

    // MARK: Reads

    /// What the guest reads: part shadow, part register.
    func read(_ style: TextStyle) -> [String] {
        let rows = [
            BitDiagram.Row(
                label: "real", value: access.real,
                note: HexText.register(access.real) + "  the register"),
            BitDiagram.Row(
                label: "shadow", value: access.shadow,
                note: HexText.register(access.shadow) + "  read shadow"),
            BitDiagram.Row(
                label: "host owns", value: access.mask, one: "x", zero: ".",
                note: HexText.register(access.mask) + "  CR\(access.number) mask"),
            BitDiagram.Row(
                label: "reads as", value: access.readsAs, note: HexText.register(access.readsAs)),
        ]
        let columns = columns(access.real | access.shadow | access.mask)
        let marks = columns.filter { isSet($0, access.real ^ access.readsAs) }.map {
            BitDiagram.Mark(
                position: $0.position, text: "the shadow's, not the real one", short: "shadow")
        }
        return BitDiagram(columns: columns, rows: rows, marks: marks).lines(style)
    }

    // MARK: Columns

    /// All named bits of CR0; of CR4, which has many, those that are 1 in some row. Bits without a
    /// name only where they are 1 in a row, the lowest few.
    private func columns(_ used: UInt64) -> [BitNaming.Bit] {
        let named = BitNaming.bits(ofControlRegister: access.number)
        let shown = named.filter {
            isSet($0, reach) && (access.number == 0 || isSet($0, used))
        }
        let others = named.reduce(used & reach) { $0 & ~(1 << UInt64($1.position)) }
        let unnamed = (0..<64).filter { others >> UInt64($0) & 1 == 1 }
            .prefix(4).map { BitNaming.Bit(position: $0, name: "\($0)") }
        let all = (shown + unnamed).sorted { $0.position > $1.position }
        // A register of zeros still has a column to stand for it.
        return all.isEmpty ? Array(named.prefix(1)) : all
    }

    private func isSet(_ bit: BitNaming.Bit, _ value: UInt64) -> Bool {
        value >> UInt64(bit.position) & 1 == 1
    }
}
