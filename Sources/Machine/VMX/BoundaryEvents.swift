import Architecture

/// What comes between two instructions of the guest.
extension Machine {
    /// Takes what waits, by the ladder's order: an exit or an event is thrown.
    ///
    /// The run loop calls it between two instructions whenever it looks up from executing them.
    mutating func attendEvents() throws(Abort) {
        guard mayEventWait || state.activity != .active else { return }
        watchBoundaries()
        var naps = 0
        // A notification changes what waits: a virtual interrupt that it brings is delivered before
        // the next instruction, and wakes a halted processor.
        while naps < Self.mostNaps, try attendEvent(&naps) == .interrupt(.posted) { naps += 1 }
    }

    /// Takes what is first by the ladder, once something is, and returns its verdict.
    private mutating func attendEvent(_ naps: inout Int) throws(Abort) -> Verdict {
        var event = boundaryEvent
        var verdict = ladders.boundary.event.evaluate(event)
        while verdict == .proceed, naps < Self.mostNaps, mayWake, sleep() {
            naps += 1
            event = boundaryEvent
            verdict = ladders.boundary.event.evaluate(event)
        }
        state.vmx.virtualAPIC.checksThreshold = false
        state.apic.startUpVector = verdict == .exit(.startUpIPI) ? state.apic.startUpVector : nil
        guard verdict != .proceed else { return verdict }
        leaveCodeWindow()
        if state.vmx.mode == .nonRoot { tell(.decision(.boundary(event))) }
        switch verdict {
        case .exit(let reason):
            pendingExit = boundaryExit(reason, event)
            throw .exit
        case .interrupt(.posted): processPostedInterrupts()
        case .interrupt(let kind): throw takeInterrupt(kind)
        case .fault, .proceed, .ignored, .virtualized, .fail, .abort: throw takePendingDebug()
        }
        return verdict
    }

    /// A device that interrupts again and again, and never gets through, must not keep a halted
    /// processor waiting for good.
    private static var mostNaps: Int { 1 << 16 }

    /// Whether anything that time brings could end the wait.
    private var mayWake: Bool {
        guard state.activity != .active else { return false }
        return state.rflags.has(FlagBit.if) || state.vmx.mode == .nonRoot || state.apic.lint0IsNMI
    }

    /// False where none of the ladder's rules could decide.
    var mayEventWait: Bool {
        state.vmx.controls.primary & Self.boundaryControls != 0 || state.vmx.timer != nil
            || state.pendingDebug != 0 || state.vmx.isTrapFlagInjected || isInterruptNoted
            || state.apic.hasSignal || state.vmx.virtualAPIC.isWaiting
    }

    /// Controls that ask for a look at every boundary.
    private static var boundaryControls: UInt64 {
        PrimaryControl.monitorTrapFlag.mask | PrimaryControl.interruptWindowExiting.mask
            | PrimaryControl.nmiWindowExiting.mask
    }

    private var boundaryEvent: BoundaryEvent {
        var event = BoundaryEvent()
        event.activity = UInt64(state.activity.rawValue)
        event.blocking = UInt64(state.interruptibility.rawValue)
        event.interruptFlag = state.rflags.has(FlagBit.if) ? 1 : 0
        event.trapFlagPending = isTrapFlagPending ? 1 : 0
        event.pendingDebug = state.pendingDebug
        event.timerExpired = state.vmx.timer.map { $0 <= timerTicks ? 1 : 0 } ?? 0
        event.initPending = state.apic.isINITPending ? 1 : 0
        event.startUpPending = state.apic.startUpVector == nil ? 0 : 1
        event.nmiPending = state.apic.isNMIPending ? 1 : 0
        if let vector = interruptVector {
            (event.interruptPending, event.interruptVector) = (1, UInt64(vector))
        }
        if state.vmx.mode == .nonRoot { fillControls(&event) }
        return event
    }

    private func fillControls(_ event: inout BoundaryEvent) {
        event.nonRoot = 1
        event.pin = state.vmx.controls.pin
        event.primary = state.vmx.controls.primary
        event.secondary = state.vmx.controls.secondary
        event.notificationVector = vmcs(.postedInterruptNotificationVector)
        let virtual = state.vmx.virtualAPIC
        guard virtual.isWaiting else { return }
        event.checksThreshold = virtual.checksThreshold ? 1 : 0
        event.virtualTPR = UInt64(virtualTaskPriority)
        event.tprThreshold = vmcs(.tprThreshold)
        event.eoiExits = virtual.endedVector == nil ? 0 : 1
        event.writeExits = virtual.writtenOffset == nil ? 0 : 1
        event.virtualPending = virtual.isRecognized ? 1 : 0
    }

    // MARK: Exits

    /// What an exit records beside its reason.
    private mutating func boundaryExit(
        _ reason: ExitReason, _ event: BoundaryEvent
    ) -> ExitInformation {
        var exit = ExitInformation(reason)
        switch reason {
        case .externalInterrupt:
            // Else the interrupt waits on, and its vector is not known.
            guard state.vmx.controls.exit.has(ExitControl.acknowledgeInterruptOnExit) else { break }
            exit.interruption =
                InterruptionInformation(
                    vector: acknowledgeInterrupt(), type: .externalInterrupt
                ).rawValue
        case .exceptionOrNMI:
            state.apic.isNMIPending = false
            exit.interruption =
                InterruptionInformation(vector: ExceptionVector.nmi.rawValue, type: .nmi).rawValue
        case .initSignal: state.apic.isINITPending = false
        case .startUpIPI:
            exit.qualification = UInt64(state.apic.startUpVector ?? 0)
            state.apic.startUpVector = nil
        case .virtualizedEOI: exit.qualification = UInt64(state.vmx.virtualAPIC.endedVector ?? 0)
        case .apicWrite: exit.qualification = UInt64(state.vmx.virtualAPIC.writtenOffset ?? 0)
        default: break
        }
        return exit
    }

