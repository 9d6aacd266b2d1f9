/// Who accesses memory, and how. SDM 3A, "Determination of Access Rights".
struct MemoryAccess: Sendable, Equatable {
    enum Kind: UInt8, Sendable { case read, write, execute }

    var kind: Kind
    /// CPL 3. Implicit accesses, as to descriptor tables, are the supervisor's at any CPL.
    var isUser: Bool
    /// An access that the processor makes on its own, which SMAP never excuses.
    var isImplicit = false

    static func supervisor(_ kind: Kind) -> Self {
        .init(kind: kind, isUser: false, isImplicit: true)
    }

    /// Its bit among ``TranslationCache/Entry/allowed``.
    @inline(always) var bit: UInt8 { 1 << (kind.rawValue + (isUser ? 3 : 0)) }
}

/// The translation lookaside buffer: linear page to physical page with the rights of the walk.
///
/// Architectural, in that a stale entry stays until it is invalidated; each entry also knows the
/// host's address of the page, where plain RAM answers, so that most accesses go straight there.
struct TranslationCache {
    struct Entry {
        static let none: UInt64 = ~0

        /// Linear address >> 12, or `none`.
        var page = Entry.none
        /// Physical address of the page.
        var physical: UInt64 = 0
        /// Accesses that the walk's rights allow as CR0.WP, SMEP and SMAP were then.
        var allowed: UInt8 = 0
        var isGlobal = false
        /// Linear address of the page for each ``Way`` on which an access needs no further look,
        /// else `none`, which is no page's address.
        var ways = InlineArray<4, UInt64>(repeating: Entry.none)
        /// What to add to a linear address for the host's.
        var host: UInt = 0
    }

    /// Explicit data accesses, by kind and privilege: the rows of ``Entry/ways``.
    struct Way {
        let index: Int

        @inline(always) static func read(cpl: UInt8) -> Way { Way(index: user(cpl)) }
        @inline(always) static func write(cpl: UInt8) -> Way { Way(index: 2 | user(cpl)) }

        /// 1 for CPL 3, else 0.
        @inline(always) private static func user(_ cpl: UInt8) -> Int { Int(cpl & cpl &>> 1 & 1) }
    }

    static let count = 1024

    private let entries: UnsafeMutablePointer<Entry>
    private let storage: Storage

    /// Frees the entries with their owner.
    private final class Storage {
        let entries: UnsafeMutablePointer<Entry>
        init() {
            entries = .allocate(capacity: TranslationCache.count)
            entries.initialize(repeating: Entry(), count: TranslationCache.count)
        }
        deinit { entries.deallocate() }
    }

    init() {
        storage = Storage()
        entries = storage.entries
    }

    @inline(always) subscript(linear: UInt64) -> Entry {
        get { entries[slot(linear)] }
        nonmutating set { entries[slot(linear)] = newValue }
    }

    @inline(always) private func slot(_ linear: UInt64) -> Int {
        Int(truncatingIfNeeded: (linear &>> 12) & UInt64(Self.count - 1))
    }

    /// Where the bytes are in the host, if the access needs no further look: its last byte must lie
    /// in the page that the entry of its first byte has.
    @inline(always)
    func host(_ linear: UInt64, size: Int, _ way: Way) -> UnsafeMutableRawPointer? {
        let entry = entries.advanced(by: slot(linear))
        let last = (linear &+ UInt64(truncatingIfNeeded: size &- 1)) & ~0xFFF
        guard entry.pointee.ways[unchecked: way.index] == last else { return nil }
        return UnsafeMutableRawPointer(
            bitPattern: entry.pointee.host &+ UInt(truncatingIfNeeded: linear))
    }

    func flush(keepingGlobal: Bool = false) {
        for index in 0..<Self.count where !(keepingGlobal && entries[index].isGlobal) {
            entries[index] = Entry()
        }
    }

    func invalidate(_ linear: UInt64) {
        if self[linear].page == linear >> 12 { entries[slot(linear)] = Entry() }
    }

    /// After pages moved or became shared in host memory. Translations stay.
    func dropHostPointers() {
        for index in 0..<Self.count { entries[index].ways = .init(repeating: Entry.none) }
    }

    /// So that writes to this page are seen, as decoded code lies there.
    func dropWritePointers(physicalPage: UInt64) {
        for index in 0..<Self.count where entries[index].physical == physicalPage {
            entries[index].ways[Way.write(cpl: 0).index] = Entry.none
            entries[index].ways[Way.write(cpl: 3).index] = Entry.none
        }
    }
}
