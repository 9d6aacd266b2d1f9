import Architecture
import Conformance
import Foundation
import Machine
import Testing

/// A sample of the recorded instruction vectors, chosen so that every mnemonic of each mode occurs.
@Suite("Recorded instructions")
struct InstructionVectorTests {
    /// The line of a vector file, with its name for the report.
    struct Named: Decodable, Sendable, CustomTestStringConvertible {
        var id: String
        var asm: [String]
        var vector: InstructionVector

        private enum Keys: String, CodingKey { case id, asm }

        init(from decoder: Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            id = try container.decode(String.self, forKey: .id)
            asm = try container.decode([String].self, forKey: .asm)
            vector = try InstructionVector(from: decoder)
        }

        var testDescription: String { "\(id): \(asm.joined(separator: "; "))" }
    }

    static func vectors(_ mode: Int) throws -> [Named] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/instructions-\(mode).jsonl")
        let text = try String(contentsOf: file, encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(Named.self, from: Data($0.utf8))
        }
    }

    @Test("do in the model what they did where they were recorded", arguments: [16, 32, 64])
    func replays(mode: Int) throws {
        let vectors = try Self.vectors(mode)
        #expect(vectors.count > 100)
        for named in vectors {
            let outcome = try named.vector.replay(on: .skylake)
            let differences = named.vector.differences(outcome)
            #expect(differences.isEmpty, "\(named.testDescription): \(differences)")
        }
    }

    @Test("a replay that ends elsewhere, or leaves a register or a byte wrong, is told")
    func tellsDifferences() throws {
        let named = try #require(try Self.vectors(32).first { !$0.vector.memory.isEmpty })
        var outcome = try named.vector.replay(on: .skylake)
        #expect(named.vector.differences(outcome).isEmpty)
        outcome.end = 0
        outcome.registers["eax"] = (outcome.registers["eax"] ?? 0) ^ 1 << 31
        outcome.memory.append(InstructionVector.Patch(address: 0x9_0000, bytes: [1]))
        #expect(named.vector.differences(outcome).count >= 3)
    }
}
