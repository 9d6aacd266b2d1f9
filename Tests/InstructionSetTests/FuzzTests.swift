import Testing

@testable import InstructionSet

/// A sample of what a release build is fuzzed with for longer: the seeds are fixed.
@Suite("Any input is safe")
struct FuzzTests {
    private static let words = [
        "%define ", "%macro ", "%endmacro", "%rep ", "%endrep", "%if ", "%else", "%endif", "times ",
        " equ ", "org ", "bits 64\n", "[", "]", "(", ")", "+", "*", "-", "/", "%", ",", ":", "$",
        "$$",
        "0xffffffffffffffff", "-9223372036854775808", " dup ", "?", "`", "'", "\\", "\n", "rel ",
        "strict ", "dword ", "far ", "align ", "%include ", "%1", "%%a", "%+", "resb ",
        "section .data", ".l", "eax", "rbx", "cs", "cr0", "mov ", "jmp ", "push ", "lock ", "rep ",
        "o32 ", "a16 ", "<<", ">>>", "&&", "%rotate ", "%assign ", "%exitrep", "%xdefine ",
    ].map { Array($0.utf8) }

    private static func mutate(_ source: inout [UInt8], _ generator: inout SeededGenerator) {
        if source.isEmpty { source = [0x0A] }
        let place = Int.random(in: 0..<source.count, using: &generator)
        let end = min(source.count, place + Int.random(in: 0..<20, using: &generator))
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: source[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: source.remove(at: place)
        case 2:
            let word = words[Int.random(in: 0..<words.count, using: &generator)]
            source.insert(contentsOf: word, at: place)
        case 3: source.insert(contentsOf: Array(source[place..<end]), at: place)
        default: source.removeSubrange(place..<end)
        }
    }

    @Test("the assembler takes mutated programs")
    func assembler() {
        var generator = SeededGenerator(seed: 1)
        let corpus = ProgramCorpus.all.map { Array($0.source.utf8) }
        var assembled = 0
        for _ in 0..<1500 {
            var source = corpus[Int.random(in: 0..<corpus.count, using: &generator)]
            for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                Self.mutate(&source, &generator)
            }
            let copy = source
            do throws(AssemblyError) {
                let program = try Assembler.assemble(source, file: "f") { _ in copy }
                #expect(program.bytes.count <= AssemblyLimits().outputBytes)
                assembled += 1
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        #expect(assembled > 100)
    }

    @Test("the decoder takes any bytes, and its text can be written", arguments: CodeSize.allCases)
    func decoder(_ mode: CodeSize) {
        var generator = SeededGenerator(seed: UInt64(mode.rawValue))
        for _ in 0..<30_000 {
            let count = Int.random(in: 0...17, using: &generator)
            let code = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            guard let instruction = try? InstructionDecoder.decode(code, size: mode) else {
                continue
            }
            #expect(instruction.length >= 1 && Int(instruction.length) <= min(15, count))
            #expect(!Disassembler.text(of: instruction, at: 0x7C00, size: mode).isEmpty)
        }
    }
}
