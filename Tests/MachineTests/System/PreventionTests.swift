import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Determination of Access Rights", "Control Registers".
@Suite("SMAP, SMEP and UMIP")
struct PreventionTests {
    private static let userPage: UInt64 = 0x20_0000

    /// Supervisor code in a supervisor page; the page at 2 MiB is the user's.
    private func program(_ source: String, _ bits: [CR4Bit]) throws -> HandledProgram {
        var program = try HandledProgram(source, .long64, processor: .recent)
        program.write(HandledProgram.Place.tables + 0x2000, 0x83)
        for bit in bits { program.machine.state.cr4 |= bit.mask }
        return program
    }

    @Test(
        "with SMAP a supervisor's data access to a user page is a page fault, unless AC is 1",
        arguments: [
            ("mov rax, [0x200000]", UInt64(1)), ("mov [0x200000], rax", 3),
            ("inc qword [0x200000]", 3), ("push qword [0x200000]", 1),
        ])
    func supervisorAccess(source: String, code: UInt64) throws {
        var forbidden = try program(source, [.smap])
        let event = try forbidden.next()
        #expect(event?.vector == ExceptionVector.pageFault.rawValue)
        #expect(event?.errorCode == code)
        #expect(forbidden.machine.state.cr2 == Self.userPage)
        var allowed = try program("stac\n\(source)", [.smap])
        #expect(try allowed.next() == nil)
        var plain = try program(source, [])
        #expect(try plain.next() == nil)
    }

    @Test("CLAC ends what STAC began, for a page that was accessed in between")
    func clac() throws {
        var program = try program("stac\nmov rax, [0x200000]\nclac\nmov rbx, [0x200000]", [.smap])
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.pageFault.rawValue)
        #expect(event?.address == 14)
    }

    @Test("with SMAP the processor's own accesses to a user page fault whatever AC is")
    func implicitAccess() throws {
        // A load of DS reads a descriptor.
        var program = try program("stac\nmov eax, 0x10\nmov ds, ax", [.smap])
        for offset in stride(from: UInt64(0), to: 0x100, by: 8) {
            program.write(Self.userPage + offset, program.read(HandledProgram.Place.gdt + offset))
        }
        program.machine.state.gdtr.base = Self.userPage
        let stop = program.machine.run(Machine.Limits(steps: 100))
        // The handler's code segment cannot be read either.
        #expect(stop == .shutdown)
        #expect(program.machine.state.cr2 & ~0xFF == Self.userPage)
    }

    @Test("with SMEP a supervisor does not execute from a user page")
    func execution() throws {
        for (bits, isForbidden) in [([CR4Bit.smep], true), ([], false)] {
            var program = try program("mov rax, 0x200000\njmp rax", bits)
            program.write(Self.userPage, 0xF4, size: 1)
            let event = try program.next()
            #expect((event != nil) == isForbidden)
            if isForbidden {
                #expect(event?.vector == ExceptionVector.pageFault.rawValue)
                // Present, and an instruction fetch.
                #expect(event?.errorCode == 0x11)
            }
        }
    }

    @Test(
        "with UMIP what shows the system's tables is #GP(0) above CPL 0",
        arguments: ["sgdt [0x9000]", "sidt [0x9000]", "sldt eax", "str eax", "smsw eax"])
    func umip(source: String) throws {
        for (cpl, isSet, isForbidden) in [
            (UInt8(3), true, true), (3, false, false), (0, true, false),
        ] {
            var program = try HandledProgram(source + "\nud2", cpl: cpl, processor: .recent)
            if isSet { program.machine.state.cr4 |= CR4Bit.umip.mask }
            let event = try program.next()
            let gp = ExceptionVector.generalProtection.rawValue
            let ud = ExceptionVector.invalidOpcode.rawValue
            #expect(event?.vector == (isForbidden ? gp : ud))
            if isForbidden { #expect(event?.errorCode == 0) }
        }
    }

    @Test("a processor without a feature refuses its bit of CR4")
    func reserved() throws {
        for (bit, processor) in [
            (CR4Bit.umip, Processor.skylake), (.smap, .haswell), (.smep, .westmere),
            (.pcide, .nehalem), (.la57, .recent), (.cet, .recent), (.vme, .recent),
        ] {
            let source = "mov rax, cr4\nbts rax, \(bit.rawValue)\nmov cr4, rax"
            var program = try HandledProgram(source, .long64, processor: processor)
            #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
        }
    }
}
