import Architecture
import Testing

@testable import InstructionSet

/// Sentences of SDM 2, one test each.
@Suite("Decoder")
struct DecoderTests {
    private func decode(_ hex: String, _ size: CodeSize) throws -> Instruction {
        try InstructionDecoder.decode(bytes(hex), size: size)
    }

    private func text(_ hex: String, _ size: CodeSize) throws -> String {
        Disassembler.text(of: try decode(hex, size), size: size)
    }

    private func fails(_ hex: String, _ size: CodeSize, _ error: DecodeError) {
        #expect(throws: error, "\(hex) \(size)") {
            try InstructionDecoder.decode(bytes(hex), size: size)
        }
    }

    // MARK: prefixes

    @Test("prefixes of different groups stand in any order")
    func prefixOrder() throws {
        for hex in ["66 67 F3 26 A5", "26 F3 67 66 A5", "F3 26 66 67 A5"] {
            let instruction = try decode(hex, .bits32)
            #expect(instruction.operation == .movs)
            #expect(instruction.operandSize == 2 && instruction.addressSize == 2)
            #expect(instruction.segment == .es && instruction.prefixes.contains(.rep))
        }
    }

    @Test("of two segment overrides the last counts")
    func lastSegment() throws {
        #expect(try decode("26 64 8B 03", .bits32).segment == .fs)
        #expect(try decode("64 26 8B 03", .bits32).segment == .es)
    }

    @Test("in 64-bit mode the overrides of CS, DS, ES and SS are ignored")
    func ignoredSegments() throws {
        for prefix in ["26", "2E", "36", "3E"] {
            let instruction = try decode(prefix + "8B 03", .bits64)
            #expect(instruction.segment == .ds && !instruction.prefixes.contains(.segment))
        }
        #expect(try decode("65 2E 8B 03", .bits64).segment == .gs)
    }

    @Test("a REX prefix counts only directly before the opcode")
    func strayREX() throws {
        #expect(try decode("48 66 8B 03", .bits64).operandSize == 2)
        #expect(try decode("66 48 8B 03", .bits64).operandSize == 8)
        #expect(try decode("40 48 8B 03", .bits64).operandSize == 8)
    }

    @Test("an instruction longer than 15 bytes is #GP, whatever it is")
    func length() throws {
        let prefixes = String(repeating: "66", count: 14)
        #expect(try decode(prefixes + "90", .bits32).length == 15)
        fails(prefixes + "66 90", .bits32, .tooLong)
        fails(String(repeating: "66", count: 13) + "B8 34 12", .bits32, .tooLong)
        fails(String(repeating: "66", count: 40), .bits64, .tooLong)
    }

    @Test("bytes that end inside an instruction are told from invalid ones")
    func truncated() {
        fails("", .bits64, .truncated)
        fails("66", .bits64, .truncated)
        fails("0F", .bits64, .truncated)
        fails("8B", .bits64, .truncated)
        fails("8B 84", .bits64, .truncated)
        fails("8B 84 24 00 00", .bits64, .truncated)
        fails("B8 01 02 03", .bits64, .truncated)
        fails("C4 E2", .bits64, .truncated)
    }

    // MARK: LOCK

    @Test("LOCK is #UD unless the destination is memory and the instruction is in the list")
    func lock() throws {
        let allowed = [
            "00 03", "10 03", "20 03", "0F BB 03", "0F B3 03", "0F AB 03", "0F B0 03", "0F C7 0B",
            "FE 0B", "FE 03", "F6 1B", "F6 13", "08 03", "18 03", "28 03", "30 03", "0F C0 03",
            "86 03", "0F BA 2B 01", "83 03 01",
        ]
        for hex in allowed {
            #expect(try decode("F0" + hex, .bits32).prefixes.contains(.lock))
        }
        let refused = [
            "00 C3", "02 03", "38 03", "0F A3 03", "0F BA 23 01", "90", "88 03", "84 03", "D0 03",
            "86 C3", "FF 33", "A4", "0F AF 03", "F6 23",
        ]
        for hex in refused { fails("F0" + hex, .bits32, .invalidOpcode) }
    }

    // MARK: F2, F3 and 66

    @Test("F3 makes another instruction of some opcodes and is ignored on the rest")
    func repPrefix() throws {
        #expect(try decode("F3 90", .bits64).operation == .pause)
        #expect(try decode("90", .bits64).operation == .nop)
        #expect(try decode("41 90", .bits64).operation == .xchg)
        #expect(try decode("F3 0F B8 C3", .bits64).operation == .popcnt)
        #expect(try decode("F3 0F BC C3", .bits64).operation == .tzcnt)
        #expect(try decode("0F BC C3", .bits64).operation == .bsf)
        #expect(try decode("F3 0F BD C3", .bits64).operation == .lzcnt)
        #expect(try decode("F2 0F BD C3", .bits64).operation == .bsr)
        #expect(try decode("F3 01 C3", .bits64).operation == .add)
        #expect(try decode("F2 0F 38 F1 C3", .bits64).operation == .crc32)
        #expect(try decode("0F 38 F1 03", .bits64).operation == .movbe)
        fails("0F B8 C3", .bits64, .invalidOpcode)
        fails("0F 38 F1 C3", .bits64, .invalidOpcode)
    }

    @Test("with both F2 and F3 the last counts, and 66 beside them is the operand size")
    func mandatoryPrefixes() throws {
        #expect(try decode("F2 F3 0F B8 C3", .bits64).operation == .popcnt)
        fails("F3 F2 0F B8 C3", .bits64, .invalidOpcode)
        let instruction = try decode("66 F3 0F B8 C3", .bits64)
        #expect(instruction.operation == .popcnt && instruction.operandSize == 2)
        #expect(try decode("66 F2 0F 38 F1 C3", .bits64).second.size == 2)
    }

    @Test("the VMX instructions are told apart by their mandatory prefixes")
    func vmx() throws {
        #expect(try decode("0F C7 33", .bits64).operation == .vmptrld)
        #expect(try decode("66 0F C7 33", .bits64).operation == .vmclear)
        #expect(try decode("F3 0F C7 33", .bits64).operation == .vmxon)
        #expect(try decode("0F C7 3B", .bits64).operation == .vmptrst)
        #expect(try decode("0F 01 C1", .bits64).operation == .vmcall)
        #expect(try decode("0F 01 C2", .bits64).operation == .vmlaunch)
        #expect(try decode("0F 01 C3", .bits64).operation == .vmresume)
        #expect(try decode("0F 01 C4", .bits64).operation == .vmxoff)
        #expect(try decode("0F 01 D4", .bits64).operation == .vmfunc)
        #expect(try decode("66 0F 38 80 03", .bits64).operation == .invept)
        #expect(try decode("66 0F 38 81 03", .bits64).operation == .invvpid)
        let read = try decode("0F 78 C3", .bits64)
        #expect(read.operation == .vmread && read.operandSize == 8)
        #expect(read.first == Operand(.general, register: 3, size: 8))
        #expect(try decode("0F 78 C3", .bits32).operandSize == 4)
        #expect(try decode("0F 79 C3", .bits32).operation == .vmwrite)
        fails("66 0F 78 C3", .bits64, .invalidOpcode)
    }

    // MARK: 64-bit mode

    @Test(
        "is invalid in 64-bit mode",
        arguments: [
            "06", "07", "0E", "16", "17", "1E", "1F", "27", "2F", "37", "3F", "60", "61", "9A",
            "CE",
            "D4 0A", "D5 0A", "D6", "EA", "82 C0 01", "0F 04", "0F 0A",
        ])
    func invalidIn64(_ hex: String) {
        fails(hex + "00 00 00 00 00 00 00", .bits64, .invalidOpcode)
    }

    @Test("opcodes that 64-bit mode gives another meaning")
    func changedIn64() throws {
        #expect(try decode("63 C3", .bits64).operation == .movsxd)
        #expect(try decode("63 C3", .bits32).operation == .arpl)
        #expect(try decode("62 03", .bits32).operation == .bound)
        #expect(try decode("C4 03", .bits32).operation == .les)
        #expect(try decode("C5 03", .bits16).operation == .lds)
        #expect(try decode("C4 E2 60 F2 C1", .bits32).operation == .andn)
        #expect(try decode("48 FF C0", .bits64).operation == .inc)
        #expect(try decode("48", .bits32).operation == .dec)
        #expect(try text("82 C0 01", .bits32) == "add al, 0x1")
    }

    @Test("near branches have 64-bit operands in 64-bit mode, 66 or not")
    func nearBranches() throws {
        let jump = try decode("66 E9 00 00 00 80", .bits64)
        #expect(jump.length == 6 && jump.operandSize == 8)
        #expect(jump.immediate == 0xFFFF_FFFF_8000_0000)
        #expect(try decode("66 C3", .bits64).operandSize == 8)
        #expect(try decode("66 FF D0", .bits64).first.size == 8)
        #expect(try decode("66 E9 34 12", .bits32).operandSize == 2)
        #expect(try decode("66 75 00", .bits64).operandSize == 8)
    }

    @Test("stack instructions have 64-bit operands by default, 16-bit ones with 66")
    func stack() throws {
        #expect(try decode("50", .bits64).operandSize == 8)
        #expect(try decode("66 50", .bits64).operandSize == 2)
        #expect(try decode("41 50", .bits64).first.register == 8)
        let push = try decode("6A FE", .bits64)
        #expect(push.operandSize == 8 && push.immediate == UInt64.max - 1)
        #expect(try decode("66 6A FE", .bits64).immediate == 0xFFFE)
        #expect(try decode("68 00 00 00 80", .bits64).immediate == 0xFFFF_FFFF_8000_0000)
        #expect(try decode("9C", .bits64).operandSize == 8)
        #expect(try decode("CF", .bits64).operandSize == 4)
        #expect(try decode("48 CF", .bits64).operandSize == 8)
        #expect(try decode("C9", .bits64).operandSize == 8)
        #expect(try decode("FF 33", .bits64).first == Operand(.memory, size: 8))
    }

    @Test("REX.W without a 64-bit form is ignored")
    func ignoredREXW() throws {
        #expect(try decode("48 ED", .bits64).operandSize == 4)
        #expect(try decode("48 0F 20 C0", .bits64).first.size == 8)
        #expect(try decode("48 6D", .bits64).operandSize == 4)
    }

    // MARK: addresses

    @Test("ModRM 00 101 is relative to RIP in 64-bit mode and absolute elsewhere")
    func relative() throws {
        let relative = try decode("8B 05 10 00 00 00", .bits64)
        #expect(relative.base == Instruction.instructionPointer && relative.displacement == 16)
        #expect(try decode("8B 05 10 00 00 00", .bits32).base == Instruction.noRegister)
        let absolute = try decode("8B 04 25 00 00 00 80", .bits64)
        #expect(absolute.base == Instruction.noRegister)
        #expect(absolute.displacement == 0xFFFF_FFFF_8000_0000)
        #expect(try decode("67 8B 05 10 00 00 00", .bits64).addressSize == 4)
    }

    @Test("SIB: index 100 is none unless REX.X extends it, base 101 none with mod 00")
    func sib() throws {
        let none = try decode("8B 04 24", .bits64)
        #expect(none.base == 4 && none.index == Instruction.noRegister)
        let extended = try decode("42 8B 04 24", .bits64)
        #expect(extended.base == 4 && extended.index == 12)
        let noBase = try decode("8B 04 8D 05 00 00 00", .bits32)
        #expect(noBase.base == Instruction.noRegister && noBase.index == 1 && noBase.scale == 2)
        // Nor does REX.B bring a base back.
        #expect(
            try decode("41 8B 04 25 05 00 00 00", .bits64).base == Instruction.noRegister)
        #expect(try decode("41 8B 45 00", .bits64).base == 13)
    }

    @Test("rSP and rBP as base take SS, R12 and R13 do not")
    func stackSegment() throws {
        #expect(try decode("8B 45 00", .bits32).segment == .ss)
        #expect(try decode("8B 04 24", .bits32).segment == .ss)
        #expect(try decode("8B 46 00", .bits16).segment == .ss)
        #expect(try decode("8B 02", .bits16).segment == .ss)
        #expect(try decode("8B 06 00 00", .bits16).segment == .ds)
        #expect(try decode("41 8B 45 00", .bits64).segment == .ds)
        #expect(try decode("3E 8B 45 00", .bits32).segment == .ds)
    }

    @Test("16-bit addresses pair BX or BP with SI or DI")
    func address16() throws {
        let texts = [
            "[bx+si]", "[bx+di]", "[bp+si]", "[bp+di]", "[si]", "[di]", "[0x1234]", "[bx]",
        ]
        for (rm, expected) in texts.enumerated() {
            let hex = "8A 0" + String(rm, radix: 16) + "34 12"
            #expect(try text(hex, .bits16) == "mov al, " + expected)
        }
        #expect(try text("8A 46 FE", .bits16) == "mov al, [bp-0x2]")
        #expect(try text("8A 87 FE FF", .bits16) == "mov al, [bx-0x2]")
    }

    @Test("an offset behind the opcode has the width of an address")
    func offsets() throws {
        let long = try decode("48 A1 F0 DE BC 9A 78 56 34 12", .bits64)
        #expect(long.length == 10 && long.displacement == 0x1234_5678_9ABC_DEF0)
        #expect(try decode("67 A1 78 56 34 12", .bits64).length == 6)
        #expect(try decode("A1 34 12", .bits16).length == 3)
        #expect(try decode("67 A1 34 12", .bits32).length == 4)
    }

    // MARK: registers

    @Test("byte registers 4 to 7 are AH to BH without REX, SPL to DIL with it")
    func byteRegisters() throws {
        #expect(try decode("88 E0", .bits64).second == Operand(.highByte, register: 0, size: 1))
        #expect(try decode("40 88 E0", .bits64).second == Operand(.general, register: 4, size: 1))
        #expect(try text("B7 05", .bits64) == "mov bh, 0x5")
        #expect(try text("40 B7 05", .bits64) == "mov dil, 0x5")
    }

    @Test("MOV with control and debug registers ignores ModRM.mod")
    func controlRegisters() throws {
        for mod in ["C0", "00", "40", "80"] {
            let instruction = try decode("0F 22 " + mod, .bits64)
            #expect(instruction.operation == .movToControl && instruction.length == 3)
            #expect(instruction.first == Operand(.control, register: 0, size: 8))
        }
        #expect(try decode("44 0F 22 C0", .bits64).first.register == 8)
        #expect(try decode("0F 21 F8", .bits32).second == Operand(.debug, register: 7, size: 4))
    }

    @Test("control registers other than 0, 2, 3, 4 and 8 are #UD, as are debug registers above 7")
    func noSuchRegister() {
        for reg in [1, 5, 6, 7] {
            fails("0F 22" + String(0xC0 + reg * 8, radix: 16), .bits64, .invalidOpcode)
        }
        fails("44 0F 22 C8", .bits64, .invalidOpcode)
        fails("44 0F 23 C0", .bits64, .invalidOpcode)
    }

    @Test("MOV to CS is #UD, as are segment registers 6 and 7")
    func segmentRegisters() throws {
        fails("8E C8", .bits32, .invalidOpcode)
        fails("8E F0", .bits32, .invalidOpcode)
        fails("8C F8", .bits32, .invalidOpcode)
        #expect(try decode("8C C8", .bits32).second == Operand(.segment, register: 1, size: 2))
        #expect(try decode("8E D8", .bits32).operation == .movToSegment)
    }

    // MARK: opcodes

    @Test(
        "is no instruction",
        arguments: [
            "FE D0", "FF F8", "C6 C8 00", "8F C8", "0F 01 C5", "0F 01 E8", "0F BA C0 01",
            "0F C7 C8", "0F 00 F0", "0F 0F 00 00", "0F 24 C0", "0F A6 C0", "D9 E2", "0F 38 FF 00",
            "0F 3A FF 00", "8D C0", "0F B2 C0", "0F 36", "FF E8",
        ])
    func invalid(_ hex: String) {
        fails(hex + "00 00 00 00", .bits32, .invalidOpcode)
    }

    @Test("undocumented aliases decode as the instruction that they are")
    func aliases() throws {
        #expect(try text("C1 F0 04", .bits32) == "shl eax, 0x4")
        #expect(try text("D0 F1", .bits32) == "shl cl, 1")
        #expect(try text("F6 C8 05", .bits32) == "test al, 0x5")
        #expect(try decode("F7 C8 05 00 00 00", .bits32).length == 6)
    }

    @Test("UD0 and UD1 have a ModRM byte, UD2 has none")
    func undefined() throws {
        #expect(try decode("0F FF 84 24 00 00 00 00", .bits64).length == 8)
        #expect(try decode("0F B9 C0", .bits64).length == 3)
        #expect(try decode("0F 0B", .bits64).length == 2)
    }

    @Test("the hint space is NOP")
    func hints() throws {
        for hex in [
            "0F 1F 44 00 00", "0F 19 C0", "F3 0F 1E FA", "0F 1A 03", "66 0F 1F 00", "0F 18 E0",
        ] {
            #expect(try decode(hex, .bits64).operation == .nop, "\(hex)")
        }
        #expect(try decode("0F 18 08", .bits64).operation == .prefetch)
        #expect(try decode("0F 0D 08", .bits64).operation == .prefetch)
    }

    // MARK: operands

    @Test("immediates are what the operation uses, at its width")
    func immediates() throws {
        #expect(try decode("83 C0 FF", .bits32).immediate == 0xFFFF_FFFF)
        #expect(try decode("66 83 C0 FF", .bits32).immediate == 0xFFFF)
        #expect(try decode("48 83 C0 FF", .bits64).immediate == UInt64.max)
        #expect(try decode("48 05 00 00 00 80", .bits64).immediate == 0xFFFF_FFFF_8000_0000)
        #expect(
            try decode("48 B8 08 07 06 05 04 03 02 01", .bits64).immediate == 0x0102_0304_0506_0708)
        #expect(try decode("C1 E0 FF", .bits32).immediate == 0xFF)
        #expect(try decode("CD 80", .bits32).immediate == 0x80)
        #expect(try decode("E4 FE", .bits32).immediate == 0xFE)
        #expect(try decode("D1 E0", .bits32).immediate == 1)
        #expect(try decode("D3 E0", .bits32).second == Operand(.general, register: 1, size: 1))
    }

    @Test("far pointers and ENTER have two immediates")
    func twoImmediates() throws {
        let far = try decode("EA 78 56 34 12 08 00", .bits32)
        #expect(far.operation == .jmpFar && far.immediate == 0x1234_5678)
        #expect(far.secondImmediate == 8)
        let near = try decode("9A 34 12 08 00", .bits16)
        #expect(near.operation == .callFar && near.immediate == 0x1234 && near.operandSize == 2)
        let enter = try decode("C8 10 00 02", .bits32)
        #expect(enter.immediate == 16 && enter.secondImmediate == 2)
        let indirect = try decode("FF 2B", .bits32)
        #expect(indirect.first == Operand(.memory, size: 6) && indirect.operandSize == 4)
    }

    @Test("port and string instructions tell their width")
    func ports() throws {
        let out = try decode("66 EF", .bits32)
        #expect(out.first == Operand(.general, register: 2, size: 2))
        #expect(out.second == Operand(.general, register: 0, size: 2))
        #expect(out.operandSize == 2)
        #expect(try decode("EE", .bits32).operandSize == 1)
        #expect(try decode("A4", .bits32).operandSize == 1)
        #expect(try decode("48 A5", .bits64).operandSize == 8)
        #expect(try decode("66 6D", .bits64).operandSize == 2)
    }

    @Test("conditions are the low four opcode bits")
    func conditions() throws {
        #expect(try decode("74 00", .bits32).condition == 4)
        #expect(try decode("0F 8F 00 00 00 00", .bits32).condition == 15)
        #expect(try decode("0F 92 C0", .bits32).condition == 2)
        #expect(try text("0F 4C C3", .bits32) == "cmovl eax, ebx")
    }

    @Test("JCXZ is told by the address size")
    func counters() throws {
        #expect(try text("E3 00", .bits16) == "jcxz 0x2")
        #expect(try text("67 E3 00", .bits16) == "jecxz 0x3")
        #expect(try text("E3 00", .bits64) == "jrcxz 0x2")
        #expect(try text("67 E3 00", .bits64) == "jecxz 0x3")
    }

    @Test("a VEX prefix behind LOCK, 66, F2, F3 or REX is #UD, as is a VEX.vvvv without an operand")
    func vex() throws {
        for prefix in ["F0", "66", "F2", "F3", "48"] {
            fails(prefix + "C4 E2 78 F3 C9", .bits64, .invalidOpcode)
        }
        // RORX has no operand for it.
        #expect(try decode("C4 E3 7B F0 C3 05", .bits64).operation == .rorx)
        fails("C4 E3 73 F0 C3 05", .bits64, .invalidOpcode)
        // BMI has no 256-bit forms.
        fails("C4 E2 7C F2 C1", .bits64, .invalidOpcode)
        // Outside 64-bit mode W is ignored.
        #expect(try decode("C4 E2 F8 F2 C1", .bits32).operandSize == 4)
        #expect(try decode("C4 E2 F8 F2 C1", .bits64).operandSize == 8)
    }

    @Test("what the model does not execute has its name and length")
    func notModelled() throws {
        for (hex, name, length) in [
            ("0F 58 C1", "addps", 3), ("F2 0F 58 44 24 08", "addsd", 6), ("D9 F2", "fptan", 2),
            ("66 0F 3A 0F C1 05", "palignr", 6), ("C5 F4 58 C1", "vaddps", 4),
            ("0F 60 C1", "punpcklbw", 3),
            ("62 F1 7C 48 58 C1", "avx512", 6), ("DF 23", "fbld", 2),
        ] {
            let instruction = try decode(hex, .bits32)
            #expect(instruction.operation == .notModelled)
            #expect(Disassembler.name(of: instruction) == name)
            #expect(Int(instruction.length) == length)
        }
    }
}
