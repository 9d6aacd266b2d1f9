import Architecture

/// Which area's checks failed, and so how VM entry fails.
public enum EntryArea: Sendable {
    case controls, host, guest
}

/// The checks of the last VM entry that passed all of them, so that the next makes only those that
/// a change could affect. A check depends on nothing but its fields and the processor; it is the
/// checks themselves that decide.
struct EntryMemo: Sendable {
    /// The checks of all areas, in order; empty until the first entry.
    private var checks: [EntryCheck] = []
    private var firstHost = 0
    private var firstGuest = 0
    /// 64-bit words of a set of checks.
    private var setSize = 0
    /// For each field, the set of checks that read it; then the set of those that read RFLAGS for
    /// VM alone.
    private var readers: [UInt64] = []
    /// The fields that passed; empty if none have.
    private var passed: [UInt64] = []
    private var passedMemory = EntryMemory()
    /// The set of checks to make.
    private var pending: [UInt64] = []

    private static let virtual8086 = VMCSField.count

    /// The first check that does not hold.
    mutating func firstFailure(
        of all: EntryChecks, _ facts: borrowing EntryFacts
    ) -> (EntryCheck, EntryArea)? {
        if checks.isEmpty { plan(all) }
        findChanges(facts)
        for word in 0..<setSize {
            var rest = pending[word]
            while rest != 0 {
                let index = word &* 64 &+ rest.trailingZeroBitCount
                rest &= rest &- 1
                if !checks[index].holds(facts) { return (checks[index], area(index)) }
            }
        }
        remember(facts)
        return nil
    }

    private func area(_ index: Int) -> EntryArea {
        index < firstHost ? .controls : index < firstGuest ? .host : .guest
    }

    // MARK: Changes

    private mutating func findChanges(_ facts: borrowing EntryFacts) {
        guard !passed.isEmpty, facts.memory.hostIsLongMode == passedMemory.hostIsLongMode else {
            for index in checks.indices { pending[index &>> 6] |= 1 &<< UInt64(index & 63) }
            return
        }
        for word in 0..<setSize { pending[word] = 0 }
        // Most fields have not changed: look at eight at a time.
        var index = 0
        while index < VMCSField.count {
            let end = min(index &+ 8, VMCSField.count)
            var difference: UInt64 = 0
            for field in index..<end { difference |= facts.word(field) ^ passed[field] }
            if difference != 0 { findChanges(facts, index..<end) }
            index = end
        }
        let memory = facts.memory
        if memory.virtualTPR != passedMemory.virtualTPR { add(.virtualAPICAddress) }
        if memory.linkedRevision != passedMemory.linkedRevision
            || memory.currentVMCS != passedMemory.currentVMCS
        {
            add(.vmcsLinkPointer)
        }
        if !memory.hasSamePDPTEs(passedMemory) { add(.guestCR3) }
    }

    private mutating func findChanges(_ facts: borrowing EntryFacts, _ fields: Range<Int>) {
        for field in fields {
            let difference = facts.word(field) ^ passed[field]
            guard difference != 0 else { continue }
            add(field)
            if field == VMCSField.guestRFLAGS.index, difference.has(FlagBit.vm) {
                add(Self.virtual8086)
            }
        }
    }

    private mutating func add(_ field: VMCSField) { add(field.index) }

    private mutating func add(_ reader: Int) {
        for word in 0..<setSize { pending[word] |= readers[reader &* setSize &+ word] }
    }

    private mutating func remember(_ facts: borrowing EntryFacts) {
        if passed.isEmpty { passed = Array(repeating: 0, count: VMCSField.count) }
        for field in 0..<VMCSField.count { passed[field] = facts.word(field) }
        passedMemory = facts.memory
    }

    // MARK: Plan

    private mutating func plan(_ all: EntryChecks) {
        checks = all.all
        firstHost = all.controls.count
        firstGuest = firstHost + all.host.count
        setSize = (checks.count + 63) / 64
        pending = Array(repeating: 0, count: setSize)
        readers = Array(repeating: 0, count: (VMCSField.count + 1) * setSize)
        for (index, check) in checks.enumerated() {
            for field in check.fields {
                let readsOnlyVM = field == .guestRFLAGS && check.flags == FlagBit.vm.mask
                let reader = readsOnlyVM ? Self.virtual8086 : field.index
                readers[reader * setSize + index / 64] |= 1 << UInt64(index % 64)
            }
        }
    }
}

/// What the checks look at outside the VMCS.
struct EntryMemory: Sendable {
    /// IA32_EFER.LMA of the root side.
    var hostIsLongMode = false
    var currentVMCS: UInt64 = 0
    /// The first four bytes of the region that the VMCS link pointer names: revision identifier
    /// and shadow indicator.
    var linkedRevision: UInt64 = 0
    /// Byte 80H of the virtual-APIC page, the task-priority register; 0 without a TPR shadow.
    var virtualTPR: UInt64 = 0
    /// The PDPTEs that count for a guest with PAE paging: of the VMCS with EPT, else in memory at
    /// the guest's CR3. 0 for a guest without PAE paging.
    var pdptes = InlineArray<4, UInt64>(repeating: 0)

    func hasSamePDPTEs(_ other: EntryMemory) -> Bool {
        (0..<4).allSatisfy { pdptes[$0] == other.pdptes[$0] }
    }
}
