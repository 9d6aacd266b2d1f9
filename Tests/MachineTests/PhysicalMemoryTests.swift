import Testing

@testable import Machine

@Suite("Physical memory")
struct PhysicalMemoryTests {
    private static let gigabyte: UInt64 = 1 << 30

    /// Regions and chunks of the directory that exist.
    private func directory(_ memory: PhysicalMemory) -> (regions: Int, chunks: Int, pages: Int) {
        let regions = memory.banks.flatMap(\.regions).filter { !$0.isEmpty }
        let chunks = regions.flatMap { $0 }.filter { !$0.isEmpty }
        return (regions.count, chunks.count, chunks.flatMap { $0 }.compactMap { $0 }.count)
    }

    @Test("64 GiB cost what is touched: one page, with one chunk and one region above it")
    func sparse() {
        var memory = PhysicalMemory(size: 64 * Self.gigabyte)
        #expect(memory.size == 64 * Self.gigabyte)
        #expect(directory(memory) == (0, 0, 0))
        #expect(memory.read(63 * Self.gigabyte, size: 8) == 0)
        #expect(directory(memory) == (0, 0, 0))
        memory.write(64 * Self.gigabyte - 8, 0x1234, size: 8)
        #expect(directory(memory) == (1, 1, 1))
        memory.write(0, 1, size: 1)
        #expect(directory(memory) == (2, 2, 2))
        #expect(memory.read(64 * Self.gigabyte - 8, size: 8) == 0x1234)
    }

    @Test("the last byte is RAM, the next one is not: it reads all ones and takes nothing")
    func end() {
        var memory = PhysicalMemory(size: 5 * Self.gigabyte)
        memory.write(5 * Self.gigabyte - 1, 0xABCD, size: 2)
        #expect(memory.read(5 * Self.gigabyte - 1, size: 2) == 0xFFCD)
        #expect(!memory.isRAM(5 * Self.gigabyte))
        #expect(memory.read(5 * Self.gigabyte, size: 4) == 0xFFFF_FFFF)
    }

    @Test("a write behind a copy is seen by one of the two alone, and is what differs")
    func copies() {
        var memory = PhysicalMemory(size: 8 * Self.gigabyte)
        memory.load([UInt8](repeating: 7, count: 3 * 4096), at: 0x1000)
        memory.load([9], at: 6 * Self.gigabyte)
        let copy = memory
        #expect(memory.pagesWritten(since: copy) == [])
        memory.write(6 * Self.gigabyte + 4095, 1, size: 1)
        memory.write(0x2000, 8, size: 1)
        memory.write(7 * Self.gigabyte, 1, size: 1)
        #expect(
            memory.pagesWritten(since: copy)
                == [0x2000, 6 * Self.gigabyte, 7 * Self.gigabyte])
        #expect(copy.read(0x2000, size: 1) == 7)
        #expect(copy.read(7 * Self.gigabyte, size: 1) == 0)
        #expect(memory.read(0x2001, size: 1) == 7)
        #expect(memory.read(6 * Self.gigabyte, size: 1) == 9)
    }

    @Test("a load that crosses the end of RAM, chunks and regions arrives as far as there is RAM")
    func crossing() {
        var memory = PhysicalMemory(size: 2 * Self.gigabyte)
        let bytes = (0..<10000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        memory.load(bytes, at: Self.gigabyte - 5000)
        #expect(memory.bytes(Self.gigabyte - 5000, count: 10000) == bytes)
        memory.load(bytes, at: 2 * Self.gigabyte - 100)
        #expect(
            memory.bytes(2 * Self.gigabyte - 100, count: 102)
                == Array(bytes.prefix(100)) + [0xFF, 0xFF])
    }

    @Test("RAM in two places, with nothing between")
    func banks() {
        var memory = PhysicalMemory(size: 3 * Self.gigabyte)
        memory.addBank(base: 4 * Self.gigabyte, size: Self.gigabyte)
        memory.write(4 * Self.gigabyte, 0x55, size: 1)
        memory.write(3 * Self.gigabyte, 0x66, size: 1)
        #expect(memory.read(4 * Self.gigabyte, size: 1) == 0x55)
        #expect(memory.read(3 * Self.gigabyte, size: 1) == 0xFF)
        #expect(memory.size == 3 * Self.gigabyte)
    }
}
