import Foundation
import Testing

@testable import InstructionSet

@Suite("Disassembler")
struct DisassemblerTests {
    private static func encodings(_ mode: CodeSize) -> [(line: String, bytes: [UInt8])] {
        var found: [(line: String, bytes: [UInt8])] = []
        for form in InstructionTable.forms
        where form.modes.contains(mode) && form.operation != .notModelled
            && !form.traits.contains(.decoderOnly) && !form.opcode.hasPrefix("9B ")
        {
            // `strict` asks for a longer encoding than the text alone gives.
            for line in OperandSamples(form, mode: mode).lines() where !line.contains("strict") {
                if let bytes = try? Assembler.assemble(line, file: "", bits: mode).bytes {
                    found.append((line, bytes))
                }
            }
        }
        return found
    }

    @Test(
        "writes what NASM assembles back to the same bytes, for every form",
        .enabled(if: Tool.nasm.isInstalled, "\(Tool.nasm.reasonToSkip)"),
        arguments: CodeSize.allCases)
    func roundTripThroughNASM(_ mode: CodeSize) throws {
        var texts: [String] = []
        var encodings: [(line: String, bytes: [UInt8])] = []
        for (line, bytes) in Self.encodings(mode) {
            let instruction = try InstructionDecoder.decode(bytes, size: mode)
            try #require(Int(instruction.length) == bytes.count, "\(line)")
            let text = Disassembler.text(of: instruction, size: mode)
            // What depends on its own address is the next test's.
            let kinds = [instruction.first.kind, instruction.second.kind]
            if kinds.contains(.relative) || text.contains("[rel ") { continue }
            texts.append(text)
            encodings.append((line, bytes))
        }
        let assembled = try NASM.bytes(of: texts, size: mode)
        for (index, text) in texts.enumerated() where assembled[index] != encodings[index].bytes {
            Issue.record(
                "\(encodings[index].line) is \(encodings[index].bytes.hex), disassembled as \(text), which NASM makes \(assembled[index]?.hex ?? "nothing of")"
            )
        }
    }

    @Test("names targets by their address", arguments: CodeSize.allCases)
    func targets(_ mode: CodeSize) throws {
        for (line, bytes) in Self.encodings(mode) {
            let first = try InstructionDecoder.decode(bytes, size: mode)
            let isRelative = first.base == Instruction.instructionPointer
            guard isRelative || first.first.kind == .relative else { continue }
            let text = Disassembler.text(of: first, at: 0x1000, size: mode)
            // A plain number is no place that the assembler could be relative to.
            let source = text.replacingOccurrences(of: "[rel ", with: "[rel $$-0x1000+")
            let again = try Assembler.assemble("org 0x1000\n" + source, file: "", bits: mode).bytes
            let second = try InstructionDecoder.decode(again, size: mode)
            let secondText = Disassembler.text(of: second, at: 0x1000, size: mode)
            #expect(text == secondText, "\(line)")
        }
    }
}
