import Architecture
import Testing

@testable import Machine

/// SDM 2, "CALL—Call Procedure", "Operation"; "LDS/LES/LFS/LGS/LSS—Load Far Pointer".
@Suite("Far calls and far pointers at the ends of segments")
struct FarCallTests {
    @Test("IF stack not large enough for return address THEN #SS(0), before the target's #GP(0)")
    func roomFirst() throws {
        for (pointer, fault) in [
            (4, ExceptionVector.stackFault), (0x1000, .generalProtection),
        ] {
            var program = try HandledProgram(
                "mov eax, 0x53\nmov ss, eax\nmov esp, \(pointer)\ncall 0x33:0xfffffff0", cpl: 3)
            program.setDescriptor(HandledProgram.Selector.free, 0x0040_F300_0000_0FFF)
            program.setDescriptor(HandledProgram.Selector.userCode, 0x0040_FB00_0000_FFFF)
            let event = try program.next()
            #expect(event?.vector == fault.rawValue)
            #expect(event?.errorCode == 0)
        }
    }

    @Test("in real mode, too, where DEST[31:16] that is not zero is #GP")
    func realMode() throws {
        for (pointer, fault) in [(2, ExceptionVector.stackFault), (0x100, .generalProtection)] {
            var program = try HandledProgram(
                "mov sp, \(pointer)\ncall dword 0:0x12345678", .real16)
            #expect(try program.next()?.vector == fault.rawValue)
        }
    }

    @Test("through a call gate the new stack's room is asked before the gate's offset")
    func innerStack() throws {
        for (pointer, fault, code) in [
            (UInt64(4), ExceptionVector.stackFault, UInt64(0x58)),
            (0x1000, .generalProtection, 0),
        ] {
            var program = try HandledProgram("call 0x50:0", cpl: 3)
            // A call gate to 08h:FFFFFFF0h, which is beyond the limit.
            program.setDescriptor(HandledProgram.Selector.free, 0xFFFF_EC00_0008_FFF0)
            program.setDescriptor(0x58, 0x0040_9300_0000_0FFF)
            program.setDescriptor(HandledProgram.Selector.code, 0x0040_9B00_0000_FFFF)
            program.write(HandledProgram.Place.tss + 4, pointer, size: 4)
            program.write(HandledProgram.Place.tss + 8, 0x58, size: 2)
            // The handler is the user's: it needs no inner stack.
            for vector in [UInt64(12), 13] {
                let user = UInt64(HandledProgram.Selector.userCode)
                program.write(HandledProgram.Place.idt + vector * 8 + 2, user, size: 2)
                program.machine.memory.load(
                    [0xEB, 0xFE], at: HandledProgram.Place.handlers + vector * 16)
            }
            _ = program.machine.run(Machine.Limits(steps: 10))
            let place = HandledProgram.Place.handlers + UInt64(fault.rawValue) * 16
            #expect(program.machine.state.rip == place)
            let stack = program.machine.state.registers[.rsp]
            #expect(program.read(stack, size: 4) == code)
        }
    }

    /// The manual asks that the effective address be within the limit; whether the selector's own
    /// wraps around like any 16-bit address it leaves open. A real processor (AMD's, in a segment of
    /// its LDT) and Bochs read it from the segment's start; KVM's interpreter faults.
    @Test("LES at FFFEh takes its selector from the segment's start, at FFFFh it is #GP")
    func wrappedPointer() throws {
        var program = try HandledProgram("les di, [0xfffe]", .real16)
        program.write(0xFFFE, 0x1234, size: 2)
        let selector = program.read(0, size: 2)
        #expect(try program.next() == nil)
        #expect(UInt64(program.machine.state.es.selector) == selector)
        #expect(program.machine.state.registers[.rdi] & 0xFFFF == 0x1234)
        var straddling = try HandledProgram("les di, [0xffff]", .real16)
        #expect(try straddling.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }
}
