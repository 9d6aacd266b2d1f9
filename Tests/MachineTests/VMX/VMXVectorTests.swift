import Conformance
import Testing

/// A sample of the recorded VM entries, exits and failures, some of every theme.
@Suite("Recorded VM entries and exits")
struct VMXVectorTests {
    @Test("are the model's too")
    func replays() throws {
        var count = 0
        try Replay.file(InstructionVectorTests.fixture("vmx.jsonl")) { outcome in
            count += 1
            #expect(outcome.pass == true, "\(outcome.text)")
        }
        #expect(count > 90)
    }

    /// The whole list of recordings that the manual, or the recording's own data, contradicts: the
    /// README of the fixtures says why. What differs is what it says, and nothing else.
    @Test("that the manual contradicts differ as the list of them says")
    func contradicted() throws {
        let differences = [
            "entry_activity_interruptibility/STI-blocking-with-IF=1": [
                "event 0 (VMCALL): interruptibility is 0x1, expected 0x9"
            ],
            "entry_activity_interruptibility/MOV-SS-blocking": [
                "event 0 (VMCALL): interruptibility is 0x2, expected 0xa"
            ],
            "entry_guest_control_registers/VMCS-link-pointer-to-a-proper-region,-no-shadowing": [
                "event 0 (VMCALL): instr_len is 0x0, expected 0x3",
                "event 0 (VMCALL): qualification is 0x4, expected 0x0",
                "event 0 (VMCALL): reason is ENTRY_FAIL_GUEST_STATE, expected VMCALL",
                "event 0 (VMCALL): reason_raw is 0x80000021, expected 0x12",
            ],
        ]
        var seen: [String] = []
        try Replay.file(InstructionVectorTests.fixture("vmx-contradicted.jsonl")) { outcome in
            seen.append(outcome.id)
            let expected = differences[outcome.id] ?? []
            #expect(outcome.problems.filter { !expected.contains($0) } == [], "\(outcome.id)")
            #expect(outcome.pass == false)
        }
        #expect(seen.sorted() == differences.keys.sorted())
    }
}
