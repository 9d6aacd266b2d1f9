import Architecture
import Testing

@testable import Machine

// SDM 3C, 30.5 "Virtualizing MSR-Based APIC Accesses", 30.3 "Virtualizing CR8-Based TPR Accesses".

/// A guest that executes RDMSR or WRMSR of an x2APIC MSR, and what it comes to. The local APIC is
/// not in x2APIC mode: what reaches it is #GP.
struct X2APICRow: Sendable, CustomTestStringConvertible {
    let number: UInt32
    /// EDX:EAX of a WRMSR; nil: RDMSR.
    let written: UInt64?
    let controls: [SecondaryControl]
    /// The exit's reason, or the mnemonic of the fault that exits.
    let outcome: String

    init(_ number: UInt32, _ written: UInt64?, _ controls: [SecondaryControl], _ outcome: String) {
        self.number = number
        self.written = written
        self.controls = controls
        self.outcome = outcome
    }

    var testDescription: String {
        let value = written.map { "write \(String($0, radix: 16))" } ?? "read"
        return "\(String(number, radix: 16)) \(value) \(controls.map(\.name)) \(outcome)"
    }

    func guest() throws -> VMXGuest {
        let source = """
            mov ecx, \(number)
            mov eax, \((written ?? 0) & 0xFFFF_FFFF)
            mov edx, \((written ?? 0) >> 32)
            \(written == nil ? "rdmsr" : "wrmsr")
            """
        var guest = try VMXGuest(source)
        guest.set(PrimaryControl.useTPRShadow)
        guest.set(PinControl.externalInterruptExiting)
        for control in controls { guest.set(control) }
        guest[.virtualAPICAddress] = VMXGuest.Place.free
        for offset in stride(from: UInt64(0), to: 0x1000, by: 8) {
            guest.write(VMXGuest.Place.free + offset, 0)
        }
        return guest
    }

    private static let mode = SecondaryControl.virtualizeX2APICMode
    private static let registers = SecondaryControl.apicRegisterVirtualization
    private static let delivery = SecondaryControl.virtualInterruptDelivery

    static let all: [X2APICRow] = [
        .init(0x808, nil, [], "#GP"), .init(0x808, nil, [mode], "VMCALL"),
        .init(0x802, nil, [mode], "#GP"), .init(0x802, nil, [mode, registers], "VMCALL"),
        .init(0x80B, nil, [mode, delivery], "#GP"), .init(0x8FF, nil, [mode, registers], "VMCALL"),
        .init(0x808, 0x50, [], "#GP"), .init(0x808, 0x50, [mode], "VMCALL"),
        .init(0x808, 0xFF, [mode], "VMCALL"), .init(0x808, 0x100, [mode], "#GP"),
        .init(0x808, 1 << 63, [mode], "#GP"), .init(0x80B, 0, [mode], "#GP"),
        .init(0x80B, 0, [mode, delivery], "VMCALL"), .init(0x80B, 1, [mode, delivery], "#GP"),
        .init(0x80B, 1 << 32, [mode, delivery], "#GP"),
        .init(0x80B, 0, [mode, registers], "#GP"), .init(0x83F, 0x50, [mode], "#GP"),
        .init(0x83F, 0x50, [mode, delivery], "VMCALL"),
        .init(0x83F, 0x10, [mode, delivery], "VMCALL"),
        .init(0x83F, 0xF, [mode, delivery], "APIC_WRITE"),
        .init(0x83F, 0x150, [mode, delivery], "#GP"),
        .init(0x830, 0x4_0050, [mode, delivery, registers], "#GP"),
        .init(0x802, 0, [mode, delivery, registers], "#GP"),
    ]
}

@Suite("Virtualized x2APIC MSRs and CR8")
struct VMXX2APICTests {
    @Test("Each access reaches the virtual APIC, the local APIC, or #GP", arguments: X2APICRow.all)
    func outcome(row: X2APICRow) throws {
        var guest = try row.guest()
        #expect(try ControlRow.outcome(&guest) == row.outcome)
    }

    @Test("RDMSR reads eight bytes of the virtual-APIC page at sixteen times the register")
    func read() throws {
        var guest = try X2APICRow(
            0x832, nil, [.virtualizeX2APICMode, .apicRegisterVirtualization], "VMCALL"
        ).guest()
        guest.write(VMXGuest.Place.free + 0x320, 0x1122_3344_5566_7788)
        #expect(try guest.run() == .vmcall)
        #expect(guest.machine.state.registers[.rax] == 0x5566_7788)
        #expect(guest.machine.state.registers[.rdx] == 0x1122_3344)
    }

