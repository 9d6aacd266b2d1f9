import Hypervisor
import Narration

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
        let bytes: [UInt8]
        do throws(BoundedFile.Failure) {
            bytes = try BoundedFile.read(path, limit: limit)
        } catch {
            throw WorkbookError(file: name, error.message)
        }
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
                "an invisible character, U+\(String(scalar.value, radix: 16, uppercase: true))",
                expected: "printable text, tabs and line ends only")
        }
        self.name = name
        self.text = text
    }

    private static func firstForbidden(in text: String) -> (SourcePosition, Unicode.Scalar)? {
        var position = SourcePosition.start
        for scalar in text.unicodeScalars {
            if scalar != "\n", scalar != "\t", !EscapedText.isPrintable(scalar) {
                return (position, scalar)
            }
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
