/// What an assembly gives: bytes, and where each of them comes from.
public struct AssembledProgram: Sendable, Equatable {
    public var bytes: [UInt8]
    /// What `org` said: the address of the first byte.
    public var origin: UInt64
    /// The code size of the first instruction (of the last `bits` before it), or 16.
    public var bits: CodeSize
    /// Every label and `equ`, sorted by name; local ones with the label that they belong to
    /// (`main.loop`).
    public var labels: [Label]
    /// Every statement that emitted bytes, by ascending address.
    public var lines: [Line]
    /// What NASM warns of: a number that does not fit and was cut. At most a hundred.
    public var warnings: [AssemblyError]

    public struct Label: Sendable, Equatable {
        public var name: String
        public var value: UInt64
        /// Whether it is a place in the program, and not a number that an `equ` names.
        public var isPlace: Bool
    }

    /// Where a statement's bytes are, and where its source is.
    public struct Line: Sendable, Equatable {
        public var address: UInt64
        public var length: Int
        public var file: String
        /// Counted from 1.
        public var number: Int
        /// The source line as written, without its end.
        public var text: String
    }

    /// The source line of the statement that emitted the byte at `address`.
    public func line(at address: UInt64) -> Line? {
        var low = 0
        var high = lines.count
        while low < high {
            let middle = (low + high) / 2
            if lines[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let line = lines[low - 1]
        return address &- line.address < UInt64(line.length) ? line : nil
    }

    /// The value of a label or `equ`, by its full name.
    public func value(of label: String) -> UInt64? {
        var low = 0
        var high = labels.count
        while low < high {
            let middle = (low + high) / 2
            if labels[middle].name < label { low = middle + 1 } else { high = middle }
        }
        return low < labels.count && labels[low].name == label ? labels[low].value : nil
    }
}

/// A mistake in a source, at the place where it was seen.
public struct AssemblyError: Error, Sendable, Equatable, CustomStringConvertible {
    public var file: String
    /// Counted from 1; 0 where the mistake is in no line (an unreadable file).
    public var line: Int
    /// Counted in bytes from 1.
    public var column: Int
    /// What was expected, or what is wrong.
    public var message: String
    /// The text that the message is about; may be empty.
    public var offending: String

    public var description: String {
        let place = "\(file):\(line):\(column): "
        return place + message + (offending.isEmpty ? "" : ": `\(offending)`")
    }
}

/// Bounds that keep any input, however made, from taking much memory or time.
public struct AssemblyLimits: Sendable {
    /// Bytes of one source file.
    public var sourceBytes = 16 << 20
    /// Bytes of one line, continuation lines joined.
    public var lineBytes = 64 << 10
    /// Lines after macros and repetitions are written out.
    public var lines = 1 << 19
    /// Bytes of all those lines.
    public var expandedBytes = 64 << 20
    /// Words of one line after macros are written out.
    public var words = 1 << 16
    /// Words of all lines, those that macros pass through included.
    public var totalWords = 1 << 22
    /// Bytes of output.
    public var outputBytes = 16 << 20
    /// Nesting of macros, repetitions and files in one another.
    public var depth = 64

    public init() {}
}

/// A mistake before its file and line are known.
struct SourceFault: Error {
    var column: Int
    var length: Int
    var message: String

    init(_ message: String, at token: Token) {
        self.message = message
        column = token.column
        length = token.length
    }

    init(_ message: String, column: Int, length: Int = 0) {
        self.message = message
        self.column = column
        self.length = length
    }
}
