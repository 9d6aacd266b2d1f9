/// What walks of the paging structures have found, so that a walk is not made again that would read
/// the same entries again.
///
/// A walk follows from where it starts, which is its ``Key``, and from the entries that it reads.
/// Where each of them is still as the walk left it, another would find the same and set no flag.
/// Memory is asked each time, so this is nothing that a guest could notice.
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

    /// A walk that was made.
    private struct Trail {
        var key = Key()
        /// Of the memory in whose pages the entries are.
        var generation: UInt64 = 0
        var levels = 0
        /// The quadwords that its entries are or lie in, and what they were when it had ended.
        var places = InlineArray<4, UnsafePointer<UInt64>?>(repeating: nil)
        var values = InlineArray<4, UInt64>(repeating: 0)
        var found = TranslationCache.Entry()

        @inline(__always) var isUnchanged: Bool {
            for level in 0..<levels {
                guard let place = places[unchecked: level],
                    place.pointee == values[unchecked: level]
                else { return false }
            }
            return true
        }
    }

    /// The addresses of the entries that a walk reads, from the top.
    struct Steps {
        fileprivate var levels = 0
        fileprivate var addresses = InlineArray<4, UInt64>(repeating: 0)

        @inline(__always)
        mutating func append(_ address: UInt64) {
            guard levels < 4 else { return }
            addresses[levels] = address
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

    /// What a walk would find now, where this is known. Good until something else is kept.
    @inline(__always)
    func find(
        _ key: Key, in memory: borrowing PhysicalMemory
    ) -> UnsafePointer<TranslationCache.Entry>? {
        let trail = trail(key.page)
        guard trail.pointee.key == key, trail.pointee.generation == memory.generation,
            trail.pointee.isUnchanged
        else { return nil }
        return UnsafePointer(trail).pointer(to: \.found)
    }

    /// Keeps what a walk has found, if it read plain RAM alone.
    func keep(
        _ found: TranslationCache.Entry, _ key: Key, _ steps: Steps,
        in memory: borrowing PhysicalMemory
    ) {
        let trail = trail(key.page)
        trail.pointee.key.page = Key.none
        for level in 0..<steps.levels {
            let address = steps.addresses[level]
            guard address & ~0xFFF != key.apicPage, let page = memory.pageForReading(address)
            else { return }
            let place = (page + Int(address & 0xFF8)).assumingMemoryBound(to: UInt64.self)
            trail.pointee.places[level] = place
            trail.pointee.values[level] = place.pointee
        }
        trail.pointee.levels = steps.levels
        trail.pointee.generation = memory.generation
        trail.pointee.found = found
        trail.pointee.key = key
    }

    /// Before pages of memory are freed, or others take their place.
    func forgetAll() {
        for index in 0..<Self.count { trails[index].key.page = Key.none }
    }
}
