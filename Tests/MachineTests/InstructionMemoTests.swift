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

    private static let inputs: [WritableKeyPath<InstructionExit, UInt64> & Sendable] = [
        \.cpl, \.protected, \.virtual8086, \.longMode, \.codeIsLong, \.cr4, \.nonRoot, \.primary,
        \.secondary, \.isFirstPause, \.sinceLastPause, \.xssBitmap, \.bitmapBit, \.function,
    ]

    @Test("The verdict is the ladder's own, over subjects that differ in a bit or in nothing")
    func sameAsAsked() throws {
        var generator = Generator(state: 7)
        var ladders = InstructionLadders()
        let operations = ladders.operations
        var subject = InstructionExit(.cpuid)
        var verdicts: Set<Verdict> = []
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: break
            case 1:
                let operation = try #require(operations.randomElement(using: &generator))
                subject.operation = operation
            default:
                let input = try #require(Self.inputs.randomElement(using: &generator))
                subject[keyPath: input] ^= 1 << UInt64.random(in: 0..<32, using: &generator)
            }
            let verdict = ladders.evaluate(subject)
            #expect(verdict == ladders[subject.operation]?.evaluate(subject), "\(subject)")
            if let verdict { verdicts.insert(verdict) }
        }
        #expect(verdicts.count > 10)
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
        #expect(ladders.evaluate(subject) == .exit(.cpuid))
        ladders[.cpuid] = Ladder([])
        #expect(ladders.evaluate(subject) == .proceed)
    }
}
