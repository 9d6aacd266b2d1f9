import Architecture
import Testing

@testable import Machine

// SDM 3C, 25.7.1 "VM-Exit Controls", 25.8.1 "VM-Entry Controls", and the sections on what they save
// and load.

/// What is in a place once the guest has run to its VMCALL.
private func behind(
    _ read: @escaping @Sendable (inout VMXGuest) -> UInt64
) -> ControlRow.Observation {
    { guest in
        let reason = try guest.run()
        return reason == .vmcall ? String(read(&guest), radix: 16) : reason.name
    }
}

/// IA32_EFER as VM entry leaves it.
@Sendable
private func loadedEFER(_ guest: inout VMXGuest) throws -> String {
    let result = guest.machine.vmlaunch()
    #expect(result == .entered)
    return String(guest.machine.state.efer, radix: 16)
}

private let writePAT = "mov ecx, 0x277\nmov eax, 0x06060606\nmov edx, eax\nwrmsr"

extension ControlRow {
    static let addressRows: [ControlRow] = [
        // A processor in IA-32e mode cannot go back to a 32-bit host: VMfailValid(8).
        .init(
            .exit(.hostAddressSpaceSize), "nop", clear: "failValid", set: "entered",
            observe: { guest in
                switch guest.machine.vmlaunch() {
                case .entered: "entered"
                case .failValid(.entryInvalidHostState): "failValid"
                default: "something else"
                }
            }),
        .init(
            .entry(.ia32eModeGuest), "nop", .long64, given: { $0.clear(EntryControl.loadEFER) },
            clear: "0", set: "500", observe: loadedEFER),
    ]

    static let exitRows: [ControlRow] = [
        .init(
            .exit(.saveDebugControls), "mov eax, 0x401\nmov dr7, eax", clear: "400", set: "401",
            observe: behind { $0[.guestDR7] }),
        .init(
            .exit(.loadPerfGlobalControl), "nop",
            given: { $0.machine.state.msrs.perfGlobalControl = 3 }, clear: "3", set: "0",
            observe: behind { $0.machine.state.msrs.perfGlobalControl }),
        .init(
            .exit(.savePAT), writePAT, given: { $0[.guestPAT] = 0x0007_0406 }, clear: "70406",
            set: "606060606060606", observe: behind { $0[.guestPAT] }),
        .init(
            .exit(.loadPAT), writePAT, given: { $0[.hostPAT] = 0x0404 },
            clear: "606060606060606", set: "404",
            observe: behind { $0.machine.state.msrs.pat }),
        .init(
            .exit(.saveEFER), "mov ecx, 0xC0000080\nmov eax, 1\nxor edx, edx\nwrmsr", clear: "0",
            set: "1", observe: behind { $0[.guestEFER] }),
        .init(
            .exit(.loadEFER), "nop", given: { $0[.hostEFER] = 0x501 }, clear: "500", set: "501",
            observe: behind { $0.machine.state.efer }),
        .init(
            .exit(.savePreemptionTimer), "nop",
            given: {
                $0.set(PinControl.activatePreemptionTimer)
                $0[.preemptionTimer] = 0x1000
            }, clear: "unchanged", set: "less",
            observe: { guest in
                _ = try guest.run()
                return guest[.preemptionTimer] == 0x1000 ? "unchanged" : "less"
            }),
    ]

    static let entryRows: [ControlRow] = [
        .init(
            .entry(.loadDebugControls), "mov eax, dr7", given: { $0[.guestDR7] = 0x403 },
            clear: "400", set: "403",
            observe: behind { $0.machine.state.registers[.rax] }),
        .init(
            .entry(.loadPerfGlobalControl), "nop",
            given: { $0.machine.state.msrs.perfGlobalControl = 3 }, clear: "3", set: "0",
            observe: behind { $0.machine.state.msrs.perfGlobalControl }),
        .init(
            .entry(.loadPAT), "mov ecx, 0x277\nrdmsr",
            given: { $0[.guestPAT] = 0x0606_0606_0606_0606 }, clear: "70406", set: "6060606",
            observe: behind { $0.machine.state.registers[.rax] & 0xFFFF_FFFF }),
        // Without it LMA follows "IA-32e mode guest"; the rest stays, as paging is off.
        .init(
            .entry(.loadEFER), "nop", given: { $0[.guestEFER] = 1 }, clear: "100", set: "1",
            observe: loadedEFER),
    ]
}
