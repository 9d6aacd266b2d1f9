import InstructionSet
import Workbook

/// Bytes to text and back: the assembler must make the same instruction of what the disassembler
/// writes, and that text must be the text of what it makes.
public struct RoundTripSubject: FuzzSubject {
    private var decoder = DecoderSubject()

    public init() {}

    /// How another encoding can be the same instruction. The list may shrink, not grow: a test
    /// counts it.
    public enum Equivalence: String, CaseIterable, Sendable {
        case encoding = "prefixes that mean nothing, a longer form, or a wider immediate"
        case exchangedOperands = "XCHG and TEST mean the same either way round"
        case exchangedRegisters = "base and index, neither scaled, mean the same either way round"
        case splitIndex = "twice an index is that register as base and as index"
        case clearedHalf = "to write a register's low half clears its high half, too"
        case noSyntax = "a 32-bit offset behind the opcode in 64-bit code has no syntax"
    }

    public mutating func draw(_ generator: inout SplitMix64) -> DecoderSubject.Input {
        decoder.draw(&generator)
    }

    public func text(of input: DecoderSubject.Input) -> String {
        let text = (try? InstructionDecoder.decode(input.code, size: input.size)).map {
            Disassembler.text(of: $0, at: Self.address, size: input.size)
        }
        return decoder.text(of: input) + " " + (text ?? "")
    }

    private static let address: UInt64 = 0x1000

    public mutating func feed(_ input: DecoderSubject.Input) throws(FuzzFailure) -> FuzzVerdict {
        guard let first = try? InstructionDecoder.decode(input.code, size: input.size) else {
            return .refused
        }
        let form = InstructionTable.form(of: first)
        if form.operation == .notModelled || form.traits.contains(.decoderOnly) { return .skipped }
        let text = Disassembler.text(of: first, at: Self.address, size: input.size)
        let bytes = try Self.assemble(text, first, input.size)
        guard let bytes else { return .skipped }
        guard let second = try? InstructionDecoder.decode(bytes, size: input.size),
            Int(second.length) == bytes.count
        else { throw FuzzFailure("\(text) becomes \(bytes.hexText), no instruction") }
        if bytes == Array(input.code.prefix(Int(first.length))) { return .accepted }
        guard Self.equivalence(first, second, input.size) != nil else {
            let other = Disassembler.text(of: second, at: Self.address, size: input.size)
            throw FuzzFailure("\(text) becomes \(bytes.hexText), \(other)")
        }
        return .accepted
    }

    /// The assembler's bytes; nil where the instruction is too far from its target for them.
    private static func assemble(
        _ text: String, _ instruction: Instruction, _ size: CodeSize
    ) throws(FuzzFailure) -> [UInt8]? {
        // Targets are numbers, which only an address of the program's own can be relative to.
        var source = text
        if instruction.base == Instruction.instructionPointer {
            source = source.replacing("[rel ", with: "[rel $$-0x1000+")
            source = source.replacing("[fs:rel ", with: "[fs:rel $$-0x1000+")
            source = source.replacing("[gs:rel ", with: "[gs:rel $$-0x1000+")
        }
        do {
            return try Assembler.assemble("org 0x1000\n" + source, file: "f", bits: size).bytes
        } catch {
            if equivalence(instruction, instruction, size) == .noSyntax { return nil }
            // Without prefixes that mean nothing it ends earlier.
            if instruction.first.kind == .relative, instruction.length > 2 { return nil }
            throw FuzzFailure("\(text): \(error.message)")
        }
    }

    /// Why two instructions are the same though their bytes differ; nil where they are not.
    static func equivalence(
        _ first: Instruction, _ second: Instruction, _ size: CodeSize
    ) -> Equivalence? {
        let hasOffset = InstructionTable.form(of: first).operands.contains("moffs")
        if hasOffset, size == .bits64, first.addressSize == 4 { return .noSyntax }
        if isAlike(first, second, size) || isNothing(first, second, size) { return .encoding }
        if isClearedHalf(first, second) { return .clearedHalf }
        var swapped = second
        (swapped.first, swapped.second) = (second.second, second.first)
        let isExchange = first.operation == .xchg || first.operation == .test
        if isExchange, isAlike(first, swapped, size) { return .exchangedOperands }
        if first.scale == 0, second.scale == 0 {
            swapped = second
            (swapped.base, swapped.index) = (second.index, second.base)
            if isAlike(first, swapped, size) { return .exchangedRegisters }
        }
        guard first.base == Instruction.noRegister, first.scale == 1 else { return nil }
        swapped = first
        (swapped.base, swapped.scale) = (first.index, 0)
        return isAlike(swapped, second, size) ? .splitIndex : nil
    }

    /// A number or a selector to a register, of which the second writes the low half alone.
    private static func isClearedHalf(_ first: Instruction, _ second: Instruction) -> Bool {
        let operations: [InstructionSet.Operation] = [.mov, .movFromSegment, .sldt]
        guard operations.contains(first.operation), first.first.kind == .general,
            first.first.size == 8, first.second.kind != .general
        else { return false }
        var narrow = second
        narrow.first.size = 8
        return narrow.operation == first.operation && second.first.size == 4
            && narrow.first == first.first && narrow.second.kind == first.second.kind
            && narrow.second.register == first.second.register
            && narrow.immediate == first.immediate
    }

    /// XCHG of the accumulator with itself, which in 64-bit code clears a high half.
    private static func isNothing(
        _ first: Instruction, _ second: Instruction, _ size: CodeSize
    ) -> Bool {
        (size != .bits64 || first.operandSize != 4) && first.operation == .xchg
            && second.operation == .nop
            && first.first == first.second && first.first.register == 0
            && first.operandSize == second.operandSize
    }

    /// Whether both have the same text and, where no operand tells it, the same operand size.
    private static func isAlike(
        _ first: Instruction, _ second: Instruction, _ size: CodeSize
    ) -> Bool {
        guard plainText(first, size) == plainText(second, size) else { return false }
        if first.first.kind == .relative, first.operandSize != second.operandSize { return false }
        switch InstructionTable.form(of: first).size {
        case .any, .derived: return true
        default:
            return first.operandSize == second.operandSize || first.first.kind == .memory
                || first.first.kind == .media
        }
    }

    /// The text without what only tells the encoding: how a branch says its size, which depends on
    /// its reach, and the immediate 1 of a shift.
    private static func plainText(_ instruction: Instruction, _ size: CodeSize) -> String {
        var text = Disassembler.text(of: instruction, at: address, size: size)
        if instruction.first.kind == .relative {
            for word in ["o16 ", "o32 ", "dword ", "word "] {
                text = text.replacing(word, with: "")
            }
        }
        if text.hasSuffix(", 0x1") { text = text.dropLast(3) + "1" }
        return text
    }
}
