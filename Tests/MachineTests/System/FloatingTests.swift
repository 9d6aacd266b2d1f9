import Architecture
import Testing

@testable import Machine

/// SDM 1, "Programming with the x87 FPU", "Programming with Intel MMX Technology"; SDM 2, by the
/// instruction's name.
@Suite("x87, MMX and SSE")
struct FloatingTests {
    private static let data = HandledProgram.Place.data

    /// Runs a program with these words at 9000h, 9008h, …; XMM0 to XMM3 hold 1, 2, … in each word.
    private func run(
        _ source: String, _ words: [UInt64] = [], control: UInt16 = 0x37F
    ) throws -> Machine.Snapshot {
        var program = try HandledProgram(source, .long64)
        for (index, word) in words.enumerated() {
            program.write(Self.data + UInt64(index * 8), word)
        }
        for index in 0..<8 {
            program.machine.state.floating.vectors[index] = UInt64(index / 2 + 1)
        }
        program.machine.state.floating.control = control
        #expect(try program.next() == nil)
        return program.machine.snapshot()
    }

    private func bits(_ value: Double) -> UInt64 { value.bitPattern }

    private func result(
        _ source: String, _ words: [UInt64], control: UInt16 = 0x37F
    ) throws -> (value: Double, status: UInt16) {
        let program = source + "\nfstp qword [0x9100]\nfnstsw ax\nmov rbx, [0x9100]"
        var state = try run(program, words, control: control).state
        let status = UInt16(truncatingIfNeeded: state.registers[.rax])
        return (Double(bitPattern: state.registers[.rbx]), status)
    }

    @Test(
        "the four operations with memory and with ST(1)",
        arguments: [
            ("fld qword [0x9000]\nfadd qword [0x9008]", 3.75),
            ("fld qword [0x9000]\nfsub qword [0x9008]", -0.75),
            ("fld qword [0x9000]\nfsubr qword [0x9008]", 0.75),
            ("fld qword [0x9000]\nfmul qword [0x9008]", 3.375),
            ("fld qword [0x9008]\nfdiv qword [0x9000]", 1.5),
            ("fld qword [0x9000]\nfdivr qword [0x9008]", 1.5),
            // DC E9: FSUB ST(1), ST0; DE F9: FDIVP.
            ("fld qword [0x9000]\nfld qword [0x9008]\ndb 0xDC, 0xE9\ndb 0xDD, 0xD8", -0.75),
            ("fld qword [0x9008]\nfld qword [0x9000]\ndb 0xDE, 0xF9", 1.5),
            ("fild word [0x9010]\nfchs", -7), ("fld1\nfldz\nfadd qword [0x9000]", 1.5),
        ])
    func arithmetic(source: String, expected: Double) throws {
        let found = try result(source, [bits(1.5), bits(2.25), 7])
        #expect(found.value == expected)
        #expect(found.status & 0x3F == 0)
    }

    @Test("a division of a finite number by zero is ZE, masked: infinity with the signs' sign")
    func zeroDivide() throws {
        let found = try result("fld qword [0x9000]\nfdiv qword [0x9008]", [bits(-3), 0])
        #expect(found.value == -.infinity)
        #expect(found.status & 0x3F == 4)
    }

    @Test("an inexact result is PE, and C1 tells whether it was rounded up")
    func precision() throws {
        // 1/3 = 0.010101…b: with 64 bits the rest is below a half, so it is rounded up.
        var third = try run("fld1\nfdiv qword [0x9000]\nfnstsw ax", [bits(3)]).state
        #expect(third.registers[.rax] & 0x23F == 0x220)
        var tenth = try run("fld1\nfdiv qword [0x9000]\nfnstsw ax", [bits(5)]).state
        // 1/5 = 0.00110011…b: cut after 64 bits …1100|1100: rounded up too; 3/5 is …1001|1001.
        #expect(tenth.registers[.rax] & 0x23F == 0x220)
        var exact = try run("fld1\nfdiv qword [0x9000]\nfnstsw ax", [bits(4)]).state
        #expect(exact.registers[.rax] & 0x23F == 0)
    }

