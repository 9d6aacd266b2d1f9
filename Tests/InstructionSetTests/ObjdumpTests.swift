import Foundation
import Testing

@testable import InstructionSet

@Suite("Decoder against objdump")
struct ObjdumpTests {
    /// Where objdump is no witness. Counted, like the differences to NASM.
    enum Exception: CaseIterable {
        /// It shows LOCK on anything; the processor raises #UD where the manual does not allow it.
        case lock
        /// It knows instructions of other makers and of later processors.
        case otherProcessors
        /// It shows control and test registers that do not exist.
        case noSuchRegister
        /// SYSCALL and SYSRET exist outside 64-bit mode on AMD's processors only.
        case syscallOutside64
        /// It ignores prefixes that the manual forbids (NP).
        case forbiddenPrefix
        /// It lacks forms that the processor has: SALC, aliases of x87, hint NOPs without MPX.
        case unknownToObjdump

        /// How many of the inputs of a mode it excuses. The figures may shrink, not grow.
        func most(_ mode: CodeSize) -> Int {
            let counts: (Int, Int, Int) =
                switch self {
                case .lock: (137, 165, 122)
                case .otherProcessors: (9, 8, 10)
                case .noSuchRegister: (13, 15, 7)
                case .syscallOutside64: (5, 6, 0)
                case .forbiddenPrefix: (3, 1, 1)
                case .unknownToObjdump: (13, 4, 7)
                }
            return mode == .bits16 ? counts.0 : mode == .bits32 ? counts.1 : counts.2
        }

        static func of(
            _ line: Objdump.Line, _ mine: Instruction?, _ code: [UInt8], _ mode: CodeSize
        ) -> Self? {
            let words = line.text.split(separator: " ").map(String.init)
            guard let mine else {
                if words.contains("lock") || code.prefix(4).contains(0xF0) { return .lock }
                if words.contains(where: { $0.hasPrefix("sys") }), mode != .bits64 {
                    return .syscallOutside64
                }
                if line.text.contains(",cr") || line.text.contains(",tr")
                    || words.contains(where: { $0.hasPrefix("cr") || $0.hasPrefix("tr") })
                    || line.text.contains("db8") || line.text.contains("?")
                    || line.text.contains("mov cs")
                    || line.text.contains("mov    cs")
                {
                    return .noSuchRegister
                }
                let strangers = [
                    "sha", "femms", "pf", "pswapd", "pavgusb", "pi2f", "pmulhrw", "extrq",
                    "insertq", "movnts", "wrss", "wruss", "movdir", "gf2", "vgf2", "xtest", "xend",
                    "rdpkru", "wrpkru", "encl", "enclu", "enclv", "enqcmd", "monitorx", "mwaitx",
                    "clzero", "rdpru", "vmrun", "vmmcall", "vmload", "vmsave", "stgi", "clgi",
                    "skinit", "invlpga", "mcommit", "pconfig", "serialize", "xsusldtrk",
                    "xresldtrk", "incssp", "rstorssp", "saveprevssp", "setssbsy", "clrssbsy",
                    "umonitor", "umwait", "tpause", "ptwrite", "xstore", "xcrypt", "montmul",
                    "xsha", "psmash", "pvalidate", "rmp", "clui", "stui", "testui", "uiret",
                    "senduipi", "tlbsync", "invlpgb", "xbegin", "xabort", "vpdp", "tile", "tdp",
                    "ldtilecfg", "sttilecfg", "loadiwkey", "aesenc", "aesdec", "encodekey", "vfm",
                    "vfnm", "vpermil2", "xop", "rdfsbase", "cmovl", "vpmadd52", "vbcst", "hreset",
                    "vcvtneps2bf16", "aadd",
                ]
                if words.contains(where: { word in strangers.contains { word.hasPrefix($0) } }) {
                    return .otherProcessors
                }
                return code.prefix(4).contains { [0x66, 0xF2, 0xF3].contains($0) }
                    ? .forbiddenPrefix : nil
            }
            let aliases: [InstructionSet.Operation] = [
                .nop, .notModelled, .prefetch, .lfence, .mfence, .sfence, .salc, .fcom, .fxch,
                .fstp,
            ]
            return line.length == 0 && aliases.contains(mine.operation)
                ? .unknownToObjdump : nil
        }
    }

