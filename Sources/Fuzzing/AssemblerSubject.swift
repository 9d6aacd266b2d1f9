import InstructionSet
import Workbook

/// The assembler, fed with programs.
public struct AssemblerSubject: FuzzSubject {
    private let corpus: [[UInt8]]
    private let samplers = CodeSize.allCases.map { size in
        InstructionSampler(mode: size) { $0.operation != .notModelled }
    }

    /// - Parameter sources: valid programs; lines of them are put together anew.
    public init(sources: [[UInt8]] = []) {
        corpus = Self.statements + sources.flatMap(Self.excerpts)
    }

    /// Each run of a few lines is an input of its own: small inputs are many.
    private static func excerpts(_ source: [UInt8]) -> [[UInt8]] {
        let newline = UInt8(ascii: "\n")
        let lines = source.split(separator: newline, omittingEmptySubsequences: true)
            .filter { $0.first { $0 > 0x20 } != UInt8(ascii: ";") }
        return stride(from: 0, to: lines.count, by: 3).map { start in
            Array(lines[start..<min(lines.count, start + 8)].joined(separator: [newline]))
        }
    }

    public mutating func draw(_ generator: inout SplitMix64) -> [UInt8] {
        var source: [UInt8] = []
        for _ in 0...generator.index(3) {
            if generator.chance(50), let line = instruction(&generator) {
                source += Array(line.utf8)
            } else {
                source += generator.pick(corpus)
            }
            source.append(UInt8(ascii: "\n"))
        }
        for _ in 0..<generator.index(6) {
            Mutation.change(&source, words: Self.words, others: corpus, &generator)
        }
        return source
    }

    /// The text of an encoding of the table.
    private func instruction(_ generator: inout SplitMix64) -> String? {
        let place = generator.index(samplers.count)
        let size = CodeSize.allCases[place]
        guard let code = samplers[place].code(using: &generator),
            let instruction = try? InstructionDecoder.decode(code, size: size)
        else { return nil }
        return "bits \(size.rawValue * 8)\n" + Disassembler.text(of: instruction, size: size)
    }

    public mutating func feed(_ source: [UInt8]) throws(FuzzFailure) -> FuzzVerdict {
        let limits = AssemblyLimits()
        let program: AssembledProgram
        do {
            program = try Assembler.assemble(source, file: "f.asm", limits: limits) { _ in source }
        } catch {
            guard !error.message.isEmpty, error.line >= 0, error.column >= 0 else {
                throw FuzzFailure("an error without a place or a text: \(error)")
            }
            return .refused
        }
        guard program.bytes.count <= limits.outputBytes else {
            throw FuzzFailure("\(program.bytes.count) bytes of output")
        }
        let listed = program.lines.reduce(0) { $0 &+ $1.length }
        guard listed <= program.bytes.count else {
            throw FuzzFailure("lines have \(listed) bytes of \(program.bytes.count)")
        }
        return .accepted
    }

    public func text(of source: [UInt8]) -> String { String(decoding: source, as: UTF8.self) }
}

extension AssemblerSubject {
    /// A statement or two of each kind.
    private static let statements: [[UInt8]] = [
        "start: mov ax, 5\n.loop: dec ax\n jnz .loop", "x equ 5\ndb x, x*2, 'text', 0",
        "%define N 4\ntimes N db N", "%macro two 1-2 7\n mov al, %1\n mov bl, %2\n%endmacro\ntwo 5",
        "%assign i 0\n%rep 5\n db i\n%assign i i+1\n%endrep", "align 16\ndw $-$$",
        "%if 1 < 2\n nop\n%elif 3\n hlt\n%else\n cli\n%endif",
        "section .data\nv: dd 1\nsection .text",
        "org 0x7c00\ntimes 510-($-$$) db 0\ndw 0xaa55", "resb 16\nresq 2",
        "dq -1, 0x123456789abcdef0",
        "bits 64\nmov rax, [rel x]\nx: dq 0", "bits 32\nlea eax, [eax+ecx*4+x]\nx:", "jmp 8:x\nx:",
        "lock add dword [bx], 5", "rep movsb", "o32 push word 5", "call far [bx]", "%include \"f\"",
        "%ifdef A\n nop\n%endif", "%xdefine A B\n%define B 3\ndb A", "db `\\n\\x41`, \"q\"",
        "mov eax, (1 << 31) | 5 ^ 3", "db 7 / 2, 7 % 2, -7 // 2, 7 %% 2",
        "%macro m 0\n%%l: jmp %%l\n"
            + "%endmacro\nm\nm", "%rotate 1", "dw -32768, 65535", "imul eax, ebx, 5",
        "bits 64\nmovbe rax, [r13+r12*8-5]\nandn rax, r9, [rbx]", "enter 5, 3",
        "in al, dx\nout 5, eax",
    ].map { Array($0.utf8) }

    /// What means something to the assembler.
    private static let words: [[UInt8]] =
        [
            "%define ", "%macro ", "%endmacro", "%rep ", "%endrep", "%if ", "%else", "%endif",
            "times ",
            " equ ", "org ", "bits 64\n", "[", "]", "(", ")", "+", "*", "-", "/", "%", ",", ":",
            "$",
            "$$", "0xffffffffffffffff", "-9223372036854775808", " dup ", "?", "`", "'", "\\", "\n",
            "rel ", "strict ", "dword ", "far ", "align ", "%include \"f\"\n", "%1", "%%a", "%+",
        ].map { Array($0.utf8) } + moreWords

    private static let moreWords: [[UInt8]] = [
        "resb ", "section .data", ".l", "eax", "rbx", "cs", "cr0", "mov ", "jmp ", "push ", "lock ",
        "rep ", "o32 ", "a16 ", "<<", ">>>", "&&", "%rotate ", "%assign ", "%exitrep", "%xdefine ",
        "xmm0", "st0", "\"", ";", "0b1", "0q7", "1e5", "99999999999999999999", "\0", "\u{FF}",
    ].map { Array($0.utf8) }
}
