/// Finds the files that a lesson names: its own, and guests by name.
struct LessonFiles: Sendable {
    let folder: Folder
    /// The workbook's guests.
    let guests: Folder

    /// Reads a scenario of the lesson, and finds its guest.
    func scenario(_ name: Located<String>, collector: DiagnosticCollector)
        -> (scenario: ScenarioFile, guestPath: String)?
    {
        guard let path = folder.file(name.value) else {
            collector.report(
                name.position, "there is no scenario \(name.value) in the lesson's folder",
                expected: "a file of the folder, as first.yaml")
            return nil
        }
        do throws(WorkbookError) {
            let scenario = try ScenarioFile.read(path)
            guard let guest = guestPath(scenario.guest.value, beside: folder) else {
                let suggestion = Spelling.suggestion(
                    for: scenario.guest.value, among: guests.names() ?? [])
                throw WorkbookError(
                    file: scenario.file, position: scenario.guest.position,
                    "there is no guest \(scenario.guest.value)\(suggestion)",
                    expected: "a file beside the scenario, or in Guests")
            }
            return (scenario, guest)
        } catch {
            collector.report(error)
            return nil
        }
    }

    /// A guest beside its scenario or among the workbook's guests.
    func guestPath(_ name: String, beside folder: Folder) -> String? {
        folder.file(name) ?? guests.file(name)
    }
}
