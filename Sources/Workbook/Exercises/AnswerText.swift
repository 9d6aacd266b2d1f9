/// Writes the text of answer files: the starter that a student fills in, and the solution.
public enum AnswerText {
    /// The file that a student starts from, the task above it as comments.
    public static func starter(_ variant: ExerciseVariant) -> String {
        var lines = head(variant)
        switch variant.work {
        case .table(let table):
            lines.append("answers:")
            for (index, row) in table.cases.enumerated() {
                let cells = table.columns.map { "\($0): " }.joined(separator: ", ")
                lines += comment(row.text, indent: "  ")
                lines.append("  \(index + 1): {\(cells)}")
            }
        case .build(let build):
            lines.append("set:")
            lines += build.starter.map { "  \($0.name): \($0.value)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A right answer in the form of the student's file.
    /// - Parameter key: the right cells of a table; not used where values are to be found.
    public static func solution(_ variant: ExerciseVariant, key: [[ObservedValue]]) -> String {
        var lines = ["exercise: \(variant.id)", "seed: \(variant.seed)"]
        switch variant.work {
        case .table(let table):
            lines.append("answers:")
            for (index, row) in table.cases.enumerated() where key.indices.contains(index) {
                let cells = zip(table.columns, key[index]).map { "\($0): \(cell($1))" }
                lines += comment(row.text, indent: "  ")
                lines.append("  \(index + 1): {\(cells.joined(separator: ", "))}")
            }
        case .build(let build):
            lines.append("set:")
            lines += build.referenceText.map { "  \($0.name): \($0.value)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func head(_ variant: ExerciseVariant) -> [String] {
        var lines = comment(variant.title, indent: "")
        for element in variant.task {
            lines.append("#")
            lines += Self.lines(of: element)
        }
        lines += ["", "exercise: \(variant.id)"]
        return lines + ["seed: \(variant.seed)                # your variant: leave it as it is"]
    }

    private static func lines(of element: TextElement) -> [String] {
        switch element {
        case .heading(let text), .paragraph(let text), .quote(let text): comment(text, indent: "")
        case .item(let marker, let text): comment("\(marker) \(text)", indent: "")
        case .code(_, let lines), .table(let lines): lines.map { "#   \($0)" }
        }
    }

    /// A cell as the file writes it.
    static func cell(_ value: ObservedValue) -> String {
        if case .names(let names) = value { return "[" + names.joined(separator: ", ") + "]" }
        return value.description
    }

    /// Text as comment lines of at most 80 columns.
    private static func comment(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty && indent.count + 3 + line.count + word.count > 80 {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? "\(word)" : " \(word)"
        }
        return (lines + [line]).map { "\(indent)# \($0)" }
    }
}
