import Glibc
import Workbook

/// A folder of this process's own, gone with its owner.
final class TemporaryFolder {
    let path: String
    private var made: [String] = []

    init(_ name: String) throws(FuzzUnavailable) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((parent + "/stepvisor-\(name)-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw FuzzUnavailable(message: "\(parent): no folder can be made there")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        made.append(path)
    }

    /// Makes a folder below, and tells its path.
    func makeFolder(_ name: String) -> String {
        let path = path + "/" + name
        if mkdir(path, 0o700) == 0 { made.append(path) }
        return path
    }

    @discardableResult
    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }

    deinit {
        for folder in made.reversed() {
            for name in Folder(path: folder).names() ?? [] { unlink(folder + "/" + name) }
            rmdir(folder)
        }
    }
}
