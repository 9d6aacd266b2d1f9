import Foundation
import Testing

@testable import InstructionSet

@Suite("Every form of the table against NASM")
struct NASMFormTests {
    /// Assembles one line alone.
    private func ours(_ line: String, _ mode: CodeSize) -> [UInt8]? {
        do throws(AssemblyError) {
            return try Assembler.assemble(line, file: "line.asm", bits: mode).bytes
        } catch {
            return nil
        }
    }

    @Test(
        "gives the same bytes, form by form",
        .enabled(if: Tool.nasm.isInstalled, "\(Tool.nasm.reasonToSkip)"),
        arguments: CodeSize.allCases)
    func sameBytes(_ mode: CodeSize) throws {
        var lines: [String] = []
        var seen: Set<String> = []
        for form in InstructionTable.forms
        where form.modes.contains(mode) && form.operation != .notModelled
            && !form.traits.contains(.decoderOnly)
        {
            for line in OperandSamples(form, mode: mode).lines() where seen.insert(line).inserted {
                lines.append(line)
            }
        }
        #expect(lines.count > 3000)
        let expected = try NASM.bytes(of: lines, size: mode)
        var differences: [String] = []
        for (line, theirs) in zip(lines, expected) {
            let mine = ours(line, mode)
            if mine == theirs { continue }
            differences.append(
                "\(line): NASM \(theirs?.hex ?? "refuses"), here \(mine?.hex ?? "refused")")
        }
        #expect(differences.isEmpty, "\(differences.prefix(400).joined(separator: "\n"))")
    }
}
