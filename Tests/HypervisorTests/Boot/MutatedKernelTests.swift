import Machine
import Testing

@testable import Hypervisor

@Suite("Kernels with bytes changed at random")
struct MutatedKernelTests {
    /// A small generator with a seed: the same numbers on every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state &* 0x2545_F491_4F6C_DD1D
        }
    }

    /// Values at which sizes and addresses go wrong.
    private static let edges: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]

    private func mutate(_ bytes: inout [UInt8], _ generator: inout Generator) {
        // Headers, rather than the zeros between them.
        let places = Array(0..<100) + Array(0x1000..<0x1020)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = places.randomElement(using: &generator) ?? 0
            guard place < bytes.count else { continue }
            bytes[place] =
                Bool.random(using: &generator)
                ? UInt8.random(in: 0...255, using: &generator)
                : Self.edges.randomElement(using: &generator) ?? 0
        }
        if Int.random(in: 0..<10, using: &generator) == 0 {
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
        }
    }

    @Test(
        "what is taken lies within the file, within RAM, and apart; all else is refused",
        arguments: [1, 2, 3])
    func mutated(_ seed: UInt64) {
        var generator = Generator(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        let map = PCMemoryMap(memorySize: 16 << 20)
        let flags: [UInt32] = [0, 1 << 16]
        var taken = 0
        for round in 0..<1000 {
            var bytes = KernelFile().with { $0.flags = flags[round % 2] }.bytes
            mutate(&bytes, &generator)
            guard
                let start = try? MultibootStart(
                    kernel: MultibootKernel(bytes), commandLine: "k",
                    modules: [.init(bytes: [1, 2], string: "m")], map: map)
            else { continue }
            taken += 1
            let segments = start.kernel.program.segments
            let pieces = start.pieces.map { $0.address..<$0.address + UInt64($0.bytes.count) }
            let ranges = (segments.map(\.range) + pieces).sorted { $0.lowerBound < $1.lowerBound }
            let areApart = zip(ranges, ranges.dropFirst())
                .allSatisfy { $0.upperBound <= $1.lowerBound }
            #expect(areApart, "seed \(seed), round \(round)")
            #expect(ranges.allSatisfy { $0.upperBound <= 16 << 20 })
            #expect(segments.allSatisfy { $0.file.upperBound <= bytes.count })
            #expect(segments.contains { $0.range.contains(start.kernel.program.entry) })
        }
        // Neither all nor none: the mutations reach past the first check.
        #expect((100..<970).contains(taken), "\(taken)")
    }
}
