import InstructionSet

/// Decoded instructions by physical address, so that code is decoded once.
struct DecodeCache {
    struct Entry {
        static let none: UInt64 = ~0

        /// Physical address with the code size in the top bits, or `none`.
        var key = Entry.none
        var instruction: Instruction
    }

    static let count = 16384

    private final class Storage {
        let entries: UnsafeMutableBufferPointer<Entry>
        /// A bit for each page slot that may hold decoded code.
        var pages: Set<UInt64> = []

        init() {
            entries = .allocate(capacity: DecodeCache.count)
            entries.initialize(repeating: Entry(instruction: .empty))
        }
        deinit { entries.deallocate() }
    }

    private let storage = Storage()
    private let entries: UnsafeMutableBufferPointer<Entry>

    init() { entries = storage.entries }

    @inline(__always) private func key(_ physical: UInt64, _ size: CodeSize) -> UInt64 {
        physical | UInt64(size.rawValue) << 58
    }

    @inline(__always) private func slot(_ physical: UInt64) -> Int {
        Int(truncatingIfNeeded: physical & UInt64(Self.count - 1))
    }

    @inline(__always)
    func find(_ physical: UInt64, _ size: CodeSize) -> Instruction? {
        let index = slot(physical)
        return entries[index].key == key(physical, size) ? entries[index].instruction : nil
    }

    /// The instruction lies within one page: others are decoded each time.
    func insert(_ instruction: Instruction, at physical: UInt64, _ size: CodeSize) {
        entries[slot(physical)] = Entry(key: key(physical, size), instruction: instruction)
        storage.pages.insert(physical >> 12)
    }

    func holdsCode(physicalPage: UInt64) -> Bool { storage.pages.contains(physicalPage >> 12) }

    /// Code that a write to these bytes changes is decoded again.
    func forget(_ physical: UInt64, size: Int) {
        guard storage.pages.contains(physical >> 12) || storage.pages.contains((physical &+ 7) >> 12)
        else { return }
        for offset in 0..<(size + 14) {
            let address = physical &+ UInt64(offset) &- 14
            let index = slot(address)
            if entries[index].key & 0x03FF_FFFF_FFFF_FFFF == address { entries[index].key = Entry.none }
        }
    }
}
