import Architecture
import Testing

@testable import Machine

/// A guest that exits for a reason; everything else is as ``VMXGuest`` has it.
struct ReasonRow: Sendable, CustomTestStringConvertible {
    typealias Place = VMXGuest.Place

    let reason: ExitReason
    let source: String
    var mode = VMXGuest.Mode.protected32
    var processor = Processor.skylake
    var setUp: ControlRow.SetUp = { _ in }

    var testDescription: String { reason.name }

    func run() throws -> ExitReason {
        var guest = try VMXGuest(source, mode, processor: processor)
        try setUp(&guest)
        return try guest.run()
    }

    static let all: [ReasonRow] = unconditional + events + accesses

    /// SDM 3C, 26.1.2 "Instructions That Cause VM Exits Unconditionally".
    private static let unconditional: [ReasonRow] = [
        .init(reason: .cpuid, source: "cpuid"), .init(reason: .invd, source: "invd"),
        .init(reason: .vmcall, source: "vmcall"),
        .init(reason: .vmclear, source: "vmclear [0x9000]"),
        .init(reason: .vmlaunch, source: "vmlaunch"),
        .init(reason: .vmptrld, source: "vmptrld [0x9000]"),
        .init(reason: .vmptrst, source: "vmptrst [0x9000]"),
        .init(reason: .vmresume, source: "vmresume"), .init(reason: .vmxoff, source: "vmxoff"),
        .init(reason: .vmxon, source: "vmxon [0x9000]"),
        .init(reason: .invept, source: "invept eax, [0x9000]"),
        .init(reason: .invvpid, source: "invvpid eax, [0x9000]"),
        .init(reason: .vmread, source: "vmread eax, ecx"),
        .init(reason: .vmwrite, source: "vmwrite eax, ecx"),
        .init(
            reason: .xsetbv, source: "xsetbv",
            setUp: { $0[.guestCR4] |= CR4Bit.osxsave.mask }),
    ]

    /// SDM 3C, 26.2 "Other Causes of VM Exits"; 27.8 "VM-Entry Failures".
    private static let events: [ReasonRow] = [
        .init(reason: .exceptionOrNMI, source: "ud2"),
        // No exception exits, and nothing can be delivered.
        .init(
            reason: .tripleFault, source: "ud2",
            setUp: {
                $0[.exceptionBitmap] = 0
                $0[.guestIDTRLimit] = 0
            }),
        .init(
            reason: .initSignal, source: "nop",
            setUp: { $0.machine.state.apic.isINITPending = true }),
        .init(
            reason: .startUpIPI, source: "nop",
            setUp: {
                // Wait-for-SIPI.
                $0[.guestActivityState] = 3
                $0.machine.state.apic.startUpVector = 8
            }),
        .init(
            reason: .entryFailureGuestState, source: "nop", setUp: { $0[.guestRFLAGS] = 0 }),
        .init(
            reason: .entryFailureMSRLoad, source: "nop",
            setUp: {
                $0[.entryMSRLoadAddress] = Place.lists
                $0[.entryMSRLoadCount] = 1
                $0.write(Place.lists, 0x800)
            }),
        .init(
            reason: .tprBelowThreshold, source: "xor eax, eax\nmov cr8, rax", mode: .long64,
            setUp: {
                $0.set(PrimaryControl.useTPRShadow)
                $0[.virtualAPICAddress] = Place.free
                $0.write(Place.free + 0x80, 0x50)
                $0[.tprThreshold] = 4
            }),
        .init(
            reason: .virtualizedEOI, source: "mov dword [0x4000B0], 0", setUp: endOfInterrupt),
        .init(
            reason: .apicWrite, source: "mov dword [0x400370], 0",
            setUp: {
                virtualAPIC(&$0)
                $0.set(SecondaryControl.apicRegisterVirtualization)
            }),
    ]

