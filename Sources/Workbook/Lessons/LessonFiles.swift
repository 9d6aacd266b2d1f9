/// Finds the files that a lesson names: its own, and guests by name.
struct LessonFiles: Sendable {
    let folder: Folder
    /// The workbook's guests.
    let guests: Folder

    /// Reads a scenario of the lesson, and finds its guest.
    func scenario(_ name: Located<String>, collector: DiagnosticCollector)
        -> Scenario?
    {
        guard let path = folder.file(name.value) else {
            collector.report(
                name.position, "there is no scenario \(name.value) in the lesson's folder",
                expected: "a file of the folder, as first.yaml")
            return nil
        }
        do throws(WorkbookError) {
            return try Scenario(
                file: try ScenarioFile.read(path), beside: folder, guests: guests)
        } catch {
            collector.report(error)
            return nil
        }
    }
}
