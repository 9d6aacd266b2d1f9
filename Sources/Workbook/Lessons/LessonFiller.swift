/// Makes the steps of one variant: fills placeholders and reads what the fences say.
struct LessonFiller {
    let files: LessonFiles
    let bindings: Bindings
    let collector: DiagnosticCollector
    private var runs: [RunBlock] = []
    private var questionIDs: Set<String> = []

    init(files: LessonFiles, bindings: Bindings, collector: DiagnosticCollector) {
        self.files = files
        self.bindings = bindings
        self.collector = collector
    }

    mutating func step(_ section: Lesson.Section) -> LessonStep {
        // A question may stand before the run that it refers to: runs first.
        var own: [Int: RunBlock] = [:]
        for (index, element) in section.elements.enumerated() {
            guard case .run(let node) = element, let run = run(node) else { continue }
            if runs.contains(where: { $0.id == run.id }) {
                collector.report(node.position, "there is a run \(run.id) already")
            }
            runs.append(run)
            own[index] = run
        }
        var blocks: [LessonBlock] = []
        for (index, element) in section.elements.enumerated() {
            switch element {
            case .text(let text, let position):
                blocks.append(.text(filled(text, at: position)))
            case .run: own[index].map { blocks.append(.run($0)) }
            case .question(let node): question(node).map { blocks.append(.question($0)) }
            case .ladder(let node): ladder(node).map { blocks.append(.ladder($0)) }
            case .exercise(let id): blocks.append(.exercise(id))
            }
        }
        let title = Placeholders.fill(section.title, from: bindings) {
            collector.report(section.position, "nothing is drawn for {\($0)}")
        }
        return LessonStep(title: title, blocks: blocks)
    }

    private func filled(_ text: TextElement, at position: SourcePosition) -> TextElement {
        text.filled(from: bindings) { name in
            let suggestion = Spelling.suggestion(for: name, among: bindings.names)
            collector.report(
                position, "nothing is drawn for {\(name)}\(suggestion)",
                expected: "a name of the `draw:` section")
        }
    }

    private func run(_ node: YAMLNode) -> RunBlock? {
        let node = node.filled(from: bindings, collector: collector)
        guard var map = MapReader(node, what: "run", collector: collector) else { return nil }
        let id = map.requiredText("id", expected: "a name for the run")
        let scenario = scenario(&map)
        let from = map.text("from", expected: "a label of the guest")
        let until = map.text("until", expected: "a label of the guest")
        let narration = map.word("narrate", RunBlock.Narration.self)?.value ?? .brief
        map.finish()
        guard let id, let scenario else { return nil }
        return RunBlock(
            id: id.value, scenario: scenario, from: from.flatMap(place),
            until: until.flatMap(place), narration: narration)
    }

    /// The `scenario:` and `set:` of a block.
    private func scenario(_ map: inout MapReader) -> Scenario? {
        let name = map.requiredText("scenario", expected: "a scenario file of the lesson")
        let settings = Setting.settings(
            map.map("set", expected: "a map of names to values"), collector: collector)
        guard let name, var scenario = files.scenario(name, collector: collector) else {
            return nil
        }
        scenario.file.apply(settings)
        return scenario
    }

    private func place(_ text: Located<String>) -> Subject.Place? {
        let place = Subject.Place(text.value[...])
        if place == nil {
            collector.report(
                text.position, "\(text.value) names no place", expected: "LABEL or LABEL#2")
        }
        return place
    }

    private func knownRun(_ name: Located<String>?) -> RunBlock? {
        guard let name else { return nil }
        if let run = runs.first(where: { $0.id == name.value }) { return run }
        let suggestion = Spelling.suggestion(for: name.value, among: runs.map(\.id))
        collector.report(
            name.position, "there is no run \(name.value) up to here\(suggestion)",
            expected: "the id of a run of this step or of one before it")
        return nil
    }

    private mutating func question(_ node: YAMLNode) -> Question? {
        let node = node.filled(from: bindings, collector: collector)
        guard var map = MapReader(node, what: "question", collector: collector) else { return nil }
        let id = map.requiredText("id", expected: "a name for the question")
        let ask = map.requiredText("ask", expected: "the question")
        let about = map.requiredText("about", expected: "what is asked about")
        let runName = map.requiredText("run", expected: "the id of the run that answers it")
        let options = map.texts("options", expected: "a list of answers").map(\.value)
        map.finish()
        let run = knownRun(runName)
        guard let id, let ask, let about, let run else { return nil }
        if !questionIDs.insert(id.value).inserted {
            collector.report(id.position, "there is a question \(id.value) already")
        }
        guard let subject = Subject(located: about, collector: collector) else { return nil }
        return Question(
            id: id.value, ask: ask.value, options: options, subject: subject, run: run,
            position: node.position)
    }

    private func ladder(_ node: YAMLNode) -> LadderBlock? {
        let node = node.filled(from: bindings, collector: collector)
        guard var map = MapReader(node, what: "ladder", collector: collector) else { return nil }
        let runName = map.requiredText("run", expected: "the id of a run")
        let label = map.requiredText("at", expected: "a label of the guest")
        map.finish()
        guard let run = knownRun(runName), let label, let place = place(label) else { return nil }
        return LadderBlock(run: run, place: place)
    }
}

extension Subject {
    /// Reads a subject, and tells if it is none.
    init?(located text: Located<String>, collector: DiagnosticCollector) {
        if let subject = Subject(text.value) {
            self = subject
            return
        }
        collector.report(
            text.position, "\(text.value) is nothing that a run shows",
            expected: "as `outcome at LABEL`, `register rbx at LABEL`, `exits CR_ACCESS`")
        return nil
    }
}
