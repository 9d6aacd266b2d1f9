import Glibc

/// Reads a file that nobody vouches for: never more than a limit, never a folder or a device.
public enum BoundedFile {
    public struct Failure: Error, Equatable, Sendable {
        public let path: String
        /// What is wrong and what was expected, without the path.
        public let message: String
    }

    /// The largest guest source, flat binary or kernel.
    public static let guestLimit = 16 << 20
    /// The largest file of vectors.
    public static let vectorLimit = 1 << 30

    public static func read(_ path: String, limit: Int = guestLimit) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw failure(path, String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "expected a regular file")
        }
        guard status.st_size <= limit else {
            throw failure(path, "\(status.st_size) bytes: expected at most \(limit)")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes[filled...].withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { throw failure(path, String(cString: strerror(errno))) }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes[0..<filled])
    }

    private static func failure(_ path: String, _ message: String) -> Failure {
        Failure(path: path, message: message)
    }
}
