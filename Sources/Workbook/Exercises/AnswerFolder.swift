import Glibc

/// The student's folder of answers: one file for each exercise, plain text, edited with anything.
///
/// The workbook writes a file only where there is none, and never deletes one.
public struct AnswerFolder: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// `STEPVISOR_ANSWERS`, else `stepvisor-answers` in the home folder; nil without either.
    public static func standard(environment: [String: String]) -> AnswerFolder? {
        if let path = environment["STEPVISOR_ANSWERS"], !path.isEmpty {
            return AnswerFolder(path: path)
        }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return AnswerFolder(path: home + "/stepvisor-answers")
    }

    /// Where the answer to an exercise is, or would be.
    public func path(of exercise: String) -> String {
        "\(path)/\(exercise).yaml"
    }

    public func hasAnswer(to exercise: String) -> Bool {
        access(path(of: exercise), F_OK) == 0
    }

    /// Reads the answer to an exercise.
    public func answer(to exercise: String) throws(WorkbookError) -> AnswerFile {
        try AnswerFile.read(path(of: exercise))
    }

    /// Writes the starter of an exercise, unless there is an answer already.
    /// - Returns: whether it was written.
    public func writeStarter(_ variant: ExerciseVariant) throws(WorkbookError) -> Bool {
        try FileWriting.makeFolder(path)
        return try FileWriting.create(
            path(of: variant.id), text: AnswerText.starter(variant))
    }

    /// Moves the answer to an exercise aside, to the first free `ID.yaml.N`.
    /// - Returns: where it is now; nil if there was none.
    public func setAside(_ exercise: String) throws(WorkbookError) -> String? {
        let old = path(of: exercise)
        guard hasAnswer(to: exercise) else { return nil }
        return try FileWriting.setAside(old) { "\(old).\($0)" }
    }
}
