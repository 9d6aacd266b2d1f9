/// Makes one variant of an exercise.
struct ExerciseFiller {
    let exercise: Exercise
    let seed: UInt64
    let bindings: Bindings
    let collector: DiagnosticCollector

    func variant(_ generator: inout SplitMix64) -> ExerciseVariant? {
        guard var map = MapReader(exercise.root, what: "exercise", collector: collector) else {
            return nil
        }
        // Read with the parts that no seed changes.
        for key in ["id", "title", "kind", "draw"] { _ = map.node(key) }
        let task = filledText(map.requiredNode("task", expected: "what is to be done"))
        let hints = map.list("hints", expected: "a list of three hints").compactMap(filledText)
        if hints.count != 3 {
            collector.report(
                map.position, "\(hints.count) hints", expected: "three, from a nudge to nearly all")
        }
        let mistakeEntries = map.map("mistakes", expected: "a map of mistakes")
        let mistakes = mistakeEntries.compactMap(mistake)
        let work: ExerciseVariant.Work?
        switch exercise.kind {
        case .table:
            let table = TableFiller(filler: self, mistakes: mistakes)
            work = table.work(&map, &generator).map { .table($0) }
        case .build:
            let build = BuildFiller(filler: self, mistakes: mistakeEntries)
            work = build.work(&map).map { .build($0) }
        }
        map.finish()
        guard let work else { return nil }
        let elements = TextElement.elements(of: task ?? "")
        for case .paragraph(let text) in elements {
            ProseChecker(collector: collector).checkCitation(text, at: map.position)
        }
        return ExerciseVariant(
            id: exercise.id, title: exercise.title, seed: seed,
            task: elements, hints: hints, mistakes: mistakes,
            work: work)
    }

    private func filledText(_ node: YAMLNode?) -> String? {
        guard let node else { return nil }
        let filled = node.filled(from: bindings, collector: collector)
        if filled.text == nil {
            collector.report(node.position, "\(node.kind) is written here", expected: "text")
        }
        return filled.text
    }

    private func mistake(_ entry: YAMLNode.Entry) -> Mistake? {
        let node = entry.value.filled(from: bindings, collector: collector)
        guard var map = MapReader(node, what: "mistake", collector: collector) else { return nil }
        let name = map.requiredText("name", expected: "the mistake in a few words")
        let hint = map.requiredText("hint", expected: "what to look at")
        // The wrong answer itself, which an exercise of the kind `build` reads.
        if exercise.kind == .build { _ = map.node("set") }
        map.finish()
        guard let name, let hint else { return nil }
        return Mistake(id: entry.key, name: name.value, hint: hint.value)
    }

    /// The `scenario:` and `set:` of a map.
    func scenario(_ map: inout MapReader) -> Scenario? {
        let name = map.requiredText("scenario", expected: "a scenario file of the lesson")
        let settings = Setting.settings(
            map.map("set", expected: "a map of names to values"), collector: collector)
        guard let name, var scenario = exercise.files.scenario(name, collector: collector) else {
            return nil
        }
        scenario.file.apply(settings)
        return scenario
    }
}
