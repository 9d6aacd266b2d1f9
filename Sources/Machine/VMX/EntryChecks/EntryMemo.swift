import Architecture
import Glibc

/// Which area's checks failed, and so how VM entry fails.
public enum EntryArea: Sendable {
    case controls, host, guest
}

/// What the last VM entry that passed all checks had in its fields, so that the next entry makes
/// only those checks that a change could affect. A check depends on nothing but its fields and the
/// processor; it is the checks themselves that decide.
///
/// Fields are compared with what they were, rather than writes to them noted: a VMCS is memory, and
/// what can write to it are not VMWRITEs alone.
struct EntryMemo: ~Copyable {
    /// A set of checks, by their position among all.
    private typealias CheckSet = InlineArray<8, UInt64>
    private static let setCapacity = 512

    /// The checks of all areas, in order; empty until the first entry.
    private var checks: [EntryCheck] = []
    private var firstHost = 0
    private var firstGuest = 0
    /// For each field the checks that read it, but for those that read RFLAGS for VM alone.
    private var readers: [CheckSet] = []
    private var readersOfVM = CheckSet(repeating: 0)
    private var hasPassed = false
    /// The fields that passed, by their index.
    private let passed: UnsafeMutablePointer<UInt64>
    private var passedMemory = EntryMemory()
    /// Where fields stand that checks read, but for ``busy`` ones.
    private var quiet: [Range<Int>] = []

    /// RSP, RIP and RFLAGS differ at nearly every entry: their neighbours are not compared one by
    /// one for that.
    private static var busy: ClosedRange<Int> {
        VMCSField.guestRSP.index...VMCSField.guestRFLAGS.index
    }

    init() {
        passed = .allocate(capacity: VMCSField.count)
        passed.initialize(repeating: 0, count: VMCSField.count)
    }

    deinit { passed.deallocate() }

    /// The first check that does not hold.
    mutating func firstFailure(
        of all: borrowing EntryChecks, _ facts: borrowing EntryFacts
    ) -> (EntryCheck, EntryArea)? {
        if checks.isEmpty { plan(all) }
        var pending = CheckSet(repeating: 0)
        var hasChanged = true
        if hasPassed, facts.memory.hostIsLongMode == passedMemory.hostIsLongMode {
            hasChanged = addAffectedChecks(facts, to: &pending)
        } else {
            for index in checks.indices { Self.insert(index, into: &pending) }
        }
        for word in 0..<8 {
            var rest = pending[word]
            while rest != 0 {
                let index = word &* 64 &+ rest.trailingZeroBitCount
                rest &= rest &- 1
                if !checks[index].holds(facts) { return (checks[index], area(index)) }
            }
        }
        if hasChanged {
            memcpy(passed, facts.words, VMCSField.count &* 8)
        } else {
            for field in Self.busy { passed[field] = facts.words[field] }
        }
        passedMemory = facts.memory
        hasPassed = true
        return nil
    }

    private func area(_ index: Int) -> EntryArea {
        index < firstHost ? .controls : index < firstGuest ? .host : .guest
    }

    // MARK: Changes

    /// The checks to make; answers whether a field that is not busy has changed.
    private func addAffectedChecks(
        _ facts: borrowing EntryFacts, to pending: inout CheckSet
    ) -> Bool {
        var hasChanged = false
        for index in 0..<quiet.count {
            let fields = quiet[index]
            let first = fields.lowerBound
            guard memcmp(facts.words + first, passed + first, fields.count &* 8) != 0 else {
                continue
            }
            hasChanged = true
            for field in fields { addReaders(of: field, facts, to: &pending) }
        }
        for field in Self.busy { addReaders(of: field, facts, to: &pending) }
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
        return hasChanged
    }

    private func addReaders(
        of field: Int, _ facts: borrowing EntryFacts, to pending: inout CheckSet
    ) {
        let difference = facts.words[field] ^ passed[field]
        guard difference != 0 else { return }
        add(field, to: &pending)
        if field == VMCSField.guestRFLAGS.index, difference.has(FlagBit.vm) {
            for word in 0..<8 { pending[word] |= readersOfVM[word] }
        }
    }

    private func add(_ field: Int, to pending: inout CheckSet) {
        for word in 0..<8 { pending[word] |= readers[field][word] }
    }

    private static func insert(_ check: Int, into set: inout CheckSet) {
        set[check &>> 6] |= 1 &<< UInt64(check & 63)
    }

    // MARK: Plan

    private mutating func plan(_ all: borrowing EntryChecks) {
        checks = all.all
        precondition(checks.count <= Self.setCapacity, "more checks than a set has room for")
        firstHost = all.controls.count
        firstGuest = firstHost + all.host.count
        readers = Array(repeating: CheckSet(repeating: 0), count: VMCSField.count)
        var isRead = Array(repeating: false, count: VMCSField.count)
        for (index, check) in checks.enumerated() {
            for field in check.fields {
                let readsOnlyVM = field == .guestRFLAGS && check.flags == FlagBit.vm.mask
                if readsOnlyVM {
                    Self.insert(index, into: &readersOfVM)
                } else {
                    Self.insert(index, into: &readers[field.index])
                }
                isRead[field.index] = true
            }
        }
        planComparison(isRead)
    }

    /// Fields that no check reads are left out where they are many in a row, as the exit information
    /// is, which differs at every entry.
    private mutating func planComparison(_ isRead: [Bool]) {
        quiet = []
        let kinds = VMCSField.allCases.map(\.kind)
        for field in 0..<VMCSField.count where !Self.busy.contains(field) {
            guard isRead[field] || kinds[field] != .exitInformation else { continue }
            if let last = quiet.last, last.upperBound == field {
                quiet[quiet.count - 1] = last.lowerBound..<field + 1
            } else {
                quiet.append(field..<field + 1)
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
