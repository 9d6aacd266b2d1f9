import InstructionSet

/// A decoded instruction where the cache keeps it: reading a part of it copies nothing else.
@dynamicMemberLookup
struct DecodedInstruction {
    fileprivate let place: UnsafePointer<DecodeCache.Entry>

    @inline(always) var shape: OperandShape { place.pointee.shape }

    /// A copy of the whole.
    var instruction: Instruction { place.pointee.instruction }

    @inline(always)
    subscript<Part>(dynamicMember path: KeyPath<Instruction, Part>) -> Part {
        place.pointee.instruction[keyPath: path]
    }
}

/// Decoded instructions by physical address, so that code is decoded once.
struct DecodeCache {
    struct Entry {
        static let none: UInt64 = ~0

        /// Physical address with the code size in the top bits, or `none`.
        var key = Entry.none
        var instruction = Instruction.empty
        var shape = OperandShape.any

        init() {}

        init(key: UInt64, _ instruction: Instruction) {
            self.key = key
            self.instruction = instruction
            shape = OperandShape(instruction)
        }
    }

    static let count = 16384

    private final class Storage {
        /// The last entry is for an instruction that lies across two pages, and is in no slot.
        let entries: UnsafeMutablePointer<Entry>
        /// Pages that may hold decoded code.
        var pages: Set<UInt64> = []

        init() {
            entries = .allocate(capacity: DecodeCache.count + 1)
            entries.initialize(repeating: Entry(), count: DecodeCache.count + 1)
        }
        deinit { entries.deallocate() }
    }

    private let storage: Storage
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        storage = Storage()
        entries = storage.entries
    }

    /// What an address is looked up by; the offset in its page can be added later.
    static func key(_ physical: UInt64, _ size: CodeSize) -> UInt64 {
        physical | UInt64(size.rawValue) << 58
    }

    @inline(always) private func slot(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: key & UInt64(Self.count - 1))
    }

    @inline(always)
    func find(_ key: UInt64) -> DecodedInstruction? {
        let entry = entries.advanced(by: slot(key))
        return entry.pointee.key == key ? DecodedInstruction(place: entry) : nil
    }

    /// The instruction lies within one page: others are decoded each time.
    func insert(
        _ instruction: Instruction, at physical: UInt64, _ size: CodeSize
    ) -> DecodedInstruction {
        let entry = entries.advanced(by: slot(physical))
        entry.pointee = Entry(key: Self.key(physical, size), instruction)
        storage.pages.insert(physical >> 12)
        return DecodedInstruction(place: entry)
    }

    /// For an instruction that is decoded each time.
    func keepOnce(_ instruction: Instruction) -> DecodedInstruction {
        let entry = entries.advanced(by: Self.count)
        entry.pointee = Entry(key: Entry.none, instruction)
        return DecodedInstruction(place: entry)
    }

    func holdsCode(physicalPage: UInt64) -> Bool { storage.pages.contains(physicalPage >> 12) }

    /// Code that a write to these bytes changes is decoded again.
    func forget(_ physical: UInt64, size: Int) {
        let last = physical &+ UInt64(size - 1)
        guard holdsCode(physicalPage: physical) || holdsCode(physicalPage: last) else { return }
        // An instruction that begins up to fourteen bytes before may reach into them.
        for offset in 0..<(size + 14) {
            let address = physical &+ UInt64(offset) &- 14
            let entry = entries.advanced(by: slot(address))
            if entry.pointee.key & 0x03FF_FFFF_FFFF_FFFF == address { entry.pointee.key = Entry.none }
        }
    }
}
