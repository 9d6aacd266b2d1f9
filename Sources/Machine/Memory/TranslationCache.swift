/// Who accesses memory, and how. SDM 3A, "Determination of Access Rights".
struct MemoryAccess: Sendable, Equatable {
    enum Kind: UInt8, Sendable { case read, write, execute }

    var kind: Kind
    /// CPL 3. Implicit accesses, as to descriptor tables, are the supervisor's at any CPL.
    var isUser: Bool
    /// An access that the processor makes on its own, which SMAP never excuses.
    var isImplicit = false
    /// An operand that is aligned by other rules than its size has been checked already.
    var checksAlignment = true

    static func supervisor(_ kind: Kind) -> Self {
        .init(kind: kind, isUser: false, isImplicit: true)
    }

    /// Its bit among ``TranslationCache/Entry/allowed``.
    @inline(always) var bit: UInt8 { 1 << (kind.rawValue + (isUser ? 3 : 0)) }
}

/// What a cached translation is tagged with: it counts only while all of it is in force.
/// SDM 3C, 29.4.1 "Information That May Be Cached".
struct TranslationContext: Sendable, Equatable {
    /// 0 outside non-root operation, and in it without "enable VPID".
    var vpid: UInt16 = 0
    /// 0 without CR4.PCIDE.
    var pcid: UInt16 = 0
    /// Address of the EPT PML4 table with bit 0 set; 0 where EPT is not in use.
    var ept: UInt64 = 0
}

