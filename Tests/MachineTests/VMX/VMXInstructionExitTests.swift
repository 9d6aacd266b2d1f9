import Architecture
import InstructionSet
import Testing

@testable import Machine

/// SDM 3C, 26.1.3 "Instructions That Cause VM Exits Conditionally": a control and the instruction
/// that it makes exit; everything else is the same in both runs.
struct ExitingControl: Sendable, CustomTestStringConvertible {
    let control: ControlBit
    let source: String
    let reason: ExitReason
    /// What comes instead where the control is 0.
    var otherwise = ExitReason.vmcall
    /// Bits of CR4 that the instruction needs.
    var cr4: UInt64 = 0

    var testDescription: String { "\(control.name): \(source)" }

    static let all: [ExitingControl] = primary + descriptorTables + secondary

    private static let primary: [ExitingControl] = [
        .init(control: .primary(.hltExiting), source: "jmp over\nhlt\nover: hlt", reason: .hlt),
        .init(control: .primary(.invlpgExiting), source: "invlpg [0x1234]", reason: .invlpg),
        .init(control: .primary(.mwaitExiting), source: "xor ecx, ecx\nmwait", reason: .mwait),
        .init(control: .primary(.rdpmcExiting), source: "xor ecx, ecx\nrdpmc", reason: .rdpmc),
        .init(control: .primary(.rdtscExiting), source: "rdtsc", reason: .rdtsc),
        .init(
            control: .primary(.cr3LoadExiting), source: "mov eax, 0x5000\nmov cr3, eax",
            reason: .crAccess),
        .init(control: .primary(.cr3StoreExiting), source: "mov eax, cr3", reason: .crAccess),
        .init(control: .primary(.movDRExiting), source: "mov eax, dr3", reason: .drAccess),
        .init(control: .primary(.movDRExiting), source: "mov dr0, eax", reason: .drAccess),
        .init(
            control: .primary(.unconditionalIOExiting), source: "in al, 0x80",
            reason: .ioInstruction),
        .init(
            control: .primary(.monitorExiting),
            source: "mov eax, 0x9000\nxor ecx, ecx\nxor edx, edx\nmonitor", reason: .monitor),
        .init(control: .primary(.pauseExiting), source: "pause", reason: .pause),
    ]

    private static let tables: [(source: String, reason: ExitReason)] = [
        ("lgdt [0x9000]", .gdtrIDTRAccess), ("lidt [0x9000]", .gdtrIDTRAccess),
        ("sgdt [0x9000]", .gdtrIDTRAccess), ("sidt [0x9000]", .gdtrIDTRAccess),
        ("sldt eax", .ldtrTRAccess), ("str eax", .ldtrTRAccess),
        ("xor eax, eax\nlldt ax", .ldtrTRAccess),
    ]

    private static let descriptorTables = tables.map {
        ExitingControl(
            control: .secondary(.descriptorTableExiting), source: $0.source, reason: $0.reason)
    }

    private static let secondary: [ExitingControl] = [
        .init(control: .secondary(.wbinvdExiting), source: "wbinvd", reason: .wbinvd),
        .init(control: .secondary(.rdrandExiting), source: "rdrand eax", reason: .rdrand),
        .init(control: .secondary(.rdseedExiting), source: "rdseed eax", reason: .rdseed),
    ]
}

@Suite("Instructions in non-root operation")
struct VMXInstructionExitTests {
    @Test("exit where the control is 1", arguments: ExitingControl.all)
    func exits(row: ExitingControl) throws {
        var guest = try VMXGuest(row.source)
        guest[row.control.field] |= row.control.mask
        #expect(try guest.run() == row.reason)
    }

    @Test("do not exit where the control is 0", arguments: ExitingControl.all)
    func doesNotExit(row: ExitingControl) throws {
        // HLT without an exit stops the processor for good: nothing wakes it here.
        guard row.reason != .hlt else { return }
        var guest = try VMXGuest(row.source)
        guest[row.control.field] &= ~row.control.mask
        #expect(try guest.run() == row.otherwise)
    }

