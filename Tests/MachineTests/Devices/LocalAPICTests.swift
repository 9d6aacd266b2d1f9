import Architecture
import Testing

@testable import Machine

/// SDM 3A, chapter "Advanced Programmable Interrupt Controller (APIC)".
@Suite("The local APIC")
struct LocalAPICTests {
    private static let page: UInt64 = 0xFEE0_0000

    private func machine() -> Machine { Machine(processor: .skylake, memorySize: 4 << 20) }

    private func write(_ machine: inout Machine, _ register: APICRegister, _ value: UInt64) {
        machine.writePhysical(Self.page + UInt64(register.rawValue), value, size: 4)
    }

    private func read(_ machine: inout Machine, _ register: APICRegister) -> UInt64 {
        machine.readPhysical(Self.page + UInt64(register.rawValue), size: 4)
    }

    private func wrmsr(_ machine: inout Machine, _ number: UInt32, _ value: UInt64) -> Bool {
        (try? machine.writeMSR(number, value)) != nil
    }

    private func enterX2APIC(_ machine: inout Machine) {
        #expect(wrmsr(&machine, 0x1B, 0xFEE0_0D00))
    }

    // MARK: Priorities

    @Test("the highest vector is dispensed, if its class is above the task's and the served one's")
    func priorities() {
        var apic = LocalAPIC.asFirmwareLeavesIt
        apic.accept(0x45)
        apic.accept(0x67)
        apic.accept(0x62)
        #expect(apic.acknowledge() == 0x67)
        // 62H is of the class in service.
        #expect(apic.deliverable == nil)
        apic.endInterrupt()
        #expect(apic.acknowledge() == 0x62)
        apic.endInterrupt()
        apic.taskPriority = 0x40
        #expect(apic.deliverable == nil)
        apic.taskPriority = 0x3F
        #expect(apic.deliverable == 0x45)
    }

    @Test("the processor priority is the task's, or the class of what is in service")
    func processorPriority() {
        #expect(LocalAPIC.processorPriority(task: 0x35, inService: 0x31) == 0x35)
        #expect(LocalAPIC.processorPriority(task: 0x35, inService: 0x41) == 0x40)
    }

    @Test("IRR, ISR and EOI show an interrupt on its way")
    func registers() {
        var machine = machine()
        write(&machine, .commandLow, 0x4_4045)
        #expect(machine.readPhysical(Self.page + 0x220, size: 4) == 1 << 5)
        #expect(machine.acknowledgeInterrupt() == 0x45)
        #expect(machine.readPhysical(Self.page + 0x220, size: 4) == 0)
        #expect(machine.readPhysical(Self.page + 0x120, size: 4) == 1 << 5)
        #expect(read(&machine, .processorPriority) == 0x40)
        write(&machine, .endOfInterrupt, 0)
        #expect(machine.readPhysical(Self.page + 0x120, size: 4) == 0)
    }

    @Test("CR8 is the task priority's class")
    func cr8() {
        var machine = machine()
        machine.state.cr8 = 9
        #expect(read(&machine, .taskPriority) == 0x90)
        write(&machine, .taskPriority, 0x5A)
        #expect(machine.state.cr8 == 5)
    }

    @Test("disabled by software it accepts nothing and masks its local sources")
    func softwareDisabled() {
        var machine = machine()
        write(&machine, .spuriousVector, 0xFF)
        #expect(read(&machine, .lint0) == 0x1_0700)
        write(&machine, .commandLow, 0x4_4045)
        #expect(machine.state.apic.requests.highest == nil)
        write(&machine, .lint0, 0x700)
        #expect(read(&machine, .lint0) == 0x1_0700)
    }

