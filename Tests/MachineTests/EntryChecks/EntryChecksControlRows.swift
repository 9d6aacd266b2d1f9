import Architecture

// What the manual says of controls, SDM 3C, 27.2.1. The processor has 40 physical-address bits.

/// Both checks of a page's physical address.
private func page(
    _ id: String, _ field: VMCSField, at address: UInt64 = 0x7000, given: [Change]
) -> [EntryRow] {
    [
        .init(
            "\(id).aligned", given: given, bad: [.set(field, address | 0x800)],
            good: [.set(field, address)]),
        .init(
            "\(id).width", given: given, bad: [.set(field, 1 << 40)],
            good: [.set(field, 0xFF_FFFF_F000)]),
        .init(
            "\(id).width", on: .lowStructures, given: given, bad: [.set(field, 1 << 32)],
            good: [.set(field, 0xFFFF_F000)]),
        // Nothing is checked of what is not used.
    ]
}

private let ept: [Change] = [.with(SecondaryControl.enableEPT), .set(.eptPointer, 0x401E)]
private let tprShadow: [Change] = [
    .with(PrimaryControl.useTPRShadow), .set(.virtualAPICAddress, Place.virtualAPIC),
]

extension EntryRow {
    static let executionRows: [EntryRow] =
        reservedRows
        + page("controls.io-bitmap-a", .ioBitmapA, given: [.with(PrimaryControl.useIOBitmaps)])
        + page("controls.io-bitmap-b", .ioBitmapB, given: [.with(PrimaryControl.useIOBitmaps)])
        + page("controls.msr-bitmaps", .msrBitmaps, given: [.with(PrimaryControl.useMSRBitmaps)])
        + nmiRows

    private static let reservedRows: [EntryRow] = [
        .init(
            "controls.pin.required-bits", bad: [.off(.pinControls, 2)],
            good: [.on(.pinControls, 2)]),
        .init(
            "controls.pin.unsupported-bits", bad: [.on(.pinControls, 1 << 8)],
            good: [.off(.pinControls, 1 << 8)]),
        .init(
            "controls.primary.required-bits", bad: [.off(.primaryProcControls, 2)],
            good: [.on(.primaryProcControls, 2)]),
        .init(
            "controls.primary.unsupported-bits", bad: [.on(.primaryProcControls, 1)],
            good: [.off(.primaryProcControls, 1)]),
        .init(
            "controls.secondary.unsupported-bits", bad: [.on(.secondaryProcControls, 1 << 29)],
            good: [.set(.secondaryProcControls, 1 << 29)]),
        .init(
            "controls.tertiary.unsupported-bits",
            given: [.with(PrimaryControl.activateTertiaryControls)],
            bad: [.set(.tertiaryProcControls, 0x20)], good: [.set(.tertiaryProcControls, 0)]),
        .init(
            "controls.tertiary.unsupported-bits", given: [.set(.tertiaryProcControls, 0x20)],
            bad: [.with(PrimaryControl.activateTertiaryControls)], good: []),
        .init(
            "controls.cr3-target-count", bad: [.set(.cr3TargetCount, 5)],
            good: [.set(.cr3TargetCount, 4)]),
    ]

    private static let nmiRows: [EntryRow] = [
        .init(
            "controls.virtual-nmis-need-nmi-exiting", bad: [.with(PinControl.virtualNMIs)],
            good: [.with(PinControl.virtualNMIs), .with(PinControl.nmiExiting)]),
        .init(
            "controls.nmi-window-needs-virtual-nmis", given: [.with(PinControl.nmiExiting)],
            bad: [.with(PrimaryControl.nmiWindowExiting)],
            good: [.with(PrimaryControl.nmiWindowExiting), .with(PinControl.virtualNMIs)]),
    ]

    static let apicRows: [EntryRow] =
        page(
            "controls.virtual-apic-address", .virtualAPICAddress,
            given: [.with(PrimaryControl.useTPRShadow)])
        + page(
            "controls.apic-access-address", .apicAccessAddress,
            given: [.with(SecondaryControl.virtualizeAPICAccesses)])
        + thresholdRows + shadowRows + postedRows