    /// SDM 3C, 26.1.2: none of these asks a control.
    @Test(
        "exit whatever the controls say",
        arguments: [
            ("cpuid", ExitReason.cpuid), ("invd", .invd), ("vmcall", .vmcall),
            ("vmclear [0x9000]", .vmclear), ("vmlaunch", .vmlaunch), ("vmresume", .vmresume),
            ("vmptrld [0x9000]", .vmptrld), ("vmptrst [0x9000]", .vmptrst),
            ("vmxoff", .vmxoff), ("vmxon [0x9000]", .vmxon), ("vmread eax, ecx", .vmread),
            ("vmwrite eax, ecx", .vmwrite), ("invept eax, [0x9000]", .invept),
            ("invvpid eax, [0x9000]", .invvpid),
        ])
    func always(source: String, reason: ExitReason) throws {
        var guest = try VMXGuest(source)
        #expect(try guest.run() == reason)
        #expect(guest[.guestRIP] == VMXGuest.Place.code)
    }

    @Test("XSETBV exits where CR4.OSXSAVE is 1, and is #UD where it is 0")
    func xsetbv() throws {
        var guest = try VMXGuest("xsetbv")
        #expect(try guest.exception() == .invalidOpcode)
        guest = try VMXGuest("xsetbv")
        guest[.guestCR4] |= CR4Bit.osxsave.mask
        #expect(try guest.run() == .xsetbv)
    }

    @Test("RDMSR and WRMSR exit without MSR bitmaps")
    func msrsWithoutBitmaps() throws {
        var guest = try VMXGuest("mov ecx, 0xC0000080\nrdmsr")
        #expect(try guest.run() == .vmcall)
        guest = try VMXGuest("mov ecx, 0xC0000080\nrdmsr")
        guest.clear(PrimaryControl.useMSRBitmaps)
        #expect(try guest.run() == .rdmsr)
    }

    @Test("IN exits by the bit of its port where I/O bitmaps are used")
    func ioBitmaps() throws {
        for (bit, reason) in [(UInt64(0x80), ExitReason.ioInstruction), (0x81, .vmcall)] {
            var guest = try VMXGuest("in al, 0x80")
            guest.set(PrimaryControl.useIOBitmaps)
            guest.set(PrimaryControl.unconditionalIOExiting)
            guest[.ioBitmapA] = VMXGuest.Place.bitmaps
            guest[.ioBitmapB] = VMXGuest.Place.bitmaps + 0x1000
            guest.write(VMXGuest.Place.bitmaps + bit / 8, 1 << (bit & 7), size: 1)
            #expect(try guest.run() == reason)
        }
    }

    @Test("MOV to and from CR8 exit by their controls", arguments: [true, false])
    func cr8(isLoad: Bool) throws {
        let source = isLoad ? "mov cr8, rax" : "mov rax, cr8"
        let control = isLoad ? PrimaryControl.cr8LoadExiting : .cr8StoreExiting
        var guest = try VMXGuest(source, .long64)
        #expect(try guest.run() == .vmcall)
        guest = try VMXGuest(source, .long64)
        guest.set(control)
        #expect(try guest.run() == .crAccess)
    }
}

/// SDM 3C, 26.1.1 "Relative Priority of Faults and VM Exits", and 26.3.
@Suite("Faults and VM exits, by priority")
struct VMXPriorityTests {
    @Test(
        "at CPL 3 privileged instructions raise #GP though their control is 1",
        arguments: [
            "hlt", "invlpg [0x1234]", "wbinvd", "invd", "lgdt [0x9000]", "lldt ax",
            "mov eax, cr3", "rdmsr",
        ])
    func privilegeFirst(source: String) throws {
        var guest = try VMXGuest(source, cpl: 3)
        let controls: [PrimaryControl] = [.hltExiting, .invlpgExiting, .cr3StoreExiting]
        for control in controls { guest.set(control) }
        guest.set(SecondaryControl.wbinvdExiting)
        guest.set(SecondaryControl.descriptorTableExiting)
        #expect(try guest.exception() == .generalProtection)
    }

    @Test("at CPL 3 MONITOR and MWAIT are #UD", arguments: ["monitor", "mwait"])
    func userOpcodes(source: String) throws {
        var guest = try VMXGuest(source, cpl: 3)
        guest.set(PrimaryControl.monitorExiting)
        guest.set(PrimaryControl.mwaitExiting)
        #expect(try guest.exception() == .invalidOpcode)
    }

    @Test(
        "at CPL 3 VMX instructions exit all the same",
        arguments: [
            ("vmlaunch", ExitReason.vmlaunch), ("vmptrld [0x9000]", .vmptrld),
            ("vmread eax, ecx", .vmread), ("vmxoff", .vmxoff), ("vmxon [0x9000]", .vmxon),
            ("invept eax, [0x9000]", .invept), ("vmcall", .vmcall),
        ])
    func vmxAtUserLevel(source: String, reason: ExitReason) throws {
        var guest = try VMXGuest(source, cpl: 3)
        #expect(try guest.run() == reason)
    }

