/// What a kernel tells its boot loader. Multiboot Specification 0.6.96, "OS image format".
public struct MultibootHeader: Sendable, Equatable {
    public static let magic: UInt32 = 0x1BAD_B002
    /// It stands whole within the first bytes of the file, at a multiple of 4.
    public static let searchedBytes = 8192

    /// Requirements in `flags`.
    enum Flag {
        static let addresses: UInt32 = 1 << 16
        /// Modules on page boundaries, memory information, a video mode; the last is a wish that a
        /// loader without video modes leaves unanswered.
        static let known: UInt32 = 0b111
        /// A loader that does not know one of these must refuse.
        static let required: UInt32 = 0xFFFF
    }

    /// "The address fields": where a file that is no ELF goes. Physical addresses.
    public struct Addresses: Sendable, Equatable {
        public let header: UInt64
        public let load: UInt64
        /// 0: to the end of the file.
        public let loadEnd: UInt64
        /// 0: no zeros behind it.
        public let bssEnd: UInt64
        public let entry: UInt64
    }

    /// In the file.
    public let offset: Int
    public let flags: UInt32
    /// nil: an ELF file's own headers say it.
    public let addresses: Addresses?

    /// The first valid header; nil where there is none.
    public init?(in bytes: [UInt8]) {
        let searched = LittleEndianBytes(bytes: Array(bytes.prefix(Self.searchedBytes)))
        for offset in stride(from: 0, to: searched.count, by: 4)
        where searched.word(offset) == Self.magic {
            if let header = MultibootHeader(searched, offset) {
                self = header
                return
            }
        }
        return nil
    }

    private init?(_ bytes: LittleEndianBytes, _ offset: Int) {
        guard let flags = bytes.word(offset + 4), let checksum = bytes.word(offset + 8),
            Self.magic &+ flags &+ checksum == 0
        else { return nil }
        self.offset = offset
        self.flags = flags
        guard flags & Flag.addresses != 0 else {
            addresses = nil
            return
        }
        let values = (0..<5).compactMap { bytes.value(offset + 12 + 4 * $0, size: 4) }
        guard values.count == 5 else { return nil }
        addresses = Addresses(
            header: values[0], load: values[1], loadEnd: values[2], bssEnd: values[3],
            entry: values[4])
    }

    /// Whether a magic number is there that its checksum does not confirm.
    static func hasBrokenHeader(_ bytes: [UInt8]) -> Bool {
        let searched = LittleEndianBytes(bytes: Array(bytes.prefix(searchedBytes)))
        return stride(from: 0, to: searched.count, by: 4).contains {
            searched.word($0) == magic && MultibootHeader(searched, $0) == nil
        }
    }
}
