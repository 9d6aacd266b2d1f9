import Architecture
import Machine

// MARK: Rules and decisions

extension ReferenceBook {
    /// A rule once, however many ladders have it.
    static var rules: [ReferenceEntry] {
        var known: Set<String> = []
        return ReferenceTables.ladders.flatMap(\.rules).compactMap { rule in
            guard known.insert(rule.id).inserted else { return nil }
            return ReferenceEntry(
                .rule, rule.id, title: rule.text,
                meaning: "The rule decides where this holds and no rule before it has decided.",
                rule.citation
            ) { facts(of: rule) }
        }
    }

    private static func facts(of rule: RuleFacts) -> [ReferenceEntry.Fact] {
        typealias Fact = ReferenceEntry.Fact
        var verdicts: [String] = []
        var ladders: [ReferenceEntry.Link] = []
        var neighbours: (before: [ReferenceEntry.Link], after: [ReferenceEntry.Link]) = ([], [])
        var inputs: [InputFacts] = []
        for explored in ReferenceTables.explored {
            let rules = explored.ladder.rules
            guard let place = rules.firstIndex(where: { $0.id == rule.id }) else { continue }
            ladders.append(
                .init(.decision, explored.ladder.name, "(\(place + 1) of \(rules.count))"))
            if place > 0 { add(rules[place - 1].id, to: &neighbours.before) }
            if place + 1 < rules.count { add(rules[place + 1].id, to: &neighbours.after) }
            for input in rules[place].inputs
            where !inputs.contains(where: { $0.name == input.name }) {
                inputs.append(input)
            }
            for verdict in explored.outcomes.verdicts(of: place) {
                let text = ReferenceTables.text(verdict, of: explored.ladder)
                if !verdicts.contains(text) { verdicts.append(text) }
            }
        }
        return [
            Fact("comes to", verdicts),
            Fact("looks at", inputs.map(text)),
            Fact("in decisions", links: ladders),
            Fact("after", links: neighbours.before),
            Fact("before", links: neighbours.after),
        ]
    }

    private static func add(_ id: String, to links: inout [ReferenceEntry.Link]) {
        if !links.contains(where: { $0.name == id }) { links.append(.init(.rule, id)) }
    }

    private static func text(_ input: InputFacts) -> String {
        input.field.map { "\(input.title) (\($0.name))" } ?? input.title
    }

    static var decisions: [ReferenceEntry] {
        ReferenceTables.ladders.map { ladder in
            ReferenceEntry(
                .decision, ladder.name, title: ladder.question,
                meaning: "The rules are asked in this order; the first that decides, decides.",
                also: ["\(ladder.name) ladder"], ladder.rules.last?.citation
            ) {
                [
                    ReferenceEntry.Fact("rules", ladder.rules.enumerated().map(numbered)),
                    ReferenceEntry.Fact("comes to", verdicts(of: ladder.name)),
                ]
            }
        }
    }

    private static func numbered(_ index: Int, _ rule: RuleFacts) -> String {
        "\(index + 1)  \(rule.id): \(rule.text)"
    }

    private static func verdicts(of ladder: String) -> [String] {
        var texts: [String] = []
        for explored in ReferenceTables.explored where explored.ladder.name == ladder {
            for outcome in explored.outcomes.rules {
                let text = ReferenceTables.text(outcome.verdict, of: explored.ladder)
                if !texts.contains(text) { texts.append(text) }
            }
        }
        return texts
    }
}

// MARK: Exit reasons

extension ReferenceBook {
    static var reasons: [ReferenceEntry] {
        ExitReason.allCases.map { reason in
            ReferenceEntry(
                .reason, reason.name, title: reason.title, meaning: reason.meaning,
                also: ["\(reason)"], numbers: [UInt64(reason.rawValue)], reason.citation
            ) { facts(of: reason) }
        }
    }

    private static func facts(of reason: ExitReason) -> [ReferenceEntry.Fact] {
        typealias Fact = ReferenceEntry.Fact
        let rows = reason.qualification.rows.map { "\(ReferenceTables.bits($0.bits)): \($0.text)" }
        var ladders: [ReferenceEntry.Link] = []
        for explored in ReferenceTables.explored {
            for outcome in explored.outcomes.rules where outcome.verdict == .exit(reason) {
                let id = explored.ladder.rules[outcome.rule].id
                let link = ReferenceEntry.Link(.rule, id, "in \(explored.ladder.name)")
                if !ladders.contains(where: { $0.name == id && $0.note == link.note }) {
                    ladders.append(link)
                }
            }
        }
        return [
            Fact("number", "\(reason.rawValue)" + (reason.isEntryFailure ? ", with bit 31" : "")),
            Fact("qualification", rows.isEmpty ? ["0"] : rows),
            Fact("controls", links: reason.controls.map { .init(.control, $0.typedName) }),
            Fact("decided by", links: ladders),
            Fact("not raised", reason.whyNeverRaised.map { [$0] } ?? []),
        ]
    }
}

// MARK: Checks and errors

extension ReferenceBook {
    static var checks: [ReferenceEntry] {
        let checks = ReferenceTables.checks
        let areas: [([EntryCheck], EntryArea)] = [
            (checks.controls, .controls), (checks.host, .host), (checks.guest, .guest),
        ]
        return areas.flatMap { checks, area in
            checks.enumerated().map { index, check in
                ReferenceEntry(
                    .check, check.id, title: check.text,
                    meaning: "A VM entry demands that \(clause(check.text)).", check.citation
                ) {
                    [
                        ReferenceEntry.Fact(
                            "place", "\(index + 1) of \(checks.count), \(area.title)"),
                        ReferenceEntry.Fact(
                            "reads", links: check.fields.map { .init(.field, $0.name) }),
                        ReferenceEntry.Fact("if it fails", outcome(of: check, in: area)),
                    ]
                }
            }
        }
    }

    private static func clause(_ text: String) -> String { Wording.lowercasedStart(text) }

    private static func outcome(of check: EntryCheck, in area: EntryArea) -> String {
        switch area {
        case .controls: "VMfailValid, error 7: \(VMInstructionError.entryInvalidControls.title)"
        case .host: "VMfailValid, error 8: \(VMInstructionError.entryInvalidHostState.title)"
        case .guest:
            "VM-entry failure: exit reason 33 with bit 31, qualification \(check.qualification)"
        }
    }

    static var errors: [ReferenceEntry] {
        VMInstructionError.allCases.map { error in
            ReferenceEntry(
                .error, "VMfail \(error.rawValue)", title: error.title,
                meaning: """
                    A VMX instruction fails with ZF set and \(error.rawValue) in the \
                    VM-instruction error field: \(Wording.lowercasedStart(error.title)).
                    """, also: ["\(error)", "VMfailValid \(error.rawValue)"],
                numbers: [UInt64(error.rawValue)], error.citation
            ) {
                let checks = ReferenceTables.checks
                let count =
                    switch error {
                    case .entryInvalidControls: checks.controls.count
                    case .entryInvalidHostState: checks.host.count
                    default: 0
                    }
                return [
                    ReferenceEntry.Fact("number", "\(error.rawValue)"),
                    ReferenceEntry.Fact(
                        "field", links: [.init(.field, VMCSField.vmInstructionError.name)]),
                    ReferenceEntry.Fact(
                        "checks", count == 0 ? [] : ["\(count) checks of VM entry lead to it"]),
                ]
            }
        }
    }
}

extension EntryArea {
    /// What the area's checks are about.
    var title: String {
        switch self {
        case .controls: "controls"
        case .host: "host state"
        case .guest: "guest state"
        }
    }
}
