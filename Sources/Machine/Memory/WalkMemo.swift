/// What walks of the paging structures have found, so that a walk is not made again that would read
/// the same entries again.
///
/// A walk follows from where it starts, which is its ``Key``, and from the entries that it reads.
/// Where each of them still reads as the walk left it, another would find the same and set no flag:
/// memory is asked each time, so this is nothing that a guest could notice.
///
/// Without VPIDs every VM entry and VM exit forgets all translations, and the first fetch behind it
/// walks. Those walks were a third of the host's instructions for an exit and the entry after it.
struct WalkMemo {
    /// All that a walk depends on besides the entries that it reads.
    struct Key: Equatable {
        static let none: UInt64 = ~0

        /// Linear address >> 12, or `none`.
        var page = Key.none
        /// CR3, or the PDPTE where PAE paging begins.
        var root: UInt64 = 0
        var cr0: UInt64 = 0
        var cr4: UInt64 = 0
        var efer: UInt64 = 0
        /// The local APIC's page: there, tables would be registers.
        var apicPage: UInt64 = 0
    }

    private struct Trail {
        var key = Key()
        /// Of the memory in whose pages the entries are.
        var generation: UInt64 = 0
        var levels = 0
        var entrySize = 0
        var places = InlineArray<4, UnsafeRawPointer?>(repeating: nil)
        var values = InlineArray<4, UInt64>(repeating: 0)
        var found = TranslationCache.Entry()
    }

    /// The entries that a walk reads, from the top, as it leaves them.
    struct Steps {
        fileprivate(set) var levels = 0
        fileprivate var addresses = InlineArray<4, UInt64>(repeating: 0)
        fileprivate var values = InlineArray<4, UInt64>(repeating: 0)

        @inline(always)
        mutating func append(_ address: UInt64, _ value: UInt64) {
            guard levels < 4 else { return }
            addresses[levels] = address
            values[levels] = value
            levels &+= 1
        }
    }

    private static let count = 64

    private let trails: UnsafeMutablePointer<Trail>
    private let storage: Storage

    /// Frees the trails with their owner.
    private final class Storage {
        let trails: UnsafeMutablePointer<Trail>

        init() {
            trails = .allocate(capacity: WalkMemo.count)
            trails.initialize(repeating: Trail(), count: WalkMemo.count)
        }

        deinit { trails.deallocate() }
    }

    init() {
        storage = Storage()
        trails = storage.trails
    }

    private func trail(_ page: UInt64) -> UnsafeMutablePointer<Trail> {
        trails.advanced(by: Int(truncatingIfNeeded: page & UInt64(Self.count - 1)))
    }

    /// What a walk would find now; nil where it must be made to know.
    func find(_ key: borrowing Key, in memory: borrowing PhysicalMemory) -> TranslationCache.Entry?
    {
        let trail = trail(key.page)
        guard trail.pointee.key == key, trail.pointee.generation == memory.generation else {
            return nil
        }
        for level in 0..<trail.pointee.levels {
            let now = trail.pointee.places[level]?.loadLittleEndian(
                0, size: trail.pointee.entrySize)
            guard now == trail.pointee.values[level] else { return nil }
        }
        return trail.pointee.found
    }

    /// Keeps what a walk has found. It must have read plain RAM alone.
    func keep(
        _ found: TranslationCache.Entry, _ key: Key, _ steps: Steps, entrySize: Int,
        in memory: borrowing PhysicalMemory
    ) {
        let trail = trail(key.page)
        trail.pointee.key.page = Key.none
        for level in 0..<steps.levels {
            let address = steps.addresses[level]
            guard address & ~0xFFF != key.apicPage, let page = memory.pageForReading(address)
            else { return }
            trail.pointee.places[level] = page + Int(address & 0xFFF)
        }
        trail.pointee.levels = steps.levels
        trail.pointee.values = steps.values
        trail.pointee.entrySize = entrySize
        trail.pointee.generation = memory.generation
        trail.pointee.found = found
        trail.pointee.key = key
    }

    /// Before pages of memory are freed, or others take their place.
    func forgetAll() {
        for index in 0..<Self.count { trails[index].key.page = Key.none }
    }
}
