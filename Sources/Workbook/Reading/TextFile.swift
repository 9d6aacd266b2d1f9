import Glibc

/// A text file read whole, after its size was found to be within bounds.
struct TextFile: Sendable {
    /// How messages name the file.
    let name: String
    let text: String

    /// Reads a regular file of at most `limit` bytes of UTF-8 without control characters.
    /// A carriage return before a line feed is dropped.
    static func read(_ path: String, name: String? = nil, limit: Int) throws(WorkbookError)
        -> TextFile
    {
        let name = name ?? path
        let bytes = try readBytes(path, name: name, limit: limit)
        return try TextFile(name: name, bytes: bytes)
    }

    init(name: String, bytes: [UInt8]) throws(WorkbookError) {
        // A byte-order mark at the start is harmless, and editors write it.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard let decoded = String(validating: content, as: UTF8.self) else {
            throw WorkbookError(
                file: name, position: Self.firstInvalid(in: content),
                "these bytes are not text", expected: "UTF-8")
        }
        let text = decoded.replacing("\r\n", with: "\n")
        if let (position, scalar) = Self.firstForbidden(in: text) {
            throw WorkbookError(
                file: name, position: position,
                "control character U+\(String(scalar.value, radix: 16, uppercase: true))",
                expected: "printable text, tabs and line ends only")
        }
        self.name = name
        self.text = text
    }

    private static func readBytes(_ path: String, name: String, limit: Int)
        throws(WorkbookError) -> [UInt8]
    {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw WorkbookError(file: name, "cannot be opened: \(systemMessage(errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw WorkbookError(file: name, "cannot be examined: \(systemMessage(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WorkbookError(file: name, "is not a regular file", expected: "a text file")
        }
        guard status.st_size <= limit else {
            throw WorkbookError(
                file: name, "is \(status.st_size) bytes long", expected: "at most \(limit) bytes")
        }
        return try readAll(descriptor, name: name, limit: limit)
    }

    private static func readAll(_ descriptor: Int32, name: String, limit: Int)
        throws(WorkbookError) -> [UInt8]
    {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw WorkbookError(file: name, "cannot be read: \(systemMessage(errno))")
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            // The file may have grown since its size was asked for.
            guard bytes.count <= limit else {
                throw WorkbookError(
                    file: name, "grew while it was read", expected: "at most \(limit) bytes")
            }
        }
    }

    private static func firstForbidden(in text: String) -> (SourcePosition, Unicode.Scalar)? {
        var position = SourcePosition.start
        for scalar in text.unicodeScalars {
            if ControlCharacters.isForbidden(scalar) { return (position, scalar) }
            position.advance(over: scalar)
        }
        return nil
    }

    private static func firstInvalid(in bytes: ArraySlice<UInt8>) -> SourcePosition {
        var position = SourcePosition.start
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            position.advance(over: scalar)
        }
        return position
    }
}

extension SourcePosition {
    fileprivate mutating func advance(over scalar: Unicode.Scalar) {
        if scalar == "\n" {
            self = SourcePosition(line: line + 1, column: 1)
        } else {
            column += 1
        }
    }
}

/// The C library's words for an error number.
func systemMessage(_ number: Int32) -> String {
    String(cString: strerror(number))
}
