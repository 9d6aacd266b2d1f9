/// A floppy or hard disk in a file. The file is never changed: what a guest writes stays in memory.
public struct DiskImage: Sendable {
    public static let sectorSize = 512
    /// The largest image.
    public static let limit = 512 << 20

    /// Cylinders, heads, and sectors of a track.
    struct Geometry: Sendable, Equatable {
        let cylinders: Int
        let heads: Int
        let sectors: Int

        var total: Int { cylinders * heads * sectors }
    }

    /// A PC's floppies, with the type that INT 13h function 08h reports.
    private static let floppies: [(type: UInt8, geometry: Geometry)] = [
        (1, Geometry(cylinders: 40, heads: 1, sectors: 8)),
        (1, Geometry(cylinders: 40, heads: 1, sectors: 9)),
        (1, Geometry(cylinders: 40, heads: 2, sectors: 8)),
        (1, Geometry(cylinders: 40, heads: 2, sectors: 9)),
        (3, Geometry(cylinders: 80, heads: 2, sectors: 9)),
        (2, Geometry(cylinders: 80, heads: 2, sectors: 15)),
        (4, Geometry(cylinders: 80, heads: 2, sectors: 18)),
        (6, Geometry(cylinders: 80, heads: 2, sectors: 36)),
    ]
    private static let usualFloppy = 6
    private static let largestFloppy = 7

    /// No drive has one.
    static let absent = DiskImage()

    private let file: [UInt8]
    /// Sectors that were written, by number.
    private var written: [UInt64: [UInt8]] = [:]
    let geometry: Geometry
    /// nil: no floppy.
    let floppyType: UInt8?
    let sectorCount: UInt64

    private init() {
        file = []
        geometry = Geometry(cylinders: 0, heads: 0, sectors: 0)
        floppyType = nil
        sectorCount = 0
    }

    /// A floppy if it has a floppy's size, or is smaller than one and has no partitions: then the
    /// rest of the floppy is zeros. Else a hard disk.
    ///
    /// - Throws: what is wrong with the file and what was expected, without its name.
    public init(_ bytes: [UInt8]) throws(GuestLoader.Failure) {
        guard bytes.count >= Self.sectorSize else {
            throw GuestLoader.Failure(
                "\(bytes.count) bytes: expected a boot sector of \(Self.sectorSize) at least")
        }
        guard bytes[510] == 0x55, bytes[511] == 0xAA else {
            throw GuestLoader.Failure(
                "no boot sector: expected 55 AA at its end, bytes 510 and 511")
        }
        file = bytes
        let sectors = (bytes.count + Self.sectorSize - 1) / Self.sectorSize
        if let floppy = Self.floppy(bytes, sectors) {
            geometry = Self.floppies[floppy].geometry
            floppyType = Self.floppies[floppy].type
            sectorCount = UInt64(geometry.total)
        } else {
            geometry = Self.hardDisk(sectors)
            floppyType = nil
            sectorCount = UInt64(sectors)
        }
    }

    private static func floppy(_ bytes: [UInt8], _ sectors: Int) -> Int? {
        if bytes.count % sectorSize == 0,
            let exact = floppies.firstIndex(where: { $0.geometry.total == sectors })
        {
            return exact
        }
        guard !hasPartition(bytes) else { return nil }
        return (usualFloppy...largestFloppy).first { sectors <= floppies[$0].geometry.total }
    }

    /// Whether the boot sector has a partition table with a partition in it.
    private static func hasPartition(_ bytes: [UInt8]) -> Bool {
        let entries = stride(from: 446, to: 510, by: 16).map { bytes[$0..<$0 + 16] }
        let areEntries = entries.allSatisfy { $0[$0.startIndex] & 0x7F == 0 }
        return areEntries
            && entries.contains { entry in
                entry[entry.startIndex + 4] != 0
                    && entry.suffix(4).contains { $0 != 0 }
            }
    }

    /// As firmware translates: 16 heads as long as cylinders fit into 10 bits, then 255.
    private static func hardDisk(_ sectors: Int) -> Geometry {
        let heads = sectors <= 1024 * 16 * 63 ? 16 : 255
        let cylinders = min(max(sectors / (heads * 63), 1), 1024)
        return Geometry(cylinders: cylinders, heads: heads, sectors: 63)
    }

    /// The number that the guest finds in DL; nil: there is no disk.
    var drive: UInt8? {
        if floppyType != nil { return 0 }
        return isHardDisk ? 0x80 : nil
    }

    var isHardDisk: Bool { floppyType == nil && sectorCount > 0 }

    /// A sector's 512 bytes; nil behind the disk's end.
    func sector(_ number: UInt64) -> [UInt8]? {
        guard number < sectorCount else { return nil }
        if let changed = written[number] { return changed }
        let start = min(Int(number) * Self.sectorSize, file.count)
        let bytes = Array(file[start..<min(start + Self.sectorSize, file.count)])
        return bytes + [UInt8](repeating: 0, count: Self.sectorSize - bytes.count)
    }

    /// False behind the disk's end.
    mutating func write(_ number: UInt64, _ bytes: [UInt8]) -> Bool {
        guard number < sectorCount else { return false }
        written[number] = bytes
        return true
    }

    /// The number of a sector by cylinder, head and sector from 1; nil: there is none.
    func number(cylinder: Int, head: Int, sector: Int) -> UInt64? {
        guard cylinder < geometry.cylinders, head < geometry.heads,
            (1...geometry.sectors).contains(sector)
        else { return nil }
        return UInt64((cylinder * geometry.heads + head) * geometry.sectors + sector - 1)
    }
}
