import Glibc

/// Writing without ever leaving half a file, and without overwriting what is a person's.
public enum FileWriting {
    /// Makes a folder and those above it.
    ///
    /// - Parameter mode: the rights that new folders get, as far as the umask lets them.
    public static func makeFolder(_ path: String, mode: mode_t = 0o777) throws(WorkbookError) {
        var built = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            built += built.isEmpty || built.hasSuffix("/") ? component : "/" + component
            guard mkdir(built, mode) == 0 || errno == EEXIST || errno == EISDIR else {
                throw failure(built, "cannot be made")
            }
        }
        guard Folder(path: path).exists else {
            throw WorkbookError(file: path, "is not a folder", expected: "a folder")
        }
    }

    /// Writes a new file; does nothing if there is one of that name.
    /// - Returns: whether it was written.
    static func create(_ path: String, text: String) throws(WorkbookError) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            if errno == EEXIST { return false }
            throw failure(path, "cannot be written")
        }
        defer { close(descriptor) }
        do throws(WorkbookError) {
            try write(Array(text.utf8), to: descriptor, path: path)
        } catch {
            unlink(path)
            throw error
        }
        return true
    }

    /// Replaces a file in one step: whoever reads it sees the old text or the new, whole.
    ///
    /// A symbolic link stays one: the file that it leads to is replaced, and keeps its rights. A
    /// device or a pipe cannot be replaced: it is written to.
    ///
    /// - Parameters:
    ///   - mode: the rights that a new file gets, as far as the umask lets it.
    ///   - survivesPowerLoss: whether to wait until the disk has it.
    public static func replace(
        _ path: String, bytes: [UInt8], mode: mode_t = 0o600, survivesPowerLoss: Bool = true
    ) throws(WorkbookError) {
        var old = stat()
        guard stat(path, &old) == 0 else {
            return try put(
                bytes, path, mode: mode, keepsRights: false, survivesPowerLoss: survivesPowerLoss)
        }
        guard old.st_mode & S_IFMT == S_IFREG else { return try writeInto(path, bytes) }
        try put(
            bytes, try resolved(path), mode: old.st_mode & 0o777, keepsRights: true,
            survivesPowerLoss: survivesPowerLoss)
    }

    /// Writes a file beside the path and renames it to that.
    ///
    /// - Parameter keepsRights: whether the umask does not count.
    private static func put(
        _ bytes: [UInt8], _ path: String, mode: mode_t, keepsRights: Bool, survivesPowerLoss: Bool
    ) throws(WorkbookError) {
        let temporary = "\(path).new-\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(temporary, "cannot be written") }
        do throws(WorkbookError) {
            defer { close(descriptor) }
            if keepsRights { fchmod(descriptor, mode) }
            try write(bytes, to: descriptor, path: temporary)
            guard !survivesPowerLoss || fsync(descriptor) == 0 else {
                throw failure(temporary, "cannot be written")
            }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let problem = failure(path, "cannot be replaced")
            unlink(temporary)
            throw problem
        }
    }

    /// Where a path leads, symbolic links followed.
    private static func resolved(_ path: String) throws(WorkbookError) -> String {
        guard let found = realpath(path, nil) else { throw failure(path, "cannot be found") }
        defer { free(found) }
        return String(cString: found)
    }

    /// Writes into what is there already.
    private static func writeInto(_ path: String, _ bytes: [UInt8]) throws(WorkbookError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "cannot be written") }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, path: path)
    }

    /// Renames a file to the first free of a row of names.
    /// - Parameter name: the name for a number from 1.
    /// - Returns: the name that it has now.
    static func setAside(_ path: String, name: (Int) -> String) throws(WorkbookError) -> String {
        for number in 1...10_000 {
            let target = name(number)
            // `link` fails where the name is taken; `rename` would overwrite it.
            if link(path, target) == 0 {
                unlink(path)
                return target
            }
            guard errno == EEXIST else { throw failure(path, "cannot be set aside") }
        }
        throw WorkbookError(file: path, "cannot be set aside: too many old files")
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String)
        throws(WorkbookError)
    {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "cannot be written") }
            written += count
        }
    }

    private static func failure(_ path: String, _ what: String) -> WorkbookError {
        WorkbookError(file: path, "\(what): \(String(cString: strerror(errno)))")
    }
}