    @Test("interrupt commands reach this processor by its ID, to all, and by logical ID")
    func destinations() {
        for (high, low, reaches) in [
            (0, 0x4051, true), (1, 0x4051, false), (0xFF, 0x4051, true), (0, 0x8_4051, true),
            (0, 0xC_4051, false), (4, 0x4851, true), (2, 0x4851, false),
        ] {
            var machine = machine()
            write(&machine, .logicalDestination, 0x0400_0000)
            write(&machine, .commandHigh, UInt64(high) << 24)
            write(&machine, .commandLow, UInt64(low))
            #expect(machine.state.apic.requests.contains(0x51) == reaches, "\(high) \(low)")
        }
    }

    @Test("a vector below 16 is an error that the error status tells after a write to it")
    func illegalVector() {
        var machine = machine()
        write(&machine, .commandLow, 0x4_400F)
        #expect(read(&machine, .errorStatus) == 0)
        write(&machine, .errorStatus, 0)
        #expect(read(&machine, .errorStatus) == 0x20)
        write(&machine, .errorStatus, 0)
        #expect(read(&machine, .errorStatus) == 0)
    }

    // MARK: Timer

    @Test("one shot counts down once, by the divided clock")
    func oneShot() {
        var machine = machine()
        write(&machine, .timer, 0x60)
        // By 2.
        write(&machine, .divideConfiguration, 0)
        write(&machine, .initialCount, 100)
        machine.state.tsc += 50
        #expect(read(&machine, .currentCount) == 75)
        machine.state.tsc += 149
        #expect(read(&machine, .currentCount) == 1)
        #expect(machine.state.apic.requests.highest == nil)
        machine.state.tsc += 1
        #expect(read(&machine, .currentCount) == 0)
        #expect(machine.state.apic.requests.highest == 0x60)
        #expect(machine.acknowledgeInterrupt() == 0x60)
        machine.state.tsc += 1000
        machine.advanceDevices()
        #expect(machine.state.apic.requests.highest == nil)
    }

    @Test("periodic starts again from the initial count")
    func periodic() {
        var machine = machine()
        write(&machine, .timer, 0x2_0060)
        write(&machine, .divideConfiguration, 0xB)
        write(&machine, .initialCount, 1000)
        machine.state.tsc += 2400
        #expect(read(&machine, .currentCount) == 600)
        #expect(machine.acknowledgeInterrupt() == 0x60)
        write(&machine, .endOfInterrupt, 0)
        machine.state.tsc += 600
        machine.advanceDevices()
        #expect(machine.state.apic.requests.highest == 0x60)
    }

    @Test("TSC-deadline mode fires when the counter reaches the deadline, and clears it")
    func deadline() throws {
        var machine = machine()
        write(&machine, .timer, 0x4_0060)
        write(&machine, .initialCount, 1000)
        #expect(read(&machine, .initialCount) == 0)
        machine.state.tsc = 5000
        try machine.writeMSR(0x6E0, 6000)
        #expect(try machine.readMSR(0x6E0) == 6000)
        machine.state.tsc = 6000
        #expect(try machine.readMSR(0x6E0) == 0)
        #expect(machine.state.apic.requests.highest == 0x60)
    }

    @Test("outside TSC-deadline mode the deadline register takes nothing")
    func noDeadline() throws {
        var machine = machine()
        try machine.writeMSR(0x6E0, 6000)
        #expect(try machine.readMSR(0x6E0) == 0)
    }

    @Test("a masked timer counts and does not interrupt")
    func maskedTimer() {
        var machine = machine()
        write(&machine, .timer, 0x1_0060)
        write(&machine, .divideConfiguration, 0xB)
        write(&machine, .initialCount, 10)
        machine.state.tsc += 20
        machine.advanceDevices()
        #expect(machine.state.apic.requests.highest == nil)
    }

    // MARK: x2APIC mode

