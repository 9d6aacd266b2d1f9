/// Who accesses memory, and how. SDM 3A, "Determination of Access Rights".
struct MemoryAccess: Sendable, Equatable {
    enum Kind: UInt8, Sendable { case read, write, execute }

    var kind: Kind
    /// CPL 3. Implicit accesses, as to descriptor tables, are the supervisor's at any CPL.
    var isUser: Bool
    /// An access that the processor makes on its own, which SMAP never excuses.
    var isImplicit = false

    static func supervisor(_ kind: Kind) -> Self { .init(kind: kind, isUser: false, isImplicit: true) }

    /// Its bit among ``TranslationCache/Entry/allowed``.
    @inline(__always) var bit: UInt8 { 1 << (kind.rawValue + (isUser ? 3 : 0)) }
}

/// The translation lookaside buffer: linear page to physical page with the rights of the walk.
///
/// Architectural, in that a stale entry stays until it is invalidated; each entry also carries the
/// host's pointer to the page, where plain RAM answers.
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
        var readPointer: UnsafeRawPointer?
        var writePointer: UnsafeMutableRawPointer?
    }

    static let count = 1024

    private let entries: UnsafeMutableBufferPointer<Entry>
    private let storage: Storage

    /// Frees the entries with their owner.
    private final class Storage {
        let entries: UnsafeMutableBufferPointer<Entry>
        init() {
            entries = .allocate(capacity: TranslationCache.count)
            entries.initialize(repeating: Entry())
        }
        deinit { entries.deallocate() }
    }

    init() {
        storage = Storage()
        entries = storage.entries
    }

    @inline(__always) subscript(linear: UInt64) -> Entry {
        get { entries[slot(linear)] }
        nonmutating set { entries[slot(linear)] = newValue }
    }

    @inline(__always) private func slot(_ linear: UInt64) -> Int {
        Int(truncatingIfNeeded: (linear >> 12) & UInt64(Self.count - 1))
    }

    func flush(keepingGlobal: Bool = false) {
        for index in entries.indices where !(keepingGlobal && entries[index].isGlobal) {
            entries[index].page = Entry.none
        }
    }

    func invalidate(_ linear: UInt64) {
        if self[linear].page == linear >> 12 { entries[slot(linear)].page = Entry.none }
    }

    /// After pages moved or became shared in host memory. Translations stay.
    func dropHostPointers() {
        for index in entries.indices {
            entries[index].readPointer = nil
            entries[index].writePointer = nil
        }
    }

    /// So that writes to this page are seen, as decoded code lies there.
    func dropWritePointers(physicalPage: UInt64) {
        for index in entries.indices where entries[index].physical == physicalPage {
            entries[index].writePointer = nil
        }
    }
}
