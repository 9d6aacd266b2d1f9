import Architecture
import Testing

@testable import Machine

/// Intel 82093AA I/O Advanced Programmable Interrupt Controller data sheet.
@Suite("I/O APIC")
struct IOAPICTests {
    private static let window = IOAPIC.page + 0x10

    private func machine() -> Machine {
        var machine = Machine(processor: .skylake, memorySize: 4 << 20)
        machine.ports.devices.tester = TestDevice()
        return machine
    }

    private func write(_ machine: inout Machine, _ register: UInt64, _ value: UInt64) {
        machine.writePhysical(IOAPIC.page, register, size: 4)
        machine.writePhysical(Self.window, value, size: 4)
    }

    private func read(_ machine: inout Machine, _ register: UInt64) -> UInt64 {
        machine.writePhysical(IOAPIC.page, register, size: 4)
        return machine.readPhysical(Self.window, size: 4)
    }

    private func drive(_ machine: inout Machine, _ input: UInt16, _ isHigh: Bool) {
        machine.writePort(0x2000 + input, isHigh ? 1 : 0, size: 1)
        machine.attendDevices()
    }

    /// The local APIC's requests.
    private func request(_ machine: inout Machine) -> UInt8? { machine.state.apic.requests.highest }

    private func take(_ machine: inout Machine) {
        _ = machine.acknowledgeInterrupt()
        #expect(machine.state.apic.requests.highest == nil)
    }

    private func endInterrupt(_ machine: inout Machine) {
        machine.writePhysical(0xFEE0_00B0, 0, size: 4)
        machine.attendDevices()
    }

    @Test("version 11h and 24 entries; bits 27:24 of the ID are kept; other registers are 0")
    func registers() {
        var machine = machine()
        #expect(read(&machine, 1) == 0x17_0011)
        write(&machine, 0, 0xFFFF_FFFF)
        #expect(read(&machine, 0) == 0x0F00_0000)
        #expect(read(&machine, 2) == 0x0F00_0000)
        #expect(read(&machine, 0x10) == 0x1_0000)
        #expect(read(&machine, 0x3F) == 0)
        #expect(read(&machine, 0x40) == 0)
        #expect(machine.readPhysical(IOAPIC.page, size: 1) == 0x40)
    }

    @Test("delivery status and remote IRR of an entry cannot be written, nor bits 55:17")
    func entryBits() {
        var machine = machine()
        write(&machine, 0x12, 0xFFFF_FFFF)
        write(&machine, 0x13, 0xFFFF_FFFF)
        #expect(read(&machine, 0x12) == 0x1_AFFF)
        #expect(read(&machine, 0x13) == 0xFF00_0000)
    }

    @Test("an edge interrupts once, and is lost where its input is masked")
    func edge() {
        var machine = machine()
        write(&machine, 0x10 + 2 * 20, 0x1_0071)
        drive(&machine, 20, true)
        write(&machine, 0x10 + 2 * 20, 0x71)
        machine.attendDevices()
        #expect(request(&machine) == nil)
        drive(&machine, 20, false)
        drive(&machine, 20, true)
        #expect(request(&machine) == 0x71)
        take(&machine)
        endInterrupt(&machine)
        #expect(request(&machine) == nil)
    }

    @Test("a level interrupts again after each EOI while it is high, with remote IRR in between")
    func level() {
        var machine = machine()
        write(&machine, 0x10 + 2 * 15, 0x8078)
        drive(&machine, 15, true)
        #expect(request(&machine) == 0x78)
        #expect(read(&machine, 0x10 + 2 * 15) == 0xC078)
        #expect(machine.state.apic.triggerModes.contains(0x78))
        take(&machine)
        endInterrupt(&machine)
        #expect(request(&machine) == 0x78)
        take(&machine)
        drive(&machine, 15, false)
        #expect(read(&machine, 0x10 + 2 * 15) == 0xC078)
        endInterrupt(&machine)
        #expect(request(&machine) == nil)
        #expect(read(&machine, 0x10 + 2 * 15) == 0x8078)
    }

    @Test("a level that is high when its input is unmasked interrupts")
    func unmasking() {
        var machine = machine()
        write(&machine, 0x10 + 2 * 15, 0x1_8078)
        drive(&machine, 15, true)
        #expect(request(&machine) == nil)
        write(&machine, 0x10 + 2 * 15, 0x8078)
        machine.attendDevices()
        #expect(request(&machine) == 0x78)
    }

    @Test(
        "the destination decides: an ID, everyone, or a logical set",
        arguments: [
            (UInt64(0), UInt64(0), true), (5, 0, false), (0xFF, 0, true), (1, 0x800, true),
            (2, 0x800, false),
        ])
    func destination(number: UInt64, mode: UInt64, arrives: Bool) {
        var machine = machine()
        machine.writePhysical(0xFEE0_00D0, 0x0100_0000, size: 4)
        write(&machine, 0x11 + 2 * 9, number << 24)
        write(&machine, 0x10 + 2 * 9, mode | 0x61)
        drive(&machine, 9, true)
        #expect((request(&machine) == 0x61) == arrives)
    }

    @Test("delivery mode NMI brings an NMI, INIT an INIT")
    func otherModes() {
        var machine = machine()
        write(&machine, 0x10 + 2 * 9, 0x400)
        drive(&machine, 9, true)
        #expect(machine.state.apic.isNMIPending)
        write(&machine, 0x10 + 2 * 10, 0x500)
        drive(&machine, 10, true)
        #expect(machine.state.apic.isINITPending)
    }

    @Test("the timer comes in at input 2, the interrupt controllers at input 0")
    func wiring() {
        var machine = machine()
        write(&machine, 0x14, 0x72)
        machine.writePort(0x43, 0x34, size: 1)
        machine.writePort(0x40, 100, size: 1)
        machine.writePort(0x40, 0, size: 1)
        machine.state.tsc &+= 100 * 8 + 8
        machine.attendDevices()
        #expect(request(&machine) == 0x72)
        take(&machine)
        // Input 5 of the interrupt controllers, with LINT0 masked: through input 0 alone.
        machine.writePhysical(0xFEE0_0350, 0x1_0000, size: 4)
        machine.writePort(0x21, 0xDF, size: 1)
        drive(&machine, 5, true)
        #expect(machine.interruptVector == nil)
        write(&machine, 0x10, 0x700)
        machine.attendDevices()
        #expect(machine.interruptVector == 13)
    }

    @Test("the test device keeps four bytes, and is there for who asks for it")
    func testDevice() {
        var machine = machine()
        machine.writePort(0xE0, 0x1234_5678, size: 4)
        #expect(machine.readPort(0xE2, size: 2) == 0x1234)
        machine.ports.devices.tester = nil
        #expect(machine.readPort(0xE0, size: 4) == 0xFFFF_FFFF)
    }

    /// ACPI Specification, "Power Management Timer": 3.579545 MHz, 24 bits.
    @Test("the power-management timer counts three for one of the 8254")
    func powerManagementTimer() {
        var machine = machine()
        machine.state.tsc = 8 * 1000
        #expect(machine.readPort(0x608, size: 4) == 3000)
        machine.state.tsc = 8 * (1 << 24)
        #expect(machine.readPort(0x608, size: 4) == 0)
    }
}
