import Glibc

/// A folder from which files are named relative to it, and which no such name leaves.
public struct Folder: Sendable, Hashable {
    /// The path as given, for messages.
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// The path of a file of this folder.
    ///
    /// A name is one or more components between slashes; none is empty, begins with a dot or leads
    /// out of the folder, and a symbolic link may not lead out of it either.
    /// - Returns: nil if the name breaks these rules or there is no such file.
    public func file(_ name: String) -> String? {
        guard Self.isInside(name) else { return nil }
        let candidate = path + "/" + name
        guard let folder = Self.resolved(path), let file = Self.resolved(candidate),
            file.hasPrefix(folder == "/" ? folder : folder + "/")
        else { return nil }
        return candidate
    }

    /// Whether a name can only mean something inside the folder that it is relative to.
    public static func isInside(_ name: String) -> Bool {
        let components = name.split(separator: "/", omittingEmptySubsequences: false)
        return components.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
            && !name.unicodeScalars.contains { $0.value == 0 }
    }

    /// The names in the folder that do not begin with a dot, sorted, at most
    /// ``Limits/filesInFolder`` of them; nil if it cannot be read.
    public func names() -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < Limits.filesInFolder, let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether the path names a folder.
    public var exists: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
