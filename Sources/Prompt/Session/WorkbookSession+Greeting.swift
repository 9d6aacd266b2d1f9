import Narration
import Workbook

/// What is said before the first command.
extension WorkbookSession {
    /// The first time: what this is and what to type. Later: where the student is.
    func greet() {
        show(style.painted("Stepvisor: how hypervisors work, one step at a time.", as: .heading))
        let lessons = course.library.overview(progress: course.store.progress)
        let begun = lessons.filter { $0.stepsShown > 0 || $0.predictions > 0 }
        guard !begun.isEmpty else {
            return show(Self.firstGreeting.joined(separator: "\n"))
        }
        let finished = begun.count { $0.isFinished }
        let passed = lessons.flatMap(\.exercises).count { $0.passed }
        let exercises = lessons.flatMap(\.exercises).count
        show(
            "Lessons finished: \(finished) of \(lessons.count). "
                + "Exercises passed: \(passed) of \(exercises).")
        if let open = begun.first(where: { !$0.isFinished }) {
            show(
                "You are at step \(open.stepsShown + 1) of \(open.steps) of lesson \(open.number), "
                    + "\(EscapedText.line(open.title)): start goes on.")
        } else {
            show("list shows the lessons, start begins the next.")
        }
    }

    private static let firstGreeting = [
        "  start          begin the first lesson",
        "  list           see all lessons",
        "  load cr0.asm   take a guest and step through it: si",
        "  help           all commands; Tab completes; Ctrl-D leaves",
    ]

    /// Lessons that were left out, and what is wrong with the progress file.
    func reportMistakes() {
        for diagnostic in course.library.diagnostics {
            report(CommandError(diagnostic.description))
        }
        for notice in course.store.takeNotices() { report(CommandError(notice)) }
    }
}
