/// How much of anything the workbook reads. Files come from anywhere: each is bounded before it is
/// read, and what it says is bounded while it is read.
public enum Limits {
    /// Bytes of a lesson's Markdown file.
    public static let lessonBytes = 1 << 20
    /// Bytes of a scenario, exercise or answer file.
    public static let dataBytes = 256 << 10
    /// Bytes of a guest's source.
    public static let guestBytes = 4 << 20
    /// Bytes of the progress file.
    public static let progressBytes = 4 << 20
    /// Lists and maps inside each other.
    public static let nesting = 24
    /// Values in one file.
    public static let nodes = 20_000
    /// Mistakes told about one file.
    public static let diagnostics = 50
    /// Lessons in a folder, exercises and scenarios in a lesson.
    public static let filesInFolder = 500
    /// Guest steps of a scenario that does not say how many.
    public static let scenarioSteps: UInt64 = 10_000_000
    /// Guest steps of a scenario that is run to answer a question or to grade.
    public static let gradingSteps: UInt64 = 100_000
    /// Seconds that such a run may take.
    public static let gradingSeconds = 10
    /// Instructions at labels that are noted in such a run.
    public static let observedSteps = 1_000
}
