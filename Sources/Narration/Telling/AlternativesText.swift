import Architecture
import Machine

/// What would have changed a decision, in sentences: the single bits that give another verdict,
/// grouped by the verdict that they give.
struct AlternativesText {
    /// More changes than these in one sentence help nobody.
    private static let mostItems = 4
    private static let mostBits = 5

    let decision: Decision
    let subject: DecidedSubject?

    private struct Group {
        let verdict: Verdict
        var alternatives: [Decision.Alternative]
    }

    var sentences: [String] {
        var groups: [Group] = []
        for alternative in decision.alternatives {
            let words = outcome(alternative.verdict)
            if let index = groups.firstIndex(where: { outcome($0.verdict) == words }) {
                groups[index].alternatives.append(alternative)
            } else {
                groups.append(Group(verdict: alternative.verdict, alternatives: [alternative]))
            }
        }
        // An exit turned into none, or the other way round, comes first; faults come last.
        return [0, 1, 2].flatMap { rank in groups.filter { self.rank($0.verdict) == rank } }
            .map(sentence)
    }

    private func rank(_ verdict: Verdict) -> Int {
        if case .fault = verdict { return 2 }
        return Self.isExit(verdict) != Self.isExit(decision.verdict) ? 0 : 1
    }

    private static func isExit(_ verdict: Verdict) -> Bool {
        if case .exit = verdict { true } else { false }
    }

    private func sentence(_ group: Group) -> String {
        var items = inOrder(group.alternatives)
        let more = items.count - Self.mostItems
        if more > 0 { items = Array(items.prefix(Self.mostItems)) + ["with other changes"] }
        return outcome(group.verdict) + " " + Wording.list(items, "or") + "."
    }

    private var isEvaluation: Bool { if case .virtualInterrupt = subject { true } else { false } }
    private var isX2APIC: Bool { if case .x2APIC = subject { true } else { false } }

    private func outcome(_ verdict: Verdict) -> String {
        if let text = detailOutcome(verdict) { return text }
        return switch (verdict, decision.verdict) {
        case (.virtualized, _) where isEvaluation: "It would have been recognized"
        case (.proceed, _) where isEvaluation: "It would not have been recognized"
        case (.exit, _): "It would have exited"
        case (.proceed, _) where isX2APIC: "The local APIC would have answered"
        case (.fault(let vector), _): "It would have raised \(vector.mnemonic)"
        case (.interrupt(let kind), _): "It would have taken \(kind.title)"
        case (.fail(.invalid), _): "It would have failed, VMfailInvalid"
        case (.fail(.valid(let error)), _): "It would have failed with error \(error.rawValue)"
        case (.abort(let reason), _): "It would have been VMX abort \(reason.rawValue)"
        case (.proceed, .fail), (.ignored, .fail), (.virtualized, .fail):
            "It would have succeeded"
        case (.proceed, .abort), (.ignored, .abort), (.virtualized, .abort):
            "It would have gone on"
        case (.proceed, .exit), (.ignored, .exit), (.virtualized, .exit):
            "It would not have exited"
        case (.proceed, .fault), (.ignored, .fault): "It would not have faulted"
        case (.proceed, .virtualized): "It would not have gone to the virtual APIC"
        case (.proceed, _): "It would have had its effect"
        case (.ignored, _): "It would have changed nothing"
        case (.virtualized, _): "It would have gone to the virtual APIC"
        }
    }

    /// Of a decision within something else.
    private func detailOutcome(_ verdict: Verdict) -> String? {
        let proceeds = verdict == .proceed
        return switch subject {
        case .nmiUnblocking:
            proceeds ? "It would have ended blocking by NMI" : "It would have left NMIs alone"
        case .nmiUnblockingRecord: "Bit 12 would have been \(proceeds ? 1 : 0)"
        case .savedResumeFlag: "RF would have been saved as \(proceeds ? 1 : 0)"
        case .savedPendingDebug:
            proceeds ? "They would have been saved" : "They would have been saved as 0"
        default: nil
        }
    }

