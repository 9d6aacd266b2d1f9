/// Numbers in the bytes of a file that nobody vouches for.
struct LittleEndianBytes {
    let bytes: [UInt8]

    var count: Int { bytes.count }

    /// The value of 1 to 8 bytes; nil when the file ends before them.
    func value(_ offset: Int, size: Int) -> UInt64? {
        guard offset >= 0, size <= bytes.count, offset <= bytes.count - size else { return nil }
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        return value
    }

    func word(_ offset: Int) -> UInt32? {
        value(offset, size: 4).map { UInt32(truncatingIfNeeded: $0) }
    }
}
