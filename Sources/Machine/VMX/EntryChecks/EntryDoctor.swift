import Architecture

/// A check of VM entry that the current VMCS does not pass, and the nearest value that would.
public struct EntryFinding: Sendable {
    public let check: EntryCheck
    public let area: EntryArea
    /// The check's place among those of its area, from 1, and how many there are.
    public let number: Int
    public let count: Int
    /// The values of ``EntryCheck/fields``.
    public let values: [UInt64]
    /// The change of one field that makes the check hold; nil where none was found.
    public let repair: Repair?

    /// A field, what it holds, and the nearest value with which the check holds.
    public struct Repair: Sendable, Equatable {
        public let field: VMCSField
        public let value: UInt64
        public let legal: UInt64

        /// The bits that are wrong.
        public var bits: UInt64 { value ^ legal }
    }
}

extension Machine {
    /// Every check that the current VMCS does not pass, in the manual's order: the first is the one
    /// that a VM entry would report. nil without a current VMCS.
    public func entryFindings() -> [EntryFinding]? {
        guard let facts = EntryFacts(self),
            let page = memory.pageForReading(state.vmx.currentVMCS)
        else { return nil }
        let areas: [([EntryCheck], EntryArea)] = [
            (entryChecks.controls, .controls), (entryChecks.host, .host),
            (entryChecks.guest, .guest),
        ]
        var findings: [EntryFinding] = []
        for (checks, area) in areas {
            for (index, check) in checks.enumerated() where !check.holds(facts) {
                var values: [UInt64] = []
                for field in check.fields { values.append(facts[field]) }
                let repair = RepairSearch(check, copying: page).repair(values, on: self)
                findings.append(
                    EntryFinding(
                        check: check, area: area, number: index + 1, count: checks.count,
                        values: values, repair: repair))
            }
        }
        return findings
    }
}

/// Looks for the nearest value of a field with which a check holds, on a copy of the VMCS.
private struct RepairSearch: ~Copyable {
    private let check: EntryCheck
    private let page: UnsafeMutableRawPointer

    init(_ check: EntryCheck, copying page: UnsafeRawPointer) {
        let size = Int(VMCSRegion.offset(.vpid)) + VMCSField.count * 8
        self.check = check
        self.page = .allocate(byteCount: size, alignment: 8)
        self.page.copyMemory(from: page, byteCount: size)
    }

    deinit { page.deallocate() }

    /// In the order of the check's fields; what is wrong most likely stands first.
    func repair(_ values: [UInt64], on machine: borrowing Machine) -> EntryFinding.Repair? {
        for (field, value) in zip(check.fields, values) {
            if let legal = nearest(field, value, among: values, on: machine) {
                return EntryFinding.Repair(field: field, value: value, legal: legal)
            }
        }
        return nil
    }

    /// One bit turned; else one of a few values that often hold, led back to the old one bit by
    /// bit as far as the check allows.
    private func nearest(
        _ field: VMCSField, _ value: UInt64, among values: [UInt64], on machine: borrowing Machine
    ) -> UInt64? {
        for bit in 0..<UInt64(field.width.bits) where holds(field, value ^ 1 &<< bit, machine) {
            return value ^ 1 &<< bit
        }
        var candidates: [UInt64] = [0, .max, 0xFFFF, 0x93, 0x9B, 0x8B, 0xF3, 1 << 16]
        candidates += (0...15).map { value & ~15 | $0 }
        candidates += values + values.map { $0 &<< 4 }
        if let settings = machine.processor.vmx?.settings(of: field) {
            candidates.append(UInt64(settings.adjusted(UInt32(truncatingIfNeeded: value))))
        }
        var best: UInt64?
        for candidate in candidates {
            guard holds(field, candidate & field.width.mask, machine) else { continue }
            let legal = ledBack(candidate & field.width.mask, to: value, field, machine)
            let distance = (legal ^ value).nonzeroBitCount
            if best.map({ distance < ($0 ^ value).nonzeroBitCount }) ?? true { best = legal }
        }
        return best
    }

    private func ledBack(
        _ candidate: UInt64, to value: UInt64, _ field: VMCSField, _ machine: borrowing Machine
    ) -> UInt64 {
        var legal = candidate
        for bit in UInt64(0)..<64 where (legal ^ value) >> bit & 1 == 1 {
            let nearer = legal ^ 1 &<< bit
            if holds(field, nearer, machine) { legal = nearer }
        }
        return legal
    }

    private func holds(
        _ field: VMCSField, _ value: UInt64, _ machine: borrowing Machine
    ) -> Bool {
        let place = Int(VMCSRegion.offset(field))
        let before = UnsafeRawPointer(page).loadLittleEndian(place, size: 8)
        page.storeLittleEndian(place, value, size: 8)
        defer { page.storeLittleEndian(place, before, size: 8) }
        guard let facts = EntryFacts(machine, UnsafeRawPointer(page)) else { return false }
        return check.holds(facts)
    }
}
