/// Reads the part of an exercise that is a table.
///
///     scenario: write.yaml            # may stand in a case instead
///     set: {CR0_MASK: {mask}}         # filled for each case
///     columns: {outcome: outcome at write, bits: deciding bits at write}
///     row: mask {mask}, written {written}
///     order: shuffled                 # or fixed
///     cases:
///       - given: {mask: [{a}], written: []}
///         wrong: {masked-always-exits: {outcome: exit, bits: [{a}]}}
struct TableFiller {
    let filler: ExerciseFiller
    let mistakes: [Mistake]
    private var collector: DiagnosticCollector { filler.collector }

    init(filler: ExerciseFiller, mistakes: [Mistake]) {
        self.filler = filler
        self.mistakes = mistakes
    }

    private enum Order: String, CaseIterable {
        case fixed, shuffled
    }

    /// What is the same for every case, before it is filled with the case's own values.
    private struct Common {
        var scenario: YAMLNode?
        var settings: YAMLNode?
        var columns: [YAMLNode.Entry]
        var row: YAMLNode?
    }

    func work(_ map: inout MapReader, _ generator: inout SplitMix64) -> TableWork? {
        let common = Common(
            scenario: map.node("scenario"), settings: map.node("set"),
            columns: map.map("columns", expected: "a map of columns to subjects"),
            row: map.requiredNode("row", expected: "the row's text"))
        let order = map.word("order", Order.self)?.value ?? .fixed
        let nodes = map.list("cases", expected: "a list of cases")
        if common.columns.isEmpty || nodes.isEmpty {
            collector.report(map.position, "a table needs `columns` and `cases`")
        }
        let cases = nodes.compactMap { self.case($0, common) }
        guard cases.count == nodes.count else { return nil }
        for mistake in mistakes where !cases.contains(where: { $0.wrong[mistake.id] != nil }) {
            collector.report(map.position, "no case tells the mistake \(mistake.id) apart")
        }
        return TableWork(
            columns: common.columns.map(\.key),
            cases: order == .shuffled ? generator.shuffled(cases) : cases)
    }

    private func `case`(_ node: YAMLNode, _ common: Common) -> TableWork.Case? {
        guard var map = MapReader(node, what: "case", collector: collector) else { return nil }
        var bindings = filler.bindings
        for entry in map.map("given", expected: "a map of names to values") {
            let value = entry.value.filled(from: filler.bindings, collector: collector)
            if let drawn = DrawnValue(value) {
                bindings[entry.key] = drawn
            } else {
                collector.report(
                    entry.value.position, "\(entry.value.kind) is written here",
                    expected: "a value or a list of values")
            }
        }
        let wrong = map.map("wrong", expected: "a map of mistakes to answers")
        var own = common
        own.scenario = map.node("scenario") ?? common.scenario
        map.finish()
        return self.case(node, own, bindings, wrong)
    }

    private func `case`(
        _ node: YAMLNode, _ common: Common, _ bindings: Bindings, _ wrong: [YAMLNode.Entry]
    ) -> TableWork.Case? {
        var entries: [YAMLNode.Entry] = []
        for (key, value) in [("scenario", common.scenario), ("set", common.settings)] {
            guard let value else { continue }
            let filled = value.filled(from: bindings, collector: collector)
            entries.append(YAMLNode.Entry(key: key, keyPosition: value.position, value: filled))
        }
        let source = YAMLNode(value: .map(entries), position: node.position)
        guard var map = MapReader(source, what: "case", collector: collector) else { return nil }
        let scenario = filler.scenario(&map)
        let subjects = common.columns.compactMap { entry -> Subject? in
            let filled = entry.value.filled(from: bindings, collector: collector)
            guard let text = filled.text else {
                collector.report(filled.position, "the column \(entry.key) asks for nothing")
                return nil
            }
            return Subject(located: Located(text, at: filled.position), collector: collector)
        }
        let text = common.row?.filled(from: bindings, collector: collector).text
        let answers = self.wrong(wrong, bindings, columns: common.columns.map(\.key))
        guard let scenario, subjects.count == common.columns.count, let text else { return nil }
        return TableWork.Case(text: text, scenario: scenario, subjects: subjects, wrong: answers)
    }

    private func wrong(_ entries: [YAMLNode.Entry], _ bindings: Bindings, columns: [String])
        -> [String: [String: ObservedValue]]
    {
        var result: [String: [String: ObservedValue]] = [:]
        for entry in entries {
            if !mistakes.contains(where: { $0.id == entry.key }) {
                let suggestion = Spelling.suggestion(for: entry.key, among: mistakes.map(\.id))
                collector.report(
                    entry.keyPosition, "there is no mistake \(entry.key)\(suggestion)",
                    expected: "a key of `mistakes:`")
            }
            let node = entry.value.filled(from: bindings, collector: collector)
            guard var map = MapReader(node, what: "answer", collector: collector) else { continue }
            for column in columns {
                guard let value = map.node(column) else { continue }
                result[entry.key, default: [:]][column] = ObservedValue(value)
            }
            map.finish()
        }
        return result
    }
}

extension DrawnValue {
    /// A value of a file as something that a placeholder can stand for.
    init?(_ node: YAMLNode) {
        switch node.value {
        case .scalar(let text, _): self = .text(text)
        case .list(let elements):
            let texts = elements.compactMap(\.text)
            guard texts.count == elements.count else { return nil }
            self = .list(texts)
        case .map: return nil
        }
    }
}

extension ObservedValue {
    /// An answer as a file gives it; nil for a map, and for a list of anything but names.
    init?(_ node: YAMLNode) {
        switch node.value {
        case .scalar(let text, _): self = ObservedValue(typed: text)
        case .list(let elements):
            let names = elements.compactMap(\.text)
            guard names.count == elements.count else { return nil }
            self = .names(names)
        case .map: return nil
        }
    }
}
