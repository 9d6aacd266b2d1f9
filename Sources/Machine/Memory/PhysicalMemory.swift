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

    /// The pages of 2 MiB; none yet where nothing has been written.
    typealias Chunk = [Page?]
    /// The chunks of 1 GiB; none yet where nothing has been written.
    typealias Region = [Chunk]

    /// A run of RAM. Its directory has two levels, as page tables have: neither an empty machine nor
    /// the first write behind a snapshot pays for RAM that the guest does not touch.
    struct Bank: Sendable {
        let base: UInt64
        let size: UInt64
        var regions: [Region]

        /// Where a page stands in the directory.
        @inline(always) static func place(_ page: Int) -> (region: Int, chunk: Int, slot: Int) {
            (page >> 18, page >> 9 & 511, page & 511)
        }
    }

    public static let pageSize = 4096
    /// Pages of a chunk, and chunks of a region.
    static let fanOut = 512
    /// More RAM than this in one bank is refused.
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
        let regionSize = UInt64(Self.fanOut * Self.fanOut)
        let count = (pages + regionSize - 1) / regionSize
        banks.append(
            Bank(base: base, size: pages * 4096, regions: Array(repeating: [], count: Int(count))))
    }

    /// Bytes of RAM from address 0.
    public var size: UInt64 { banks.first?.size ?? 0 }

    /// Whether RAM answers at this address.
    public func isRAM(_ address: UInt64) -> Bool { bank(of: address) != nil }

    @inline(always)
    private func bank(of address: UInt64) -> Int? {
        // Most accesses: index 0 is never taken out.
        if address < lowest { return 0 }
        for index in banks.indices where address &- banks[index].base < banks[index].size {
            return index
        }
        return nil
    }

    /// The host's bytes of the page at `address`, to read only; nil where there is no RAM.
    @inline(always)
    func pageForReading(_ address: UInt64) -> UnsafeRawPointer? {
        guard let index = bank(of: address) else { return nil }
        let place = Bank.place(Int((address &- banks[index].base) >> 12))
        guard !banks[index].regions[place.region].isEmpty,
            !banks[index].regions[place.region][place.chunk].isEmpty,
            let found = banks[index].regions[place.region][place.chunk][place.slot]
        else { return UnsafeRawPointer(Self.zeroPage.bytes) }
        return UnsafeRawPointer(found.bytes)
    }

    /// The host's bytes of the page at `address`, made this memory's own; nil without RAM.
    mutating func pageForWriting(_ address: UInt64) -> UnsafeMutableRawPointer? {
        guard let index = bank(of: address) else { return nil }
        let place = Bank.place(Int((address &- banks[index].base) >> 12))
        if banks[index].regions[place.region].isEmpty {
            banks[index].regions[place.region] = Array(repeating: [], count: Self.fanOut)
        }
        if banks[index].regions[place.region][place.chunk].isEmpty {
            banks[index].regions[place.region][place.chunk] = Array(
                repeating: nil, count: Self.fanOut)
        }
        return Self.ownPage(
            &banks[index].regions[place.region][place.chunk][place.slot], &generation)
    }

    /// The page in its slot, asked in place: a reference held here would count as a second owner.
    private static func ownPage(
        _ slot: inout Page?, _ generation: inout UInt64
    ) -> UnsafeMutableRawPointer {
        if isKnownUniquelyReferenced(&slot), let page = slot { return page.bytes }
        let fresh = slot.map(Page.init(copying:)) ?? Page()
        slot = fresh
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
                UnsafeMutableRawBufferPointer(start: page + offset, count: count)
                    .copyBytes(from: rest.prefix(count))
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
