import Architecture
import Testing

@testable import Machine

/// SDM 1, "Managing State Using the XSAVE Feature Set".
@Suite("XSAVE and its kin")
struct ExtendedStateTests {
    private static let area: UInt64 = 0x9000
    private static let header = area + 512
    private static let compacted: UInt64 = 1 << 63

    private func program(
        _ source: String, mask: UInt64 = 3, xcr0: UInt64 = 3, cpl: UInt8 = 0
    ) throws -> HandledProgram {
        var program = try HandledProgram(source, cpl: cpl)
        program.machine.state.cr4 |= CR4Bit.osxsave.mask
        program.machine.state.xcr0 = xcr0
        program.machine.state.registers[.rax] = mask
        program.machine.state.registers[.rdi] = Self.area
        return program
    }

    @Test("XSAVE sets the bits of XSTATE_BV for what is in use and asked for, and keeps the others")
    func saves() throws {
        var program = try program("xsave [edi]", mask: 2)
        program.write(Self.header, 0x1)
        program.machine.state.floating.vectors[0] = 0x1234
        #expect(try program.next() == nil)
        #expect(program.read(Self.header) == 3)
        #expect(program.read(Self.area + 160) == 0x1234)
        // x87 was not asked for.
        #expect(program.read(Self.area) == 0)
    }

    @Test("XSAVE of an initial component clears its bit and writes it, XSAVEOPT does not write it")
    func initialComponents() throws {
        for (source, written) in [("xsave [edi]", UInt64(0)), ("xsaveopt [edi]", 0x55)] {
            var program = try program(source)
            program.write(Self.header, 3)
            program.write(Self.area + 160, 0x55)
            #expect(try program.next() == nil)
            #expect(program.read(Self.header) == 0)
            #expect(program.read(Self.area + 160) == written)
        }
    }

    @Test(
        "XSAVEC and XSAVES write XCOMP_BV with bit 63 and what was asked for",
        arguments: ["c", "s"])
    func savesCompacted(suffix: String) throws {
        var program = try program("xsave\(suffix) [edi]", mask: .max)
        program.machine.state.registers[.rdx] = 0xFFFF_FFFF
        program.machine.state.floating.vectors[1] = 9
        #expect(try program.next() == nil)
        #expect(program.read(Self.header) == 2)
        #expect(program.read(Self.header + 8) == Self.compacted | 3)
    }

    @Test("XRSTOR loads what XSTATE_BV has and gives the rest its initial configuration")
    func restores() throws {
        var program = try program("xrstor [edi]")
        program.write(Self.header, 2)
        program.write(Self.area + 160, 0x77)
        program.write(Self.area + 24, 0x1F80, size: 4)
        program.machine.state.floating.control = 0x300
        program.machine.state.floating.vectors[0] = 1
        #expect(try program.next() == nil)
        #expect(program.machine.state.floating.vectors[0] == 0x77)
        #expect(program.machine.state.floating.control == 0x37F)
    }

    @Test(
        "a header that is wrong is #GP(0)",
        arguments: [
            // XSTATE_BV beyond XCR0; XCOMP_BV without bit 63; the compacted form with more than
            // XCOMP_BV; a reserved byte; XRSTORS of the standard format.
            ("xrstor", UInt64(4), UInt64(0), UInt64(0)), ("xrstor", 0, 1, 0),
            ("xrstor", 2, compacted | 1, 0), ("xrstor", 0, 0, 1), ("xrstors", 0, 0, 0),
            ("xrstors", 0, compacted | 4, 0),
        ])
    func wrongHeader(name: String, present: UInt64, layout: UInt64, reserved: UInt64) throws {
        var program = try program("\(name) [edi]")
        program.write(Self.header, present)
        program.write(Self.header + 8, layout)
        program.write(Self.header + 16, reserved)
        #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }

    @Test(
        "CR4.OSXSAVE clear is #UD, CR0.TS set #NM, an area not aligned to 64 #GP(0)",
        arguments: ["xsave", "xsaveopt", "xsavec", "xsaves", "xrstor", "xrstors"])
    func faults(name: String) throws {
        var disabled = try program("\(name) [edi]")
        disabled.machine.state.cr4 &= ~CR4Bit.osxsave.mask
        #expect(try disabled.next()?.vector == ExceptionVector.invalidOpcode.rawValue)
        var switched = try program("\(name) [edi]")
        switched.machine.state.cr0 |= CR0Bit.ts.mask
        #expect(try switched.next()?.vector == ExceptionVector.deviceNotAvailable.rawValue)
        var moved = try program("\(name) [edi + 16]")
        #expect(try moved.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }

    @Test("XSAVES and XRSTORS are for CPL 0 alone", arguments: ["xsaves", "xrstors"])
    func privilege(name: String) throws {
        var program = try program("\(name) [edi]", cpl: 3)
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        #expect(event?.address == 0)
    }

    @Test(
        "XCR0 takes what CPUID leaf 0DH announces, with bit 0 set",
        arguments: [UInt64(1), 3, 0, 2, 7])
    func extendedControl(value: UInt64) throws {
        var program = try program("xor ecx, ecx\nxor edx, edx\nxsetbv", mask: value)
        let isLegal = value == 1 || value == 3
        #expect((try program.next() == nil) == isLegal)
        if isLegal { #expect(program.machine.state.xcr0 == value) }
    }

    @Test("CPUID leaf 0DH gives the size of the area, 576 bytes for x87 and SSE")
    func leaf() {
        let leaf = Processor.skylake.cpuid(leaf: 0xD, subleaf: 0)
        #expect(leaf == CPUIDResult(eax: 3, ebx: 576, ecx: 576, edx: 0))
        #expect(Processor.skylake.cpuid(leaf: 0xD, subleaf: 1).eax == 0xF)
    }
}