    @Test("WRMSR of the EOI ends the interrupt in service, and exits by its EOI-exit bit")
    func endOfInterrupt() throws {
        let row = X2APICRow(
            0x80B, 0, [.virtualizeX2APICMode, .virtualInterruptDelivery], "VMCALL")
        for exits in [false, true] {
            var guest = try row.guest()
            guest[.guestInterruptStatus] = 0x5100
            guest.write(VMXGuest.Place.free + 0x120, 1 << 17, size: 4)
            guest[.eoiExitBitmap1] = exits ? 1 << 17 : 0
            #expect(try guest.run() == (exits ? .virtualizedEOI : .vmcall))
            #expect(guest.read(VMXGuest.Place.free + 0x120, size: 4) == 0)
            #expect(guest[.guestInterruptStatus] == 0)
        }
    }

    @Test("WRMSR of the self-IPI requests the vector")
    func selfIPI() throws {
        var guest = try X2APICRow(
            0x83F, 0x52, [.virtualizeX2APICMode, .virtualInterruptDelivery], "VMCALL"
        ).guest()
        #expect(try guest.run() == .vmcall)
        #expect(guest.read(VMXGuest.Place.free + 0x220, size: 4) == 1 << 18)
        #expect(guest[.guestInterruptStatus] == 0x52)
    }

    @Test("With a TPR shadow CR8 is the virtual task priority, without it the real one")
    func cr8() throws {
        for isShadowed in [false, true] {
            var guest = try VMXGuest("mov rax, cr8\nmov ecx, 5\nmov cr8, rcx", .long64)
            guest[.virtualAPICAddress] = VMXGuest.Place.free
            guest.write(VMXGuest.Place.free + 0x80, 0xFFFF_FF3C, size: 4)
            guest.machine.state.cr8 = 2
            if isShadowed { guest.set(PrimaryControl.useTPRShadow) }
            #expect(try guest.run() == .vmcall)
            #expect(guest.machine.state.registers[.rax] == (isShadowed ? 3 : 2))
            #expect(guest.machine.state.cr8 == (isShadowed ? 2 : 5))
            let page = guest.read(VMXGuest.Place.free + 0x80, size: 4)
            #expect(page == (isShadowed ? 0x50 : 0xFFFF_FF3C))
        }
    }

    /// SDM 3C, 30.4.4 "Instruction-Specific Considerations": MONITOR and CLFLUSH count as reads of
    /// their address, PREFETCH never exits.
    @Test("Instructions that read no memory still ask for the APIC-access page")
    func addressesOnly() throws {
        let rows: [(String, UInt64, ExitReason)] = [
            ("monitor", 0x300, .apicAccess), ("monitor", 0x80, .vmcall),
            ("clflush [eax]", 0x300, .apicAccess), ("clflush [eax]", 0x80, .vmcall),
            ("prefetcht0 [eax]", 0x300, .vmcall),
        ]
        for (instruction, offset, reason) in rows {
            var guest = try VMXGuest(
                "mov eax, \(0x40_0000 + offset)\nxor ecx, ecx\nxor edx, edx\n\(instruction)")
            guest.set(PrimaryControl.useTPRShadow)
            guest.set(SecondaryControl.virtualizeAPICAccesses)
            guest[.virtualAPICAddress] = VMXGuest.Place.free
            guest[.apicAccessAddress] = VMXGuest.Place.page
            #expect(try guest.run() == reason, "\(instruction) \(offset)")
            if reason == .apicAccess { #expect(guest[.exitQualification] == offset) }
        }
    }

    @Test("Only a fixed, edge-triggered command to self of vector 16 or more is virtualized")
    func interruptCommand() throws {
        // Written through the APIC-access page: which commands are self-IPIs of the virtual APIC.
        let commands: [(UInt32, ExitReason)] = [
            (0x4_0050, .vmcall), (0x4_4850, .vmcall), (0x4_000F, .apicWrite),
            (0x4_8050, .apicWrite), (0x4_0150, .apicWrite), (0x8_0050, .apicWrite),
            (0x0_0050, .apicWrite), (0x5_0050, .apicWrite), (0x4_1050, .apicWrite),
            (0x4_2050, .apicWrite), (0x14_0050, .apicWrite), (0x8004_0050, .apicWrite),
        ]
        for (command, reason) in commands {
            var guest = try VMXGuest("mov dword [0x400300], \(command)")
            guest.set(PrimaryControl.useTPRShadow)
            guest.set(PinControl.externalInterruptExiting)
            guest.set(SecondaryControl.virtualizeAPICAccesses)
            guest.set(SecondaryControl.virtualInterruptDelivery)
            guest[.virtualAPICAddress] = VMXGuest.Place.free
            guest[.apicAccessAddress] = VMXGuest.Place.page
            #expect(try guest.run() == reason, "\(String(command, radix: 16))")
            if reason == .apicWrite { #expect(guest[.exitQualification] == 0x300) }
        }
    }
}
