import Testing

@testable import Prompt

@Suite("Looking something up at the prompt")
struct ReferenceCommandTests {
    @Test("explain tells of a name, of a kind, and of what there is")
    func explain() throws {
        let prompt = try ScriptedPrompt()
        let field = prompt.run("explain cr0_mask")
        #expect(field.status == 0)
        #expect(field.shown.contains("CR0_MASK · VMCS field"))
        #expect(field.shown.contains("SDM 3C, 25.6.6"))
        #expect(prompt.run("explain errors").shown.contains("VMfail 28"))
        #expect(prompt.run("explain").shown.contains("What can be explained"))
        #expect(prompt.run("explain doctor").shown.contains("command of the prompt"))
        let unknown = prompt.run("explain CR0_MSK")
        #expect(unknown.status == 1)
        #expect(unknown.messages.contains("CR0_MASK"))
    }

    @Test("Tab offers every kind and every name")
    func completion() throws {
        let prompt = try ScriptedPrompt()
        let offered = prompt.session.candidates(for: .reference).map(\.text)
        let fields = prompt.session.candidates(for: .reference, in: "field CR0").map(\.text)
        #expect(fields.contains("CR0_MASK") && !fields.contains("CR0.PE"))
        for name in ["field", "CR0_MASK", "cr0-mask.differs", "PROC_CTLS.HLT_exiting"] {
            #expect(offered.contains(name))
        }
    }

    /// SDM 3C, 27.3.1.1: PG is 1 only if PE is. 26.6: PE and PG are free with "unrestricted guest".
    @Test("doctor names every check that fails, the bits, and the nearest legal value")
    func doctor() throws {
        let prompt = try ScriptedPrompt()
        let path = try prompt.guest("bits 64\norg 0x10000\nhlt\n")
        prompt.run("load \(path)")
        let healthy = prompt.run("doctor")
        #expect(healthy.status == 0)
        #expect(healthy.shown.contains("All hold"))
        prompt.run("vmwrite GUEST_CR0 0x80000030", "vmwrite GUEST_RFLAGS 0")
        let ill = prompt.run("doctor")
        #expect(ill.status == 1)
        #expect(ill.shown.contains("guest.cr0.pg-needs-pe"))
        #expect(ill.shown.contains("wrong: PE (bit 0) is 0 in GUEST_CR0"))
        #expect(ill.shown.contains("legal: GUEST_CR0 = 0x80000031"))
        #expect(ill.shown.contains("guest.rflags.fixed"))
        #expect(ill.shown.contains("legal: GUEST_RFLAGS = 0x2"))
        #expect(ill.shown.contains("2 checks do not hold."))
        #expect(ill.shown.split(separator: "This is the one").count == 2)
    }
}
