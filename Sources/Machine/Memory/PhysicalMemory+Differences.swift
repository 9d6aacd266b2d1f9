extension PhysicalMemory {
    /// The bytes of the page at `address`; all ones where there is no RAM.
    public func page(at address: UInt64) -> [UInt8] {
        guard let page = pageForReading(address) else {
            return [UInt8](repeating: 0xFF, count: Self.pageSize)
        }
        return Array(UnsafeRawBufferPointer(start: page, count: Self.pageSize))
    }

    /// Addresses of the pages that may differ from an earlier copy of this memory, in rising order:
    /// those that have been written to since. Costs what has been written, not what there is.
    public func pagesWritten(since other: PhysicalMemory) -> [UInt64] {
        var pages: [UInt64] = []
        for (bank, old) in zip(banks, other.banks) {
            for (number, region) in bank.regions.enumerated() {
                let before = old.regions[number]
                guard !Self.isShared(region, before) else { continue }
                for (index, chunk) in region.enumerated() {
                    let first = (number * Self.fanOut + index) * Self.fanOut
                    for slot in Self.slots(of: chunk, notIn: before.isEmpty ? [] : before[index]) {
                        pages.append(bank.base + UInt64((first + slot) * Self.pageSize))
                    }
                }
            }
        }
        return pages
    }

    private static func slots(of chunk: Chunk, notIn before: Chunk) -> [Int] {
        guard !isShared(chunk, before) else { return [] }
        return chunk.indices.filter { chunk[$0] !== (before.isEmpty ? nil : before[$0]) }
    }

    /// Whether two arrays are one and the same storage: then nothing was written between them.
    private static func isShared<Element>(_ one: [Element], _ other: [Element]) -> Bool {
        one.withUnsafeBufferPointer { first in
            other.withUnsafeBufferPointer { first.baseAddress == $0.baseAddress }
        }
    }
}
