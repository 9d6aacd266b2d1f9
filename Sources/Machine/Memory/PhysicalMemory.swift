/// Guest-physical or host-physical memory: sparse, and a value.
///
/// A page exists once something is written to it. Copying the memory shares all pages; the first
/// write to a shared page copies that page alone, so a snapshot costs what changes after it.
/// Addresses without RAM read as all ones and ignore writes.
public struct PhysicalMemory: Sendable {
    /// 4 KiB of RAM. Its bytes are reached only through the memory that owns it.
    final class Page: @unchecked Sendable {
        // Written only while uniquely referenced (`pageForWriting`): shared pages never change.
        let bytes: UnsafeMutableRawPointer

        init() {
            bytes = .allocate(byteCount: PhysicalMemory.pageSize, alignment: 4096)
            bytes.initializeMemory(as: UInt8.self, repeating: 0, count: PhysicalMemory.pageSize)
        }

        init(copying other: Page) {
            bytes = .allocate(byteCount: PhysicalMemory.pageSize, alignment: 4096)
            bytes.copyMemory(from: other.bytes, byteCount: PhysicalMemory.pageSize)
        }

        deinit { bytes.deallocate() }
    }

    /// A run of RAM. Pages come in chunks of 2 MiB, an empty chunk holding none yet.
    struct Bank: Sendable {
        let base: UInt64
        let size: UInt64
        var chunks: [[Page?]]
    }

    public static let pageSize = 4096
    static let pagesPerChunk = 512
    /// More RAM than this is refused: the guest's 32-bit space and then some.
    public static let maximumSize: UInt64 = 64 << 30

    private static let zeroPage = Page()

    private(set) var banks: [Bank] = []
    /// Size of the first bank, whose base is 0.
    private var lowest: UInt64 = 0
    /// Grows whenever a page moves in host memory, so that cached host pointers can be dropped.
    private(set) var generation: UInt64 = 0

    /// RAM of `size` bytes (rounded up to 4 KiB, at most 64 GiB) from address 0.
    public init(size: UInt64) {
        addBank(base: 0, size: size)
        lowest = self.size
    }

    /// Adds RAM elsewhere, as the hypervisor's own. `base` is page aligned and the run is free.
    public mutating func addBank(base: UInt64, size: UInt64) {
        let bounded = min(size, Self.maximumSize)
        let pages = (bounded + 4095) / 4096
        let chunkCount = (pages + UInt64(Self.pagesPerChunk) - 1) / UInt64(Self.pagesPerChunk)
        banks.append(
            Bank(
                base: base, size: pages * 4096, chunks: Array(repeating: [], count: Int(chunkCount))
            )
        )
    }

    /// Bytes of RAM from address 0.
    public var size: UInt64 { banks.first?.size ?? 0 }

    /// Whether RAM answers at this address.
    public func isRAM(_ address: UInt64) -> Bool { bank(of: address) != nil }

    private func bank(of address: UInt64) -> Int? {
        // Most accesses: index 0 is never taken out.
        if address < lowest { return 0 }
        for index in banks.indices where address &- banks[index].base < banks[index].size {
            return index
        }
        return nil
    }

    /// The host's bytes of the page at `address`, to read only; nil where there is no RAM.
    func pageForReading(_ address: UInt64) -> UnsafeRawPointer? {
        guard let index = bank(of: address) else { return nil }
        let page = Int((address &- banks[index].base) >> 12)
        let chunk = page / Self.pagesPerChunk
        guard !banks[index].chunks[chunk].isEmpty,
            let found = banks[index].chunks[chunk][page % Self.pagesPerChunk]
        else { return UnsafeRawPointer(Self.zeroPage.bytes) }
        return UnsafeRawPointer(found.bytes)
    }

