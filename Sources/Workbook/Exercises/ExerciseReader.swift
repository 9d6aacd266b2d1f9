/// Reads an exercise's file as far as it is the same for every seed.
struct ExerciseReader {
    let files: LessonFiles
    let path: String

    func read() throws(WorkbookError) -> Exercise {
        let file = try TextFile.read(path, limit: Limits.dataBytes)
        let collector = DiagnosticCollector(file: path)
        let node = try YAMLComposer.compose(file.text, file: path)
        guard let node, var map = MapReader(node, what: "exercise", collector: collector) else {
            try collector.throwIfAny()
            throw WorkbookError(file: path, "is no exercise", expected: "a map")
        }
        let id = map.requiredText("id", expected: "the exercise's id")
        let title = map.requiredText("title", expected: "the exercise's title")
        let kinds = Exercise.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        let kind = map.word("kind", Exercise.Kind.self)
        if kind == nil, map.node("kind") == nil {
            collector.report(map.position, "exercise: `kind` is missing", expected: kinds)
        }
        let draws = Draws(
            entries: map.map("draw", expected: "a map of names to lists"), collector: collector)
        if let id, !Placeholders.isName(id.value) || id.value.contains(".") {
            // The id becomes a file name.
            collector.report(
                id.position, "\(id.value) is no id", expected: "small letters, digits and -")
        }
        if let title, title.value.contains("{") {
            // It stands in lists that know no seed.
            collector.report(
                title.position, "the title has a placeholder", expected: "the same for every seed")
        }
        try collector.throwIfAny()
        guard let id, let title, let kind else { throw WorkbookError(file: path, "is no exercise") }
        return Exercise(
            id: id.value, title: title.value, kind: kind.value, file: path, draws: draws,
            root: node, files: files)
    }
}
