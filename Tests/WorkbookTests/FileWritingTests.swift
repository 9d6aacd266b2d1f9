import Glibc
import Testing

@testable import Workbook

@Suite struct FileWritingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func mode(of path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode : 0
    }

    @Test("A file that is replaced keeps its rights, and a link to it stays a link")
    func keepsLinks() throws {
        try folder.write("old", to: "real")
        let (real, link) = (folder.path + "/real", folder.path + "/link")
        #expect(chmod(real, 0o640) == 0)
        #expect(symlink("real", link) == 0)
        try FileWriting.replace(link, bytes: Array("new".utf8))
        #expect(try folder.text(of: "real") == "new")
        #expect(mode(of: link) & S_IFMT == S_IFLNK)
        #expect(mode(of: real) == S_IFREG | 0o640)
    }

    @Test("A pipe is written to, and is still there: a device would be too")
    func writesIntoPipes() throws {
        let path = folder.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDWR | O_NONBLOCK)
        defer { close(reader) }
        try FileWriting.replace(path, bytes: Array("new".utf8))
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(read(reader, &bytes, 8) == 3)
        #expect(bytes.prefix(3).elementsEqual("new".utf8))
        #expect(mode(of: path) & S_IFMT == S_IFIFO)
    }

    @Test("A folder is not replaced")
    func refusesFolders() throws {
        #expect(throws: WorkbookError.self) {
            try FileWriting.replace(folder.path, bytes: [1])
        }
    }
}
