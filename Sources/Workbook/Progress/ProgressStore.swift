import Foundation

/// Keeps the progress in a file, or in memory where there can be no file.
///
/// Every change is made to what the file says at that moment, under a lock: two sessions at once
/// do not lose each other's passes.
public final class ProgressStore {
    /// nil: in memory only.
    public let path: String?
    /// The progress as last read or written.
    public private(set) var progress = Progress()
    /// What the user should be told once: a damaged file, a newer one, no home folder.
    public private(set) var notices: [String] = []
    /// Set once the file turned out not to be ours to write.
    private var isInMemory: Bool

    /// - Parameter path: nil for a store in memory.
    public init(path: String?) {
        self.path = path
        isInMemory = path == nil
        guard path != nil else { return }
        do throws(WorkbookError) {
            try locked { () throws(WorkbookError) in progress = try load() }
        } catch {
            stayInMemory("\(error)")
        }
    }

    /// `progress.json` in the ``StateFolder``. Without one, a store in memory, with a notice.
    public convenience init(environment: [String: String]) {
        let folder = StateFolder.path(environment: environment)
        self.init(path: folder.map { $0 + "/progress.json" })
        if folder == nil {
            notices.append(
                "Neither XDG_STATE_HOME nor HOME names a folder: progress is kept until you quit.")
        }
    }

    /// Changes the progress: reads the file anew, changes that, writes it.
    /// A file that cannot be written leaves the change in memory, with a notice.
    public func update(_ change: (inout Progress) -> Void) {
        guard !isInMemory, let path else { return change(&progress) }
        do throws(WorkbookError) {
            try locked { () throws(WorkbookError) in
                var latest = try load()
                change(&latest)
                progress = latest
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                guard let data = try? encoder.encode(latest) else { return }
                try FileWriting.replace(path, bytes: Array(data) + [UInt8(ascii: "\n")])
            }
        } catch {
            stayInMemory("\(error)")
            change(&progress)
        }
    }

    /// Takes the notices, so that each is told once.
    public func takeNotices() -> [String] {
        defer { notices = [] }
        return notices
    }

    private func stayInMemory(_ problem: String) {
        isInMemory = true
        notices.append("\(problem)\nProgress is kept until you quit.")
    }

    /// What the file says; an empty progress if there is none or it was damaged and set aside.
    private func load() throws(WorkbookError) -> Progress {
        guard let path, access(path, F_OK) == 0 else { return Progress() }
        let text: String
        do throws(WorkbookError) {
            text = try TextFile.read(path, limit: Limits.progressBytes).text
        } catch  where access(path, R_OK) != 0 {
            throw error
        } catch {
            return try setAside(path)
        }
        let decoder = JSONDecoder()
        let data = Data(text.utf8)
        guard let version = try? decoder.decode(Version.self, from: data) else {
            return try setAside(path)
        }
        guard version.version <= Progress.currentVersion else {
            throw WorkbookError(
                file: path,
                "was written by a later version of this program (form \(version.version)); it is "
                    + "left as it is", expected: "form \(Progress.currentVersion)")
        }
        guard let progress = try? decoder.decode(Progress.self, from: data), progress.isSound else {
            return try setAside(path)
        }
        return progress
    }

    /// The part of the record that every version has.
    private struct Version: Decodable {
        var version: Int
    }

    private func setAside(_ path: String) throws(WorkbookError) -> Progress {
        let target = try FileWriting.setAside(path) { "\(path).damaged-\($0)" }
        notices.append(
            "The progress file was damaged. It is now \(target); progress starts anew.")
        return Progress()
    }

    /// Runs a change while no other session reads or writes the file.
    private func locked(_ body: () throws(WorkbookError) -> Void) throws(WorkbookError) {
        guard let path else { return try body() }
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try FileWriting.makeFolder("/" + folder)
        let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        // A file system without locks is no reason not to work.
        if descriptor >= 0 { flock(descriptor, LOCK_EX) }
        defer { if descriptor >= 0 { close(descriptor) } }
        try body()
    }
}

extension Progress {
    /// Whether the numbers are such as this program writes.
    fileprivate var isSound: Bool {
        version >= 1 && lessons.values.allSatisfy { $0.step >= 0 && $0.step < 1_000_000 }
            && exercises.values.allSatisfy {
                $0.tries >= 0 && $0.tries < 1_000_000 && (0...3).contains($0.hints)
            }
    }
}
