import Architecture

@testable import Machine

// SDM 3C, chapter 30 "APIC Virtualization and Virtual Interrupts".

/// A virtual-APIC page, and the APIC-access page where the tests remap memory.
@Sendable
private func virtualAPIC(_ guest: inout VMXGuest) {
    guest.set(PrimaryControl.useTPRShadow)
    guest[.virtualAPICAddress] = VMXGuest.Place.free
    guest[.apicAccessAddress] = VMXGuest.Place.page
}

/// What virtual-interrupt delivery needs: external interrupts exit.
@Sendable
private func interrupts(_ guest: inout VMXGuest) {
    virtualAPIC(&guest)
    guest.set(PinControl.externalInterruptExiting)
}

extension ControlRow {
    static let apicRows: [ControlRow] = [
        .init(
            .secondary(.virtualizeAPICAccesses), "mov eax, [0x400020]",
            given: { $0[.apicAccessAddress] = Place.page }, set: "APIC_ACCESS"),
        .init(
            .secondary(.apicRegisterVirtualization), "mov eax, [0x400020]",
            given: {
                virtualAPIC(&$0)
                $0.set(SecondaryControl.virtualizeAPICAccesses)
            }, clear: "APIC_ACCESS", set: "VMCALL"),
        // The local APIC is not in x2APIC mode: without the control the MSR does not exist.
        .init(
            .secondary(.virtualizeX2APICMode), "mov ecx, 0x808\nrdmsr", given: virtualAPIC,
            clear: "#GP", set: "VMCALL"),
        // RVI asks for vector 50H; the guest's IDT is empty, so its delivery ends in #GP.
        .init(
            .secondary(.virtualInterruptDelivery), "nop",
            given: {
                interrupts(&$0)
                $0[.guestRFLAGS] = 0x202
                $0[.guestInterruptStatus] = 0x50
            }, set: "#GP"),
        .init(
            .pin(.processPostedInterrupts), "nop",
            given: {
                interrupts(&$0)
                $0.set(SecondaryControl.virtualInterruptDelivery)
                $0.set(ExitControl.acknowledgeInterruptOnExit)
                $0[.postedInterruptNotificationVector] = 0x40
                $0[.postedInterruptDescriptor] = Place.lists
                $0.machine.state.apic.spuriousVector = 0x1FF
                $0.machine.state.apic.accept(0x40)
            }, clear: "EXTERNAL_INTERRUPT", set: "VMCALL"),
        .init(
            .exit(.acknowledgeInterruptOnExit), "nop",
            given: {
                $0.set(PinControl.externalInterruptExiting)
                $0.machine.state.apic.spuriousVector = 0x1FF
                $0.machine.state.apic.accept(0x40)
            }, clear: "0", set: "80000040",
            observe: { guest in
                let reason = try guest.run()
                guard reason == .externalInterrupt else { return reason.name }
                return String(guest[.exitInterruptionInformation], radix: 16)
            }),
    ]
}
