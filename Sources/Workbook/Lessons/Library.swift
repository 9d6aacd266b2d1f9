/// All lessons and guests of a workbook.
public struct Library: Sendable {
    public let root: Folder
    /// The lessons that can be read, in order.
    public let lessons: [Lesson]
    /// What is wrong with the others.
    public let diagnostics: [Diagnostic]

    /// The folder beside the lessons that holds the reference pages, and no lesson.
    public static let reference = "Reference"

    /// Reads the lessons in the folder `Lessons` of a root. A lesson with mistakes is left out, and
    /// its mistakes are told.
    public init(root: Folder) throws(WorkbookError) {
        try self.init(root: root, lessons: Folder(path: root.path + "/Lessons"))
    }

    /// Reads the lessons of a folder; guests come from `Guests` of the root.
    public init(root: Folder, lessons folder: Folder) throws(WorkbookError) {
        guard let names = folder.names() else {
            throw WorkbookError(
                file: folder.path, "cannot be read", expected: "a folder of lessons")
        }
        let guests = Folder(path: root.path + "/Guests")
        var lessons: [Lesson] = []
        var diagnostics: [Diagnostic] = []
        for name in names where name != Self.reference {
            let lesson = Folder(path: folder.path + "/" + name)
            guard lesson.exists else { continue }
            do throws(WorkbookError) {
                let files = LessonFiles(folder: lesson, guests: guests)
                lessons.append(try LessonReader(files: files).read())
            } catch {
                diagnostics += error.diagnostics
            }
        }
        self.root = root
        self.lessons = lessons.sorted { ($0.number, $0.id) < ($1.number, $1.id) }
        self.diagnostics = diagnostics
    }

    /// The lesson with an id, or with a number as text.
    public func lesson(_ name: String) -> Lesson? {
        lessons.first { $0.id == name } ?? lessons.first { String($0.number) == name }
    }

    public func exercise(_ id: String) -> (lesson: Lesson, exercise: Exercise)? {
        for lesson in lessons {
            if let exercise = lesson.exercises.first(where: { $0.id == id }) {
                return (lesson, exercise)
            }
        }
        return nil
    }
}

/// Finds the folder with `Lessons` and `Guests`.
public enum WorkbookRoot {
    /// The folder given, else `STEPVISOR_ROOT`, else the first upwards from the executable.
    /// - Throws: if a folder that was named has no lessons, or none is found.
    public static func find(option: String?, environment: [String: String], executable: String)
        throws(WorkbookError) -> Folder
    {
        let named = option ?? environment["STEPVISOR_ROOT"].flatMap { $0.isEmpty ? nil : $0 }
        if let named {
            guard isRoot(named) else {
                throw WorkbookError(
                    file: named, "is no workbook", expected: "a folder with Lessons and Guests")
            }
            return Folder(path: named)
        }
        var components = executable.split(separator: "/")
        while !components.isEmpty {
            components.removeLast()
            let path = "/" + components.joined(separator: "/")
            if isRoot(path) { return Folder(path: path) }
        }
        throw WorkbookError(
            file: executable, "no lessons were found above the program",
            expected: "--root FOLDER, or STEPVISOR_ROOT")
    }

    private static func isRoot(_ path: String) -> Bool {
        Folder(path: path + "/Lessons").exists && Folder(path: path + "/Guests").exists
    }
}
