import Architecture
import Machine

/// What one side showed of its run.
struct Observation: Sendable {
    var end: ComparedEnd
    /// By gdb's names, in the order in which they are shown; empty where the guest never started.
    var registers: [(name: String, value: UInt64)] = []
    var ports: [PortDatum] = []
    var memory: WrittenMemory
    /// Nil on KVM, which counts nothing.
    var counts: Counts?

    struct Counts: Sendable {
        var steps: UInt64
        var entries: UInt64
        var exits: UInt64
    }

    func register(_ name: String) -> UInt64? {
        registers.first { $0.name == name }?.value
    }

    func value(of item: ComparedItem) -> ComparedValue? {
        switch item {
        case .end: .end(end)
        case .register(let name): register(name).map { .number($0) }
        case .port(let number):
            ports.indices.contains(number - 1) ? .port(ports[number - 1]) : nil
        case .memory(let address): .number(memory.word(at: address))
        case .steps: (counts?.steps).map { .count($0) }
        case .entries: (counts?.entries).map { .count($0) }
        case .exits: (counts?.exits).map { .count($0) }
        case .moreMemory, .field, .reaction: nil
        }
    }
}

/// The guest's memory at the end: what it was at the start, and the pages that were written to.
struct WrittenMemory: Sendable {
    /// More pages than these are not looked at on either side: 16 MiB.
    static let mostPages = 4096

    let start: PhysicalMemory
    /// By address.
    private(set) var pages: [UInt64: [UInt8]] = [:]
    /// Where looking ended: pages from here on are unknown.
    private(set) var end: UInt64

    init(start: PhysicalMemory) {
        self.start = start
        end = start.size
    }

    /// Adds a page that may have been written to.
    mutating func add(_ bytes: [UInt8], at address: UInt64) { pages[address] = bytes }

    /// Says that there is more from an address on.
    mutating func cut(at address: UInt64) { end = min(end, address) }

    func page(at address: UInt64) -> [UInt8] { pages[address] ?? start.page(at: address) }

    /// The eight bytes at a multiple of 8.
    func word(at address: UInt64) -> UInt64 {
        guard let page = pages[address & ~0xFFF] else { return start.read(address, size: 8) }
        let offset = Int(address & 0xFFF)
        return page[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The words that either memory has otherwise than at the start, by rising address.
    func wordsChanged(with other: WrittenMemory) -> [UInt64] {
        let last = min(end, other.end)
        let addresses = Set(pages.keys).union(other.pages.keys).filter { $0 < last }.sorted()
        return addresses.flatMap { address in
            let before = start.page(at: address)
            let (mine, others) = (page(at: address), other.page(at: address))
            return stride(from: 0, to: PhysicalMemory.pageSize, by: 8).filter { offset in
                let place = offset..<offset + 8
                return mine[place] != before[place] || others[place] != before[place]
            }.map { address + UInt64($0) }
        }
    }
}
