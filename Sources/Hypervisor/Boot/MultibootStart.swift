/// A multiboot kernel with its modules and what the loader tells it, each in its place in memory.
/// Multiboot Specification 0.6.96, "Machine state" and "Boot information format".
public struct MultibootStart: Sendable {
    /// A file beside the kernel, with the string that the kernel gets with it.
    public struct Module: Sendable {
        public let bytes: [UInt8]
        public let string: String

        public init(bytes: [UInt8], string: String) {
            self.bytes = bytes
            self.string = string
        }
    }

    /// Bytes at a physical address.
    struct Piece: Sendable {
        let address: UInt64
        let bytes: ArraySlice<UInt8>
    }

    /// EAX at the kernel's first instruction.
    static let registerMagic: UInt64 = 0x2BAD_B002
    static let loaderName = "Stepvisor"

    public let kernel: MultibootKernel
    /// Of the information structure: EBX.
    public let information: UInt64
    public let map: PCMemoryMap
    let pieces: [Piece]

    /// - Throws: what does not fit into memory, and what was expected.
    public init(
        kernel: MultibootKernel, commandLine: String, modules: [Module], map: PCMemoryMap
    ) throws(GuestLoader.Failure) {
        var places = BootPlaces(kernel: kernel.program, map: map)
        for segment in kernel.program.segments where !places.isRAM(segment.range) {
            throw GuestLoader.Failure(
                "a segment at \(segment.address.hex) of \(segment.size) bytes lies outside of the "
                    + "\(map.low + map.high) bytes of memory: expected RAM there")
        }
        var pieces: [Piece] = []
        var moduleRanges: [Range<UInt64>] = []
        for module in modules {
            guard let address = places.takeHigh(UInt64(module.bytes.count)) else {
                throw GuestLoader.Failure(
                    "module \(module.string): \(module.bytes.count) bytes do not fit into "
                        + "the \(map.low) bytes of memory behind the kernel, which ends at "
                        + kernel.program.end.hex)
            }
            moduleRanges.append(address..<address + UInt64(module.bytes.count))
            pieces.append(Piece(address: address, bytes: module.bytes[...]))
        }
        let block = MultibootInformation(
            map: map, moduleRanges: moduleRanges, moduleStrings: modules.map(\.string),
            commandLine: commandLine)
        guard let information = places.takeLow(UInt64(block.size)) else {
            throw GuestLoader.Failure(
                "the boot information of \(block.size) bytes finds no place beside the kernel")
        }
        pieces.append(Piece(address: information, bytes: block.bytes(at: information)[...]))
        self.kernel = kernel
        self.information = information
        self.map = map
        self.pieces = pieces
    }
}

/// Which memory is still free for what the loader adds.
struct BootPlaces {
    /// Where the information goes if it can: behind what a flat guest finds in low memory.
    private static let lowStart: UInt64 = 0x9000
    private static let page: UInt64 = 4096

    private let map: PCMemoryMap
    private let kernelEnd: UInt64
    private var taken: [Range<UInt64>]

    init(kernel: LoadedProgram, map: PCMemoryMap) {
        self.map = map
        kernelEnd = kernel.end
        taken = kernel.segments.map(\.range)
    }

    /// Whether RAM lies under all of it. Video memory and the firmware's are no place for a kernel.
    func isRAM(_ range: Range<UInt64>) -> Bool {
        map.ranges.contains {
            $0.kind == .available && $0.base <= range.lowerBound
                && range.upperBound <= $0.base + $0.size
        }
    }

    /// Pages for a module: behind the kernel, else from 1 MiB.
    mutating func takeHigh(_ size: UInt64) -> UInt64? {
        let start = PCMemoryMap.rom.upperBound
        return take(size, from: max(start, kernelEnd), below: map.low)
            ?? take(size, from: start, below: map.low)
    }

    /// A place below 640 KiB, else above 1 MiB.
    mutating func takeLow(_ size: UInt64) -> UInt64? {
        take(size, from: Self.lowStart, below: PCMemoryMap.extendedBIOSData) ?? takeHigh(size)
    }

    private mutating func take(
        _ size: UInt64, from start: UInt64, below end: UInt64
    ) -> UInt64? {
        var address = aligned(start)
        for range in taken.sorted(by: { $0.lowerBound < $1.lowerBound })
        where range.upperBound > address && range.lowerBound < address + size {
            address = aligned(range.upperBound)
        }
        guard address <= end, size <= end - address else { return nil }
        if size > 0 { taken.append(address..<address + size) }
        return address
    }

    private func aligned(_ address: UInt64) -> UInt64 {
        (address + Self.page - 1) & ~(Self.page - 1)
    }
}