    private static let thresholdRows: [EntryRow] = [
        .init(
            "controls.tpr-threshold.reserved", given: tprShadow, bad: [.set(.tprThreshold, 0x10)],
            good: [.set(.tprThreshold, 0)]),
        .init(
            "controls.tpr-threshold.reserved", given: tprShadow + [.set(.tprThreshold, 0x10)],
            bad: [],
            good: [
                .with(SecondaryControl.virtualInterruptDelivery),
                .with(PinControl.externalInterruptExiting),
            ]),
        .init(
            "controls.tpr-threshold.at-most-vtpr", given: tprShadow,
            memory: [(Place.virtualAPIC + 0x80, 0x5F)], bad: [.set(.tprThreshold, 6)],
            good: [.set(.tprThreshold, 5)]),
        .init(
            "controls.tpr-threshold.at-most-vtpr", given: tprShadow + [.set(.tprThreshold, 1)],
            bad: [],
            good: [
                .with(SecondaryControl.virtualizeAPICAccesses), .set(.apicAccessAddress, 0x7000),
            ]),
    ]

    private static let shadowRows: [EntryRow] = [
        .init(
            "controls.x2apic-mode-needs-tpr-shadow",
            bad: [.with(SecondaryControl.virtualizeX2APICMode)],
            good: [.with(SecondaryControl.virtualizeX2APICMode)] + tprShadow),
        .init(
            "controls.apic-registers-need-tpr-shadow",
            bad: [.with(SecondaryControl.apicRegisterVirtualization)],
            good: [.with(SecondaryControl.apicRegisterVirtualization)] + tprShadow),
        .init(
            "controls.interrupt-delivery-needs-tpr-shadow",
            given: [
                .with(SecondaryControl.virtualInterruptDelivery),
                .with(PinControl.externalInterruptExiting),
            ], bad: [], good: tprShadow),
        .init(
            "controls.x2apic-mode-excludes-apic-accesses",
            given: tprShadow + [.with(SecondaryControl.virtualizeX2APICMode)],
            bad: [.with(SecondaryControl.virtualizeAPICAccesses)],
            good: [.without(SecondaryControl.virtualizeAPICAccesses)]),
        .init(
            "controls.interrupt-delivery-needs-interrupt-exiting",
            given: tprShadow + [.with(SecondaryControl.virtualInterruptDelivery)], bad: [],
            good: [.with(PinControl.externalInterruptExiting)]),
    ]

    private static let posting: [Change] =
        tprShadow + [
            .with(PinControl.processPostedInterrupts), .with(PinControl.externalInterruptExiting),
            .with(SecondaryControl.virtualInterruptDelivery),
            .with(ExitControl.acknowledgeInterruptOnExit),
        ]

    private static let postedRows: [EntryRow] = [
        .init(
            "controls.posted-interrupts-need-interrupt-delivery", given: posting,
            bad: [.without(SecondaryControl.virtualInterruptDelivery)],
            good: [.with(SecondaryControl.virtualInterruptDelivery)]),
        .init(
            "controls.posted-interrupts-need-acknowledge", given: posting,
            bad: [.without(ExitControl.acknowledgeInterruptOnExit)],
            good: [.with(ExitControl.acknowledgeInterruptOnExit)]),
        .init(
            "controls.posted-interrupts.vector", given: posting,
            bad: [.set(.postedInterruptNotificationVector, 256)],
            good: [.set(.postedInterruptNotificationVector, 255)]),
        .init(
            "controls.posted-interrupts.aligned", given: posting,
            bad: [.set(.postedInterruptDescriptor, 0x7020)],
            good: [.set(.postedInterruptDescriptor, 0x7040)]),
        .init(
            "controls.posted-interrupts.width", given: posting,
            bad: [.set(.postedInterruptDescriptor, 1 << 40)],
            good: [.set(.postedInterruptDescriptor, 1 << 39)]),
    ]

    static let memoryRows: [EntryRow] =
        eptRows + dependentRows + functionRows
        + page(
            "controls.pml-address", .pmlAddress, given: ept + [.with(SecondaryControl.enablePML)])
        + page(
            "controls.spp-table-pointer", .subPagePermissionTablePointer,
            given: ept + [.with(SecondaryControl.subPageWritePermissions)])
        + page("controls.eptp-list-address", .eptpListAddress, given: ept + switching)
        + page(
            "controls.vmread-bitmap", .vmreadBitmap,
            given: [.with(SecondaryControl.vmcsShadowing)])
        + page(
            "controls.vmwrite-bitmap", .vmwriteBitmap,
            given: [.with(SecondaryControl.vmcsShadowing)])
        + page(
            "controls.ve-information-address", .virtualizationExceptionInformationAddress,
            given: [.with(SecondaryControl.eptViolationVE)])

