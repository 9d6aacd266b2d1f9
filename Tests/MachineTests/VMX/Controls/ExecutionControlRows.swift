import Architecture

@testable import Machine

// SDM 3C, 25.6.1 "Pin-Based VM-Execution Controls", 25.6.2 "Processor-Based VM-Execution Controls",
// 26.1.3 "Instructions That Cause VM Exits Conditionally", 26.2 "Other Causes of VM Exits".

/// An external interrupt waits.
@Sendable
private func interrupt(_ guest: inout VMXGuest) {
    guest.machine.state.apic.spuriousVector = 0x1FF
    guest.machine.state.apic.accept(0x40)
}

/// An NMI waits.
@Sendable
private func nmi(_ guest: inout VMXGuest) { guest.machine.state.apic.isNMIPending = true }

/// What the guest has in EAX at its exit.
@Sendable
private func eax(_ guest: inout VMXGuest) throws -> String {
    let reason = try guest.run()
    guard reason == .vmcall else { return reason.name }
    return String(guest.machine.state.registers[.rax] & 0xFFFF_FFFF, radix: 16)
}

extension ControlRow {
    static let pinRows: [ControlRow] = [
        // RFLAGS.IF is 0: without the control the interrupt waits on.
        .init(
            .pin(.externalInterruptExiting), "nop", given: interrupt, set: "EXTERNAL_INTERRUPT"),
        // The guest's IDT is empty: delivery ends in #GP.
        .init(.pin(.nmiExiting), "nop", given: nmi, clear: "#GP", set: "NMI"),
        .init(
            .pin(.virtualNMIs), "nop",
            given: {
                nmi(&$0)
                $0.set(PinControl.nmiExiting)
                $0[.guestInterruptibility] = InterruptibilityBit.blockingByNMI.mask
            }, set: "NMI"),
        .init(
            .pin(.activatePreemptionTimer), "mov ecx, 1000\nagain: loop again",
            given: { $0[.preemptionTimer] = 20 }, set: "PREEMPTION_TIMER"),
    ]

    static let instructionRows: [ControlRow] = [
        // Without an exit HLT waits, and the timer ends the wait.
        .init(
            .primary(.hltExiting), "hlt",
            given: {
                $0.set(PinControl.activatePreemptionTimer)
                $0[.preemptionTimer] = 1000
            }, clear: "PREEMPTION_TIMER", set: "HLT"),
        .init(.primary(.invlpgExiting), "invlpg [0x1234]", set: "INVLPG"),
        .init(.primary(.mwaitExiting), "xor ecx, ecx\nmwait", set: "MWAIT"),
        .init(.primary(.rdpmcExiting), "xor ecx, ecx\nrdpmc", set: "RDPMC"),
        .init(.primary(.rdtscExiting), "rdtsc", set: "RDTSC"),
        .init(.primary(.cr3LoadExiting), "mov eax, 0x5000\nmov cr3, eax", set: "CR_ACCESS"),
        .init(.primary(.cr3StoreExiting), "mov eax, cr3", set: "CR_ACCESS"),
        .init(.primary(.cr8LoadExiting), "mov cr8, rax", .long64, set: "CR_ACCESS"),
        .init(.primary(.cr8StoreExiting), "mov rax, cr8", .long64, set: "CR_ACCESS"),
        .init(.primary(.movDRExiting), "mov eax, dr3", set: "DR_ACCESS"),
        .init(.primary(.unconditionalIOExiting), "in al, 0x80", set: "IO_INSTRUCTION"),
        .init(
            .primary(.monitorExiting), "mov eax, 0x9000\nxor ecx, ecx\nxor edx, edx\nmonitor",
            set: "MONITOR"),
        .init(.primary(.pauseExiting), "pause", set: "PAUSE"),
        .init(
            .primary(.useIOBitmaps), "in al, 0x80",
            given: {
                $0.set(PrimaryControl.unconditionalIOExiting)
                $0[.ioBitmapA] = Place.bitmaps
                $0[.ioBitmapB] = Place.bitmaps + 0x1000
            }, clear: "IO_INSTRUCTION", set: "VMCALL"),
        .init(
            .primary(.useMSRBitmaps), "mov ecx, 0xC0000080\nrdmsr", clear: "RDMSR", set: "VMCALL"),
    ]

