import Architecture
import Hypervisor
import Machine

/// The state of a run as tables, for the commands that show it. Numbers are as one types them.
public struct StateTables {
    public let style: TextStyle
    private static let registerWidth = 26
    private static let nameWidth = 26
    private static let valueWidth = 19

    public init(style: TextStyle = .plain) { self.style = style }

    // MARK: Registers

    /// The registers, three in a line; control registers and flags with the bits that are 1.
    public func registers(_ registers: GuestRegisters) -> [String] {
        var page = TextPage(style)
        let named = registers.named
        let bits: [String: [BitNaming.Bit]] = [
            "cr0": BitNaming.bits(of: .guestCR0), "cr4": BitNaming.bits(of: .guestCR4),
            "efer": BitNaming.bits(of: .guestEFER), "rflags": BitNaming.bits(of: .guestRFLAGS),
        ]
        let plain = named.filter { bits[$0.name] == nil }
        for start in stride(from: 0, to: plain.count, by: 3) {
            let cells = plain[start..<min(start + 3, plain.count)].map { row in
                "\(row.name.padded(to: 4))\(row.value.hex)".padded(to: Self.registerWidth)
            }
            var line = cells.joined()
            while line.last == " " { line.removeLast() }
            page.add(line: line)
        }
        for row in named {
            guard let bits = bits[row.name] else { continue }
            let names = bits.reversed().filter { row.value >> UInt64($0.position) & 1 == 1 }
            page.add(
                "\(row.name) \(row.value.hex) \(names.map(\.name).joined(separator: " "))",
                hanging: 4)
        }
        return page.lines
    }

    // MARK: The VMCS

    /// The fields that the processor has and whose name or title holds `filter`, by area.
    public func vmcs(_ machine: borrowing Machine, filter: String? = nil) -> [String] {
        var page = TextPage(style)
        let wanted = filter?.lowercased()
        for kind in VMCSFieldEncoding.Kind.allCases {
            let fields = VMCSField.allCases.filter { field in
                field.kind == kind && machine.processor.vmx.map { field.exists(on: $0) } == true
                    && Self.matches(wanted, [field.name, field.title])
            }
            guard !fields.isEmpty else { continue }
            page.blank()
            page.add("\(kind.title) fields", as: .heading)
            for field in fields {
                let value = machine.currentVMCSField(field).hex
                page.add(
                    field.title,
                    lead: "  \(field.name.padded(to: Self.nameWidth))"
                        + "\(value.padded(to: Self.valueWidth)) ")
            }
        }
        return page.lines
    }

    /// The controls, bit by bit: 1 or 0, the name, what it does, and where the processor leaves no
    /// choice.
    public func controls(_ machine: borrowing Machine, filter: String? = nil) -> [String] {
        var page = TextPage(style)
        let wanted = filter?.lowercased()
        var fields: [VMCSField] = []
        for bit in ControlBit.all where !fields.contains(bit.field) { fields.append(bit.field) }
        for field in fields where machine.processor.vmx.map({ field.exists(on: $0) }) == true {
            let bits = ControlBit.all.filter {
                $0.field == field && Self.matches(wanted, [$0.name, $0.title, field.name])
            }
            guard !bits.isEmpty else { continue }
            let value = machine.currentVMCSField(field)
            page.blank()
            page.add("\(field.title) (\(field.name)) \(value.hex)", as: .heading)
            for bit in bits {
                let state = value & bit.mask != 0 ? "1" : "0"
                var text = bit.title
                if let choice = Self.fixed(bit, machine.processor.vmx) { text += " (\(choice))" }
                page.add(
                    text,
                    lead: "  \(state)  \("\(bit.position)".leftPadded(to: 2))  "
                        + "\(bit.name.padded(to: 28)) ")
            }
        }
        return page.lines
    }

    private static func fixed(_ bit: ControlBit, _ vmx: VMXCapabilities?) -> String? {
        guard let vmx else { return nil }
        if !vmx.allows(bit) { return "not on this processor" }
        let settings = vmx.settings(of: bit.field)
        return settings.map { $0.requires(bit.bit) } == true
            ? "must be 1" : nil
    }

    private static func matches(_ filter: String?, _ texts: [String]) -> Bool {
        filter.map { filter in texts.contains { $0.lowercased().contains(filter) } } ?? true
    }

    // MARK: Translations

    /// A line for each: linear and physical page, rights as "rwx", of the supervisor and of the
    /// user, the size of the guest's page, and the tags. Stale ones say what the tables hold now.
    public func translations(_ translations: [CachedTranslation]) -> [String] {
        var page = TextPage(style)
        let width = translations.contains { $0.linear >> 32 != 0 } ? 16 : 8
        page.add(
            line: "linear".padded(to: width + 2) + "physical".padded(to: width + 2)
                + "sup user page   tags", as: .heading)
        for one in translations {
            let lead =
                HexText.padded(one.linear, width) + "  " + HexText.padded(one.physical, width)
                + "  \(Self.rights(one, isUser: false)) \(Self.rights(one, isUser: true))  "
                + Self.size(one.pageSize).padded(to: 7)
            page.add(Self.tags(one).joined(separator: ", "), lead: lead)
            if one.isStale { page.add("stale: \(Self.stale(one))", indent: 2, as: .warning) }
        }
        return page.lines
    }

    private static func rights(_ one: CachedTranslation, isUser: Bool) -> String {
        zip("rwx", CachedTranslation.Right.allCases)
            .map { letter, right in one.allows(right, isUser: isUser) ? String(letter) : "-" }
            .joined()
    }

    private static func size(_ bytes: UInt64) -> String {
        bytes < 1 << 20
            ? "\(bytes >> 10) K" : bytes < 1 << 30 ? "\(bytes >> 20) M" : "\(bytes >> 30) G"
    }

    private static func tags(_ one: CachedTranslation) -> [String] {
        var tags: [String] = []
        if one.isGlobal { tags.append("global") }
        if one.vpid != 0 { tags.append("VPID \(one.vpid)") }
        if one.pcid != 0 { tags.append("PCID \(one.pcid)") }
        if let ept = one.ept { tags.append("EPT \(HexText.prose(ept))") }
        if one.tables == .notInForce { tags.append("not in force") }
        return tags
    }

    private static func stale(_ one: CachedTranslation) -> String {
        switch one.tables {
        case .otherPage(let address): "the tables map it to \(HexText.register(address)) now"
        case .fewerRights: "the tables allow less now"
        case .nothing: "the tables map no such page now"
        case .same, .notInForce: ""
        }
    }

    // MARK: Exits

    /// One line an exit: its number, the step, the address, the reason, and what it says.
    public func exit(_ number: Int, step: UInt64, _ exit: ExitEvent) -> String {
        var line = "\(number)".leftPadded(to: 5) + "\(step)".leftPadded(to: 10)
        line += "  " + exit.rip.hex.padded(to: 12)
        line += " \(exit.reasonField & 0xFFFF)".leftPadded(to: 4)
        line += "  " + (exit.reason?.title ?? "of no name")
        let meaning = QualificationText.text(exit)
        if !meaning.isEmpty { line += ": " + meaning }
        var page = TextPage(style)
        page.add(line: line)
        return page.lines.first ?? ""
    }
}
