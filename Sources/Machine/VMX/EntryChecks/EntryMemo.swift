import Architecture

/// Which area's checks failed, and so how VM entry fails.
public enum EntryArea: Sendable {
    case controls, host, guest
}

/// What the last VM entry that passed all checks had in its fields, so that the next entry makes
/// only those checks that a change could affect. A check depends on nothing but its fields and the
/// processor; it is the checks themselves that decide.
struct EntryMemo: ~Copyable {
    /// A set of checks, by their position among all.
    private typealias CheckSet = InlineArray<8, UInt64>
    private static let setCapacity = 512

    /// The checks of all areas, in order; empty until the first entry.
    private var checks: [EntryCheck] = []
    private var firstHost = 0
    private var firstGuest = 0
    /// For each field the checks that read it; then those that read RFLAGS for VM alone.
    private var readers: [CheckSet] = []
    private var hasPassed = false
    /// The fields that passed, in blocks.
    private let passed: UnsafeMutablePointer<UInt64>
    private var passedMemory = EntryMemory()

    private static let blockSize = 8
    private static let blockCount = (VMCSField.count + blockSize - 1) / blockSize
    private static let virtual8086 = VMCSField.count

    init() {
        passed = .allocate(capacity: Self.blockCount * Self.blockSize)
        passed.initialize(repeating: 0, count: Self.blockCount * Self.blockSize)
    }

    deinit { passed.deallocate() }

    /// The first check that does not hold.
    mutating func firstFailure(
        of all: EntryChecks, _ facts: borrowing EntryFacts
    ) -> (EntryCheck, EntryArea)? {
        if checks.isEmpty { plan(all) }
        var changedBlocks: UInt64 = 0
        let pending = affectedChecks(facts, &changedBlocks)
        for word in 0..<8 {
            var rest = pending[word]
            while rest != 0 {
                let index = word &* 64 &+ rest.trailingZeroBitCount
                rest &= rest &- 1
                if !checks[index].holds(facts) { return (checks[index], area(index)) }
            }
        }
        remember(facts, changedBlocks)
        return nil
    }

    private func area(_ index: Int) -> EntryArea {
        index < firstHost ? .controls : index < firstGuest ? .host : .guest
    }

    // MARK: Changes

    /// The checks to make, and the blocks of fields that differ from those that passed.
    private func affectedChecks(
        _ facts: borrowing EntryFacts, _ changedBlocks: inout UInt64
    ) -> CheckSet {
        var pending = CheckSet(repeating: 0)
        guard hasPassed, facts.memory.hostIsLongMode == passedMemory.hostIsLongMode else {
            changedBlocks = (1 << UInt64(Self.blockCount)) - 1
            for index in checks.indices { Self.insert(index, into: &pending) }
            return pending
        }
        for block in 0..<Self.blockCount where differs(facts, block) {
            changedBlocks |= 1 &<< UInt64(block)
            addReaders(of: block, facts, to: &pending)
        }
        let memory = facts.memory
        if memory.virtualTPR != passedMemory.virtualTPR {
            add(VMCSField.virtualAPICAddress.index, to: &pending)
        }
        if memory.linkedRevision != passedMemory.linkedRevision
            || memory.currentVMCS != passedMemory.currentVMCS
        {
            add(VMCSField.vmcsLinkPointer.index, to: &pending)
        }
        if !memory.hasSamePDPTEs(passedMemory) { add(VMCSField.guestCR3.index, to: &pending) }
        return pending
    }

    /// Most blocks have not changed.
    @inline(always)
    private func differs(_ facts: borrowing EntryFacts, _ block: Int) -> Bool {
        let first = block &* Self.blockSize
        var difference: UInt64 = 0
        for offset in 0..<Self.blockSize {
            difference |= facts.word(first &+ offset) ^ passed[first &+ offset]
        }
        return difference != 0
    }

    private func addReaders(
        of block: Int, _ facts: borrowing EntryFacts, to pending: inout CheckSet
    ) {
        let first = block &* Self.blockSize
        for field in first..<min(first &+ Self.blockSize, VMCSField.count) {
            let difference = facts.word(field) ^ passed[field]
            guard difference != 0 else { continue }
            add(field, to: &pending)
            if field == VMCSField.guestRFLAGS.index, difference.has(FlagBit.vm) {
                add(Self.virtual8086, to: &pending)
            }
        }
    }

    private func add(_ reader: Int, to pending: inout CheckSet) {
        for word in 0..<8 { pending[word] |= readers[reader][word] }
    }

    private static func insert(_ check: Int, into set: inout CheckSet) {
        set[check &>> 6] |= 1 &<< UInt64(check & 63)
    }

    private mutating func remember(_ facts: borrowing EntryFacts, _ changedBlocks: UInt64) {
        var rest = changedBlocks
        while rest != 0 {
            let first = rest.trailingZeroBitCount &* Self.blockSize
            rest &= rest &- 1
            for index in first..<(first &+ Self.blockSize) { passed[index] = facts.word(index) }
        }
        passedMemory = facts.memory
        hasPassed = true
    }

    // MARK: Plan

    private mutating func plan(_ all: EntryChecks) {
        checks = all.all
        precondition(checks.count <= Self.setCapacity, "more checks than a set has room for")
        firstHost = all.controls.count
        firstGuest = firstHost + all.host.count
        readers = Array(repeating: CheckSet(repeating: 0), count: VMCSField.count + 1)
        for (index, check) in checks.enumerated() {
            for field in check.fields {
                let readsOnlyVM = field == .guestRFLAGS && check.flags == FlagBit.vm.mask
                let reader = readsOnlyVM ? Self.virtual8086 : field.index
                Self.insert(index, into: &readers[reader])
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
        pdptes[0] == other.pdptes[0] && pdptes[1] == other.pdptes[1]
            && pdptes[2] == other.pdptes[2] && pdptes[3] == other.pdptes[3]
    }
}
