import Architecture
import Machine
import Testing

@Suite("The doctor of VM entry")
struct EntryDoctorTests {
    @Test(
        "It finds the check that fails, and one field's change that mends it",
        arguments: EntryRow.all)
    func finds(row: EntryRow) throws {
        var scene = try row.scene(row.bad)
        let findings = scene.machine.entryFindings() ?? []
        #expect(findings.map(\.check.id) == [row.id])
        let finding = try #require(findings.first)
        let repair = try #require(finding.repair, "no value of one field makes it hold")
        #expect(finding.check.fields.contains(repair.field))
        try scene.apply(.set(repair.field, repair.legal))
        let again = scene.machine.entryFindings() ?? []
        #expect(!again.contains { $0.check.id == row.id })
    }

    @Test("All that fails is told, in the manual's order")
    func all() throws {
        var scene = try EntryScene(.protected32, on: .skylake)
        try scene.apply(.set(.guestRFLAGS, 0))
        try scene.apply(.set(.hostCR4, 0x20))
        try scene.apply(.set(.cr3TargetCount, 5))
        let findings = scene.machine.entryFindings() ?? []
        #expect(findings.map(\.area) == [.controls, .host, .guest])
        #expect(findings.first?.repair?.legal == 4)
    }
}