    static let eventRows: [ControlRow] = [
        .init(
            .primary(.interruptWindowExiting), "nop", given: { $0[.guestRFLAGS] = 0x202 },
            set: "INTERRUPT_WINDOW"),
        .init(
            .primary(.nmiWindowExiting), "nop",
            given: {
                $0.set(PinControl.nmiExiting)
                $0.set(PinControl.virtualNMIs)
            }, set: "NMI_WINDOW"),
        .init(.primary(.monitorTrapFlag), "nop", set: "MONITOR_TRAP_FLAG"),
        .init(
            .primary(.useTSCOffsetting), "rdtsc\nmov eax, edx",
            given: { $0[.tscOffset] = 5 << 32 }, clear: "0", set: "5", observe: eax),
        .init(
            .secondary(.useTSCScaling), "rdtsc\nmov eax, edx",
            given: {
                $0.set(PrimaryControl.useTSCOffsetting)
                $0[.tscMultiplier] = 3 << 48
                $0.machine.state.tsc = 1 << 32
            }, clear: "1", set: "3", observe: eax),
        .init(
            .primary(.useTPRShadow), "mov rax, cr8", .long64,
            given: {
                $0[.virtualAPICAddress] = Place.free
                $0.write(Place.free + 0x80, 0x50)
            }, clear: "0", set: "5", observe: eax),
        // Paging keeps the guest legal without the secondary controls.
        .init(
            .primary(.activateSecondaryControls), "wbinvd", .long64,
            given: { $0.set(SecondaryControl.wbinvdExiting) }, set: "WBINVD"),
    ]

    static let secondaryInstructionRows: [ControlRow] = [
        .init(
            .secondary(.descriptorTableExiting), "sgdt [0x9000]", set: "GDTR_IDTR_ACCESS"),
        .init(.secondary(.enableRDTSCP), "rdtscp", clear: "#UD", set: "VMCALL"),
        .init(.secondary(.wbinvdExiting), "wbinvd", set: "WBINVD"),
        .init(
            .secondary(.pauseLoopExiting), "mov ecx, 100\nagain: pause\nloop again",
            given: {
                $0[.pleGap] = 50
                $0[.pleWindow] = 100
            }, set: "PAUSE"),
        .init(.secondary(.rdrandExiting), "rdrand eax", set: "RDRAND"),
        .init(.secondary(.rdseedExiting), "rdseed eax", set: "RDSEED"),
        .init(
            .secondary(.enableINVPCID), "mov eax, 2\ninvpcid eax, [0x9000]", clear: "#UD",
            set: "VMCALL"),
        .init(
            .secondary(.enableVMFunctions), "xor eax, eax\nvmfunc", clear: "#UD", set: "VMFUNC"),
        .init(
            .function(.eptpSwitching), "xor eax, eax\nxor ecx, ecx\nvmfunc",
            given: {
                $0.set(SecondaryControl.enableVMFunctions)
                $0[.eptpListAddress] = Place.lists
                $0.write(Place.lists, EPTPointer(address: Place.otherEPT).rawValue)
            }, clear: "VMFUNC", set: "VMCALL"),
        .init(
            .secondary(.vmcsShadowing), "mov ecx, 0x4402\nvmread eax, ecx",
            given: {
                $0[.vmreadBitmap] = Place.bitmaps
                $0[.vmwriteBitmap] = Place.bitmaps
            }, clear: "VMREAD", set: "VMCALL"),
        .init(
            .secondary(.enableXSAVES), "xor eax, eax\nxor edx, edx\nxsaves [0xA000]",
            given: { $0[.guestCR4] |= CR4Bit.osxsave.mask }, clear: "#UD", set: "VMCALL"),
        .init(
            .secondary(.enableUserWaitAndPause), "xor eax, eax\nxor edx, edx\ntpause ecx",
            on: .recent, clear: "#UD", set: "VMCALL"),
    ]

    /// SDM 3C, chapter 29 "VMX Support for Address Translation", 26.5.7, 26.6.
    static let secondaryMemoryRows: [ControlRow] = [
        .init(
            .secondary(.enableEPT), "mov rax, [0x400000]", .long64,
            given: {
                $0.clear(SecondaryControl.unrestrictedGuest)
                $0.write(Place.ept + 0x2010, 0)
            }, set: "EPT_VIOLATION"),
        .init(
            .secondary(.unrestrictedGuest), "nop", .real16, clear: "ENTRY_FAIL_GUEST_STATE",
            set: "VMCALL"),
        .init(
            .secondary(.enablePML), "mov [0x400000], eax",
            given: {
                $0[.eptPointer] |= 1 << 6
                $0[.pmlAddress] = Place.lists
                $0[.pmlIndex] = 0xFFFF
            }, set: "PML_FULL"),
        .init(
            .secondary(.eptViolationVE), "mov eax, [0x400000]",
            given: {
                $0.write(Place.ept + 0x2010, 0)
                $0[.virtualizationExceptionInformationAddress] = Place.lists
            }, clear: "EPT_VIOLATION", set: "#VE"),
        // The guest's pages are user-mode ones: bit 10 of the EPT entries counts, and is 0.
        .init(
            .secondary(.modeBasedExecuteControl), "nop", .long64, on: .recent,
            set: "EPT_VIOLATION"),
        // The mapping changes while the guest is out: a tagged translation stays.
        .init(
            .secondary(.enableVPID), "mov rax, [0x400000]\ncpuid\nmov rax, [0x400000]", .long64,
            given: {
                $0[.vpid] = 1
                $0.write(Place.page, 1)
                $0.write(Place.free, 2)
            }, clear: "2", set: "1",
            observe: { guest in
                _ = try guest.run()
                guest.write(Place.guestTables + 0x2010, Place.free | 0x87)
                guest.skip()
                return try eax(&guest)
            }),
    ]
}
