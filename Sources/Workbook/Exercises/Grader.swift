/// Grades answers by running them.
public struct Grader: Sendable {
    let runner: any ScenarioRunner

    public init(runner: any ScenarioRunner) {
        self.runner = RunCache.around(runner)
    }

    /// Grades an answer to an exercise.
    /// - Throws: what is wrong with the answer's file, or with the exercise's own files.
    public func grade(_ answer: AnswerFile, of exercise: Exercise) throws(WorkbookError) -> Grade {
        guard answer.exercise.value == exercise.id else {
            throw WorkbookError(
                file: answer.file, position: answer.exercise.position,
                "answers \(answer.exercise.value)", expected: exercise.id)
        }
        let variant = try exercise.variant(seed: answer.seed)
        switch variant.work {
        case .table(let table):
            let cells = try answer.cells(for: table)
            return try grade(cells, of: table, in: variant)
        case .build(let build):
            let values = try answer.values(for: build)
            return try grade(values, of: build, in: variant)
        }
    }

    /// A right answer as an answer's file says it.
    public func solution(of variant: ExerciseVariant) throws(WorkbookError) -> String {
        guard case .table(let table) = variant.work else {
            return AnswerText.solution(variant, key: [])
        }
        return AnswerText.solution(variant, key: try key(of: table, file: variant.id))
    }

    // MARK: Tables

    /// The right answers to a table: what the runs show.
    public func key(of table: TableWork, file: String) throws(WorkbookError) -> [[ObservedValue]] {
        var key: [[ObservedValue]] = []
        for (index, row) in table.cases.enumerated() {
            let observed = try runner.run(row.scenario)
            var values: [ObservedValue] = []
            for (column, subject) in zip(table.columns, row.subjects) {
                guard let value = subject.value(in: observed) else {
                    throw WorkbookError(
                        file: file,
                        "case \(index + 1), \(column): the run ends (\(observed.end)) before it",
                        expected: "a subject that the run reaches")
                }
                values.append(value)
            }
            key.append(values)
        }
        return key
    }

    private func grade(
        _ cells: [[ObservedValue?]], of table: TableWork, in variant: ExerciseVariant
    ) throws(WorkbookError) -> Grade {
        let key = try key(of: table, file: variant.id)
        var comparisons: [Comparison] = []
        for (index, row) in table.cases.enumerated() {
            for (column, name) in table.columns.enumerated() {
                let given = cells[index][column]
                comparisons.append(
                    Comparison(
                        place: "\(index + 1): \(row.text)", what: name,
                        expected: key[index][column].description,
                        given: given?.description,
                        agrees: given.map { key[index][column].agrees(with: $0) } ?? false))
            }
        }
        let mistake = TableMistakes(table: table, key: key).shown(by: cells)
        return Grade(
            exercise: variant.id, seed: variant.seed, comparisons: comparisons,
            mistake: variant.mistakes.first { $0.id == mistake }, firstHint: variant.hints.first)
    }

    // MARK: Values to find

    private func grade(
        _ values: [Setting], of build: BuildWork, in variant: ExerciseVariant
    ) throws(WorkbookError) -> Grade {
        let given = try views(of: values, in: build)
        let right = try views(of: build.reference, in: build)
        var comparisons: [Comparison] = []
        for (index, probe) in build.probes.enumerated() {
            for (place, subject) in probe.subjects.enumerated() {
                comparisons.append(
                    Comparison(
                        place: "\(index + 1): \(probe.text)", what: subject.name,
                        expected: right[index][place], given: given[index][place],
                        agrees: right[index][place] == given[index][place]))
            }
        }
        let mistake = given == right ? nil : try mistake(in: build, values: values, views: given)
        return Grade(
            exercise: variant.id, seed: variant.seed, comparisons: comparisons,
            mistake: variant.mistakes.first { $0.id == mistake }, firstHint: variant.hints.first)
    }

    /// The mistake whose answer has the same values, else the first whose answer looks the same.
    private func mistake(in build: BuildWork, values: [Setting], views: [[String]])
        throws(WorkbookError) -> String?
    {
        let given = Self.effective(values, in: build)
        if let same = build.wrong.first(where: { Self.effective($0.value, in: build) == given }) {
            return same.name
        }
        for wrong in build.wrong {
            if try self.views(of: wrong.value, in: build) == views { return wrong.name }
        }
        return nil
    }

    /// The values of the names that an answer may set, those of the probe where it sets none.
    private static func effective(_ values: [Setting], in build: BuildWork) -> [String: UInt64] {
        var scenario = build.probes.first?.scenario.file
        scenario?.apply(values)
        var effective: [String: UInt64] = [:]
        for setting in scenario?.settings ?? [] where build.allowed.contains(setting.name.value) {
            effective[setting.name.value] = setting.value
        }
        return effective
    }

    /// What can be seen of each probe under some values, in words.
    private func views(of values: [Setting], in build: BuildWork) throws(WorkbookError)
        -> [[String]]
    {
        var views: [[String]] = []
        for probe in build.probes {
            var scenario = probe.scenario
            scenario.file.apply(values)
            let observed = try runner.run(scenario)
            let end = observed.endDetail.map { "\(observed.end): \($0)" } ?? observed.end
            views.append(
                probe.subjects.map { subject in
                    subject.value.value(in: observed)?.description ?? "not reached (\(end))"
                })
        }
        return views
    }
}

/// Recognises, by the answers to a table, the mistake that leads to them.
struct TableMistakes {
    let table: TableWork
    let key: [[ObservedValue]]

    /// The mistake that explains every wrong answer and shows in most of the places where it can.
    func shown(by cells: [[ObservedValue?]]) -> String? {
        let candidates = Set(table.cases.flatMap(\.wrong.keys)).sorted()
        var best: (share: Double, id: String)?
        for id in candidates {
            guard let share = share(of: id, in: cells), share >= 0.5 else { continue }
            if share > best?.share ?? 0 { best = (share, id) }
        }
        return best?.id
    }

    /// The part of the cells in which a mistake differs from the right answer that were answered
    /// as it would; nil if some wrong answer is not the mistake's.
    private func share(of id: String, in cells: [[ObservedValue?]]) -> Double? {
        var possible = 0
        var shown = 0
        for (index, row) in table.cases.enumerated() {
            for (column, name) in table.columns.enumerated() {
                let right = key[index][column]
                let mistaken = row.wrong[id]
                // A mistake says no more about a case than its exercise lists.
                if mistaken != nil && mistaken?[name] == nil { continue }
                let wrong = mistaken?[name] ?? right
                guard let given = cells[index][column] else { continue }
                if !wrong.agrees(with: given) && !right.agrees(with: given) { return nil }
                guard !right.agrees(with: wrong) else { continue }
                possible += 1
                if wrong.agrees(with: given) { shown += 1 }
            }
        }
        return possible == 0 ? nil : Double(shown) / Double(possible)
    }
}
