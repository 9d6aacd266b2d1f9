/// What a kernel's file asks for: pieces of it in memory, and where to begin.
public struct LoadedProgram: Sendable, Equatable {
    /// A piece of the file in physical memory.
    public struct Segment: Sendable, Equatable {
        /// Physical address.
        public var address: UInt64
        /// Where its bytes stand in the file.
        public var file: Range<Int>
        /// Bytes in memory: those behind the file's are zeros.
        public var size: UInt64

        public var range: Range<UInt64> { address..<address + size }
    }

    /// In rising order of address, none empty, none overlapping another, all below 4 GiB.
    public let segments: [Segment]
    /// Physical address of the first instruction, within a segment.
    public let entry: UInt64

    /// Checks what holds for every kind of file.
    init(segments: [Segment], entry: UInt64) throws(GuestLoader.Failure) {
        let sorted = segments.sorted { ($0.address, $0.size) < ($1.address, $1.size) }
        for segment in sorted where segment.address + segment.size > 1 << 32 {
            throw GuestLoader.Failure(
                "a segment at \(segment.address.hex) of \(segment.size) bytes: expected it to end "
                    + "below 4 GiB")
        }
        for (lower, upper) in zip(sorted, sorted.dropFirst())
        where lower.range.upperBound > upper.address {
            throw GuestLoader.Failure(
                "the segments at \(lower.address.hex) and \(upper.address.hex) overlap: expected "
                    + "each to have memory of its own")
        }
        guard !sorted.isEmpty else {
            throw GuestLoader.Failure("nothing to load: expected at least one segment with bytes")
        }
        guard sorted.contains(where: { $0.range.contains(entry) }) else {
            throw GuestLoader.Failure(
                "the entry point \(entry.hex) lies in no segment: expected it to be loaded")
        }
        self.segments = sorted
        self.entry = entry
    }

    /// Physical address behind the highest segment.
    public var end: UInt64 { segments.last?.range.upperBound ?? 0 }
}

extension FixedWidthInteger {
    /// As "0x10000".
    var hex: String { "0x" + String(self, radix: 16) }
}