    /// Random bytes with prefixes and opcode maps favoured.
    static func randomCode(_ generator: inout SeededGenerator) -> [UInt8] {
        let prefixes: [UInt8] = [
            0x66, 0x67, 0xF2, 0xF3, 0xF0, 0x2E, 0x26, 0x64, 0x65, 0x3E, 0x36,
        ]
        var code: [UInt8] = []
        for _ in 0..<[0, 0, 0, 1, 1, 2][Int.random(in: 0..<6, using: &generator)] {
            code.append(prefixes[Int.random(in: 0..<prefixes.count, using: &generator)])
        }
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<30: code.append(0x0F)
        case 30..<36: code += [0x0F, 0x38]
        case 36..<40: code += [0x0F, 0x3A]
        case 40..<46: code.append(Bool.random(using: &generator) ? 0xC4 : 0xC5)
        case 46..<70: code.append(UInt8.random(in: 0x40...0x4F, using: &generator))
        default: break
        }
        while code.count < 15 { code.append(UInt8.random(in: 0...255, using: &generator)) }
        return code
    }

    private static let isPrefix: Set<UInt8> = [
        0x66, 0x67, 0xF2, 0xF3, 0xF0, 0x2E, 0x26, 0x64, 0x65, 0x3E, 0x36,
    ]

    /// objdump shows a REX prefix that another prefix follows as a line of its own.
    private static func hasStrayREX(_ code: [UInt8]) -> Bool {
        zip(code, code.dropFirst()).contains { first, second in
            first & 0xF0 == 0x40
                && (isPrefix.contains(second) || second & 0xF0 == 0x40
                    // Nor does it see that REX before VEX, or before FWAIT, is no instruction's.
                    || [0xC4, 0xC5, 0x62, 0x9B].contains(second))
        }
    }

    @Test(
        "finds the same lengths in random bytes",
        .enabled(if: Tool.objdump.isInstalled, "\(Tool.objdump.reasonToSkip)"),
        arguments: CodeSize.allCases)
    func lengths(_ mode: CodeSize) throws {
        var generator = SeededGenerator(seed: 20_221_201 + UInt64(mode.rawValue))
        var cases: [[UInt8]] = []
        while cases.count < 3000 {
            let code = Self.randomCode(&generator)
            if mode != .bits64 || !Self.hasStrayREX(code) { cases.append(code) }
        }
        var excused: [Exception: Int] = [:]
        for (code, line) in zip(cases, try Objdump.lines(of: cases, size: mode)) {
            let mine = try? InstructionDecoder.decode(code, size: mode)
            let length = mine.map { Int($0.length) } ?? 0
            if length == line.length { continue }
            if let exception = Exception.of(line, mine, code, mode) {
                excused[exception, default: 0] += 1
                continue
            }
            let text = mine.map { Disassembler.text(of: $0, size: mode) } ?? "invalid"
            Issue.record("\(code.hex): objdump \(line.length) \(line.text), here \(length) \(text)")
        }
        for exception in Exception.allCases {
            let found = excused[exception] ?? 0
            #expect(found <= exception.most(mode), "\(exception) excuses \(found)")
        }
    }

    @Test(
        "names every form as objdump does",
        .enabled(if: Tool.objdump.isInstalled, "\(Tool.objdump.reasonToSkip)"),
        arguments: CodeSize.allCases)
    func names(_ mode: CodeSize) throws {
        var codes: [[UInt8]] = []
        for form in InstructionTable.forms
        where form.modes.contains(mode) && !form.traits.contains(.assemblerOnly) {
            codes += FormSamples(form, mode: mode).codes()
        }
        #expect(codes.count > 1000)
        for (code, line) in zip(codes, try Objdump.lines(of: codes, size: mode)) {
            let mine = try InstructionDecoder.decode(code, size: mode)
            let name = Disassembler.name(of: mine)
            guard !ObjdumpNames.agree(mine, name, line.text) else { continue }
            Issue.record("\(code.hex): objdump \(line.text), here \(name)")
        }
    }
}
