import Architecture

// The rules between two instructions for what comes from outside, and from a virtual APIC.

extension Input where Subject == BoundaryEvent {
    static let nonRoot = BoundaryInput(
        "non-root", "VMX non-root operation", width: 1, .processor, \.nonRoot)
    static let pin = BoundaryInput(
        "pin-controls", "pin-based controls", width: 32, .field(.pinControls), \.pin)
    static let secondary = BoundaryInput(
        "secondary-controls", "secondary processor-based controls", width: 32,
        .field(.secondaryProcControls), \.secondary)
    static let initPending = BoundaryInput(
        "init-pending", "an INIT signal waits", width: 1, .processor, \.initPending)
    static let startUpPending = BoundaryInput(
        "sipi-pending", "a start-up IPI has arrived", width: 1, .processor, \.startUpPending)
    static let nmiPending = BoundaryInput(
        "nmi-pending", "an NMI waits", width: 1, .processor, \.nmiPending)
    static let interruptPending = BoundaryInput(
        "interrupt-pending", "an external interrupt waits", width: 1, .processor,
        \.interruptPending)
    static let interruptVector = BoundaryInput(
        "interrupt-vector", "the interrupt's vector", width: 8, .processor, \.interruptVector)
    static let notificationVector = BoundaryInput(
        "notification-vector", "posted-interrupt notification vector", width: 16,
        .field(.postedInterruptNotificationVector), \.notificationVector)
    static let checksThreshold = BoundaryInput(
        "checks-threshold", "the TPR threshold is looked at", width: 1, .processor,
        \.checksThreshold)
    static let virtualTPR = BoundaryInput(
        "vtpr", "virtual task priority", width: 8, .field(.virtualAPICAddress), \.virtualTPR)
    static let tprThreshold = BoundaryInput(
        "tpr-threshold", "TPR threshold", width: 32, .field(.tprThreshold), \.tprThreshold)
    static let eoiExits = BoundaryInput(
        "eoi-exit", "the ended interrupt's bit in the EOI-exit bitmap", width: 1,
        .field(.eoiExitBitmap0), \.eoiExits)
    static let writeExits = BoundaryInput(
        "apic-write", "a write to the virtual-APIC page is left to the hypervisor", width: 1,
        .processor, \.writeExits)
    static let virtualPending = BoundaryInput(
        "virtual-pending", "a virtual interrupt was recognized", width: 1, .processor,
        \.virtualPending)
}

// MARK: The virtual APIC

extension Rule where Subject == BoundaryEvent {
    static let tprThreshold = BoundaryRule(
        "boundary.tpr-threshold", "the class of the virtual task priority is below the threshold",
        [.checksThreshold, .virtualTPR, .tprThreshold], .tprVirtualization
    ) { event in
        let isBelow = event.virtualTPR >> 4 & 0xF < event.tprThreshold & 0xF
        return event.checksThreshold == 1 && isBelow ? .exit(.tprBelowThreshold) : nil
    }

    static let virtualizedEOI = BoundaryRule(
        "boundary.virtualized-eoi", "the interrupt that has ended has its EOI-exit bit set",
        [.eoiExits], .eoiVirtualization
    ) { $0.eoiExits == 1 ? .exit(.virtualizedEOI) : nil }

    static let apicWrite = BoundaryRule(
        "boundary.apic-write", "a virtualized write needs the hypervisor", [.writeExits],
        .apicWriteExits
    ) { $0.writeExits == 1 ? .exit(.apicWrite) : nil }

    static let virtualInterrupt = BoundaryRule(
        "boundary.virtual-interrupt",
        "a virtual interrupt was recognized, IF is 1, and interrupts are not blocked",
        [.virtualPending, .interruptFlag, .blocking, .activity], .virtualInterruptDelivery
    ) { event in
        event.virtualPending == 1 && event.interruptFlag == 1 && event.takesInterrupts
            ? .interrupt(.virtual) : nil
    }
}

