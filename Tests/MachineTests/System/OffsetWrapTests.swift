import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Limit Checking", and what it leaves open: see `Machine.offset(_:plus:_:)`. The rows on
/// parts are as a processor (AMD's) and Bochs have them.
@Suite("Offsets at the end of the address space")
struct OffsetWrapTests {
    typealias Row = (mode: HandledProgram.Mode, source: String, fault: ExceptionVector)

    private static let straddling: [Row] = [
        (.real16, "mov ax, [0xffff]", .generalProtection),
        (.real16, "mov [0xfffe], eax", .generalProtection),
        (.real16, "mov si, 0xffff\nlodsw", .generalProtection),
        (.real16, "mov si, 0xffff\noutsw", .generalProtection),
        (.real16, "mov si, 0xfffe\noutsd", .generalProtection),
        (.real16, "mov di, 0xffff\ninsw", .generalProtection),
        (.real16, "mov di, 0xfffd\nstosd", .generalProtection),
        (.real16, "movups xmm0, [0xfff8]", .generalProtection),
        (.real16, "mov sp, 0xffff\npop ax", .stackFault),
        (.protected32, "mov eax, [0xfffffffe]", .generalProtection),
        (.protected32, "mov ax, [0xffffffff]", .generalProtection),
        (.protected32, "mov [0xfffffffe], eax", .generalProtection),
        (.protected32, "mov esi, 0xfffffffe\noutsd", .generalProtection),
        (.protected32, "mov esi, 0xffffffff\noutsw", .generalProtection),
        (.protected32, "movups xmm0, [0xfffffff8]", .generalProtection),
        (.protected32, "mov esp, 0xfffffffe\npop eax", .stackFault),
    ]

    @Test("one access over the last offset is #GP(0), through SS #SS(0)", arguments: straddling)
    func oneAccess(_ row: Row) throws {
        #expect(try HandledProgram.first(row.source, row.mode)?.vector == row.fault.rawValue)
    }

    private static let unmoved: [(HandledProgram.Mode, String)] = [
        (.real16, "mov al, [0xffff]"), (.real16, "mov ax, [0xfffe]"),
        (.protected32, "mov eax, [0xfffffffc]"), (.protected32, "mov al, [0xffffffff]"),
    ]

    @Test("one access up to the last offset is none", arguments: unmoved)
    func lastOffset(_ mode: HandledProgram.Mode, _ source: String) throws {
        #expect(try HandledProgram.first(source, mode) == nil)
    }

    @Test("inside of 4 GiB an access at FFFFh by a 16-bit address goes on at 10000h")
    func largerLimit() throws {
        var program = try HandledProgram("mov bx, 0xffff\nmov ax, [bx]")
        program.write(0xFFFF, 0x1234, size: 2)
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rax] & 0xFFFF == 0x1234)
    }

    @Test("the second bound behind FFFFh is at the segment's start")
    func bound() throws {
        var program = try HandledProgram("mov ax, 5\nbound ax, [0xfffe]", .real16)
        program.write(0, 3, size: 2)
        #expect(try program.next()?.vector == ExceptionVector.boundRange.rawValue)
    }

    @Test("LGDT takes the base from the segment's start where the limit ends at FFFFh")
    func table() throws {
        var program = try HandledProgram("o32 lgdt [0xfffe]", .real16)
        program.write(0xFFFE, 0x77, size: 2)
        program.write(0, 0x0012_3456, size: 4)
        #expect(try program.next() == nil)
        #expect(program.machine.state.gdtr == DescriptorTableRegister(base: 0x12_3456, limit: 0x77))
    }

    @Test("sign and exponent of a real number in extended precision wrap, its significand does not")
    func extendedReal() throws {
        var program = try HandledProgram("fld1\nfstp tword [0xfff8]", .real16)
        #expect(try program.next() == nil)
        #expect(program.read(0xFFF8) == 1 << 63)
        #expect(program.read(0, size: 2) == 0x3FFF)
        #expect(program.read(0x1_0000, size: 2) == 0)
        for source in ["fld tword [0xfffc]", "fld1\nfstp tword [0xfffc]"] {
            let event = try HandledProgram.first(source, .real16)
            #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        }
    }

    @Test("an area of saved state of which any part lies beyond FFFFh is #GP")
    func stateArea() throws {
        for source in ["fxsave [0xfff0]", "fxrstor [0xfe10]"] {
            let event = try HandledProgram.first(source, .real16)
            #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        }
        #expect(try HandledProgram.first("fxsave [0xfe00]", .real16) == nil)
    }
}

extension HandledProgram {
    /// What the program's first event is; nil: none, with SSE enabled.
    static func first(_ source: String, _ mode: Mode) throws -> Event? {
        var program = try HandledProgram(source, mode)
        return try program.next()
    }
}