    // MARK: Interrupts

    /// The processor takes an interrupt: it is awake, and delivery follows.
    private mutating func takeInterrupt(_ kind: InterruptKind) -> Abort {
        state.activity = .active
        var vector = ExceptionVector.nmi.rawValue
        switch kind {
        case .nmi:
            state.apic.isNMIPending = false
            // NMIs are blocked from its delivery on.
            state.interruptibility.insert(.byNMI)
        case .virtual: vector = deliverVirtualInterrupt()
        case .external, .posted: vector = acknowledgeInterrupt()
        }
        pendingException = PendingException(vector: vector, errorCode: nil)
        if kind != .nmi { pendingException.source = .external }
        return .exception
    }

    /// Has the run loop come back as soon as something may wait.
    private mutating func watchBoundaries() {
        if state.vmx.controls.primary & Self.boundaryControls != 0 { needsAttention = true }
        if state.vmx.trapFlagStart == nil { state.vmx.trapFlagStart = steps }
        if let timer = state.vmx.timer, timer > timerTicks {
            let ticks = timer << timerShift &- state.tsc
            attentionAt = min(attentionAt, steps &+ ticks)
        }
    }

    // MARK: Debug exceptions

    /// A debug exception of what is pending: a trap, whose bits go to DR6 or to the exit
    /// qualification.
    private mutating func takePendingDebug() -> Abort {
        pendingException = PendingException(
            vector: ExceptionVector.debug.rawValue, errorCode: nil)
        pendingException.source = .trap
        // "Enabled breakpoint" is told by the field alone.
        pendingException.detail = state.pendingDebug & ~PendingDebugBit.enabledBreakpoint.mask
        state.pendingDebug = 0
        state.activity = .active
        return .exception
    }

    // MARK: IRET and NMIs

    /// IRET ends blocking by NMI, or by virtual NMIs, first of all; while NMIs exit and are not
    /// virtual it leaves the blocking alone. SDM 3C, 26.3, "IRET".
    mutating func unblockNMIs() {
        guard state.interruptibility.contains(.byNMI) else { return }
        var iret = NMIUnblocking()
        if state.vmx.mode == .nonRoot { iret.pin = state.vmx.controls.pin }
        iret.blocking = UInt64(state.interruptibility.rawValue)
        let verdict = ladders.nmiUnblocking.iret.evaluate(iret)
        if state.vmx.mode == .nonRoot { tell(.decision(.nmiUnblocking(iret))) }
        guard verdict == .proceed else { return }
        state.interruptibility.remove(.byNMI)
        state.vmx.nmiUnblockedAt = steps
        if state.apic.isNMIPending { needsAttention = true }
    }

    /// Whether the exit that comes now is due to an IRET that has removed blocking by NMI: bit 12
    /// of several fields. SDM 3C, 28.2.3 "Information About NMI Unblocking Due to IRET".
    mutating func recordsNMIUnblocking() -> Bool {
        guard state.vmx.nmiUnblockedAt == steps else { return false }
        var exit = NMIUnblockingRecord()
        exit.isByIRET = 1
        exit.delivering = delivering == nil ? 0 : 1
        tell(.decision(.nmiUnblockingRecord(exit)))
        return ladders.nmiUnblocking.record.evaluate(exit) == .proceed
    }

    // MARK: Monitor trap flag

    /// Behind an instruction or a delivery since VM entry, or where entry has injected the exit.
    private var isTrapFlagPending: Bool {
        if state.vmx.isTrapFlagInjected { return true }
        guard state.vmx.controls.primary.has(PrimaryControl.monitorTrapFlag) else { return false }
        return state.vmx.hasDelivered || state.vmx.trapFlagStart != steps
    }

    // MARK: VMX-preemption timer

    private var timerShift: UInt64 { UInt64(processor.vmx?.preemptionTimerShift ?? 0) }

    /// The timer's own clock: it counts once for each change of one bit of the time-stamp counter.
    private var timerTicks: UInt64 { state.tsc >> timerShift }

    /// At VM entry. SDM 3C, 27.7.4 "VMX-Preemption Timer".
    mutating func startTimer(_ page: VMCSPage) {
        let isActive = state.vmx.controls.pin.has(PinControl.activatePreemptionTimer)
        state.vmx.timer = isActive ? timerTicks &+ page[.preemptionTimer] : nil
    }

    /// What "save VMX-preemption timer value" saves.
    var timerValue: UInt64? {
        state.vmx.timer.map { $0 > timerTicks ? $0 - timerTicks : 0 }
    }

    /// When it will have counted down to 0, by the time-stamp counter.
    var timerEnd: UInt64? { state.vmx.timer.map { $0 << timerShift } }

    /// WRMSR to the counter: the timer and the devices go on from where they were.
    mutating func setTimeStampCounter(_ value: UInt64) {
        let before = timerTicks
        state.msrs.tscAdjust &+= value &- state.tsc
        state.tsc = value
        if let timer = state.vmx.timer { state.vmx.timer = timer &- before &+ timerTicks }
        devicesDueAt = 0
        needsAttention = true
    }
}
