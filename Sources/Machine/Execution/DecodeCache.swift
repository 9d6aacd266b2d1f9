import InstructionSet

/// A decoded instruction where the cache keeps it: reading a part of it copies nothing else.
@dynamicMemberLookup
struct DecodedInstruction {
    fileprivate let place: UnsafePointer<DecodeCache.Entry>

    @inline(always)
    subscript<Part>(dynamicMember path: KeyPath<Instruction, Part>) -> Part {
        place.pointee.instruction[keyPath: path]
    }

    @inline(always) var body: InstructionBody { place.pointee.body }
    @inline(always) var shape: OperandShape { place.pointee.shape }

    /// Offsets in its page: of its first byte, of the one behind it, and of its run's last one.
    @inline(always) var start: UInt64 { UInt64(place.pointee.start) }
    @inline(always) var end: UInt64 { UInt64(place.pointee.end) }
    @inline(always) var lastOfRun: UInt64 { UInt64(place.pointee.lastOfRun) }

    /// Bits of an offset that the memory operand's address size leaves.
    @inline(always) var addressMask: UInt64 { place.pointee.addressMask }
    /// The bit of ``ProcessorState/flatSegments`` that tells whether offsets of the memory operand
    /// are linear addresses.
    @inline(always) var flatSegment: UInt8 { place.pointee.flatSegment }

    /// Whether the cache has the instruction behind it too, in the next place.
    @inline(always) var isFollowed: Bool { place.pointee.isFollowed }
    @inline(always) var follower: DecodedInstruction {
        DecodedInstruction(place: place.advanced(by: 1))
    }

    /// Where this jump led last.
    @inline(always) var target: DecodedInstruction {
        DecodedInstruction(place: place.pointee.link)
    }

    /// A copy of the whole.
    var instruction: Instruction { place.pointee.instruction }
}

/// Decoded instructions, so that code is decoded once: runs of them as they follow one another in
/// memory, found by the physical address of the first.
///
/// A run ends at the latest with its page, and with an instruction that goes elsewhere always or
/// may change what fetching depends on. Running through it needs no look-up.
struct DecodeCache {
    struct Entry {
        var instruction: Instruction
        var body: InstructionBody
        var shape: OperandShape
        var isFollowed = false
        var flatSegment: UInt8
        var start: UInt16
        var end: UInt16
        var lastOfRun: UInt16
        /// Where it jumped last, and what that was found by. Good for this version of the cache only.
        var linkVersion: UInt64 = 0
        var linkKey: UInt64 = 0
        var link: UnsafePointer<Entry>
        var addressMask: UInt64

        /// A run of one instruction.
        ///
        /// `place`: where the entry will be.
        init(
            _ instruction: Instruction, at offset: UInt64, _ size: CodeSize,
            place: UnsafePointer<Entry>
        ) {
            self.instruction = instruction
            link = place
            start = UInt16(truncatingIfNeeded: offset & 0xFFF)
            end = start &+ UInt16(instruction.length)
            lastOfRun = end &- 1
            shape = OperandShape(instruction)
            body = InstructionBody(instruction, shape, at: start)
            flatSegment = ProcessorState.flatBit(instruction.segment, size)
            addressMask = Machine.mask(instruction.addressSize)
        }
    }

    private struct Run {
        static let none: UInt64 = ~0
        /// Of the first instruction, or `none`.
        var key = Run.none
        var first: UnsafePointer<Entry>
    }

    /// What is known about a page with decoded code.
    private struct CodePage {
        /// A bit for each byte that is part of a decoded instruction.
        var bytes = InlineArray<64, UInt64>(repeating: 0)
        /// Slots of the runs that begin in the page, possibly taken over by others since.
        var slots: [Int] = []
        /// RIP less physical address, of who had its runs decoded.
        var distance: UInt64 = 0
    }

    /// Instructions in a run.
    static let longestRun = 32
    private static let runCount = 16384
    private static let capacity = 65536

    private final class Storage {
        let runs: UnsafeMutablePointer<Run>
        let entries: UnsafeMutablePointer<Entry>
        /// Entries in use.
        var used = 0
        var pages: [UInt64: CodePage] = [:]

        init() {
            runs = .allocate(capacity: DecodeCache.runCount)
            // The last is for an instruction that is decoded each time.
            entries = .allocate(capacity: DecodeCache.capacity + 1)
            runs.initialize(repeating: Run(first: entries), count: DecodeCache.runCount)
        }

        deinit {
            runs.deallocate()
            entries.deallocate()
        }
    }

    private let storage: Storage
    private let runs: UnsafeMutablePointer<Run>
    /// Another whenever a run is forgotten.
    private var version: UInt64 = 1

    init() {
        storage = Storage()
        runs = storage.runs
    }

    /// What an address is looked up by; the offset in its page can be added later.
    static func key(_ physical: UInt64, _ size: CodeSize) -> UInt64 {
        physical | UInt64(size.rawValue) << 58
    }

