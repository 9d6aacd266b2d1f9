import Architecture
import Testing

@testable import Machine

/// VM entry makes again only the checks that a change could affect. Held here against making all of
/// them, over random changes: a check that depended on a field that it does not name would differ.
@Suite("What VM entry remembers of the last")
struct EntryMemoTests {
    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Every value that some row gives a field.
    private static let values: [(VMCSField, UInt64)] = EntryRow.all.flatMap { row in
        (row.given + row.bad + row.good).compactMap { change in
            if case .set(let field, let value) = change { (field, value) } else { nil }
        }
    }

    @Test(
        "The same check fails first as if nothing were remembered", arguments: EntryGuest.allCases)
    func sameAsAfresh(guest: EntryGuest) throws {
        let seed = guest.rawValue.utf8.reduce(UInt64(1)) { $0 &* 31 &+ UInt64($1) }
        var generator = Generator(state: seed)
        var scene = try EntryScene(guest, on: EntryProcessor.full.processor)
        let fields = VMCSField.allCases.filter { $0.kind != .exitInformation }
        var failures = 0
        for step in 0..<4_000 {
            let undo = scene.machine.snapshot()
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                change(&scene.machine, fields, &generator)
            }
            let afresh = scene.machine.failingEntryChecks().first?.id
            let remembered = scene.machine.failure()
            try #require(remembered == afresh, "step \(step)")
            // From a VMCS that fails there is little way on.
            if afresh != nil {
                failures += 1
                scene.machine.restore(undo)
            }
        }
        #expect(failures > 400 && failures < 3_900)
    }

    private func change(
        _ machine: inout Machine, _ fields: [VMCSField], _ generator: inout Generator
    ) {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<4:
            guard let (field, value) = Self.values.randomElement(using: &generator) else { return }
            machine.setVMCS(field, value)
        case 4..<9:
            guard let field = fields.randomElement(using: &generator) else { return }
            let bit = UInt64.random(in: 0..<UInt64(field.width.bits), using: &generator)
            machine.setVMCS(field, machine.vmcs(field) ^ 1 << bit)
        default:
            // Memory that checks look at: the linked VMCS, VTPR, PDPTEs, the root side's mode.
            let bit = UInt64.random(in: 0..<32, using: &generator)
            let places = [Place.linked, Place.virtualAPIC + 0x80, Place.pageTables + 8]
            if let place = places.randomElement(using: &generator), bit > 3 {
                machine.memory.write(
                    place, machine.memory.read(place, size: 4) ^ 1 << bit, size: 4)
            } else {
                machine.state.efer ^= 0x400
            }
        }
    }

    /// Values to try in a field: all zeros, all ones, and what rows give it.
    private static let candidates: [VMCSField: [UInt64]] = {
        var found: [VMCSField: Set<UInt64>] = [:]
        for field in VMCSField.allCases { found[field] = [0, field.width.mask] }
        for (field, value) in values { found[field]?.insert(value) }
        return found.mapValues { $0.sorted() }
    }()

    /// From a VMCS that has just been entered with, one field at a time is given another value.
    @Test(
        "A value that no field may have is refused behind a good entry as on a new VMCS",
        arguments: EntryGuest.allCases)
    func everyField(guest: EntryGuest) throws {
        var scene = try EntryScene(guest, on: EntryProcessor.full.processor)
        var refused = Set<VMCSField>()
        for field in VMCSField.allCases {
            let good = scene.machine.vmcs(field)
            let bits = [0, 1, 7, 12, 31, 47, 63].filter { $0 < field.width.bits }
            let others = bits.map { good ^ 1 << UInt64($0) }
            for value in (Self.candidates[field] ?? []) + others {
                let passes = scene.machine.failure()
                try #require(passes == nil)
                scene.machine.setVMCS(field, value)
                let afresh = scene.machine.failingEntryChecks().first?.id
                let remembered = scene.machine.failure()
                try #require(remembered == afresh, "\(field) \(value)")
                if afresh != nil { refused.insert(field) }
                scene.machine.setVMCS(field, good)
            }
        }
        // Most fields of the host and guest areas, and of the controls, have values that are.
        #expect(refused.count > 60)
    }

    @Test("No other field than those that it names makes a failing rule hold")
    func namedFields() throws {
        let checks = Dictionary(grouping: EntryChecks().all, by: \.id)
        var tried: Set<String> = []
        for row in EntryRow.all where tried.insert(row.id).inserted {
            let check = try #require(checks[row.id]?.first)
            var scene = try row.scene(row.bad)
            for field in VMCSField.allCases where !check.fields.contains(field) {
                let before = scene.machine.vmcs(field)
                for value in Self.candidates[field] ?? [] where value != before {
                    scene.machine.setVMCS(field, value)
                    let holds = scene.machine.holds(check)
                    try #require(!holds, "\(row.id) depends on \(field)")
                }
                scene.machine.setVMCS(field, before)
            }
        }
    }

    @Test("A rule that comes to fail after an entry is found", arguments: EntryRow.all)
    func fromGoodToBad(row: EntryRow) throws {
        var scene = try row.scene(row.good)
        let good = scene.machine.failure()
        #expect(good == nil)
        let bad = try row.scene(row.bad)
        for field in VMCSField.allCases {
            scene.machine.setVMCS(field, bad.machine.currentVMCSField(field))
        }
        let found = scene.machine.failure()
        #expect(found == row.id)
    }

    @Test("Changed rules are asked anew")
    func changedRules() throws {
        var scene = try EntryScene(.protected32, on: .skylake)
        let before = scene.machine.failure()
        #expect(before == nil)
        let never = EntryCheck(
            "guest.never", "nothing holds", [.guestRIP], .checksOnGuestRIPRFLAGSAndSSP
        ) { _ in false }
        scene.machine.entryChecks.guest.append(never)
        let after = scene.machine.failure()
        #expect(after == "guest.never")
    }
}

extension Machine {
    /// The first check to fail, as VM entry finds it.
    fileprivate mutating func failure() -> String? {
        guard let facts = EntryFacts(self) else { return "no current VMCS" }
        return entryMemo.firstFailure(of: entryChecks, facts)?.0.id
    }

    fileprivate func holds(_ check: EntryCheck) -> Bool {
        guard let facts = EntryFacts(self) else { return false }
        return check.holds(facts)
    }
}
