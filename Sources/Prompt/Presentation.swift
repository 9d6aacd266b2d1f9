import Glibc
import Narration
import Workbook

/// A lesson in front of a class: Enter goes on, the reveal waits behind the question, and nothing is
/// recorded.
public enum Presentation {
    /// - Parameters:
    ///   - lesson: an id, or a number as text.
    ///   - seed: the variant; nil: the first.
    /// - Returns: the exit status: 0, or 130 where Ctrl-C ended it.
    /// - Throws: what is wrong with the workbook or the lesson.
    public static func run(
        lesson: String, seed: UInt64?, root: Folder, environment: Environment = .process
    ) throws(WorkbookError) -> Int32 {
        Interruption.catchInterrupts()
        // A store in memory and no folder for answers: there is no place to record in.
        let course = Course(
            library: try Library(root: root), store: ProgressStore(path: nil), answers: nil,
            runner: MachineRunner())
        let player = try course.present(lesson, seed: seed ?? 1)
        let session = WorkbookSession(
            root: root, course: course, output: .standard(environment: environment))
        let isInteractive = Terminal(descriptor: STDIN_FILENO, environment: environment)
            .isInteractive
        let source: any LineSource =
            isInteractive ? LineEditor(environment: Environment([:])) : LineReader()
        return session.present(player, source)
    }
}

extension WorkbookSession {
    /// Shows everything, waiting for Enter wherever a reader would stop.
    func present(_ start: LessonPlayer, _ source: any LineSource) -> Int32 {
        player = start
        show(style.painted(EscapedText.line(start.lesson.title), as: .heading))
        do throws(CommandError) {
            while let part = try nextPart() {
                try show(part: part)
                if case .endOfLesson = part { return 0 }
                var waits = player?.isStop(behind: part) == true
                if case .question = part {
                    // The audience answers aloud; the next part reveals.
                    player?.pass()
                    waits = true
                }
                guard waits else { continue }
                switch source.readAnswer(prompt: style.spelled("[Enter] ")) {
                case .line, .rejected: continue
                case .interrupted: return 130
                case .endOfInput: return 0
                }
            }
        } catch {
            report(error)
            return 1
        }
        return 0
    }
}
