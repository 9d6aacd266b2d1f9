/// Reads 32-bit ELF programs. System V Application Binary Interface, "Object Files" and "Program
/// Loading".
public enum ELFReader {
    /// Whether the bytes begin as those of an ELF file.
    public static func isELF(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46])
    }

    /// The file's header.
    private enum Header {
        static let size = 52
        static let fileClass = 4
        static let dataEncoding = 5
        static let type = 16
        static let machine = 18
        static let entry = 24
        static let programHeaders = 28
        static let programHeaderSize = 42
        static let programHeaderCount = 44
    }

    /// One program header.
    private enum ProgramHeader {
        static let size = 32
        static let loadable: UInt64 = 1
    }

    /// - Throws: what is wrong with the file and what was expected, without its name.
    public static func read(_ bytes: [UInt8]) throws(GuestLoader.Failure) -> LoadedProgram {
        let file = LittleEndianBytes(bytes: bytes)
        try checkIdentity(file)
        let headers = try programHeaders(file)
        var segments: [LoadedProgram.Segment] = []
        // Virtual addresses beside physical ones: the entry point is a virtual one.
        var entry = file.value(Header.entry, size: 4) ?? 0
        var isTranslated = false
        for offset in headers {
            guard let header = Fields(file, offset), header.type == ProgramHeader.loadable,
                header.memorySize > 0
            else { continue }
            let segment = try header.segment(file)
            segments.append(segment)
            let distance = entry &- header.virtualAddress
            if !isTranslated, distance < header.memorySize {
                entry = header.physicalAddress + distance
                isTranslated = true
            }
        }
        return try LoadedProgram(segments: segments, entry: entry)
    }

    private static func checkIdentity(_ file: LittleEndianBytes) throws(GuestLoader.Failure) {
        func field(_ offset: Int, _ size: Int) -> UInt64 { file.value(offset, size: size) ?? 0 }
        guard isELF(file.bytes) else {
            throw GuestLoader.Failure("no ELF file: expected it to begin with 7F 45 4C 46")
        }
        guard field(Header.fileClass, 1) != 2 else {
            throw GuestLoader.Failure(
                "a 64-bit ELF file: expected a 32-bit one, as `objcopy -O elf32-i386` makes")
        }
        guard file.count >= Header.size else {
            throw GuestLoader.Failure(
                "\(file.count) bytes: expected an ELF header of \(Header.size)")
        }
        guard field(Header.fileClass, 1) == 1, field(Header.dataEncoding, 1) == 1,
            field(Header.machine, 2) == 3
        else {
            throw GuestLoader.Failure("an ELF file for another machine: expected Intel 80386")
        }
        guard field(Header.type, 2) == 2 else {
            throw GuestLoader.Failure(
                "ELF type \(field(Header.type, 2)): expected an executable, type 2, linked to "
                    + "fixed addresses")
        }
    }

    /// Where the program headers stand.
    private static func programHeaders(
        _ file: LittleEndianBytes
    ) throws(GuestLoader.Failure) -> [Int] {
        let first = Int(file.value(Header.programHeaders, size: 4) ?? 0)
        let size = Int(file.value(Header.programHeaderSize, size: 2) ?? 0)
        let count = Int(file.value(Header.programHeaderCount, size: 2) ?? 0)
        guard count > 0 else {
            throw GuestLoader.Failure(
                "no program headers: expected an executable that can be loaded")
        }
        guard size >= ProgramHeader.size else {
            throw GuestLoader.Failure(
                "program headers of \(size) bytes: expected at least \(ProgramHeader.size)")
        }
        guard first + size * count <= file.count else {
            throw GuestLoader.Failure(
                "\(count) program headers at \(first.hex) in a file of \(file.count) bytes: "
                    + "expected them within the file")
        }
        return (0..<count).map { first + $0 * size }
    }

    /// A program header's fields.
    private struct Fields {
        let type: UInt64
        let offset: UInt64
        let virtualAddress: UInt64
        let physicalAddress: UInt64
        let fileSize: UInt64
        let memorySize: UInt64

        init?(_ file: LittleEndianBytes, _ start: Int) {
            let values = stride(from: start, to: start + 24, by: 4).compactMap {
                file.value($0, size: 4)
            }
            guard values.count == 6 else { return nil }
            type = values[0]
            offset = values[1]
            virtualAddress = values[2]
            physicalAddress = values[3]
            fileSize = values[4]
            memorySize = values[5]
        }

        func segment(
            _ file: LittleEndianBytes
        ) throws(GuestLoader.Failure) -> LoadedProgram.Segment {
            guard fileSize <= memorySize else {
                throw GuestLoader.Failure(
                    "a segment with \(fileSize) bytes in the file and \(memorySize) in memory: "
                        + "expected no more in the file")
            }
            guard offset + fileSize <= UInt64(file.count) else {
                throw GuestLoader.Failure(
                    "a segment of \(fileSize) bytes at \(offset.hex) in a file of \(file.count) "
                        + "bytes: expected it within the file")
            }
            return LoadedProgram.Segment(
                address: physicalAddress, file: Int(offset)..<Int(offset + fileSize),
                size: memorySize)
        }
    }
}
