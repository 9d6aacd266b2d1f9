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
    /// What NASM warns of: a number that does not fit and was cut.

    public struct Label: Sendable, Equatable {
        public var name: String
        public var value: UInt64
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