// MARK: Signals and NMIs

extension Rule where Subject == BoundaryEvent {
    static let initSignal = BoundaryRule(
        "boundary.init", "an INIT signal in non-root operation always exits",
        [.initPending, .nonRoot, .activity], .otherCausesOfExits
    ) { event in
        event.initPending & event.nonRoot == 1 && !event.waitsForSIPI ? .exit(.initSignal) : nil
    }

    static let startUpIPI = BoundaryRule(
        "boundary.sipi", "a start-up IPI exits in the wait-for-SIPI state, and is lost in others",
        [.startUpPending, .nonRoot, .activity], .otherCausesOfExits
    ) { event in
        event.startUpPending & event.nonRoot == 1 && event.waitsForSIPI
            ? .exit(.startUpIPI) : nil
    }

    /// Virtual NMIs alone are blocked where there are any.
    private static func isNMIOpen(_ event: BoundaryEvent) -> Bool {
        let isBlocked =
            event.isBlocked(by: .blockingByNMI) && !event.pin.has(PinControl.virtualNMIs)
        return event.nmiPending == 1 && !isBlocked && !event.isBlocked(by: .blockingByMOVSS)
            && !event.waitsForSIPI
    }

    static let nmiExiting = BoundaryRule(
        "boundary.nmi-exiting", "an NMI waits, is not blocked, and NMI exiting is 1",
        [.nmiPending, .pin, .blocking, .activity], .otherCausesOfExits,
        bits: { _ in PinControl.nmiExiting.mask }
    ) { event in
        isNMIOpen(event) && event.pin.has(PinControl.nmiExiting) ? .exit(.exceptionOrNMI) : nil
    }

    static let nmi = BoundaryRule(
        "boundary.nmi", "an NMI waits and is not blocked",
        [.nmiPending, .pin, .blocking, .activity], .prioritizationOfConcurrentEvents
    ) { isNMIOpen($0) ? .interrupt(.nmi) : nil }
}

// MARK: External interrupts

extension Rule where Subject == BoundaryEvent {
    /// With external-interrupt exiting IF does not count. Whether STI and MOV SS do is left to the
    /// implementation; here they do, as in the recorded one.
    private static func isInterruptOpen(_ event: BoundaryEvent) -> Bool {
        event.interruptPending == 1 && event.takesInterrupts
            && (event.interruptFlag == 1 || event.pin.has(PinControl.externalInterruptExiting))
    }

    static let postedInterrupt = BoundaryRule(
        "boundary.posted-interrupt",
        "interrupts are posted, and the vector is the notification vector",
        [.interruptPending, .interruptVector, .notificationVector, .pin, .blocking, .activity],
        .postedInterruptProcessing, bits: { _ in PinControl.processPostedInterrupts.mask }
    ) { event in
        isInterruptOpen(event) && event.pin.has(PinControl.processPostedInterrupts)
            && event.interruptVector == event.notificationVector & 0xFF ? .interrupt(.posted) : nil
    }

    static let interruptExiting = BoundaryRule(
        "boundary.interrupt-exiting",
        "an external interrupt waits, is not blocked, and external-interrupt exiting is 1",
        [.interruptPending, .pin, .blocking, .activity], .eventBlocking,
        bits: { _ in PinControl.externalInterruptExiting.mask }
    ) { event in
        isInterruptOpen(event) && event.pin.has(PinControl.externalInterruptExiting)
            ? .exit(.externalInterrupt) : nil
    }

    static let externalInterrupt = BoundaryRule(
        "boundary.interrupt",
        "an external interrupt waits, IF is 1, and interrupts are not blocked",
        [.interruptPending, .pin, .interruptFlag, .blocking, .activity],
        .maskingMaskableHardwareInterrupts, bits: { _ in FlagBit.if.mask }
    ) { isInterruptOpen($0) ? .interrupt(.external) : nil }
}