/// The translation lookaside buffer: linear page to physical page with the rights of the walk.
///
/// Architectural, in that a stale entry stays until it is invalidated, even while other contexts
/// are in force; each entry also knows the host's address of the page, where plain RAM answers, so
/// that most accesses go straight there.
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
        /// The page that the guest's tables map is 2 to this bytes.
        var pageShift: UInt8 = 12
        /// The tag of its context, and of what it shares with other PCIDs.
        var tag: UInt16 = 0
        var sharedTag: UInt16 = 0
        /// Linear address of the page plus the context's tag, for each ``Way`` on which an access
        /// needs no further look, else `none`, which is no page's address.
        var ways = InlineArray<4, UInt64>(repeating: Entry.none)
        /// What to add to a linear address for the host's.
        var host: UInt = 0
    }

    /// Explicit data accesses, by kind and privilege: the rows of ``Entry/ways``.
    struct Way {
        let index: Int

        /// `user`: ``ProcessorState/userBit``.
        @inline(always) static func read(user: UInt8) -> Way { Way(index: Int(user & 1)) }
        @inline(always) static func write(user: UInt8) -> Way { Way(index: Int(2 | user & 1)) }
    }

    static let count = 1024

    private let entries: UnsafeMutablePointer<Entry>
    private let book: UnsafeMutablePointer<Book>
    private let storage: Storage
    let walks = WalkMemo()
    /// Of the context in force: what ``Entry/ways`` carry in their low twelve bits.
    private(set) var tag: UInt64 = 0 { didSet { wayTag = isClosed ? 0 : tag } }
    /// No way straight to host memory counts: every access is to be looked at.
    var isClosed = false { didSet { wayTag = isClosed ? 0 : tag } }
    /// The tag, or 0, which no way carries.
    private var wayTag: UInt64 = 0
    private var sharedTag: UInt16 = 0
    private(set) var context = TranslationContext()

    /// A context that has translations, by its numbers.
    fileprivate struct Tagged {
        var context: TranslationContext
        var tag: UInt16
        /// That of all contexts that differ in their PCID alone: global pages count in them all.
        var sharedTag: UInt16
    }

    /// What is known of the contexts. It lies beside the entries, behind a pointer: as a class's
    /// properties each access would be checked at run time.
    fileprivate struct Book {
        var contexts: [Tagged] = []
        var nextTag: UInt16 = 1
        /// Some entry is part of a page larger than 4 KiB.
        var hasLargePages = false
    }

    /// Frees the entries and the book with their owner.
    private final class Storage {
        let entries: UnsafeMutablePointer<Entry>
        let book: UnsafeMutablePointer<Book>

        init() {
            entries = .allocate(capacity: TranslationCache.count)
            entries.initialize(repeating: Entry(), count: TranslationCache.count)
            book = .allocate(capacity: 1)
            book.initialize(to: Book())
            book.pointee.contexts.reserveCapacity(TranslationCache.mostContexts)
        }

        deinit {
            entries.deallocate()
            book.deinitialize(count: 1)
            book.deallocate()
        }
    }

    init() {
        storage = Storage()
        entries = storage.entries
        book = storage.book
        select(TranslationContext())
    }

    // MARK: Looking up

    @inline(always) private func slot(_ linear: UInt64) -> Int {
        Int(truncatingIfNeeded: (linear &>> 12) & UInt64(Self.count - 1))
    }

    /// The translation of this page in the context in force. Good until another is kept.
    @inline(__always)
    func find(_ linear: UInt64) -> UnsafePointer<Entry>? {
        let entry = UnsafePointer(entries.advanced(by: slot(linear)))
        guard entry.pointee.page == linear >> 12 else { return nil }
        let isShared = entry.pointee.isGlobal && entry.pointee.sharedTag == sharedTag
        return UInt64(entry.pointee.tag) == tag || isShared ? entry : nil
    }

    /// Keeps a translation for the context in force.
    func insert(_ entry: Entry, at linear: UInt64) {
        let place = entries.advanced(by: slot(linear))
        place.pointee = entry
        place.pointee.tag = UInt16(truncatingIfNeeded: tag)
        place.pointee.sharedTag = sharedTag
        if entry.pageShift > 12 { book.pointee.hasLargePages = true }
    }

    /// Where the bytes are in the host, if the access needs no further look: its last byte must lie
    /// in the page that the entry of its first byte has.
    @inline(always)
    func host(_ linear: UInt64, size: Int, _ way: Way) -> UnsafeMutableRawPointer? {
        let entry = entries.advanced(by: slot(linear))
        let last = (linear &+ UInt64(truncatingIfNeeded: size &- 1)) & ~0xFFF
        guard entry.pointee.ways[unchecked: way.index] == last | wayTag else { return nil }
        return UnsafeMutableRawPointer(
            bitPattern: entry.pointee.host &+ UInt(truncatingIfNeeded: linear))
    }

    // MARK: Contexts

    /// As many contexts as are told apart; the oldest gives way.
    private static let mostContexts = 64
    /// A tag has twelve bits; all ones would be ``Entry/none``.
    private static let lastTag: UInt16 = 0xFFE

    /// From here on translations of this context count.
    mutating func select(_ context: TranslationContext) {
        if let known = book.pointee.contexts.first(where: { $0.context == context }) {
            (tag, sharedTag) = (UInt64(known.tag), known.sharedTag)
        } else {
            if book.pointee.contexts.count == Self.mostContexts {
                book.pointee.contexts.removeFirst()
            }
            if book.pointee.nextTag >= Self.lastTag { forgetAll() }
            let fresh = freshTag()
            let relative = book.pointee.contexts.first {
                $0.context.vpid == context.vpid && $0.context.ept == context.ept
            }
            let shared = relative?.sharedTag ?? fresh
            book.pointee.contexts.append(Tagged(context: context, tag: fresh, sharedTag: shared))
            (tag, sharedTag) = (UInt64(fresh), shared)
        }
        self.context = context
    }

    /// Forgets the contexts of VPID 0000H, and from here on translations of `next` count.
    mutating func renew(thenSelecting next: TranslationContext) {
        // Two for each exit and the entry after it: nearly always there is but one context.
        guard book.pointee.contexts.count == 1, book.pointee.nextTag < Self.lastTag,
            book.pointee.contexts[0].context.vpid == 0
        else { return forget(thenSelecting: next) { $0.vpid == 0 } }
        let fresh = freshTag()
        book.pointee.contexts[0] = Tagged(context: next, tag: fresh, sharedTag: fresh)
        (tag, sharedTag) = (UInt64(fresh), fresh)
        context = next
    }

    /// Tags are used once, the two kinds apart; before they run out, everything is forgotten.
    private func freshTag() -> UInt16 {
        defer { book.pointee.nextTag += 1 }
        return book.pointee.nextTag
    }

    private func forgetAll() {
        for index in 0..<Self.count { entries[index] = Entry() }
        book.pointee.contexts.removeAll(keepingCapacity: true)
        book.pointee.nextTag = 1
        book.pointee.hasLargePages = false
    }

    /// What counts in a context, with the context that it was kept for.
    var remembered: [(entry: Entry, context: TranslationContext)] {
        (0..<Self.count).compactMap { index in
            let entry = entries[index]
            guard entry.page != Entry.none else { return nil }
            let tagged = book.pointee.contexts.first {
                $0.tag == entry.tag || entry.isGlobal && $0.sharedTag == entry.sharedTag
            }
            return tagged.map { (entry, $0.context) }
        }
    }

    // MARK: Snapshots

    /// All that it remembers, apart from where pages are in the host.
    struct Contents: Sendable {
        fileprivate struct Saved {
            let page: UInt64
            let physical: UInt64
            let allowed: UInt8
            let isGlobal: Bool
            let pageShift: UInt8
            let tag: UInt16
            let sharedTag: UInt16
        }

        fileprivate let entries: [Saved]
        fileprivate let book: Book
        fileprivate let tag: UInt64
        fileprivate let sharedTag: UInt16
        fileprivate let context: TranslationContext
        fileprivate let isClosed: Bool
    }

    var contents: Contents {
        get {
            let used = (0..<Self.count).lazy.map { entries[$0] }.filter { $0.page != Entry.none }
            return Contents(
                entries: used.map {
                    Contents.Saved(
                        page: $0.page, physical: $0.physical, allowed: $0.allowed,
                        isGlobal: $0.isGlobal, pageShift: $0.pageShift, tag: $0.tag,
                        sharedTag: $0.sharedTag)
                }, book: book.pointee, tag: tag, sharedTag: sharedTag, context: context,
                isClosed: isClosed)
        }
        set {
            walks.forgetAll()
            for index in 0..<Self.count { entries[index] = Entry() }
            for saved in newValue.entries {
                var entry = Entry()
                entry.page = saved.page
                entry.physical = saved.physical
                entry.allowed = saved.allowed
                entry.isGlobal = saved.isGlobal
                entry.pageShift = saved.pageShift
                entry.tag = saved.tag
                entry.sharedTag = saved.sharedTag
                entries[slot(saved.page << 12)] = entry
            }
            book.pointee = newValue.book
            tag = newValue.tag
            sharedTag = newValue.sharedTag
            context = newValue.context
            isClosed = newValue.isClosed
        }
    }

    // MARK: Invalidating

    /// Forgets the translations of contexts, but for global pages if they are to be kept; then the
    /// context in force is `next`, or the same as before.
    mutating func forget(
        keepingGlobal: Bool = false, thenSelecting next: TranslationContext? = nil,
        where matches: (TranslationContext) -> Bool
    ) {
        if keepingGlobal {
            if book.pointee.nextTag &+ UInt16(Self.mostContexts) > Self.lastTag { forgetAll() }
            for index in book.pointee.contexts.indices
            where matches(book.pointee.contexts[index].context) {
                book.pointee.contexts[index].tag = freshTag()
            }
        } else {
            book.pointee.contexts.removeAll { matches($0.context) }
        }
        select(next ?? context)
    }

    /// Forgets a page's translations in contexts; a page larger than 4 KiB as a whole.
    func forget(
        page linear: UInt64, keepingGlobal: Bool = false,
        where matches: (TranslationContext) -> Bool
    ) {
        let affected = book.pointee.contexts.filter { matches($0.context) }
        func drop(_ index: Int) {
            let entry = entries[index]
            guard entry.page != Entry.none, !(keepingGlobal && entry.isGlobal) else { return }
            let shift = UInt64(entry.pageShift)
            guard (entry.page &<< 12) &>> shift == linear &>> shift else { return }
            let counts = affected.contains {
                $0.tag == entry.tag || entry.isGlobal && $0.sharedTag == entry.sharedTag
            }
            if counts { entries[index] = Entry() }
        }
        if book.pointee.hasLargePages {
            for index in 0..<Self.count { drop(index) }
        } else {
            drop(slot(linear))
        }
    }

    /// After pages moved or became shared in host memory. Translations stay.
    func dropHostPointers() {
        for index in 0..<Self.count { entries[index].ways = .init(repeating: Entry.none) }
    }

    /// So that writes to this page are seen, as decoded code lies there.
    func dropWritePointers(physicalPage: UInt64) {
        for index in 0..<Self.count where entries[index].physical == physicalPage {
            entries[index].ways[Way.write(user: 0).index] = Entry.none
            entries[index].ways[Way.write(user: 1).index] = Entry.none
        }
    }
}
