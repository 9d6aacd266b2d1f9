import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Enabling and Disabling Interrupts", "Handling Multiple NMIs"; SDM 2, "HLT", "STI".
@Suite("Interrupts at instruction boundaries")
struct InterruptDeliveryTests {
    private static let selfIPI = "mov dword [0xfee00300], 0x44045\n"
    private static let selfNMI = "mov dword [0xfee00300], 0x4400\n"

    @Test("an interrupt waits for IF, and for the instruction behind STI")
    func interruptFlag() throws {
        var program = try HandledProgram(Self.selfIPI + "nop\nsti\nnop\nnop\ncli")
        let event = try program.next()
        #expect(event?.vector == 0x45)
        // MOV has ten bytes, then NOP, STI, NOP.
        #expect(event?.address == 13)
        #expect(event?.errorCode == nil)
        #expect(try program.next() == nil)
    }

    @Test("STI before CLI takes no interrupt")
    func noWindow() throws {
        var program = try HandledProgram(Self.selfIPI + "sti\ncli\nnop")
        #expect(try program.next() == nil)
    }

    @Test("an interrupt that waits is taken as soon as POPF sets IF")
    func popf() throws {
        var program = try HandledProgram(Self.selfIPI + "push dword 0x202\npopf\nnop\ncli")
        #expect(try program.next()?.vector == 0x45)
    }

    @Test("an NMI does not ask IF, and others wait until the handler's IRET")
    func nonMaskable() throws {
        var program = try HandledProgram(Self.selfNMI + "nop")
        let first = try program.next()
        #expect(first?.vector == 2)
        #expect(first?.address == 10)
        #expect(program.machine.state.interruptibility.contains(.byNMI))
        program.machine.state.apic.isNMIPending = true
        // The handler's IRET lets the second through before the next instruction.
        let second = try program.next()
        #expect(second?.vector == 2)
        #expect(second?.address == 10)
        #expect(try program.next() == nil)
        #expect(!program.machine.state.interruptibility.contains(.byNMI))
    }

    @Test("an NMI comes before an interrupt")
    func order() throws {
        var program = try HandledProgram(
            "sti\nmov ss, ax\nnop\nnop", .real16)
        program.machine.state.apic.accept(0x45)
        program.machine.state.apic.isNMIPending = true
        #expect(try program.next()?.vector == 2)
    }

    @Test("HLT with IF set sleeps until the timer interrupts, and goes on behind itself")
    func halt() throws {
        var program = try HandledProgram(
            """
            mov dword [0xfee003e0], 0xb
            mov dword [0xfee00320], 0x60
            mov dword [0xfee00380], 1000000
            sti
            hlt
            cli
            """)
        let event = try program.next()
        #expect(event?.vector == 0x60)
        #expect(event?.address == 32)
        #expect(program.machine.state.tsc >= 1_000_000)
        #expect(program.machine.steps < 100)
    }

    @Test("HLT with nothing that could wake the processor ends the run", arguments: ["cli", "sti"])
    func haltForGood(source: String) throws {
        var program = try HandledProgram(source)
        #expect(program.stop() == .hlt)
    }

    @Test("the interrupt controllers' request comes through LINT0, or past a disabled APIC")
    func virtualWire() throws {
        for (lint0, base, isTaken) in [
            (0x700, 0xFEE0_0900, true), (0x1_0700, 0xFEE0_0900, false), (0x1_0700, 0x100, true),
        ] {
            var program = try HandledProgram("sti\nnop\nnop\ncli")
            for (port, value) in [
                (0x20, 0x11), (0x21, 0x40), (0x21, 4), (0x21, 1), (0x21, 0xFD),
            ] {
                program.machine.writePort(UInt16(port), UInt32(value), size: 1)
            }
            program.write(0xFEE0_0350, UInt64(lint0), size: 4)
            program.machine.state.msrs.apicBase = UInt64(base)
            program.machine.ports.devices.press(0x1E)
            #expect(try program.next()?.vector == (isTaken ? 0x41 : nil))
        }
    }

    @Test("INIT to itself resets the processor outside VMX operation")
    func initSignal() throws {
        var program = try HandledProgram("mov dword [0xfee00300], 0x4500\nnop")
        #expect(program.stop() == .shutdown)
    }

    @Test("a system-management interrupt is told as not modelled")
    func systemManagement() throws {
        var program = try HandledProgram("mov dword [0xfee00300], 0x4200\nnop")
        #expect(program.stop() == .notModelled(.feature(.systemManagement)))
    }

    @Test("writing the time-stamp counter changes no device's time")
    func timeStamp() throws {
        var machine = Machine(processor: .skylake, memorySize: 1 << 20)
        machine.state.tsc = 5000
        try machine.writeMSR(0x10, 100)
        #expect(machine.deviceTime == 5000)
        #expect(try machine.readMSR(0x3B) == 0 &- 4900)
    }
}
