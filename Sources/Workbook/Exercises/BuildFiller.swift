/// Reads the part of an exercise in which values are to be found.
///
///     allows: [CR0_MASK, CR0_SHADOW]
///     starter: {CR0_MASK: [], CR0_SHADOW: []}
///     reference: {CR0_MASK: [PE], CR0_SHADOW: [PE]}
///     second: {CR0_MASK: 0x1, CR0_SHADOW: 0x31}
///     probes:
///       - text: A read of CR0 shows PE.
///         scenario: read.yaml
///         set: {rdi: 0}
///         compare: {CR0 as read: register rbx at stop, how it ended: end}
struct BuildFiller {
    let filler: ExerciseFiller
    let mistakes: [YAMLNode.Entry]
    private var collector: DiagnosticCollector { filler.collector }

    init(filler: ExerciseFiller, mistakes: [YAMLNode.Entry]) {
        self.filler = filler
        self.mistakes = mistakes
    }

    func work(_ map: inout MapReader) -> BuildWork? {
        let allowed = map.texts("allows", expected: "a list of registers and fields")
        for name in allowed { _ = Setting.target(name, collector: collector) }
        let names = allowed.map(\.value)
        let starter = entries(&map, "starter")
        let reference = entries(&map, "reference")
        let second = entries(&map, "second")
        let probes = map.list("probes", expected: "a list of runs").compactMap(probe)
        let wrong = mistakes.compactMap(wrongAnswer)
        for entry in reference + second { checkAllowed(entry, names) }
        if reference.isEmpty || second.isEmpty || probes.isEmpty {
            collector.report(map.position, "this kind needs `reference`, `second` and `probes`")
        }
        return BuildWork(
            allowed: names, starter: starter.map { .init(name: $0.key, value: $0.value.flowText) },
            reference: Setting.settings(reference, collector: collector),
            referenceText: reference.map { .init(name: $0.key, value: $0.value.flowText) },
            second: Setting.settings(second, collector: collector), wrong: wrong, probes: probes)
    }

    private func entries(_ map: inout MapReader, _ key: String) -> [YAMLNode.Entry] {
        map.map(key, expected: "a map of names to values").map { entry in
            var entry = entry
            entry.value = entry.value.filled(from: filler.bindings, collector: collector)
            return entry
        }
    }

    private func checkAllowed(_ entry: YAMLNode.Entry, _ names: [String]) {
        guard !names.contains(entry.key) else { return }
        collector.report(
            entry.keyPosition, "\(entry.key) is not in `allows`",
            expected: names.joined(separator: ", "))
    }

    private func wrongAnswer(_ entry: YAMLNode.Entry) -> BuildWork.Named<[Setting]>? {
        let node = entry.value.filled(from: filler.bindings, collector: collector)
        guard case .map(let inner) = node.value,
            let set = inner.first(where: { $0.key == "set" })?.value,
            case .map(let settings) = set.value
        else {
            collector.report(
                entry.keyPosition, "the mistake \(entry.key) has no answer",
                expected: "`set:` with the values that it leads to")
            return nil
        }
        return .init(name: entry.key, value: Setting.settings(settings, collector: collector))
    }

    private func probe(_ node: YAMLNode) -> BuildWork.Probe? {
        let node = node.filled(from: filler.bindings, collector: collector)
        guard var map = MapReader(node, what: "probe", collector: collector) else { return nil }
        let text = map.requiredText("text", expected: "what should be so, as a sentence")
        let scenario = filler.scenario(&map)
        let compare = map.map("compare", expected: "a map of names to subjects")
        map.finish()
        let subjects = compare.compactMap { entry -> BuildWork.Named<Subject>? in
            let text = Located(entry.value.text ?? "", at: entry.value.position)
            return Subject(located: text, collector: collector).map {
                .init(name: entry.key, value: $0)
            }
        }
        if compare.isEmpty { collector.report(node.position, "the probe compares nothing") }
        guard let text, let scenario else { return nil }
        return BuildWork.Probe(text: text.value, scenario: scenario, subjects: subjects)
    }
}

extension YAMLNode {
    /// The value on one line, as YAML.
    var flowText: String {
        switch value {
        case .scalar(let text, let quoted):
            quoted
                ? "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" : text
        case .list(let elements): "[" + elements.map(\.flowText).joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.map { "\($0.key): \($0.value.flowText)" }.joined(separator: ", ") + "}"
        }
    }
}
