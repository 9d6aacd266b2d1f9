import Architecture

/// A segment descriptor as it lies in memory, eight bytes. SDM 3A, "Segment Descriptors".
struct Descriptor: Equatable {
    var raw: UInt64

    /// With granularity applied.
    var limit: UInt32 {
        let low = UInt32(truncatingIfNeeded: raw & 0xFFFF)
        let high = UInt32(truncatingIfNeeded: (raw >> 32) & 0xF0000)
        let limit = high | low
        return raw >> 55 & 1 == 1 ? limit << 12 | 0xFFF : limit
    }

    var base: UInt64 { (raw >> 16) & 0xFF_FFFF | (raw >> 32) & 0xFF00_0000 }

    /// In the VMCS's format: type, S, DPL, P, AVL, L, D/B, G.
    var access: UInt32 { UInt32(truncatingIfNeeded: (raw >> 40) & 0xF0FF) }

    /// The segment register's contents after loading it with this selector.
    func segment(_ selector: UInt16) -> Segment {
        Segment(selector: selector, base: base, limit: limit, access: access)
    }
}

extension Machine {
    /// The error code that names a selector: RPL cleared, EXT added by the caller.
    static func selectorError(_ selector: UInt16) -> UInt32 { UInt32(selector & 0xFFFC) }

    /// Reads the descriptor of a selector, without any check but the table's limit: nil where the
    /// selector lies outside its table. `address` is the descriptor's linear address.
    mutating func readDescriptor(
        _ selector: UInt16
    ) throws(Abort) -> (descriptor: Descriptor, address: UInt64)? {
        let offset = UInt64(selector & 0xFFF8)
        let base: UInt64
        let limit: UInt64
        if selector & 4 != 0 {
            guard !state.ldtr.isUnusable else { return nil }
            base = state.ldtr.base
            limit = UInt64(state.ldtr.limit)
        } else {
            base = state.gdtr.base
            limit = UInt64(state.gdtr.limit)
        }
        guard offset + 7 <= limit else { return nil }
        let address = wrapped(base &+ offset)
        let raw = try readSlowly(address, 8, .supervisor(.read))
        return (Descriptor(raw: raw), address)
    }

    /// Sets the accessed bit of a code or data descriptor, where it is clear.
    mutating func markAccessed(_ descriptor: inout Descriptor, _ address: UInt64) throws(Abort) {
        guard descriptor.raw >> 40 & 1 == 0 else { return }
        descriptor.raw |= 1 << 40
        let byte = (descriptor.raw >> 40) & 0xFF
        try writeSlowly(wrapped(address &+ 5), byte, 1, .supervisor(.write))
    }

    /// The segment register's contents after loading this descriptor, whose accessed bit is set.
    mutating func accessed(
        _ descriptor: Descriptor, _ address: UInt64, _ selector: UInt16
    ) throws(Abort) -> Segment {
        var descriptor = descriptor
        try markAccessed(&descriptor, address)
        return descriptor.segment(selector)
    }
}
