import Architecture
import Machine

/// Every check of VM entry that the current VMCS does not pass, as text: the sentence, the fields
/// with their values, the bits that are wrong and the nearest legal value.
public struct EntryCheckText {
    public let style: TextStyle

    public init(style: TextStyle = .plain) { self.style = style }

    /// - Parameters:
    ///   - findings: in the manual's order.
    ///   - checks: those that were made.
    public func lines(_ findings: [EntryFinding], of checks: EntryChecks) -> [String] {
        var page = TextPage(style)
        let counts = [
            "controls \(checks.controls.count)", "host state \(checks.host.count)",
            "guest state \(checks.guest.count)",
        ]
        page.add(
            "\(Wording.count(checks.all.count, "check")) of VM entry: "
                + counts.joined(separator: ", "), as: .heading)
        guard !findings.isEmpty else {
            page.add("All hold: a VM entry would reach the guest.", as: .success)
            return page.lines
        }
        for (index, finding) in findings.enumerated() {
            page.blank()
            add(finding, isFirst: index == 0, to: &page)
        }
        page.blank()
        page.add(summary(findings))
        return page.lines
    }

    private func add(_ finding: EntryFinding, isFirst: Bool, to page: inout TextPage) {
        let check = finding.check
        page.add(
            "\(finding.area.title), check \(finding.number) of \(finding.count): \(check.id)",
            as: .heading)
        page.add("\(check.text).", indent: 2, hanging: 4, as: .decisive)
        for (field, value) in zip(check.fields, finding.values) {
            page.add("\(field.name) = \(value.hex)", indent: 4, hanging: 6)
        }
        if let repair = finding.repair {
            page.add("wrong: " + Self.wrongBits(repair), indent: 4, hanging: 6)
            page.add(
                "legal: \(repair.field.name) = \(repair.legal.hex)", indent: 4, hanging: 6,
                as: .changed)
        } else {
            page.add("no change of one field alone makes it hold", indent: 4)
        }
        if isFirst {
            page.add("This is the one that the processor reports.", indent: 4, as: .warning)
        }
        page.add(check.citation.text, indent: 4, hanging: 6, as: .secondary)
    }

    /// The bits by which the value differs from the legal one, by their names.
    static func wrongBits(_ repair: EntryFinding.Repair) -> String {
        let mostNamed = 6
        let positions = (0..<64).reversed().filter { repair.bits >> UInt64($0) & 1 == 1 }
        guard positions.count <= mostNamed else {
            return "\(positions.count) bits of \(repair.field.name), \(repair.bits.hex)"
        }
        let bits = BitNaming.bits(of: repair.field)
        let texts = positions.map { position in
            let name = BitNaming.name(of: position, in: bits)
            let place = name == "bit \(position)" ? name : "\(name) (bit \(position))"
            return "\(place) is \(repair.value >> UInt64(position) & 1)"
        }
        return "\(Wording.list(texts)) in \(repair.field.name)"
    }

    private func summary(_ findings: [EntryFinding]) -> String {
        let count = Wording.count(findings.count, "check")
        let verb = findings.count == 1 ? "does" : "do"
        guard let first = findings.first else { return "" }
        let outcome =
            switch first.area {
            case .controls: "VMfailValid with error 7"
            case .host: "VMfailValid with error 8"
            case .guest: "an exit with reason 33 and qualification \(first.check.qualification)"
            }
        return "\(count) \(verb) not hold. A VM entry ends in \(outcome)."
    }
}

/// The same as JSON, one object a finding.
public enum EntryCheckJSON {
    public static func object(_ finding: EntryFinding) -> JSON {
        let check = finding.check
        let fields = zip(check.fields, finding.values).map { field, value in
            JSON.members(("name", .string(field.name)), ("value", .hex(value)))
        }
        let repair = finding.repair.map { repair in
            JSON.members(
                ("field", .string(repair.field.name)), ("bits", .hex(repair.bits)),
                ("legal", .hex(repair.legal)))
        }
        return .members(
            ("check", .string(check.id)), ("area", .string(finding.area.title)),
            ("number", .count(finding.number)), ("text", .string(check.text)),
            ("fields", .list(fields)), ("repair", repair ?? .null),
            (
                "citation",
                .members(
                    ("manual", .string(check.citation.manual.rawValue)),
                    ("section", check.citation.section.map { .string($0) } ?? .null),
                    ("title", .string(check.citation.title)))
            ))
    }
}
