import Architecture
import InstructionSet
import Workbook

/// A random sequence of instructions and the registers before it.
public struct DifferentialCase: Sendable {
    let mode: DifferentialMode
    let code: [UInt8]
    /// By ``GeneralRegister``.
    let registers: [UInt64]
    let flags: UInt64

    /// Sequences are short: each of their outcomes is compared, and what faults ends them.
    static let mostInstructions = 6

    init(
        mode: DifferentialMode, sampler: InstructionSampler,
        excluded: Set<InstructionSet.Operation>, _ generator: inout SplitMix64
    ) {
        self.mode = mode
        var sequence: [(bytes: [UInt8], instruction: Instruction)] = []
        for _ in 0...generator.index(Self.mostInstructions) {
            for _ in 0..<4 {
                // A prefix can make another instruction of a form.
                guard let one = sampler.code(using: &generator),
                    let decoded = try? InstructionDecoder.decode(one, size: mode.codeSize),
                    !excluded.contains(decoded.operation), Self.isTelling(decoded, mode)
                else { continue }
                sequence.append((one, decoded))
                break
            }
        }
        code = Self.joined(sequence, &generator)
        registers = GeneralRegister.allCases.map { Self.value(of: $0, mode, &generator) }
        // DF and the arithmetic flags; IF, as nothing interrupts.
        let drawn = 2 | generator.next() & 0xAD5 | (generator.chance(10) ? 0x400 : 0)
        // A user's IF is 1, whatever KVM is told.
        flags = mode.isUser ? drawn | FlagBit.if.mask : drawn
    }

    /// Whether an instruction's outcome is one that can be compared.
    private static func isTelling(_ instruction: Instruction, _ mode: DifferentialMode) -> Bool {
        if KVMCondition.loopPrefix.concerns(instruction, mode) { return false }
        if KVMCondition.branchSize.concerns(instruction, mode) { return false }
        switch instruction.operation {
        case .bsf, .bsr: return true
        default: return !instruction.mayHaveUndefinedResult
        }
    }

    /// The sequence's bytes. Most branches lead to one of its instructions: inside another there is
    /// another instruction, which may be none that can be compared.
    private static func joined(
        _ sequence: [(bytes: [UInt8], instruction: Instruction)], _ generator: inout SplitMix64
    ) -> [UInt8] {
        var code: [UInt8] = []
        for (index, one) in sequence.enumerated() {
            code += one.bytes
            guard one.instruction.first.kind == .relative, generator.chance(90) else { continue }
            let later = sequence[(index + 1)...].prefix(generator.index(sequence.count - index))
            let distance = later.reduce(0) { $0 + $1.bytes.count }
            // The displacement ends the instruction.
            let operands = InstructionTable.form(of: one.instruction).operands
            let width = operands == "rel8" ? 1 : operands == "rel16" ? 2 : 4
            for place in 0..<width {
                code[code.count - width + place] = UInt8(
                    truncatingIfNeeded: distance >> (8 * place))
            }
        }
        return code
    }

    private static func value(
        of register: GeneralRegister, _ mode: DifferentialMode, _ generator: inout SplitMix64
    ) -> UInt64 {
        let isReal = mode == .real16
        if register == .rsp, generator.chance(95) || mode.isUser {
            return (isReal ? 0x8000 : DifferentialMode.Place.stack) - generator.number(below: 64)
        }
        // What counts the turns of REP.
        if register == .rcx, generator.chance(70) { return generator.number(below: 40) }
        if !mode.isLong, register.rawValue >= 8 { return 0 }
        if generator.chance(55) {
            let offset = 0x1000 + generator.number(below: 0xE000)
            return isReal ? offset : DifferentialMode.Place.data + offset
        }
        return generator.telling() & mode.registerMask
    }
}
