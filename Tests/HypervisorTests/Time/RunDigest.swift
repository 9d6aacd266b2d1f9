import Hypervisor
import Testing

@testable import Machine

/// All that a run's future depends on, in a form that can be compared: of every field of a snapshot
/// its description, so that what is added later is compared too.
struct RunDigest: Equatable {
    private let parts: [String: String]
    private let pages: [UInt64: Int]

    init(_ run: GuestRun) {
        // Devices are brought up to date when somebody looks at them.
        run.machine.devicesDueAt = 0
        run.machine.attendDevices()
        let snapshot = run.snapshot()
        var parts: [String: String] = [:]
        for (part, owner) in [(snapshot.machine as Any, "machine"), (snapshot, "run")] {
            for child in Mirror(reflecting: part).children {
                guard let name = child.label, !Self.left.contains(name) else { continue }
                parts["\(owner).\(name)"] = String(describing: child.value)
            }
        }
        // An inline array describes none of its elements.
        let state = snapshot.machine.state
        parts["registers"] = "\(state.registers.values)"
        parts["dr"] = "\((0..<4).map { state.dr[$0] })"
        parts["pdptes"] = "\((0..<4).map { state.pdptes[$0] })"
        self.parts = parts
        pages = Self.pages(run)
    }

    /// Compared otherwise, or good for nothing before the run loop has worked it out anew.
    private static let left = ["memory", "machine", "debugging"]

    /// The contents of all pages that are not zero.
    private static func pages(_ run: GuestRun) -> [UInt64: Int] {
        var empty = PhysicalMemory(size: run.configuration.memorySize)
        for bank in run.machine.memory.banks.dropFirst() {
            empty.addBank(base: bank.base, size: bank.size)
        }
        var pages: [UInt64: Int] = [:]
        for address in run.machine.memory.pagesWritten(since: empty) {
            let bytes = run.machine.memory.page(at: address)
            if bytes.contains(where: { $0 != 0 }) { pages[address] = bytes.hashValue }
        }
        return pages
    }

    /// The names of the parts that differ.
    func differences(from other: RunDigest) -> [String] {
        let names = Set(parts.keys).union(other.parts.keys)
        var found = names.filter { parts[$0] != other.parts[$0] }.sorted().map {
            Self.excerpt($0, parts[$0] ?? "", other.parts[$0] ?? "")
        }
        for page in Set(pages.keys).union(other.pages.keys).sorted()
        where pages[page] != other.pages[page] {
            found.append("page 0x\(String(page, radix: 16))")
        }
        return found
    }

    /// Where two descriptions begin to differ.
    private static func excerpt(_ name: String, _ one: String, _ other: String) -> String {
        let same = zip(one, other).prefix { $0 == $1 }.count
        func part(_ text: String) -> String { String(text.dropFirst(max(0, same - 40)).prefix(80)) }
        return "\(name): \(part(one)) | \(part(other))"
    }
}
