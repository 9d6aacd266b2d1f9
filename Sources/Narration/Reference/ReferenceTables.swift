import Architecture
import Machine

/// What several entries look up: the machine's ladders and checks, and what the ladders come to.
enum ReferenceTables {
    static let ladders = Ladders().all
    static let checks = EntryChecks()

    /// A ladder with what its rules come to.
    struct Explored: Sendable {
        let ladder: NamedLadder
        let outcomes: LadderOutcomes
    }

    /// Found once, by asking every ladder.
    static let explored = ladders.map { Explored(ladder: $0, outcomes: $0.outcomes()) }

    /// Which rule of which ladder consults something.
    static func readers(where reads: (InputFacts) -> Bool) -> [ReferenceEntry.Link] {
        var links: [ReferenceEntry.Link] = []
        var known: Set<String> = []
        for ladder in ladders {
            for rule in ladder.rules where rule.inputs.contains(where: reads) {
                if known.insert(rule.id).inserted { links.append(.init(.rule, rule.id)) }
            }
        }
        return links
    }

    /// Verdicts in words.
    static func text(_ verdict: Verdict, of ladder: NamedLadder) -> String {
        switch verdict {
        case .exit(let reason): "exit \(reason.rawValue) (\(reason.name))"
        case .fault(let vector): vector.mnemonic
        case .proceed: ladder.proceeding
        case .ignored: ladder.ignoring
        case .fail(.invalid): "VMfailInvalid"
        case .fail(.valid(let error)): "VMfailValid(\(error.rawValue))"
        case .abort(let reason): "VMX abort \(reason.rawValue)"
        case .virtualized: "the virtual-APIC page"
        case .interrupt(let kind):
            switch kind {
            case .external: "external interrupt"
            case .nmi: "NMI"
            case .virtual: "virtual interrupt"
            case .posted: "posted interrupts are taken over"
            }
        }
    }

    /// "bit 3", "bits 7:4".
    static func bits(_ range: ClosedRange<Int>) -> String {
        range.count == 1
            ? "bit \(range.lowerBound)" : "bits \(range.upperBound):\(range.lowerBound)"
    }
}

// MARK: VMCS fields

extension ReferenceBook {
    static var fields: [ReferenceEntry] {
        VMCSField.allCases.map { field in
            let encoding = UInt64(field.rawValue)
            return ReferenceEntry(
                .field, field.name, title: field.title, meaning: field.meaning,
                also: ["\(field)"],
                numbers: [encoding] + (field.width == .bits64 ? [encoding + 1] : []),
                field.citation
            ) { facts(of: field) }
        }
    }

    private static func facts(of field: VMCSField) -> [ReferenceEntry.Fact] {
        typealias Fact = ReferenceEntry.Fact
        var encoding = UInt64(field.rawValue).hex
        if field.width == .bits64 { encoding += ", high half \((field.rawValue + 1).hex)" }
        let bits = BitNaming.bits(of: field)
        let size = field.width == .natural ? "natural width, 64 bits here" : field.width.title
        let checks = ReferenceTables.checks.all.filter { $0.fields.contains(field) }
        return [
            Fact("encoding", encoding),
            Fact("width", size),
            Fact("area", field.kind.title),
            Fact(
                "access",
                field.access == .readWrite
                    ? "VMREAD and VMWRITE"
                    : "VMREAD; VMWRITE only where IA32_VMX_MISC bit 29 is 1"),
            field.existence.isEmpty
                ? Fact("exists", "on every processor")
                : Fact("exists with", links: field.existence.map { .init(.control, $0.typedName) }),
            Fact("bits", bits.map { "\($0.position) \($0.name)" }),
            Fact("read by rules", links: ReferenceTables.readers { $0.field == field }),
            Fact("read by checks", links: checks.map { .init(.check, $0.id) }),
        ]
    }
}

// MARK: Control bits

extension ControlBit {
    /// The bit as the prompt names it, behind its field: "PROC_CTLS.HLT_exiting".
    var typedName: String {
        let bit = name.map { $0 == " " || $0 == "-" || $0 == "/" ? "_" : $0 }
        return "\(field.name).\(String(bit))"
    }
}

