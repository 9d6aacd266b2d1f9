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

    /// What must be the same in two encodings of one instruction.
    private static func meaning(_ instruction: Instruction) -> [String] {
        var operands = [instruction.first, instruction.second, instruction.third]
        if instruction.operation == .xchg { operands.sort { "\($0)" < "\($1)" } }
        var parts = [
            "\(instruction.operation) \(instruction.condition) \(operands)",
            "\(instruction.immediate) \(instruction.secondImmediate)",
        ]
        // The size matters where the form depends on it, but to memory of a fixed width.
        let rule = InstructionTable.form(of: instruction).size
        if rule != .any, rule != .derived, operands[0].kind != .memory {
            parts.append("\(instruction.operandSize)")
        }
        guard operands.contains(where: { $0.kind == .memory }) else { return parts }
        // Base and index can change places where neither is scaled and the segment is the same.
        let registers = [instruction.base, instruction.index]
        parts.append("\(instruction.scale == 0 ? registers.sorted() : registers)")
        parts.append("\(instruction.scale) \(instruction.displacement) \(instruction.segment)")
        parts.append("\(instruction.addressSize)")
        return parts
    }

    /// NASM splits twice an index into base and index, and has no word for a 32-bit offset behind
    /// the opcode in 64-bit code.
    private static func hasNoSyntax(_ instruction: Instruction, _ mode: CodeSize) -> Bool {
        let none = Instruction.noRegister
        if instruction.base == none, instruction.index != none, instruction.scale == 1 {
            return true
        }
        let row = DecodeTables.shared.layouts[Int(instruction.form)]
        return mode == .bits64 && instruction.addressSize == 4 && row.hasPlace(.offset)
    }

    @Test(
        "writes what NASM reads as the same instruction, for random bytes",
        .enabled(if: Tool.nasm.isInstalled, "\(Tool.nasm.reasonToSkip)"),
        arguments: CodeSize.allCases)
    func randomBytes(_ mode: CodeSize) throws {
        var generator = SeededGenerator(seed: 42 + UInt64(mode.rawValue))
        var decoded: [(code: [UInt8], instruction: Instruction, text: String)] = []
        while decoded.count < 4000 {
            let code = ObjdumpTests.randomCode(&generator)
            guard let instruction = try? InstructionDecoder.decode(code, size: mode),
                instruction.operation != .notModelled,
                !InstructionTable.form(of: instruction).traits.contains(.decoderOnly)
            else { continue }
            let isRelative = instruction.base == Instruction.instructionPointer
            if isRelative || instruction.first.kind == .relative { continue }
            if Self.hasNoSyntax(instruction, mode) { continue }
            decoded.append((code, instruction, Disassembler.text(of: instruction, size: mode)))
        }
        let assembled = try NASM.bytes(of: decoded.map(\.text), size: mode)
        for (one, theirs) in zip(decoded, assembled) {
            let again = try theirs.map { try InstructionDecoder.decode($0, size: mode) }
            if let again, Self.meaning(again) == Self.meaning(one.instruction) { continue }
            Issue.record("\(one.code.hex): \(one.text), in NASM \(theirs?.hex ?? "refused")")
        }
    }
}
