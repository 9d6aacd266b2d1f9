import Architecture

// SDM 3C, 27.2.1.1 "VM-Execution Control Fields": APIC virtualization and posted interrupts.

extension EntryChecks {
    private static let section = Citation.checksOnVMExecutionControlFields
    private static let processorControls: [VMCSField] = [
        .primaryProcControls, .secondaryProcControls,
    ]

    static let apicChecks: [EntryCheck] =
        structureAddress(
            .virtualAPICAddress, "controls.virtual-apic-address", by: [.primaryProcControls],
            section
        ) { $0.has(PrimaryControl.useTPRShadow) }
        + tprThresholdChecks
        + structureAddress(
            .apicAccessAddress, "controls.apic-access-address", by: processorControls, section
        ) { $0.has(SecondaryControl.virtualizeAPICAccesses) }
        + shadowDependents + postedInterruptChecks

    private static let tprThresholdChecks: [EntryCheck] = [
        .init(
            "controls.tpr-threshold.reserved",
            """
            bits 31:4 of the TPR threshold are 0 with a TPR shadow and without virtual-interrupt \
            delivery
            """, [.tprThreshold] + processorControls, section
        ) {
            !$0.has(PrimaryControl.useTPRShadow)
                || $0.has(SecondaryControl.virtualInterruptDelivery)
                || $0[.tprThreshold] & ~0xF == 0
        },
        .init(
            "controls.tpr-threshold.at-most-vtpr",
            """
            the TPR threshold is at most the task-priority class on the virtual-APIC page, with a \
            TPR shadow and neither virtualized APIC accesses nor virtual-interrupt delivery
            """, [.tprThreshold, .virtualAPICAddress] + processorControls, section
        ) {
            !$0.has(PrimaryControl.useTPRShadow)
                || $0.has(SecondaryControl.virtualizeAPICAccesses)
                || $0.has(SecondaryControl.virtualInterruptDelivery)
                || $0[.tprThreshold] & 0xF <= $0.memory.virtualTPR &>> 4
        },
    ]

    private static let shadowDependents: [EntryCheck] = [
        .init(
            "controls.x2apic-mode-needs-tpr-shadow",
            "\"virtualize x2APIC mode\" is 1 only if \"use TPR shadow\" is 1", processorControls,
            section
        ) {
            !$0.has(SecondaryControl.virtualizeX2APICMode) || $0.has(PrimaryControl.useTPRShadow)
        },
        .init(
            "controls.apic-registers-need-tpr-shadow",
            "\"APIC-register virtualization\" is 1 only if \"use TPR shadow\" is 1",
            processorControls, section
        ) {
            !$0.has(SecondaryControl.apicRegisterVirtualization)
                || $0.has(PrimaryControl.useTPRShadow)
        },
        .init(
            "controls.interrupt-delivery-needs-tpr-shadow",
            "\"virtual-interrupt delivery\" is 1 only if \"use TPR shadow\" is 1",
            processorControls, section
        ) {
            !$0.has(SecondaryControl.virtualInterruptDelivery)
                || $0.has(PrimaryControl.useTPRShadow)
        },
        .init(
            "controls.x2apic-mode-excludes-apic-accesses",
            "\"virtualize x2APIC mode\" and \"virtualize APIC accesses\" are not both 1",
            processorControls, section
        ) {
            !$0.has(SecondaryControl.virtualizeX2APICMode)
                || !$0.has(SecondaryControl.virtualizeAPICAccesses)
        },
        .init(
            "controls.interrupt-delivery-needs-interrupt-exiting",
            "\"virtual-interrupt delivery\" is 1 only if \"external-interrupt exiting\" is 1",
            [.pinControls] + processorControls, section
        ) {
            !$0.has(SecondaryControl.virtualInterruptDelivery)
                || $0.has(PinControl.externalInterruptExiting)
        },
    ]

    private static let postedInterruptChecks: [EntryCheck] = [
        .init(
            "controls.posted-interrupts-need-interrupt-delivery",
            "\"process posted interrupts\" is 1 only if \"virtual-interrupt delivery\" is 1",
            [.pinControls] + processorControls, section
        ) {
            !$0.has(PinControl.processPostedInterrupts)
                || $0.has(SecondaryControl.virtualInterruptDelivery)
        },
        .init(
            "controls.posted-interrupts-need-acknowledge",
            "\"process posted interrupts\" is 1 only if \"acknowledge interrupt on exit\" is 1",
            [.pinControls, .exitControls], section
        ) {
            !$0.has(PinControl.processPostedInterrupts)
                || $0.has(ExitControl.acknowledgeInterruptOnExit)
        },
        .init(
            "controls.posted-interrupts.vector",
            "the posted-interrupt notification vector is at most 255 if interrupts are posted",
            [.postedInterruptNotificationVector, .pinControls], section
        ) {
            !$0.has(PinControl.processPostedInterrupts)
                || $0[.postedInterruptNotificationVector] <= 255
        },
        .init(
            "controls.posted-interrupts.aligned",
            "bits 5:0 of the posted-interrupt descriptor address are 0 if interrupts are posted",
            [.postedInterruptDescriptor, .pinControls], section
        ) {
            !$0.has(PinControl.processPostedInterrupts)
                || $0[.postedInterruptDescriptor] & 0x3F == 0
        },
        .init(
            "controls.posted-interrupts.width",
            """
            the posted-interrupt descriptor address has no bit beyond the physical-address width \
            if interrupts are posted
            """, [.postedInterruptDescriptor, .pinControls], section
        ) {
            !$0.has(PinControl.processPostedInterrupts)
                || $0.fitsStructureAddress($0[.postedInterruptDescriptor])
        },
    ]
}