    private static let accesses: [ReasonRow] = [
        .init(
            reason: .eptMisconfiguration, source: "mov eax, [0x400000]",
            setUp: { $0.write(Place.ept + 0x2010, 2) }),
        .init(
            reason: .wrmsr, source: "mov ecx, 0x40000000\nwrmsr"),
        .init(
            reason: .rdtscp, source: "rdtscp",
            setUp: {
                $0.set(SecondaryControl.enableRDTSCP)
                $0.set(PrimaryControl.rdtscExiting)
            }),
        .init(
            reason: .invpcid, source: "mov eax, 2\ninvpcid eax, [0x9000]",
            setUp: {
                $0.set(SecondaryControl.enableINVPCID)
                $0.set(PrimaryControl.invlpgExiting)
            }),
        .init(reason: .xsaves, source: "xsaves [0xA000]", setUp: watchedState),
        .init(reason: .xrstors, source: "xrstors [0xA000]", setUp: watchedState),
        .init(
            reason: .ldtrTRAccess, source: "sldt eax",
            setUp: { $0.set(SecondaryControl.descriptorTableExiting) }),
        // A far jump to a TSS in the GDT. SDM 3C, 26.4.2.
        .init(
            reason: .taskSwitch, source: "jmp 0x20:0",
            setUp: {
                $0[.guestGDTRBase] = Place.data
                $0.write(Place.data + 0x20, 0x0000_8900_5000_0067)
            }),
        .init(
            reason: .umwait, source: "umwait ecx", processor: .recent, setUp: userWait),
        .init(
            reason: .tpause, source: "tpause ecx", processor: .recent, setUp: userWait),
    ]

    @Sendable
    private static func userWait(_ guest: inout VMXGuest) {
        guest.set(SecondaryControl.enableUserWaitAndPause)
        guest.set(PrimaryControl.rdtscExiting)
    }

    /// A supervisor component that all three masks have.
    @Sendable
    private static func watchedState(_ guest: inout VMXGuest) {
        guest.set(SecondaryControl.enableXSAVES)
        guest[.guestCR4] |= CR4Bit.osxsave.mask
        guest[.xssExitingBitmap] = 1 << 8
        guest.machine.state.msrs.xss = 1 << 8
        guest.machine.state.registers[.rax] = 1 << 8
    }

    @Sendable
    private static func virtualAPIC(_ guest: inout VMXGuest) {
        guest.set(PrimaryControl.useTPRShadow)
        guest.set(SecondaryControl.virtualizeAPICAccesses)
        guest[.virtualAPICAddress] = Place.free
        guest[.apicAccessAddress] = Place.page
    }

    /// Vector 50H is in service, and its EOI exits.
    @Sendable
    private static func endOfInterrupt(_ guest: inout VMXGuest) {
        virtualAPIC(&guest)
        guest.set(PinControl.externalInterruptExiting)
        guest.set(SecondaryControl.virtualInterruptDelivery)
        guest[.guestInterruptStatus] = 0x5000
        guest.write(Place.free + 0x120, 1 << 16)
        guest[.eoiExitBitmap1] = 1 << 16
    }
}

@Suite("Exit reasons")
struct ExitReasonTests {
    @Test("A guest exits for the reason", arguments: ReasonRow.all)
    func exits(row: ReasonRow) throws {
        #expect(try row.run() == row.reason)
    }

    /// The rows here, and those of the controls; the others say why there is none.
    @Test("Every reason is reached by a row, or says why the model never has it")
    func complete() {
        var reached = Set(ReasonRow.all.map(\.reason.name))
        for row in ControlRow.all { reached.formUnion([row.clear, row.set]) }
        let missing = ExitReason.allCases.filter {
            !reached.contains($0.name) && $0.whyNeverRaised == nil
        }
        #expect(missing.map(\.name) == [])
        let contradicted = ExitReason.allCases.filter {
            reached.contains($0.name) && $0.whyNeverRaised != nil
        }
        #expect(contradicted.map(\.name) == [])
    }
}