    /// What the hypervisor can change first, then what the guest can, then the processor's state.
    private func inOrder(_ alternatives: [Decision.Alternative]) -> [String] {
        var names: [String] = []
        for alternative in alternatives where !names.contains(alternative.name) {
            names.append(alternative.name)
        }
        let groups = names.map { name in alternatives.filter { $0.name == name } }
        return [0, 1, 2].flatMap { rank in groups.filter { Self.rank($0) == rank } }
            .flatMap(items)
    }

    private static func rank(_ alternatives: [Decision.Alternative]) -> Int {
        guard let first = alternatives.first, first.field == nil else { return 0 }
        return first.width > 2 ? 1 : 2
    }

    private func items(_ alternatives: [Decision.Alternative]) -> [String] {
        guard let first = alternatives.first else { return [] }
        if let phrase = statePhrase(first) ?? quantityPhrase(alternatives) { return [phrase] }
        if first.width <= 2 { return [numberPhrase(alternatives)] }
        let bits = BitNaming.bits(of: first.name, in: subject)
        return [false, true].compactMap { becomes in
            let changed = alternatives.filter { $0.becomes == becomes }.map(\.bit)
            guard !changed.isEmpty else { return nil }
            let names = Self.names(of: changed, bits)
            var shown = Array(names.prefix(Self.mostBits))
            if names.count > shown.count { shown.append("another") }
            let state = becomes ? "set" : "clear"
            return "with \(Wording.list(shown, "or")) \(state) in \(Self.withArticle(first.title))"
        }
    }

    /// Names from the highest bit down, then the numbers of bits that have none, as ranges.
    private static func names(of positions: [Int], _ bits: [BitNaming.Bit]) -> [String] {
        let named = positions.sorted(by: >).compactMap { position in
            bits.first { $0.position == position }?.name
        }
        var ranges: [ClosedRange<Int>] = []
        for position in positions.sorted() where !bits.contains(where: { $0.position == position })
        {
            if let last = ranges.last, last.upperBound + 1 == position {
                ranges[ranges.count - 1] = last.lowerBound...position
            } else {
                ranges.append(position...position)
            }
        }
        return named
            + ranges.map { range in
                range.count == 1
                    ? "bit \(range.lowerBound)"
                    : "one of bits \(range.lowerBound) to \(range.upperBound)"
            }
    }

    private static func withArticle(_ title: String) -> String {
        let isName = title.first?.isUppercase == true && !title.contains(" ")
        return title.hasPrefix("the ") || isName ? title : "the " + title
    }

    /// A flag that is a state or a statement.
    private func statePhrase(_ alternative: Decision.Alternative) -> String? {
        guard alternative.width == 1 else { return nil }
        return FlagWords.of(alternative.name).map { alternative.becomes ? $0.set : $0.clear }
    }

    /// Numbers that rules compare: more or less of them, not a bit, is what changes the decision.
    private static let quantities: Set<String> = [
        "pml-index", "ple-gap", "ple-window", "since-last-pause", "since-first-pause",
        "tpr-threshold", "vtpr", "rvi", "vppr",
    ]

    private func quantityPhrase(_ alternatives: [Decision.Alternative]) -> String? {
        guard let first = alternatives.first else { return nil }
        // Of VMFUNC, ECX is an index.
        let isIndex = if case .instruction = subject { first.name == "ecx" } else { false }
        guard isIndex || Self.quantities.contains(first.name) else { return nil }
        let words = [true, false].filter { becomes in
            alternatives.contains { $0.becomes == becomes }
        }.map { $0 ? "greater" : "smaller" }
        return "with a \(Wording.list(words, "or")) \(first.title)"
    }

    /// A small number: its other values that give the verdict.
    private func numberPhrase(_ alternatives: [Decision.Alternative]) -> String {
        guard let first = alternatives.first else { return "" }
        if first.width == 1 { return "with \(first.title) \(first.becomes ? 1 : 0)" }
        let now = decision.steps.lazy.flatMap(\.inputs).first { $0.name == first.name }?.value ?? 0
        // Every ring above 0 is the same to the rules that ask.
        if first.name == "cpl", now == 0 { return "in a ring above 0" }
        let values = alternatives.map { "\(now ^ (1 << UInt64($0.bit)))" }
        return "with the \(first.title) \(Wording.list(values, "or"))"
    }
}