    @Test("a ninth load is a stack overflow: IE, SF, C1, and the default NaN where IE is masked")
    func stackOverflow() throws {
        let nine = Array(repeating: "fld1", count: 9).joined(separator: "\n")
        let found = try result(nine, [])
        #expect(found.value.isNaN)
        // FSTP clears C1; TOP is back at 0 after nine loads and a store.
        #expect(found.status & 0x3841 == 0x41)
    }

    @Test("an empty register is a stack underflow: IE and SF with C1 clear")
    func stackUnderflow() throws {
        var state = try run("fchs\nfnstsw ax").state
        #expect(state.registers[.rax] & 0x27F == 0x41)
    }

    @Test("an exception that is not masked sets ES and B, and the next x87 instruction is #MF")
    func unmasked() throws {
        var program = try HandledProgram("fld1\nfdiv qword [0x9000]\nnop\nfld1", .long64)
        program.machine.state.floating.control = 0x37B
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.x87Error.rawValue)
        #expect(event?.address == 10)
        #expect(program.machine.state.floating.status & 0x8084 == 0x8084)
    }

    /// Control words, and 1/3 = 0.0101…b: with 53 bits to nearest it is what every language prints.
    private static let roundings: [(UInt16, Double)] = {
        let double: Double = 1.0 / 3
        let single: Float = 1.0 / 3
        return [
            (0x27F, double), (0xA7F, double.nextUp), (0x67F, double), (0xE7F, double),
            (0x07F, Double(single)), (0x47F, Double(single.nextDown)),
        ]
    }()

    @Test(
        "RC rounds to nearest, down, up and toward zero; PC cuts a result to 24, 53 or 64 bits",
        arguments: Self.roundings)
    func rounding(control: UInt16, expected: Double) throws {
        let third = try result("fld1\nfdiv qword [0x9000]", [bits(3)], control: control)
        #expect(third.value == expected)
        #expect(third.status & 0x20 != 0)
    }

    @Test("FISTP rounds as RC says, FISTTP cuts off; what does not fit is the integer indefinite")
    func integerStores() throws {
        for (source, control, expected) in [
            ("fistp word", UInt16(0x37F), UInt16(2)), ("fistp word", 0x77F, 2),
            ("fistp word", 0xB7F, 3), ("fisttp word", 0xB7F, 2),
        ] {
            let state = try run(
                "fld qword [0x9000]\n\(source) [0x9010]\nmov ax, [0x9010]", [bits(2.5)],
                control: control)
            var registers = state.state
            #expect(registers.registers[.rax] & 0xFFFF == UInt64(expected), "\(source)")
        }
        var large = try run(
            "fld qword [0x9000]\nfistp word [0x9010]\nfnstsw ax\nmov bx, [0x9010]", [bits(32768)]
        ).state
        #expect(large.registers[.rbx] & 0xFFFF == 0x8000)
        #expect(large.registers[.rax] & 0x3F == 1)
    }

    @Test("a comparison with a NaN is unordered; FUCOM takes a quiet one without an exception")
    func unordered() throws {
        let nan = UInt64(0x7FF8_0000_0000_0000)
        for (source, status) in [("fcom st1", UInt64(0x4501)), ("fucom st1", 0x4500)] {
            var state = try run(
                "fld qword [0x9000]\nfld1\n\(source)\nfnstsw ax", [nan]
            ).state
            #expect(state.registers[.rax] & 0x473F == status, "\(source)")
        }
        let flags = try run("fld qword [0x9000]\nfld1\nfucomip st1", [nan]).state.rflags
        #expect(flags & 0x8D5 == 0x45)
    }

    @Test("a comparison that an exception not masked stops does not pop")
    func comparisonStops() throws {
        let nan = UInt64(0x7FF8_0000_0000_0000)
        let state = try run(
            "fld1\nfld qword [0x9000]\ndb 0xDE, 0xD9\nfnstsw ax", [nan], control: 0x37E
        ).state
        #expect(state.floating.top == 6)
        #expect(state.floating.status & 0x4500 == 0)
    }

    @Test("FXSAVE shows ST0 first, whatever TOP is, and a tag bit for each physical register")
    func savedOrder() throws {
        let state = try run(
            "fld1\nfldz\nfld1\nfxsave [0x9200]\nmov rcx, [0x9220]\nmov rdx, [0x9230]\n"
                + "mov al, [0x9204]")
        var saved = state.state
        #expect(saved.registers[.rcx] == 0x8000_0000_0000_0000)
        #expect(saved.registers[.rdx] == 0)
        #expect(saved.registers[.rax] & 0xFF == 0b1110_0000)
    }

    // MARK: MMX and SSE

    @Test("an MMX instruction makes every register valid and TOP 0, EMMS makes all empty")
    func emms() throws {
        // MOVQ MM1, [9000h].
        let load = "fld1\ndb 0x0F, 0x6F, 0x0C, 0x25, 0, 0x90, 0, 0"
        let used = try run(load, [0x1122_3344_5566_7788]).state.floating
        #expect(used.tags == 0xFF)
        #expect(used.status & 0x3800 == 0)
        #expect(used.registers[2] == 0x1122_3344_5566_7788)
        #expect(used.registers[3] == 0xFFFF)
        #expect(try run(load + "\nemms").state.floating.tags == 0)
    }

    @Test(
        "packed additions wrap around in each lane: of bytes, words, doublewords, quadwords",
        arguments: [
            (UInt8(0xFC), UInt64(0x0001_0203_0405_0500)), (0xFD, 0x0001_0203_0405_0600),
            (0xFE, 0x0001_0203_0406_0500), (0xD4, 0x0001_0204_0406_0500),
        ])
    func additions(opcode: UInt8, expected: UInt64) throws {
        // MOVDQU XMM0, [9000h]; PADDx XMM0, [9010h].
        let source = """
            db 0xF3, 0x0F, 0x6F, 0x04, 0x25, 0, 0x90, 0, 0
            db 0x66, 0x0F, \(opcode), 0x04, 0x25, 0x10, 0x90, 0, 0
            """
        let pairs: [UInt8: (UInt64, UInt64)] = [
            0xFC: (0xFF01_0102_0304_0501, 0x0100_0101_0101_00FF),
            0xFD: (0xFF01_0102_0304_0501, 0x0100_0101_0101_00FF),
            0xFE: (0xFF01_0102_0304_FF00, 0x0100_0101_0101_0600),
            0xD4: (0xFF01_0102_FF04_FF00, 0x0100_0101_0501_0600),
        ]
        let (left, right) = try #require(pairs[opcode])
        let state = try run(source, [left, left, right, right]).state
        #expect(state.floating.vectors[0] == expected)
        #expect(state.floating.vectors[1] == expected)
    }

    @Test("MOVAPS wants its operand aligned to 16, MOVUPS does not")
    func alignment() throws {
        // [9008h].
        var aligned = try HandledProgram("db 0x0F, 0x28, 0x04, 0x25, 8, 0x90, 0, 0", .long64)
        #expect(try aligned.next()?.vector == ExceptionVector.generalProtection.rawValue)
        var unaligned = try HandledProgram("db 0x0F, 0x10, 0x04, 0x25, 8, 0x90, 0, 0", .long64)
        #expect(try unaligned.next() == nil)
    }

    @Test("logic works on all bits, MOVQ and MOVD clear the rest of an XMM register")
    func logic() throws {
        // PXOR XMM0, XMM0; PANDN XMM1, XMM2; MOVQ XMM3, XMM2.
        let state = try run(
            "db 0x66, 0x0F, 0xEF, 0xC0\ndb 0x66, 0x0F, 0xDF, 0xCA\ndb 0xF3, 0x0F, 0x7E, 0xDA"
        )
        .state.floating
        #expect(state.vectors[0] == 0 && state.vectors[1] == 0)
        #expect(state.vectors[2] == ~2 & 3 && state.vectors[3] == ~2 & 3)
        #expect(state.vectors[6] == 3 && state.vectors[7] == 0)
    }
}
