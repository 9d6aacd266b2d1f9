import Architecture
import InstructionSet
import Testing

@testable import Machine

/// The machine remembers the last decision about an instruction. Held here against asking the
/// ladder each time.
@Suite("What is remembered of the last instruction's decision")
struct InstructionMemoTests {
    /// A linear congruential generator: the same numbers on every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private typealias Fact = WritableKeyPath<InstructionExit, UInt64> & Sendable

    /// Facts that any ladder may ask, and some that few ask, each with its width.
    private static let inputs: [(path: Fact, bits: UInt64)] = [
        (\.cpl, 2), (\.protected, 1), (\.virtual8086, 1), (\.longMode, 1), (\.codeIsLong, 1),
        (\.cr4, 32), (\.nonRoot, 1), (\.primary, 32), (\.secondary, 32), (\.isFirstPause, 1),
        (\.sinceLastPause, 32), (\.requestedComponents, 32), (\.supervisorComponents, 32),
        (\.xssBitmap, 32), (\.encoding, 32), (\.bitmapBit, 1), (\.function, 32),
        (\.functionControls, 32), (\.isEPTPValid, 1),
    ]

    @Test("The verdict is the ladder's own, over subjects that differ in a bit or in nothing")
    func sameAsAsked() throws {
        var generator = Generator(state: 7)
        var ladders = InstructionLadders()
        let operations = ladders.operations
        var subject = InstructionExit(.cpuid)
        var verdicts: Set<Verdict> = []
        var remembered = 0
        for _ in 0..<40_000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: break
            case 1:
                let operation = try #require(operations.randomElement(using: &generator))
                subject.operation = operation
            default:
                let input = try #require(Self.inputs.randomElement(using: &generator))
                let bit = UInt64.random(in: 0..<input.bits, using: &generator)
                subject[keyPath: input.path] ^= 1 << bit
            }
            let situation = InstructionSituation(subject)
            let verdict = try #require(ladders.evaluate(subject))
            if let known = ladders.remembered(situation) {
                remembered += 1
                #expect(known == verdict, "\(subject)")
            }
            ladders.remember(verdict, situation)
            verdicts.insert(verdict)
        }
        #expect(verdicts.count > 10)
        #expect(remembered > 1_000)
    }

    private static let portInputs: [WritableKeyPath<PortAccess, UInt64> & Sendable] = [
        \.cpl, \.iopl, \.virtual8086, \.protected, \.tssDenies, \.nonRoot, \.unconditional,
        \.useBitmaps, \.bitmapBits, \.wraps,
    ]

    @Test("The verdict on a port is the ladder's own, over accesses that differ in a bit or none")
    func portSameAsAsked() throws {
        var generator = Generator(state: 11)
        var ladders = PortLadders()
        var access = PortAccess(port: 0x80, size: 1, isInput: false)
        var verdicts: Set<Verdict> = []
        for _ in 0..<5000 {
            if Bool.random(using: &generator) {
                let input = try #require(Self.portInputs.randomElement(using: &generator))
                access[keyPath: input] ^= 1
            }
            let verdict = ladders.evaluate(access)
            #expect(verdict == ladders.access.evaluate(access), "\(access)")
            verdicts.insert(verdict)
        }
        #expect(verdicts.count > 2)
    }

    @Test("The ports' ladder, changed, is asked again")
    func forgetsPorts() {
        var ladders = PortLadders()
        var access = PortAccess(port: 0x80, size: 1, isInput: false)
        (access.nonRoot, access.unconditional) = (1, 1)
        #expect(ladders.evaluate(access) == .exit(.ioInstruction))
        ladders.access.rules.removeAll { $0.id == "io.no-bitmaps" }
        #expect(ladders.evaluate(access) == .proceed)
    }

    @Test("A ladder that is changed is asked again")
    func forgets() {
        var ladders = InstructionLadders()
        var subject = InstructionExit(.cpuid)
        subject.nonRoot = 1
        let situation = InstructionSituation(subject)
        #expect(ladders.remembered(situation) == nil)
        ladders.remember(.exit(.cpuid), situation)
        #expect(ladders.remembered(situation) == .exit(.cpuid))
        ladders[.cpuid] = Ladder([])
        #expect(ladders.remembered(situation) == nil)
    }
}

extension InstructionSituation {
    /// The part of a subject that it stands for.
    fileprivate init(_ subject: InstructionExit) {
        var modes = Modes()
        if subject.protected == 1 { modes.insert(.protected) }
        if subject.virtual8086 == 1 { modes.insert(.virtual8086) }
        if subject.longMode == 1 { modes.insert(.longMode) }
        if subject.codeIsLong == 1 { modes.insert(.codeIsLong) }
        if subject.nonRoot == 1 { modes.insert(.nonRoot) }
        self.init(
            operation: subject.operation, cpl: UInt8(subject.cpl), modes: modes, cr4: subject.cr4,
            primary: subject.primary, secondary: subject.secondary)
    }
}
