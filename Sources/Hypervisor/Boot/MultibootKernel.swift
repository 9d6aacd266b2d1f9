/// A kernel in a file, as a multiboot (version 1) loader takes it.
public struct MultibootKernel: Sendable {
    public let header: MultibootHeader
    public let program: LoadedProgram
    /// The whole file.
    public let bytes: [UInt8]

    /// - Throws: what is wrong with the file and what was expected, without its name.
    public init(_ bytes: [UInt8]) throws(GuestLoader.Failure) {
        guard let header = MultibootHeader(in: bytes) else {
            throw GuestLoader.Failure(Self.missingHeader(bytes))
        }
        let unknown =
            header.flags & MultibootHeader.Flag.required & ~MultibootHeader.Flag.known
        guard unknown == 0 else {
            throw GuestLoader.Failure(
                "its multiboot header requires features \(unknown.hex): expected none but bits 0 "
                    + "to 2")
        }
        self.header = header
        self.bytes = bytes
        if let addresses = header.addresses {
            program = try Self.placed(addresses, header.offset, bytes.count)
        } else if ELFReader.isELF(bytes) {
            program = try ELFReader.read(bytes)
        } else {
            throw GuestLoader.Failure(
                "a multiboot header in a file that is no ELF: expected address fields in the "
                    + "header (flag bit 16)")
        }
    }

    private static func missingHeader(_ bytes: [UInt8]) -> String {
        let magic = MultibootHeader.magic.hex
        if MultibootHeader.hasBrokenHeader(bytes) {
            return "a multiboot header with a wrong checksum or cut short: expected \(magic), "
                + "flags and checksum to add up to 0"
        }
        return "expected a multiboot kernel: no header \(magic) at a multiple of 4 in the first "
            + "\(MultibootHeader.searchedBytes) bytes"
    }

    /// The file as its address fields place it.
    private static func placed(
        _ addresses: MultibootHeader.Addresses, _ headerOffset: Int, _ count: Int
    ) throws(GuestLoader.Failure) -> LoadedProgram {
        let before = addresses.header &- addresses.load
        guard addresses.header >= addresses.load, before <= UInt64(headerOffset) else {
            throw GuestLoader.Failure(
                "multiboot address fields: the load address \(addresses.load.hex) does not fit "
                    + "the header's \(addresses.header.hex) at offset \(headerOffset.hex)")
        }
        let start = headerOffset - Int(before)
        let loadEnd =
            addresses.loadEnd == 0 ? addresses.load + UInt64(count - start) : addresses.loadEnd
        guard loadEnd > addresses.load, loadEnd - addresses.load <= UInt64(count - start) else {
            throw GuestLoader.Failure(
                "multiboot address fields: the load end \(loadEnd.hex) lies outside of the file's "
                    + "\(count) bytes, loaded from \(addresses.load.hex)")
        }
        let end = addresses.bssEnd == 0 ? loadEnd : addresses.bssEnd
        guard end >= loadEnd else {
            throw GuestLoader.Failure(
                "multiboot address fields: the bss end \(end.hex) lies below the load end "
                    + "\(loadEnd.hex)")
        }
        let segment = LoadedProgram.Segment(
            address: addresses.load, file: start..<start + Int(loadEnd - addresses.load),
            size: end - addresses.load)
        return try LoadedProgram(segments: [segment], entry: addresses.entry)
    }
}
