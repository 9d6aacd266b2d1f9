import Architecture
import Machine
import Testing

/// One rule: what makes it fail, alone, and the nearest that does not.
struct EntryRow: Sendable, CustomTestStringConvertible {
    let id: String
    let guest: EntryGuest
    let processor: EntryProcessor
    /// What both have.
    let given: [Change]
    let bad: [Change]
    let good: [Change]
    /// 32-bit words in memory, for both.
    let memory: [(UInt64, UInt64)]

    init(
        _ id: String, _ guest: EntryGuest = .protected32, on processor: EntryProcessor = .full,
        given: [Change] = [], memory: [(UInt64, UInt64)] = [], bad: [Change], good: [Change]
    ) {
        self.id = id
        self.guest = guest
        self.processor = processor
        self.given = given
        self.memory = memory
        self.bad = bad
        self.good = good
    }

    var testDescription: String { "\(id), \(guest), \(processor)" }

    func scene(_ changes: [Change]) throws -> EntryScene {
        var scene = try EntryScene(guest, on: processor.processor)
        for (address, value) in memory { scene.machine.memory.write(address, value, size: 4) }
        for change in given + changes { try scene.apply(change) }
        return scene
    }

    static let all: [EntryRow] =
        executionRows + apicRows + memoryRows + transitionRows + injectionRows + hostRows
        + hostSizeRows + guestRegisterRows + guestMSRRows + segmentRows + systemSegmentRows
        + flagRows + activityRows + interruptibilityRows + pendingDebugRows + linkAndPDPTERows
}

@Suite("Checks of VM entry")
struct EntryChecksTests {
    @Test(
        "A legal VMCS passes every check", arguments: EntryGuest.allCases,
        Processor.all.map(\.name))
    func baselines(guest: EntryGuest, name: String) throws {
        let processor = try #require(Processor(named: name))
        let vmx = try #require(processor.vmx)
        guard !guest.isUnrestricted || vmx.allows(SecondaryControl.unrestrictedGuest),
            !guest.needsEPT || vmx.allows(SecondaryControl.enableEPT)
        else { return }
        let scene = try EntryScene(guest, on: processor)
        let failing = scene.failing
        #expect(failing.isEmpty)
    }

    @Test("One rule alone fails, and its neighbour passes", arguments: EntryRow.all)
    func ruleAlone(row: EntryRow) throws {
        let failing = try row.scene(row.bad).failing
        #expect(failing == [row.id])
        let passing = try row.scene(row.good).failing
        #expect(passing == [])
    }

    @Test("Every rule has a row, and every row a rule")
    func complete() {
        let rules = Set(EntryChecks().all.map(\.id))
        let rows = Set(EntryRow.all.map(\.id))
        #expect(rules.subtracting(rows).sorted() == [])
        #expect(rows.subtracting(rules).sorted() == [])
    }

    @Test("Rules have names of their own, a sentence, fields and a section of the manual")
    func wellFormed() {
        let all = EntryChecks().all
        #expect(Set(all.map(\.id)).count == all.count)
        for check in all {
            #expect(!check.text.isEmpty && !check.text.hasSuffix("."), "\(check.id)")
            #expect(!check.fields.isEmpty, "\(check.id)")
            #expect(Set(check.fields).count == check.fields.count, "\(check.id)")
            #expect(check.citation.section?.hasPrefix("27.") == true, "\(check.id)")
        }
    }

    /// SDM 3C, 27.2: invalid controls give error 7, invalid host state 8; 27.8: invalid guest
    /// state an exit with reason 33 and bit 31.
    @Test("A failing rule fails the entry as its area does", arguments: EntryRow.all)
    func entryFails(row: EntryRow) throws {
        var scene = try row.scene(row.bad)
        let result = scene.machine.vmlaunch()
        if row.id.hasPrefix("controls.") {
            #expect(result == .failValid(.entryInvalidControls))
        } else if row.id.hasPrefix("host.") {
            #expect(result == .failValid(.entryInvalidHostState))
        } else if case .notModelled = result {
            // The model is asked for what it has not: no verdict on the guest.
        } else {
            #expect(result == .entryFailed)
            let reason = scene.machine.currentVMCSField(.exitReason)
            #expect(reason == 0x8000_0021)
            let qualification = scene.machine.currentVMCSField(.exitQualification)
            #expect(qualification == Self.qualification(row.id))
        }
    }

    /// SDM 3C, 27.8 "VM-Entry Failures During or After Loading Guest State".
    private static func qualification(_ id: String) -> UInt64 {
        if id.hasPrefix("guest.pdpte") { return 2 }
        if id == "guest.interruptibility.sti-excludes-nmi" { return 3 }
        return id.hasPrefix("guest.link-pointer") ? 4 : 0
    }

    @Test("Without its rule a failing VMCS is entered")
    func ruleDecides() throws {
        let row = EntryRow(
            "guest.rflags.fixed", bad: [.set(.guestRFLAGS, 0)], good: [.set(.guestRFLAGS, 2)])
        var scene = try row.scene(row.bad)
        let before = scene.machine.vmlaunch()
        #expect(before == .entryFailed)
        var again = try row.scene(row.bad)
        again.machine.entryChecks.guest.removeAll { $0.id == row.id }
        let after = again.machine.vmlaunch()
        #expect(after == .entered)
    }

    @Test("The first failing rule in the manual's order decides")
    func order() throws {
        var scene = try EntryScene(.protected32, on: .skylake)
        try scene.apply(.set(.guestRFLAGS, 0))
        try scene.apply(.set(.hostCR4, 0x20))
        let host = scene.machine.vmlaunch()
        #expect(host == .failValid(.entryInvalidHostState))
        try scene.apply(.set(.cr3TargetCount, 5))
        let controls = scene.machine.vmlaunch()
        #expect(controls == .failValid(.entryInvalidControls))
    }
}
