/// The information structure and all that it points to, as one block of bytes. Multiboot
/// Specification 0.6.96, "Boot information format".
struct MultibootInformation {
    /// Which fields are valid.
    private enum Flag {
        static let memory: UInt64 = 1 << 0
        static let commandLine: UInt64 = 1 << 2
        static let modules: UInt64 = 1 << 3
        static let memoryMap: UInt64 = 1 << 6
        static let loaderName: UInt64 = 1 << 9
    }

    /// Offsets in the structure.
    private enum Field {
        static let flags = 0
        static let lower = 4
        static let upper = 8
        static let commandLine = 16
        static let moduleCount = 20
        static let modules = 24
        static let mapLength = 44
        static let map = 48
        static let loaderName = 64
    }

    /// With all fields of the specification, those for video left 0.
    private static let structureSize = 128
    private static let moduleSize = 16
    /// The size field and the 20 bytes that it counts.
    private static let mapEntrySize = 24

    let map: PCMemoryMap
    let moduleRanges: [Range<UInt64>]
    let moduleStrings: [String]
    let commandLine: String

    private var mapOffset: Int { Self.structureSize }
    private var modulesOffset: Int { mapOffset + map.ranges.count * Self.mapEntrySize }
    private var stringsOffset: Int { modulesOffset + moduleRanges.count * Self.moduleSize }

    /// Zero-terminated: the command line, the loader's name, the modules' strings.
    private var strings: [[UInt8]] {
        ([commandLine, MultibootStart.loaderName] + moduleStrings).map {
            $0.utf8.filter { $0 != 0 } + [0]
        }
    }

    /// In bytes.
    var size: Int { strings.reduce(stringsOffset) { $0 + $1.count } }

    /// The block, for this physical address.
    func bytes(at address: UInt64) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: stringsOffset)
        func put(_ value: UInt64, _ offset: Int, size: Int = 4) {
            for index in 0..<size {
                block[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
            }
        }
        var stringAddresses: [UInt64] = []
        for string in strings {
            stringAddresses.append(address + UInt64(block.count))
            block += string
        }
        put(
            Flag.memory | Flag.commandLine | Flag.modules | Flag.memoryMap | Flag.loaderName,
            Field.flags)
        put(UInt64(map.lowerKiB), Field.lower)
        put(UInt64(map.upperKiB), Field.upper)
        put(stringAddresses[0], Field.commandLine)
        put(stringAddresses[1], Field.loaderName)
        put(UInt64(moduleRanges.count), Field.moduleCount)
        put(address + UInt64(modulesOffset), Field.modules)
        put(UInt64(map.ranges.count * Self.mapEntrySize), Field.mapLength)
        put(address + UInt64(mapOffset), Field.map)
        for (index, range) in map.ranges.enumerated() {
            let entry = mapOffset + index * Self.mapEntrySize
            put(UInt64(Self.mapEntrySize - 4), entry)
            put(range.base, entry + 4, size: 8)
            put(range.size, entry + 12, size: 8)
            put(UInt64(range.kind.rawValue), entry + 20)
        }
        for (index, range) in moduleRanges.enumerated() {
            let entry = modulesOffset + index * Self.moduleSize
            put(range.lowerBound, entry)
            put(range.upperBound, entry + 4)
            put(stringAddresses[2 + index], entry + 8)
        }
        return block
    }
}