    /// The address of the page in a key.
    static func physicalPage(_ key: UInt64) -> UInt64 { key & 0x03FF_FFFF_FFFF_F000 }

    @inline(always) private func slot(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: key & UInt64(Self.runCount - 1))
    }

    /// The run that begins at this key's address.
    @inline(always)
    func find(_ key: UInt64) -> DecodedInstruction? {
        let run = runs.advanced(by: slot(key))
        return run.pointee.key == key ? DecodedInstruction(place: run.pointee.first) : nil
    }

    /// Whether a jump remembers where it led. One with a single target leads there again, and nothing
    /// else is asked.
    @inline(always)
    func knowsTarget(of jump: DecodedInstruction) -> Bool {
        jump.place.pointee.linkVersion == version
    }

    /// The run that begins at this key's address, as the jump that led there remembers it: the
    /// answer then does not wait for the address.
    @inline(always)
    func find(_ key: UInt64, from jump: DecodedInstruction) -> DecodedInstruction? {
        let entry = UnsafeMutablePointer(mutating: jump.place)
        if entry.pointee.linkKey == key, entry.pointee.linkVersion == version {
            return jump.target
        }
        guard let found = find(key) else { return nil }
        entry.pointee.linkKey = key
        entry.pointee.linkVersion = version
        entry.pointee.link = found.place
        return found
    }

    /// Keeps a run that was decoded from one page; it has at least one instruction.
    mutating func insert(
        _ instructions: [Instruction], at physical: UInt64, _ size: CodeSize, distance: UInt64
    ) -> DecodedInstruction {
        if storage.used + instructions.count > Self.capacity { forgetAll() }
        let first = storage.entries.advanced(by: storage.used)
        var page = storage.pages[physical >> 12] ?? CodePage()
        var offset = physical & 0xFFF
        for (index, instruction) in instructions.enumerated() {
            let place = first.advanced(by: index)
            var entry = Entry(instruction, at: offset, size, place: place)
            entry.isFollowed = index + 1 < instructions.count
            place.initialize(to: entry)
            for _ in 0..<instruction.length {
                page.bytes[Int(offset >> 6 & 63)] |= 1 << (offset & 63)
                offset += 1
            }
        }
        for index in instructions.indices {
            first[index].lastOfRun = UInt16(truncatingIfNeeded: offset &- 1)
        }
        storage.used += instructions.count
        let key = Self.key(physical, size)
        runs[slot(key)] = Run(key: key, first: first)
        page.slots.append(slot(key))
        page.distance = distance
        storage.pages[physical >> 12] = page
        return DecodedInstruction(place: first)
    }

    /// For an instruction that is decoded each time.
    func keepOnce(
        _ instruction: Instruction, at linear: UInt64, _ size: CodeSize
    ) -> DecodedInstruction {
        let entry = storage.entries.advanced(by: Self.capacity)
        entry.initialize(to: Entry(instruction, at: linear, size, place: entry))
        return DecodedInstruction(place: entry)
    }

    func holdsCode(physicalPage: UInt64) -> Bool { storage.pages[physicalPage >> 12] != nil }

    /// Before a write to these bytes: code that it changes is decoded again. Answers whether there
    /// was any.
    mutating func forget(_ physical: UInt64, size: Int) -> Bool {
        let inFirst = min(size, Self.pageSize - Int(physical & 0xFFF))
        let first = forget(physical, inPage: inFirst)
        guard size > inFirst else { return first }
        return forget(physical &+ UInt64(inFirst), inPage: size - inFirst) || first
    }

    private static let pageSize = 4096

    private mutating func forget(_ physical: UInt64, inPage size: Int) -> Bool {
        guard let page = storage.pages[physical >> 12] else { return false }
        let first = Int(physical & 0xFFF)
        let isCode = (first..<(first + size)).contains { offset in
            page.bytes[offset >> 6] >> UInt64(offset & 63) & 1 == 1
        }
        guard isCode else { return false }
        forget(runsOf: page, at: physical)
        return true
    }

    private mutating func forget(runsOf page: CodePage, at physical: UInt64) {
        for slot in page.slots where Self.physicalPage(runs[slot].key) == physical & ~0xFFF {
            runs[slot].key = Run.none
        }
        storage.pages[physical >> 12] = CodePage()
        version &+= 1
    }

    /// Runs are cut where breakpoints are, and those are told by RIP: seen at other RIPs, the page
    /// is decoded again.
    mutating func forget(page physical: UInt64, unlessSeenFrom distance: UInt64) {
        guard let page = storage.pages[physical >> 12], page.distance != distance else { return }
        forget(runsOf: page, at: physical)
    }

    /// The pages still count as code, as translations may have been made for them.
    mutating func forgetAll() {
        for index in 0..<Self.runCount { runs[index].key = Run.none }
        for page in storage.pages.keys { storage.pages[page] = CodePage() }
        storage.used = 0
        version &+= 1
    }
}