extension ReferenceBook {
    static var controls: [ReferenceEntry] {
        ControlBit.all.map { control in
            ReferenceEntry(
                .control, control.typedName, title: control.name, meaning: control.meaning,
                also: [
                    control.name, "\(control.bit)", "\(control.field.name).\(control.position)",
                    "\(control.field.name).\(control.name)",
                ], control.citation
            ) { facts(of: control) }
        }
    }

    private static func facts(of control: ControlBit) -> [ReferenceEntry.Fact] {
        typealias Fact = ReferenceEntry.Fact
        let reasons = ExitReason.allCases.filter { $0.controls.contains(control) }
        let fields = VMCSField.allCases.filter { $0.existence.contains(control) }
        let quoted = "\"\(control.name)\""
        let checks = ReferenceTables.checks.all.filter {
            $0.fields.contains(control.field) && $0.text.contains(quoted)
        }
        return [
            Fact("field", links: [.init(.field, control.field.name)]),
            Fact("bit", "\(control.position)"),
            Fact("capability", links: capability(of: control.field).map { .init(.msr, $0.name) }),
            Fact("processors", settings(control)),
            Fact(
                "modelled", control.isModelled ? "yes" : "no: an entry with it ends the run by name"
            ),
            Fact("decides", decisions(control)),
            Fact("exits", links: reasons.map { .init(.reason, $0.name, "(\($0.rawValue))") }),
            Fact("makes exist", links: fields.map { .init(.field, $0.name) }),
            Fact("read by checks", links: checks.map { .init(.check, $0.id) }),
        ]
    }

    /// What the bit changes by itself: "hlt: exit 12 (HLT) with 1, no exit with 0".
    private static func decisions(_ control: ControlBit) -> [String] {
        var lines: [String] = []
        for explored in ReferenceTables.explored {
            for bit in explored.outcomes.bits where isBit(bit, control) {
                let line =
                    "\(explored.ladder.name): \(ReferenceTables.text(bit.set, of: explored.ladder)) with 1, "
                    + "\(ReferenceTables.text(bit.clear, of: explored.ladder)) with 0"
                if !lines.contains(line) { lines.append(line) }
            }
        }
        return lines
    }

    /// A flag stands for the control of its name, a whole field for its bits.
    private static func isBit(_ bit: LadderOutcomes.OfBit, _ control: ControlBit) -> Bool {
        guard bit.field == control.field else { return false }
        return bit.input.width == 1
            ? bit.input.title == control.name : bit.bit == Int(control.position)
    }

    private static func capability(of field: VMCSField) -> [MSR] {
        switch field {
        case .pinControls: [.vmxPinControls, .vmxTruePinControls]
        case .primaryProcControls: [.vmxPrimaryControls, .vmxTruePrimaryControls]
        case .exitControls: [.vmxExitControls, .vmxTrueExitControls]
        case .entryControls: [.vmxEntryControls, .vmxTrueEntryControls]
        case .secondaryProcControls: [.vmxSecondaryControls]
        case .tertiaryProcControls: [.vmxTertiaryControls]
        case .vmFunctionControls: [.vmxVMFunctions]
        default: []
        }
    }

    /// "first-vtx: 0", "nehalem to recent: 0 or 1": neighbours in age that agree stand together.
    private static func settings(_ control: ControlBit) -> [String] {
        var groups: [(first: String, last: String, value: String)] = []
        for processor in Processor.all {
            let value = setting(control, processor)
            if groups.last?.value == value {
                groups[groups.count - 1].last = processor.name
            } else {
                groups.append((processor.name, processor.name, value))
            }
        }
        return groups.map { group in
            let names = group.first == group.last ? group.first : "\(group.first) to \(group.last)"
            return "\(names): \(group.value)"
        }
    }

    private static func setting(_ control: ControlBit, _ processor: Processor) -> String {
        guard let vmx = processor.vmx, vmx.allows(control) else { return "0" }
        let isFixed = vmx.settings(of: control.field)?.requires(control.bit) == true
        return isFixed ? "1" : "0 or 1"
    }
}
