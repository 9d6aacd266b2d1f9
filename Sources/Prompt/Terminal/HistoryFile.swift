import Glibc

/// The lines that were typed in earlier sessions, one a line, the newest last. The file is always
/// replaced as a whole, so that whoever reads it, or a crash in between, finds a complete one.
struct HistoryFile {
    /// Why there is no history, as a system call said it.
    struct Failure: Error, Equatable {
        let path: String
        let errorNumber: Int32

        var description: String { "\(path): \(String(cString: strerror(errorNumber)))" }
    }

    /// Lines kept; older ones are dropped.
    static let lineLimit = 1000
    /// Bytes of the file that are looked at, from its end.
    static let byteLimit = 1 << 20

    let path: String

    /// The lines, the oldest first; none if there is no file yet. What is not a line of text is
    /// left out.
    func load() throws(Failure) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw failure()
        }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        lseek(descriptor, max(0, size - HistoryFile.byteLimit), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: HistoryFile.byteLimit)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            if got < 0 { throw failure() }
            if got == 0 { break }
            count += got
        }
        let lines = bytes[..<count].split(separator: UInt8(ascii: "\n"))
        return lines.suffix(HistoryFile.lineLimit).compactMap { line in
            line.contains(0) ? nil : String(validating: line, as: UTF8.self)
        }
    }

    /// Adds a line to what the file has by now: another session may have added some meanwhile.
    func append(_ line: String) throws(Failure) {
        var lines = try load()
        if lines.last == line { return }
        lines.append(line)
        try createFolders()
        try replace(with: lines.suffix(HistoryFile.lineLimit).joined(separator: "\n") + "\n")
    }

    private func replace(with text: String) throws(Failure) {
        var name = Array((path + ".XXXXXX").utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw failure() }
        let bytes = Array(text.utf8)
        errno = ENOSPC  // A short write does not say why; this is why.
        let isWritten = write(descriptor, bytes, bytes.count) == bytes.count
        var failure = failure()
        close(descriptor)
        if isWritten {
            if rename(name, path) == 0 { return }
            failure = self.failure()
        }
        unlink(name)
        throw failure
    }

    /// Creates the folders above the file that are missing, for the user alone.
    private func createFolders() throws(Failure) {
        var end = path.startIndex
        while let slash = path[end...].dropFirst().firstIndex(of: "/") {
            end = slash
            if mkdir(String(path[..<end]), 0o700) != 0 && errno != EEXIST && errno != EISDIR {
                throw failure()
            }
        }
    }

    private func failure() -> Failure { Failure(path: path, errorNumber: errno) }
}
