import Architecture
import Hypervisor
import Narration
import Workbook

/// What names mean at the prompt: registers, with or without gdb's `$`, VMCS fields, single bits of
/// either behind a dot, and the guest's labels.
struct GuestNames {
    /// A register or field, or one bit of it.
    struct Place {
        let target: SettingTarget
        /// As the tables spell it.
        let name: String
        let bit: UInt8?
    }

    let debugger: Debugger

    /// The value of a name.
    func value(_ name: String) throws(CommandError) -> UInt64 {
        if let known = debugger.names.first(where: { $0.name == name }) { return known.value }
        let place = try place(name)
        let value = debugger.run.value(of: place.target)
        guard let bit = place.bit else { return value }
        return value >> UInt64(bit) & 1
    }

    /// What `set` can change.
    func place(_ name: String) throws(CommandError) -> Place {
        if let found = Self.whole(name) {
            return Place(target: found.target, name: found.name, bit: nil)
        }
        guard let dot = name.lastIndex(of: "."), let register = Self.whole(String(name[..<dot]))
        else {
            throw .unknown("a register, label or VMCS field", name, among: allNames)
        }
        let bit = String(name[name.index(after: dot)...])
        let bits = BitNames.bits(of: register.name) ?? []
        if let found = bits.first(where: { Self.plain($0.name) == Self.plain(bit) }) {
            return Place(target: register.target, name: register.name, bit: found.position)
        }
        guard !bits.isEmpty else {
            throw CommandError("The bits of \(register.name) have no names here.")
        }
        let names = bits.map { Self.typed($0.name) }
        throw .unknown(
            "a bit of \(register.name)", bit, among: names,
            fallback: "Its bits: \(names.joined(separator: " ")).")
    }

    /// The VMCS field of a name, in any case and with any separator.
    static func field(_ name: String) throws(CommandError) -> VMCSField {
        guard let field = VMCSField(name: spelled(name)) else {
            throw .unknown("a VMCS field", name, among: VMCSField.allCases.map(\.name))
        }
        return field
    }

    private static func whole(_ name: String) -> (target: SettingTarget, name: String)? {
        var plain = name.hasPrefix("$") ? String(name.dropFirst()) : name
        // gdb's name on any processor.
        if plain.lowercased() == "pc" { plain = "rip" }
        guard let target = try? SettingTarget(name: spelled(plain)) else { return nil }
        if case .field(let field) = target { return (target, field.name) }
        return (target, plain.lowercased())
    }

    private static func spelled(_ name: String) -> String {
        name.uppercased().replacing("-", with: "_")
    }

    /// A bit's name as one word that can stand in an expression, as `use_IO_bitmaps`.
    static func typed(_ bit: String) -> String {
        String(
            bit.compactMap { character in
                if character == " " || character == "-" { return "_" }
                return character == "_" || isPlain(character) ? character : nil
            })
    }

    /// A bit's name as it is compared: letters and digits alone.
    static func plain(_ bit: String) -> String {
        bit.filter(isPlain).lowercased()
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }

    private var allNames: [String] { SettingTarget.names + debugger.names.map(\.name) }

    // MARK: Completion

    /// The registers whose whole width is shown by `info registers`.
    static let registers: [String] =
        GeneralRegister.allCases.map(\.name) + ["rip", "rflags"]
        + SegmentRegister.allCases.map(\.name) + ["cr0", "cr2", "cr3", "cr4", "efer"]

    static let fieldCandidates = VMCSField.allCases.map {
        Completion.Candidate($0.name, note: $0.title)
    }

    /// Bits that have names, as `cr0.PE` and `CR0_MASK.PE`.
    static let bitCandidates: [Completion.Candidate] = {
        let owners = ["cr0", "cr4", "efer", "rflags"] + VMCSField.allCases.map(\.name)
        return owners.flatMap { owner in
            (BitNames.bits(of: owner) ?? []).map {
                Completion.Candidate("\(owner).\(typed($0.name))")
            }
        }
    }()

    static let controlCandidates = ControlBit.all.map {
        Completion.Candidate(typed($0.name), note: $0.title)
    }
}
