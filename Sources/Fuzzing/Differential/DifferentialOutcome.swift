import Architecture

/// What one side showed at the end of a sequence.
struct DifferentialOutcome {
    enum End: Equatable {
        case hlt, shutdown
        /// KVM_INTERNAL_ERROR_EMULATION, at this RIP.
        case notEmulated(at: UInt64)
        /// The side gave up: it says nothing of the guest.
        case other(String)
    }

    var end: End
    /// By name: general registers, RIP, RFLAGS, selectors, CR2 behind a page fault.
    var registers: [(name: String, value: UInt64)]
    /// The pages that were written to.
    var pages: [UInt64: [UInt8]]

    /// RIP behind the HLT of the page fault's handler.
    static let pageFaultEnd =
        DifferentialMode.Place.handlers + UInt64(ExceptionVector.pageFault.rawValue) + 1

    func register(_ name: String) -> UInt64 {
        registers.first { $0.name == name }?.value ?? 0
    }

    /// The exception in whose handler the sequence ended.
    var exception: ExceptionVector? {
        let vector = register("rip") &- DifferentialMode.Place.handlers &- 1
        return vector < 32 ? ExceptionVector(rawValue: UInt8(vector)) : nil
    }

    /// A page fault in the upper half of the linear addresses: a kernel without hardware
    /// virtualization has itself there, and the error code shows its pages.
    var isBeyondUser: Bool { (registers.last?.value ?? 0) >> 63 == 1 }

    /// Lines that tell where `other` is not the same, but for what `variants` of this one leave
    /// open, and for what is excused.
    func differences(
        _ other: DifferentialOutcome, variants: [DifferentialOutcome],
        excuse: DifferentialExcuse, page: (UInt64) -> [UInt8]
    ) -> [String] {
        guard end == other.end else { return ["end: model \(end), KVM \(other.end)"] }
        if end == .shutdown { return [] }
        var found: [String] = []
        for (index, pair) in zip(registers, other.registers).enumerated() {
            let open = variants.reduce(excuse.registers[pair.0.name] ?? 0) {
                $0 | ($1.registers[index].value ^ pair.0.value)
            }
            if (pair.0.value ^ pair.1.value) & ~open != 0 {
                found.append(
                    "\(pair.0.name): model \(pair.0.value.hexText), KVM \(pair.1.value.hexText)")
            }
        }
        for address in Set(pages.keys).union(other.pages.keys).sorted() {
            let mine = pages[address] ?? page(address)
            let theirs = other.pages[address] ?? page(address)
            guard mine != theirs else { continue }
            let others = variants.map { $0.pages[address] ?? page(address) }
            for (offset, byte) in mine.enumerated() where byte != theirs[offset] {
                let excused = excuse.memory[address + UInt64(offset)] ?? 0
                let open = others.reduce(excused) { $0 | ($1[offset] ^ byte) }
                guard (byte ^ theirs[offset]) & ~open != 0, found.count < 12 else { continue }
                let place = (address + UInt64(offset)).hexText
                found.append(
                    "memory at \(place): model \([byte].hexText), KVM \([theirs[offset]].hexText)")
            }
        }
        return found
    }
}

extension UInt64 {
    var hexText: String { "0x" + String(self, radix: 16) }
}
