import Narration
import Workbook

/// The commands of the course.
extension WorkbookSession {
    func listLessons() throws(CommandError) { throw Self.noCourse }
    func startLesson(_ lesson: String?) throws(CommandError) { throw Self.noCourse }
    func nextStep() throws(CommandError) { throw Self.noCourse }
    func showHint() throws(CommandError) { throw Self.noCourse }
    func verifyExercise() throws(CommandError) -> CommandOutcome { throw Self.noCourse }
    func showSolution() throws(CommandError) { throw Self.noCourse }
    func resetLesson() throws(CommandError) { throw Self.noCourse }

    private static let noCourse = CommandError("There are no lessons.")
}
