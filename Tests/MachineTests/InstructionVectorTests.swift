import Conformance
import Foundation
import Testing

/// A sample of the recorded instruction vectors, chosen so that every mnemonic of each mode occurs.
@Suite("Recorded instructions")
struct InstructionVectorTests {
    static func fixture(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(name)").path
    }

    @Test("do in the model what they did where they were recorded", arguments: [16, 32, 64])
    func replays(mode: Int) throws {
        var count = 0
        try Replay.file(Self.fixture("instructions-\(mode).jsonl")) { outcome in
            count += 1
            #expect(outcome.pass == true, "\(outcome.text)")
        }
        #expect(count > 150)
    }

    @Test("that the vectors lack, BMI, ADX, CMPXCHG16B and others, do what a real processor did")
    func replaysNativeRun() throws {
        var count = 0
        try Replay.file(Self.fixture("instructions-native-64.jsonl")) { outcome in
            count += 1
            #expect(outcome.pass == true, "\(outcome.text)")
        }
        #expect(count > 400)
    }

    @Test("fail when a register, a flag, a byte or the end is expected otherwise")
    func tellsDifferences() throws {
        var failures = 0
        try Replay.file(Self.fixture("instructions-wrong.jsonl")) { outcome in
            #expect(outcome.pass == false, "\(outcome.text)")
            failures += 1
        }
        #expect(failures == 4)
    }

    @Test("in programs that provoke faults: their handlers see what they saw where recorded")
    func replaysSystemPrograms() throws {
        var count = 0
        try Replay.file(Self.fixture("system.jsonl")) { outcome in
            count += 1
            #expect(outcome.pass == true, "\(outcome.text)")
        }
        #expect(count > 100)
    }
}