    @Test("x2APIC mode is entered from xAPIC mode alone and left by disabling")
    func modes() {
        // From, to, legal: bits 11 (EN) and 10 (EXTD) of IA32_APIC_BASE.
        for (path, isLegal) in [
            ([0xC00], true), ([0x400], false), ([0, 0xC00], false), ([0xC00, 0x800], false),
            ([0xC00, 0], true), ([0xC00, 0, 0x800], true), ([0, 0x800], true),
        ] {
            var machine = machine()
            let results = path.map { wrmsr(&machine, 0x1B, 0xFEE0_0100 | UInt64($0)) }
            #expect(results.last == isLegal, "\(path)")
            #expect(results.dropLast().allSatisfy { $0 })
        }
    }

    @Test("reserved bits of IA32_APIC_BASE are #GP")
    func reservedBase() {
        for bit in [UInt64(0), 7, 9, 40, 63] {
            var machine = machine()
            #expect(!wrmsr(&machine, 0x1B, 0xFEE0_0900 | 1 << bit), "bit \(bit)")
        }
    }

    @Test("enabling it again brings it back to its state after a reset, elsewhere if asked")
    func relocation() {
        var machine = machine()
        write(&machine, .lint1, 0x477)
        #expect(wrmsr(&machine, 0x1B, 0))
        #expect(read(&machine, .version) == 0xFFFF_FFFF)
        #expect(machine.cpuid(1, 0).edx & 1 << 9 == 0)
        #expect(wrmsr(&machine, 0x1B, 0xFED4_0900))
        #expect(machine.readPhysical(0xFED4_0030, size: 4) == 0x5_0014)
        #expect(machine.readPhysical(0xFED4_0360, size: 4) == 0x1_0000)
        #expect(machine.readPhysical(0xFED4_00F0, size: 4) == 0xFF)
        #expect(machine.cpuid(1, 0).edx & 1 << 9 != 0)
    }

    @Test("outside x2APIC mode its MSRs are #GP, in it the page is gone")
    func mapping() throws {
        var machine = machine()
        #expect((try? machine.readMSR(0x803)) == nil)
        enterX2APIC(&machine)
        #expect(try machine.readMSR(0x803) == 0x5_0014)
        #expect(read(&machine, .version) == 0xFFFF_FFFF)
    }

    @Test(
        "writes of reserved bits and to read-only registers are #GP",
        arguments: [
            (UInt32(0x808), UInt64(0x100)), (0x80B, 1), (0x828, 1), (0x80F, 0x1000), (0x80F, 0x400),
            (0x830, 0x100_0000), (0x832, 0x8_0000), (0x838, 0x1_0000_0000), (0x83E, 4),
            (0x83F, 0x100), (0x802, 0), (0x803, 0), (0x80A, 0), (0x80D, 0), (0x810, 0), (0x820, 0),
            (0x839, 0), (0x80E, 0), (0x831, 0), (0x809, 0), (0x800, 0), (0x8FF, 0),
        ])
    func refusedWrites(number: UInt32, value: UInt64) {
        var machine = machine()
        enterX2APIC(&machine)
        #expect(!wrmsr(&machine, number, value))
    }

    @Test("registers that can only be written are #GP to read", arguments: [UInt32(0x80B), 0x83F])
    func writeOnly(number: UInt32) {
        var machine = machine()
        enterX2APIC(&machine)
        #expect((try? machine.readMSR(number)) == nil)
        #expect(wrmsr(&machine, number, number == 0x80B ? 0 : 0x40))
    }

    @Test("the interrupt command register is one of 64 bits, and SELF IPI sends by itself")
    func commands() throws {
        var machine = machine()
        enterX2APIC(&machine)
        try machine.writeMSR(0x830, 0x0000_0001_0000_4050)
        #expect(machine.state.apic.requests.highest == nil)
        try machine.writeMSR(0x830, 0xFFFF_FFFF_0000_4050)
        #expect(machine.state.apic.requests.highest == 0x50)
        try machine.writeMSR(0x83F, 0x71)
        #expect(machine.state.apic.requests.highest == 0x71)
        #expect(try machine.readMSR(0x80D) == 1)
    }
}
