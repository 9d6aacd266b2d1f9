extension PhysicalMemory {
    /// The bytes of the page at `address`; all ones where there is no RAM.
    public func page(at address: UInt64) -> [UInt8] {
        guard let page = pageForReading(address) else {
            return [UInt8](repeating: 0xFF, count: Self.pageSize)
        }
        return Array(UnsafeRawBufferPointer(start: page, count: Self.pageSize))
    }

    /// Addresses of the pages that may differ from an earlier copy of this memory, in rising order:
    /// those that have been written to since.
    public func pagesWritten(since other: PhysicalMemory) -> [UInt64] {
        var pages: [UInt64] = []
        for (bank, old) in zip(banks, other.banks) {
            for (number, chunk) in bank.chunks.enumerated() where !chunk.isEmpty {
                let before = old.chunks[number]
                for (slot, page) in chunk.enumerated() {
                    let previous = before.isEmpty ? nil : before[slot]
                    guard page !== previous else { continue }
                    let index = UInt64(number * Self.pagesPerChunk + slot)
                    pages.append(bank.base + index * UInt64(Self.pageSize))
                }
            }
        }
        return pages
    }
}
