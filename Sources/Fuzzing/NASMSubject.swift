import Hypervisor
import InstructionSet
import Workbook

/// Random programs, assembled by NASM and by the assembler here: the same bytes.
public final class NASMSubject: FuzzSubject {
    /// Lines of one code size.
    public struct Input: Sendable {
        let size: CodeSize
        let lines: [String]

        /// With the numbers of the lines that NASM refuses left empty.
        func source(without refused: Set<Int> = []) -> String {
            let kept = lines.enumerated().map { refused.contains($0.offset) ? "" : $0.element }
            return (["bits \(size.rawValue * 8)", "org 0x1000"] + kept)
                .joined(separator: "\n") + "\n"
        }

        /// Lines before the first of `lines`, which the tools count from 1.
        static let offset = 3
    }

    private let nasm: String
    private let folder: TemporaryFolder
    private let samplers = CodeSize.allCases.map { SourceSampler(mode: $0) }
    /// Lines that NASM refused; and of those the ones that are taken here, by their mnemonic.
    private var refused = 0
    private var lines = 0
    private var beyond: [String: Int] = [:]

    private static let linesInProgram = 60

    /// - Throws: where there is no NASM.
    public init() throws(FuzzUnavailable) {
        guard let nasm = ChildProcess.path(of: "nasm") else {
            throw FuzzUnavailable(message: "nasm is not installed (apt-get install nasm)")
        }
        self.nasm = nasm
        folder = try TemporaryFolder("nasm")
    }

    private static let files = ["source.asm", "out.bin", "errors"]

    public func draw(_ generator: inout SplitMix64) -> Input {
        let place = generator.index(samplers.count)
        let labels = (0..<8).map { "l\($0)" }
        var lines: [String] = []
        for index in 0..<Self.linesInProgram {
            if index % 7 == 3, index / 7 < labels.count { lines.append(labels[index / 7] + ":") }
            // What lies between decides between short and long jumps.
            if generator.chance(6) { lines.append("times \(generator.number(below: 120)) nop") }
            lines.append(samplers[place].line(labels: labels, using: &generator))
        }
        return Input(size: CodeSize.allCases[place], lines: lines)
    }

    public func feed(_ input: Input) throws(FuzzFailure) -> FuzzVerdict {
        var refused: Set<Int> = []
        var theirs: [UInt8]?
        while theirs == nil {
            let (bytes, wrong) = try assemble(input.source(without: refused))
            theirs = bytes
            if bytes == nil {
                guard !wrong.isSubset(of: refused) else {
                    throw FuzzFailure("NASM refuses the program, and no line of it")
                }
                refused.formUnion(wrong)
            }
        }
        lines += input.lines.count
        self.refused += refused.count
        for number in refused.sorted() where isTaken(input.lines[number], input.size) {
            let name = input.lines[number].split(separator: " ").first.map(String.init) ?? ""
            // Whether a short jump reaches depends on the other lines.
            if name.hasPrefix("j") || name.hasPrefix("loop") { continue }
            beyond[name, default: 0] += 1
        }
        try compare(input, refused, theirs ?? [])
        return .accepted
    }

    private func compare(
        _ input: Input, _ refused: Set<Int>, _ theirs: [UInt8]
    ) throws(FuzzFailure) {
        let program: AssembledProgram
        do {
            program = try Assembler.assemble(input.source(without: refused), file: "f.asm")
        } catch {
            let number = error.line - Input.offset
            let line = input.lines.indices.contains(number) ? input.lines[number] : ""
            throw FuzzFailure("\(line): refused here: \(error.message)")
        }
        if program.bytes == theirs { return }
        let first = zip(program.bytes, theirs).enumerated().first { $0.element.0 != $0.element.1 }
        let place = first?.offset ?? min(program.bytes.count, theirs.count)
        let line = program.line(at: program.origin &+ UInt64(place))
        let start = line.map { Int($0.address &- program.origin) } ?? place
        let length = (line?.length ?? 4) + 2
        throw FuzzFailure(
            "\(input.size.rawValue * 8)-bit: \(line?.text ?? ""): "
                + "NASM \(theirs.dropFirst(start).prefix(length).hexText), "
                + "here \(program.bytes.dropFirst(start).prefix(length).hexText)")
    }

    /// Whether a line that NASM refuses is assembled here; labels count as 0.
    private func isTaken(_ line: String, _ size: CodeSize) -> Bool {
        let labels = (0..<8).map { "l\($0):" }.joined(separator: "\n")
        return (try? Assembler.assemble(labels + "\n" + line, file: "f.asm", bits: size)) != nil
    }

    /// NASM's bytes, or the lines that it finds wrong.
    private func assemble(
        _ source: String
    ) throws(FuzzFailure) -> (bytes: [UInt8]?, wrong: Set<Int>) {
        let paths = Self.files.map { folder.path + "/" + $0 }
        guard TemporaryFolder.write(Array(source.utf8), to: paths[0]) else {
            throw FuzzFailure("\(paths[0]): not written")
        }
        let outcome = ChildProcess.run(
            nasm, ["-f", "bin", "-w-all", "-Z", paths[2], "-o", paths[1], paths[0]])
        guard let outcome else { throw FuzzFailure("NASM does not start") }
        guard outcome.status != 0 else { return (try? BoundedFile.read(paths[1]), []) }
        let errors = (try? BoundedFile.read(paths[2])) ?? []
        var wrong: Set<Int> = []
        for line in String(decoding: errors, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":")
            guard parts.count > 2, parts[2].hasPrefix(" error"), let number = Int(parts[1]) else {
                continue
            }
            wrong.insert(number - Input.offset)
        }
        return (nil, wrong)
    }

    public func text(of input: Input) -> String { input.source() }

    public var notes: [String] {
        let taken = beyond.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let total = taken.reduce(0) { $0 + $1.value }
        return [
            "\(lines) lines, of which NASM refused \(refused), of those \(total) taken here: "
                + taken.prefix(20).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        ]
    }
}