    @Test("in real-address mode VMX instructions are #UD, VMCALL exits")
    func realMode() throws {
        var guest = try VMXGuest("vmxoff", .real16)
        #expect(try guest.exception() == .invalidOpcode)
        guest = try VMXGuest("vmcall", .real16)
        #expect(try guest.run() == .vmcall)
    }

    @Test("in real-address mode SLDT and its kin are #UD before descriptor-table exiting")
    func selectorsInRealMode() throws {
        var guest = try VMXGuest("sldt ax", .real16)
        guest.set(SecondaryControl.descriptorTableExiting)
        #expect(try guest.exception() == .invalidOpcode)
    }

    @Test("CR4.TSD and CR4.PCE make #GP of RDTSC and RDPMC before their exits")
    func counters() throws {
        var guest = try VMXGuest("rdtsc", cpl: 3)
        guest.set(PrimaryControl.rdtscExiting)
        guest[.guestCR4] |= CR4Bit.tsd.mask
        #expect(try guest.exception() == .generalProtection)
        guest = try VMXGuest("rdpmc", cpl: 3)
        guest.set(PrimaryControl.rdpmcExiting)
        #expect(try guest.exception() == .generalProtection)
        guest = try VMXGuest("rdpmc", cpl: 3)
        guest.set(PrimaryControl.rdpmcExiting)
        guest[.guestCR4] |= CR4Bit.pce.mask
        #expect(try guest.run() == .rdpmc)
    }

    /// 26.1.3, "MOV DR": its exit comes before #GP by privilege and before #UD by CR4.DE.
    @Test("MOV DR exits before it faults")
    func movDR() throws {
        var guest = try VMXGuest("mov eax, dr4", cpl: 3)
        guest.set(PrimaryControl.movDRExiting)
        guest[.guestCR4] |= CR4Bit.de.mask
        #expect(try guest.run() == .drAccess)
        guest = try VMXGuest("mov eax, dr4")
        guest[.guestCR4] |= CR4Bit.de.mask
        #expect(try guest.exception() == .invalidOpcode)
    }

    @Test("a memory operand that would fault comes after the exit")
    func operandAfterExit() throws {
        var guest = try VMXGuest("lgdt [0x9000]")
        guest.set(SecondaryControl.descriptorTableExiting)
        guest[.guestDSLimit] = 0xFFF
        #expect(try guest.run() == .gdtrIDTRAccess)
    }

    /// 26.3: the control decides whether the instruction exists.
    @Test(
        "RDTSCP, RDPID, INVPCID, XSAVES are #UD where their control is 0",
        arguments: [
            ("rdtscp", SecondaryControl.enableRDTSCP), ("rdpid eax", .enableRDTSCP),
            ("invpcid eax, [0x9000]", .enableINVPCID), ("xsaves [0xA000]", .enableXSAVES),
        ])
    func disabled(source: String, control: SecondaryControl) throws {
        var guest = try VMXGuest(source, processor: .recent)
        guest.clear(control)
        guest[.guestCR4] |= CR4Bit.osxsave.mask
        #expect(try guest.exception() == .invalidOpcode)
    }

    @Test("RDTSCP and INVPCID execute, or exit by RDTSC and INVLPG exiting, where it is 1")
    func enabled() throws {
        for (source, enabling, exiting, reason) in [
            (
                "rdtscp", SecondaryControl.enableRDTSCP, PrimaryControl.rdtscExiting,
                ExitReason.rdtscp
            ),
            ("mov eax, 2\ninvpcid eax, [0x9000]", .enableINVPCID, .invlpgExiting, .invpcid),
        ] {
            var guest = try VMXGuest(source)
            guest.set(enabling)
            #expect(try guest.run() == .vmcall)
            guest = try VMXGuest(source)
            guest.set(enabling)
            guest.set(exiting)
            #expect(try guest.run() == reason)
        }
    }

    @Test("without a ladder's first rule a privileged instruction exits at CPL 3")
    func ruleDecides() throws {
        var guest = try VMXGuest("hlt", cpl: 3)
        guest.set(PrimaryControl.hltExiting)
        var ladder = try #require(guest.machine.ladders.instruction[.hlt])
        ladder.rules.removeFirst()
        guest.machine.ladders.instruction[.hlt] = ladder
        #expect(try guest.run() == .hlt)
    }
}