    private static let eptRows: [EntryRow] = [
        .init(
            "controls.vpid.not-zero", given: [.with(SecondaryControl.enableVPID)],
            bad: [.set(.vpid, 0)], good: [.set(.vpid, 1)]),
        .init(
            "controls.eptp.memory-type", given: ept, bad: [.set(.eptPointer, 0x401A)],
            good: [.set(.eptPointer, 0x4018)]),
        .init(
            "controls.eptp.walk-length", given: ept, bad: [.set(.eptPointer, 0x4016)],
            good: [.set(.eptPointer, 0x401E)]),
        .init(
            "controls.eptp.walk-length", given: ept, bad: [.set(.eptPointer, 0x4026)],
            good: [.set(.eptPointer, 0x401E)]),
        .init(
            "controls.eptp.accessed-dirty", on: .withoutEPTFlags, given: ept,
            bad: [.set(.eptPointer, 0x405E)], good: [.set(.eptPointer, 0x401E)]),
        .init(
            "controls.eptp.shadow-stack", on: .skylake, given: ept,
            bad: [.set(.eptPointer, 0x409E)], good: [.set(.eptPointer, 0x405E)]),
        .init(
            "controls.eptp.reserved", given: ept, bad: [.set(.eptPointer, 0x411E)],
            good: [.set(.eptPointer, 0x40DE)]),
        .init(
            "controls.eptp.reserved", given: ept, bad: [.set(.eptPointer, 0x481E)],
            good: [.set(.eptPointer, 0x401E)]),
        .init(
            "controls.eptp.width", given: ept, bad: [.set(.eptPointer, 1 << 40 | 0x1E)],
            good: [.set(.eptPointer, 1 << 39 | 0x1E)]),
    ]

    private static let processorTrace: [Change] = [
        .with(SecondaryControl.ptUsesGuestPhysicalAddresses), .with(EntryControl.loadRTITControl),
        .with(ExitControl.clearRTITControl),
    ]

    private static let dependentRows: [EntryRow] = [
        .init(
            "controls.pml-needs-ept", given: [.with(SecondaryControl.enablePML)], bad: [],
            good: ept),
        .init(
            "controls.unrestricted-guest-needs-ept",
            given: [.with(SecondaryControl.unrestrictedGuest)], bad: [], good: ept),
        .init(
            "controls.mode-based-execute-needs-ept",
            given: [.with(SecondaryControl.modeBasedExecuteControl)], bad: [], good: ept),
        .init(
            "controls.spp-needs-ept", given: [.with(SecondaryControl.subPageWritePermissions)],
            bad: [], good: ept),
        .init("controls.pt-guest-physical-needs-ept", given: processorTrace, bad: [], good: ept),
        .init(
            "controls.pt-guest-physical-needs-load-rtit", given: ept + processorTrace,
            bad: [.without(EntryControl.loadRTITControl)], good: []),
        .init(
            "controls.pt-guest-physical-needs-clear-rtit", given: ept + processorTrace,
            bad: [.without(ExitControl.clearRTITControl)], good: []),
        .init(
            "controls.tsc-multiplier.not-zero", given: [.with(SecondaryControl.useTSCScaling)],
            bad: [.set(.tscMultiplier, 0)], good: [.set(.tscMultiplier, 1)]),
    ]

    private static let switching: [Change] = [
        .with(SecondaryControl.enableVMFunctions), .set(.vmFunctionControls, 1),
    ]

    private static let functionRows: [EntryRow] = [
        .init(
            "controls.vm-functions.unsupported-bits",
            given: [.with(SecondaryControl.enableVMFunctions)],
            bad: [.set(.vmFunctionControls, 2)], good: [.set(.vmFunctionControls, 0)]),
        .init(
            "controls.vm-functions.unsupported-bits", given: [.set(.vmFunctionControls, 2)],
            bad: [.with(SecondaryControl.enableVMFunctions)], good: []),
        .init(
            "controls.eptp-switching-needs-ept", given: switching, bad: [], good: ept),
    ]
}