    /// The host's bytes of the page at `address`, made this memory's own; nil without RAM.
    mutating func pageForWriting(_ address: UInt64) -> UnsafeMutableRawPointer? {
        guard let index = bank(of: address) else { return nil }
        let number = Int((address &- banks[index].base) >> 12)
        let chunk = number / Self.pagesPerChunk
        let slot = number % Self.pagesPerChunk
        if banks[index].chunks[chunk].isEmpty {
            banks[index].chunks[chunk] = Array(repeating: nil, count: Self.pagesPerChunk)
        }
        // Asked in place: a reference held here would count as a second owner.
        if isKnownUniquelyReferenced(&banks[index].chunks[chunk][slot]),
            let page = banks[index].chunks[chunk][slot]
        {
            return page.bytes
        }
        let fresh = banks[index].chunks[chunk][slot].map(Page.init(copying:)) ?? Page()
        banks[index].chunks[chunk][slot] = fresh
        generation &+= 1
        return fresh.bytes
    }

    // MARK: Reading and writing

    /// Little-endian value of 1 to 8 bytes; may cross pages. Absent memory reads all ones.
    public func read(_ address: UInt64, size: Int) -> UInt64 {
        let offset = Int(address & 0xFFF)
        if offset + size <= Self.pageSize {
            guard let page = pageForReading(address) else {
                return size == 8 ? ~0 : (1 << UInt64(size * 8)) - 1
            }
            return page.loadLittleEndian(offset, size: size)
        }
        var value: UInt64 = 0
        for index in 0..<size {
            value |= read(address &+ UInt64(index), size: 1) << UInt64(8 * index)
        }
        return value
    }

    /// Stores the low `size` bytes (1 to 8) of the value; without RAM it is ignored.
    public mutating func write(_ address: UInt64, _ value: UInt64, size: Int) {
        let offset = Int(address & 0xFFF)
        if offset + size <= Self.pageSize {
            guard let page = pageForWriting(address) else { return }
            page.storeLittleEndian(offset, value, size: size)
            return
        }
        for index in 0..<size {
            write(address &+ UInt64(index), value >> UInt64(8 * index), size: 1)
        }
    }

    public func bytes(_ address: UInt64, count: Int) -> [UInt8] {
        (0..<max(0, count)).map {
            UInt8(truncatingIfNeeded: read(address &+ UInt64($0), size: 1))
        }
    }

    /// Copies bytes in, page by page.
    public mutating func load(_ bytes: some Collection<UInt8>, at address: UInt64) {
        var address = address
        var rest = bytes[...]
        while !rest.isEmpty {
            let offset = Int(address & 0xFFF)
            let count = min(rest.count, Self.pageSize - offset)
            if let page = pageForWriting(address) {
                for (index, byte) in rest.prefix(count).enumerated() {
                    page.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
                }
            }
            rest = rest.dropFirst(count)
            address &+= UInt64(count)
        }
    }
}

extension UnsafeRawPointer {
    @inline(always) func loadLittleEndian(_ offset: Int, size: Int) -> UInt64 {
        switch size {
        case 1: UInt64(loadUnaligned(fromByteOffset: offset, as: UInt8.self))
        case 2: UInt64(loadUnaligned(fromByteOffset: offset, as: UInt16.self).littleEndian)
        case 4: UInt64(loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
        case 8: loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
        default:
            (0..<size).reduce(0) {
                $0 | UInt64(loadUnaligned(fromByteOffset: offset + $1, as: UInt8.self))
                    << UInt64(8 * $1)
            }
        }
    }
}

extension UnsafeMutableRawPointer {
    @inline(always) func storeLittleEndian(_ offset: Int, _ value: UInt64, size: Int) {
        switch size {
        case 1:
            storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
        case 2:
            storeBytes(
                of: UInt16(truncatingIfNeeded: value).littleEndian, toByteOffset: offset,
                as: UInt16.self)
        case 4:
            storeBytes(
                of: UInt32(truncatingIfNeeded: value).littleEndian, toByteOffset: offset,
                as: UInt32.self)
        case 8:
            storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
        default:
            for index in 0..<size {
                storeBytes(
                    of: UInt8(truncatingIfNeeded: value >> UInt64(8 * index)),
                    toByteOffset: offset + index, as: UInt8.self)
            }
        }
    }
}
