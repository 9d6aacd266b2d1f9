import Foundation
import Testing

@testable import InstructionSet

@Suite("Decoder on recorded sequences")
struct VectorTests {
    /// Capstone's names where they differ from NASM's.
    private static let names: [String: String] = [
        "pushal": "pusha", "popal": "popa", "pushaw": "pusha", "popaw": "popa", "movabs": "mov",
        "pushfd": "pushf", "popfd": "popf", "pushfq": "pushf", "popfq": "popf",
        "pushad": "pusha", "popad": "popa", "pushfw": "pushf", "popfw": "popf",
    ]

    private static func plain(_ name: String, _ size: CodeSize) -> String {
        // In 16-bit code Capstone gives 98 and 99 the names of their 32-bit forms.
        let names16 = ["cwde": "cbw", "cdq": "cwd"]
        return names[name] ?? (size == .bits16 ? names16[name] : nil) ?? name
    }

    /// Each line: code size, bytes, and Capstone's name and length of each instruction in them.
    /// Left out are 74 of the 2,692 recorded sequences, which have data between instructions.
    @Test("finds the instructions that Capstone finds in recorded sequences")
    func sequences() throws {
        let lines = try fixture("vectors.txt").split(separator: "\n")
        #expect(lines.count == 2618)
        for line in lines {
            let words = line.split(separator: " ")
            let size: CodeSize =
                words[0] == "16" ? .bits16 : words[0] == "32" ? .bits32 : .bits64
            var code = bytes(words[1])[...]
            for word in words.dropFirst(2) {
                let expected = word.split(separator: ":").map(String.init)
                let instruction = try InstructionDecoder.decode(Array(code), size: size)
                let name = Self.plain(Disassembler.name(of: instruction), size)
                #expect(name == Self.plain(expected[0], size), "\(line)")
                #expect(Int(instruction.length) == Int(expected[1]), "\(line)")
                code = code.dropFirst(Int(instruction.length))
            }
            #expect(code.isEmpty, "\(line)")
        }
    }
}
