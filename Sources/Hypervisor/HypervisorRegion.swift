import Architecture
import Machine

/// The hypervisor's own memory: RAM that the guest's map does not reach.
struct HypervisorRegion {
    static let size: UInt64 = 2 << 20
    private static let page: UInt64 = 0x1000

    /// Top of the processor's physical address space.
    let base: UInt64
    /// The next page that nothing uses.
    private var next: UInt64

    init(processor: Processor) {
        base = (1 << UInt64(processor.physicalAddressWidth)) - Self.size
        next = base
    }

    var end: UInt64 { base + Self.size }

    /// A page of zeroes, or nil when the region is used up.
    mutating func allocate() -> UInt64? {
        guard next < end else { return nil }
        defer { next += Self.page }
        return next
    }
}

/// The map from guest-physical to host-physical: identity, in 2 MiB pages, extended on demand.
/// SDM 3C, 29.3.2 "EPT Translation Mechanism".
struct IdentityMap {
    private static let all: UInt64 = 7
    /// Write-back, in bits 5:3 of a leaf.
    private static let writeBack: UInt64 = 6 << 3
    private static let largePage: UInt64 = 0x80
    private static let addressMask: UInt64 = 0x000F_FFFF_FFFF_F000

    let root: UInt64

    /// EPTP: write-back, a walk of four levels.
    var pointer: UInt64 { root | 6 | 3 << 3 }

    init?(_ region: inout HypervisorRegion, _ machine: inout Machine) {
        guard let root = region.allocate() else { return nil }
        self.root = root
        for gigabyte in UInt64(0)..<4 {
            for page in UInt64(0)..<512 {
                guard map(gigabyte << 30 | page << 21, &region, &machine) else { return nil }
            }
        }
    }

    /// Maps the 2 MiB around a guest-physical address to itself; the hypervisor's own memory to an
    /// address where no RAM answers. False where the region for tables is used up.
    func map(
        _ address: UInt64, _ region: inout HypervisorRegion, _ machine: inout Machine
    ) -> Bool {
        var table = root
        for level in [UInt64(4), 3] {
            let slot = table + (address >> (12 + (level - 1) * 9) & 511) * 8
            let entry = machine.readPhysical(slot, size: 8)
            if entry & Self.all != 0 {
                table = entry & Self.addressMask
                continue
            }
            guard let fresh = region.allocate() else { return false }
            machine.writePhysical(slot, fresh | Self.all, size: 8)
            table = fresh
        }
        let page = address & ~(HypervisorRegion.size - 1)
        let target = page == region.base ? page - HypervisorRegion.size : page
        let slot = table + (address >> 21 & 511) * 8
        machine.writePhysical(
            slot, target | Self.writeBack | Self.largePage | Self.all, size: 8)
        return true
    }
}
