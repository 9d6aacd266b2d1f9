import Testing

@testable import Hypervisor

@Suite("Disk images")
struct DiskImageTests {
    /// Zeros that end in a boot sector's signature, each sector beginning with its number.
    static func bytes(_ count: Int, partition: Bool = false) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        for sector in stride(from: 512, to: count, by: 512) {
            bytes[sector] = UInt8(truncatingIfNeeded: sector / 512)
        }
        bytes[510] = 0x55
        bytes[511] = 0xAA
        if partition {
            bytes[446] = 0x80
            bytes[450] = 0x0C
            bytes[458] = 1
        }
        return bytes
    }

    @Test(
        "a floppy by its size",
        arguments: [
            (160, 1, 40, 1, 8), (360, 1, 40, 2, 9), (720, 3, 80, 2, 9), (1200, 2, 80, 2, 15),
            (1440, 4, 80, 2, 18), (2880, 6, 80, 2, 36),
        ])
    func floppies(_ kib: Int, _ type: UInt8, _ cylinders: Int, _ heads: Int, _ sectors: Int) throws
    {
        let disk = try DiskImage(Self.bytes(kib * 1024))
        #expect(disk.floppyType == type)
        #expect(
            disk.geometry == .init(cylinders: cylinders, heads: heads, sectors: sectors))
        #expect(disk.drive == 0)
    }

    @Test("a boot sector alone is a 1.44 MB floppy whose rest is zeros")
    func sectorAlone() throws {
        let disk = try DiskImage(Self.bytes(512))
        #expect(disk.floppyType == 4)
        #expect(disk.sectorCount == 2880)
        #expect(disk.sector(2879) == [UInt8](repeating: 0, count: 512))
        #expect(disk.sector(2880) == nil)
    }

    @Test("with a partition, or larger than a floppy, it is a hard disk")
    func hardDisks() throws {
        let small = try DiskImage(Self.bytes(1 << 20, partition: true))
        #expect(small.drive == 0x80)
        #expect(small.geometry == .init(cylinders: 2, heads: 16, sectors: 63))
        let large = try DiskImage(Self.bytes(3 << 20))
        #expect(large.drive == 0x80)
        #expect(large.sectorCount == 6144)
    }

    @Test("a last sector that the file cuts short ends in zeros")
    func cutShort() throws {
        let disk = try DiskImage(Self.bytes(513))
        #expect(disk.sector(1) == [1] + [UInt8](repeating: 0, count: 511))
    }

    @Test("what is written is read again, and the file's bytes stay")
    func written() throws {
        var disk = try DiskImage(Self.bytes(1440 * 1024))
        let before = disk
        let bytes = [UInt8](repeating: 7, count: 512)
        let isWritten = disk.write(5, bytes)
        #expect(isWritten)
        #expect(disk.sector(5) == bytes)
        #expect(before.sector(5)?.first == 5)
        let isBeyond = disk.write(2880, bytes)
        #expect(!isBeyond)
    }

    @Test("too short, or without 55 AA, it is refused", arguments: [0, 1, 511, 512])
    func refused(_ count: Int) throws {
        let bytes = [UInt8](repeating: 0, count: count)
        let message = try #require(
            refusal { () throws(GuestLoader.Failure) in try DiskImage(bytes) })
        #expect(message.contains(count < 512 ? "boot sector of 512" : "55 AA"))
    }

    @Test("cylinder, head and sector count in that order; sectors from 1")
    func numbers() throws {
        let disk = try DiskImage(Self.bytes(512))
        #expect(disk.number(cylinder: 0, head: 0, sector: 1) == 0)
        #expect(disk.number(cylinder: 0, head: 1, sector: 1) == 18)
        #expect(disk.number(cylinder: 1, head: 0, sector: 18) == 53)
        #expect(disk.number(cylinder: 79, head: 1, sector: 18) == 2879)
        #expect(disk.number(cylinder: 0, head: 0, sector: 0) == nil)
        #expect(disk.number(cylinder: 0, head: 0, sector: 19) == nil)
        #expect(disk.number(cylinder: 0, head: 2, sector: 1) == nil)
        #expect(disk.number(cylinder: 80, head: 0, sector: 1) == nil)
    }
}
