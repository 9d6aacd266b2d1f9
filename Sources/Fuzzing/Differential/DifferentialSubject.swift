import Architecture
import InstructionSet
import KVM
import Machine
import Workbook

/// Random sequences of instructions on the model and on real KVM, whose registers, flags and memory
/// must be the same at the end.
public struct DifferentialSubject: FuzzSubject {
    private let sides: [Sides]
    private var skips: [Skip: Int] = [:]

    /// Why a sequence says nothing.
    private enum Skip: String, CaseIterable {
        case modelEnd = "the model ends otherwise than with HLT or a shutdown"
        case tables = "it wrote to descriptors, page tables or handlers"
        case astray = "it came to an instruction that is not compared"
        case stepped = "it set TF, AC or NT"
        case undefinedResult = "a result is undefined"
        case undefinedFlags = "undefined flags came into a register or decided a branch"
        case notEmulated = "KVM does not know an instruction"
        case condition = "a condition excuses all that followed"
    }

    private mutating func skip(_ reason: Skip) -> FuzzVerdict {
        skips[reason, default: 0] += 1
        return .skipped
    }

    public var notes: [String] {
        Skip.allCases.compactMap { reason in
            skips[reason].map { "skipped \($0): \(reason.rawValue)" }
        }
    }

    /// One mode's two machines.
    private final class Sides {
        let mode: DifferentialMode
        let sampler: InstructionSampler
        let excluded: Set<InstructionSet.Operation>
        let model: DifferentialModel
        let kvm: DifferentialKVM

        init(_ mode: DifferentialMode) throws(KVMError) {
            self.mode = mode
            let excluded = KVMGap.excluded(in: mode)
            self.excluded = excluded
            sampler = InstructionSampler(mode: mode.codeSize) { form in
                !excluded.contains(form.operation)
                    && DifferentialSubject.isInteger(form.operation)
            }
            model = DifferentialModel(mode)
            kvm = try DifferentialKVM(mode, start: model.start)
        }
    }

    /// - Throws: where there is no KVM.
    public init(modes: [DifferentialMode] = DifferentialMode.allCases) throws(FuzzUnavailable) {
        var sides: [Sides] = []
        do {
            for mode in modes { sides.append(try Sides(mode)) }
        } catch { throw FuzzUnavailable(message: error.description) }
        self.sides = sides
    }

    /// The integer instructions; x87 and SSE state is not set anew for each sequence.
    private static func isInteger(_ operation: InstructionSet.Operation) -> Bool {
        operation != .notModelled && operation.rawValue < InstructionSet.Operation.vmcall.rawValue
    }

    public mutating func draw(_ generator: inout SplitMix64) -> DifferentialCase {
        let side = sides[generator.index(sides.count)]
        return DifferentialCase(
            mode: side.mode, sampler: side.sampler, excluded: side.excluded, &generator)
    }

    public mutating func feed(_ input: DifferentialCase) throws(FuzzFailure) -> FuzzVerdict {
        guard let side = sides.first(where: { $0.mode == input.mode }) else { return .skipped }
        let run = side.model.run(input)
        if case .other = run.outcome.end { return skip(.modelEnd) }
        if side.model.hasChangedTables(run.outcome, input) { return skip(.tables) }
        // A branch may have led into the middle of an instruction. HLT ends a sequence, or as a
        // user's is a fault whose handler does.
        let isKnown = run.trace.allSatisfy {
            $0.operation == .hlt
                || !side.excluded.contains($0.operation) && Self.isInteger($0.operation)
        }
        if !isKnown { return skip(.astray) }
        if run.isStepped { return skip(.stepped) }
        if run.trace.contains(where: Self.isOpen) { return skip(.undefinedResult) }
        var variants: [DifferentialOutcome] = []
        if run.hasUndefined {
            let runs = DifferentialModel.patterns.map { side.model.run(input, undefined: $0) }
            // On another path, or in a register, anything may come of an undefined flag.
            if runs.contains(where: { !$0.isAlike(run) }) { return skip(.undefinedFlags) }
            variants = runs.map(\.outcome)
        }
        if variants.contains(where: { $0.end != run.outcome.end }) { return skip(.undefinedFlags) }
        let theirs: DifferentialOutcome
        do {
            theirs = try side.kvm.run(input, from: side.model.startState(input))
        } catch { throw FuzzFailure(error.description) }
        if case .notEmulated(let rip) = theirs.end {
            return try skip(at: rip, input, side.model)
        }
        let pair = DifferentialPair(
            model: run.outcome, kvm: theirs, trace: run.trace, given: input)
        guard let excuse = pair.excuse else { return skip(.condition) }
        let found = run.outcome.differences(theirs, variants: variants, excuse: excuse) {
            side.model.page(at: $0, of: input)
        }
        if found.isEmpty { return .accepted }
        throw FuzzFailure(
            "\(input.mode.rawValue): "
                + run.trace.prefix(12).map { "\($0.operation)" }.joined(separator: " ")
                + "\n  " + found.joined(separator: "\n  "))
    }

    /// Whether the result itself is undefined. A bit scan of 0 is compared: the makers agree.
    private static func isOpen(_ instruction: Instruction) -> Bool {
        switch instruction.operation {
        case .bsf, .bsr: false
        default: instruction.mayHaveUndefinedResult
        }
    }

    /// KVM has given up at an instruction: a failure, unless it is one of those that are listed.
    private mutating func skip(
        at rip: UInt64, _ input: DifferentialCase, _ model: DifferentialModel
    ) throws(FuzzFailure) -> FuzzVerdict {
        let page = model.page(at: rip & ~0xFFF, of: input)
        let bytes = Array(page.dropFirst(Int(rip & 0xFFF)).prefix(15))
        // What is no instruction at all it need not know.
        guard let one = try? InstructionDecoder.decode(bytes, size: input.mode.codeSize),
            Self.isInteger(one.operation), !KVMGap.unknown.contains(one.operation)
        else { return skip(.notEmulated) }
        throw FuzzFailure("\(input.mode.rawValue): KVM does not know \(one.operation)")
    }

    public func text(of input: DifferentialCase) -> String {
        var lines = ["bytes \(input.code.hexText), flags \(input.flags.hexText)"]
        let registers = zip(GeneralRegister.allCases, input.registers).map {
            "\($0.name) \($1.hexText)"
        }
        lines.append(registers.joined(separator: " "))
        var rest = input.code[...]
        while !rest.isEmpty,
            let one = try? InstructionDecoder.decode(Array(rest), size: input.mode.codeSize)
        {
            let at = DifferentialMode.Place.code + UInt64(rest.startIndex)
            let bytes = rest.prefix(Int(one.length))
            lines.append(
                "  \(at.hexText) \(bytes.hexText) "
                    + Disassembler.text(of: one, at: at, size: input.mode.codeSize))
            rest = rest.dropFirst(Int(one.length))
        }
        return lines.joined(separator: "\n")
    }
}
