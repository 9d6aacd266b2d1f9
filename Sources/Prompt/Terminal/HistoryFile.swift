import Glibc
import Workbook

/// The lines that were typed in earlier sessions, one a line, the newest last. The file is always
/// replaced as a whole, so that whoever reads it, or a crash in between, finds a complete one.
struct HistoryFile {
    /// Lines kept; older ones are dropped.
    static let lineLimit = 1000
    /// Bytes of the file that are looked at, from its end.
    static let byteLimit = 1 << 20

    let path: String

    /// The lines, the oldest first; none if there is no file yet. What is not a line of text is
    /// left out.
    func load() throws(WorkbookError) -> [String] {
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
    func append(_ line: String) throws(WorkbookError) {
        var lines = try load()
        if lines.last == line { return }
        lines.append(line)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try FileWriting.makeFolder(folder, mode: 0o700)
        let text = lines.suffix(HistoryFile.lineLimit).joined(separator: "\n") + "\n"
        // A lost line of history is no loss: nobody waits for the disk here.
        try FileWriting.replace(path, bytes: Array(text.utf8), survivesPowerLoss: false)
    }

    private func failure() -> WorkbookError {
        WorkbookError(file: path, String(cString: strerror(errno)))
    }
}
