import Hypervisor
import Machine
import Workbook

/// The loaders of multiboot kernels and of disk images, fed with changed files; what they accept
/// runs for a few steps.
public struct BootSubject: FuzzSubject {
    public enum Kind: Sendable { case kernel, disk }

    private let kind: Kind
    private let corpus: [[UInt8]]
    private static let memory: UInt64 = 8 << 20
    private static let steps: UInt64 = 200

    /// A file, and whether it runs. The loader is what is fed; a disk's boot sector, which it does
    /// not look into, runs now and then only.
    public struct Input: Sendable {
        let bytes: [UInt8]
        let runs: Bool
    }

    public init(_ kind: Kind) {
        self.kind = kind
        corpus = kind == .kernel ? [Self.elf, Self.placed] : [Self.bootSector, Self.partitioned]
    }

    public mutating func draw(_ generator: inout SplitMix64) -> Input {
        var bytes = generator.pick(corpus)
        for _ in 0..<generator.index(5) {
            // A number of the headers, or anywhere.
            if kind == .kernel, generator.chance(70) {
                let place = generator.index(min(bytes.count, 0xA0)) & ~1
                let value = generator.telling()
                for index in 0..<min(4, bytes.count - place) {
                    bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
                }
            } else {
                Mutation.change(&bytes, words: [], others: corpus, &generator)
            }
        }
        return Input(
            bytes: bytes, runs: generator.chance(kind == .kernel ? 100 : 5))
    }

    public mutating func feed(_ input: Input) throws(FuzzFailure) -> FuzzVerdict {
        let configuration: RunConfiguration
        do {
            let map = PCMemoryMap(memorySize: Self.memory)
            switch kind {
            case .kernel:
                let modules = [MultibootStart.Module(bytes: [1, 2, 3], string: "module")]
                let start = try MultibootStart(
                    kernel: try MultibootKernel(input.bytes), commandLine: "fuzz", modules: modules,
                    map: map)
                configuration = RunConfiguration(multiboot: start, name: "fuzz")
            case .disk:
                configuration = RunConfiguration(
                    boot: try DiskImage(input.bytes), name: "fuzz", map: map)
            }
        } catch {
            guard !error.message.isEmpty else { throw FuzzFailure("an error without a text") }
            return .refused
        }
        guard input.runs else { return .accepted }
        let run = GuestRun(configuration)
        run.stepBudget = Self.steps
        guard case .ended = run.run() else { throw FuzzFailure("the run did not end") }
        return .accepted
    }

    public func text(of input: Input) -> String { input.bytes.hexText }

    // MARK: Files to begin from

    private static func words(_ values: [UInt32]) -> [UInt8] {
        values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
        }
    }

    private static let code: [UInt8] = [0x89, 0xC1, 0x8B, 0x03, 0x83, 0xC0, 0x01, 0xE6, 0xE9, 0xF4]

    /// A 32-bit ELF executable with two segments and a multiboot header.
    private static let elf: [UInt8] = {
        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + Array(repeating: 0, count: 9)
        file += [2, 0, 3, 0] + words([1, 0x10_0080, 52, 0, 0]) + [52, 0, 32, 0, 2, 0, 40, 0]
        file += Array(repeating: 0, count: 52 - file.count)
        file += words([1, 0, 0x10_0000, 0x10_0000, 0x100, 0x100, 5, 0x1000])
        file += words([1, 0x100, 0x10_1000, 0x10_1000, 0x20, 0x3000, 6, 0x1000])
        file += words([0x1BAD_B002, 3, 0 &- 0x1BAD_B002 &- 3])
        file += code
        return file + Array(repeating: 0, count: 0x120 - file.count)
    }()

    /// A flat kernel that its multiboot header places.
    private static let placed: [UInt8] = {
        let flags: UInt32 = 0x1_0003
        let header: [UInt32] = [
            0x1BAD_B002, flags, 0 &- 0x1BAD_B002 &- flags, 0x10_0000, 0x10_0000, 0, 0x10_4000,
            0x10_0020,
        ]
        return words(header) + code + Array(repeating: 0, count: 64)
    }()

    /// Resets the disk, reads a sector behind itself, prints a letter, waits for a key.
    private static let bootSector: [UInt8] = {
        var code: [UInt8] = [0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, 0xCD, 0x13]
        code += [0xB8, 0x01, 0x02, 0xBB, 0x00, 0x7E, 0xB9, 0x02, 0x00, 0x30, 0xF6, 0xCD, 0x13]
        code += [0xB8, 0x41, 0x0E, 0xCD, 0x10, 0xB4, 0x01, 0xCD, 0x16, 0xB8, 0x20, 0xE8]
        code += [0xCD, 0x15, 0xB4, 0x02, 0xCD, 0x1A, 0xF4]
        let filler = Array(repeating: UInt8(0), count: 510 - code.count)
        return code + filler + [0x55, 0xAA] + Array(repeating: 0x90, count: 512)
    }()

    private static let partitioned: [UInt8] = {
        var image = bootSector
        image.replaceSubrange(446..<462, with: [0x80, 1, 1, 0, 6, 1, 1, 1] + words([1, 1]))
        return image
    }()
}
