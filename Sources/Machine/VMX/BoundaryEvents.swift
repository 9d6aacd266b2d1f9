import Architecture

/// What comes between two instructions of the guest.
extension Machine {
    /// Takes what waits, by the ladder's order: an exit or a debug exception is thrown.
    ///
    /// The run loop calls it between two instructions whenever it looks up from executing them.
    mutating func attendEvents() throws(Abort) {
        guard mayEventWait else { return }
        watchBoundaries()
        var event = boundaryEvent
        var verdict = ladders.boundary.event.evaluate(event)
        if verdict == .proceed, sleepUntilTimer() {
            event.timerExpired = 1
            verdict = ladders.boundary.event.evaluate(event)
        }
        guard verdict != .proceed else { return }
        leaveCodeWindow()
        if state.vmx.mode == .nonRoot { tell(.decision(.boundary(event))) }
        if case .exit(let reason) = verdict {
            pendingExit = ExitInformation(reason)
            throw .exit
        }
        throw takePendingDebug()
    }

    /// False where none of the ladder's rules could decide.
    var mayEventWait: Bool {
        state.vmx.controls.primary & Self.boundaryControls != 0 || state.vmx.timer != nil
            || state.pendingDebug != 0 || state.vmx.isTrapFlagInjected
    }

    /// Controls that ask for a look at every boundary.
    private static var boundaryControls: UInt64 {
        PrimaryControl.monitorTrapFlag.mask | PrimaryControl.interruptWindowExiting.mask
            | PrimaryControl.nmiWindowExiting.mask
    }

    private var boundaryEvent: BoundaryEvent {
        var event = BoundaryEvent()
        event.primary = state.vmx.controls.primary
        event.activity = UInt64(state.activity.rawValue)
        event.blocking = UInt64(state.interruptibility.rawValue)
        event.interruptFlag = state.rflags.has(FlagBit.if) ? 1 : 0
        event.trapFlagPending = isTrapFlagPending ? 1 : 0
        event.pendingDebug = state.pendingDebug
        event.timerExpired = state.vmx.timer.map { $0 <= timerTicks ? 1 : 0 } ?? 0
        return event
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
        let pin = state.vmx.controls.pin
        let leavesAlone =
            state.vmx.mode == .nonRoot && pin.has(PinControl.nmiExiting)
            && !pin.has(PinControl.virtualNMIs)
        guard !leavesAlone, state.interruptibility.contains(.byNMI) else { return }
        state.interruptibility.remove(.byNMI)
        state.vmx.nmiUnblockedAt = steps
    }

    /// Whether what happens now is due to an IRET that has removed blocking by NMI: bit 12 of
    /// several fields. SDM 3C, 28.2.3 "Information About NMI Unblocking Due to IRET".
    var isNMIUnblockedByIRET: Bool { state.vmx.nmiUnblockedAt == steps && delivering == nil }

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

    /// In an inactive state time goes by; nothing but the timer ends the wait. False: nothing will.
    private mutating func sleepUntilTimer() -> Bool {
        guard state.activity == .hlt || state.activity == .shutdown,
            let timer = state.vmx.timer
        else { return false }
        state.tsc = max(state.tsc, timer << timerShift)
        return true
    }

    /// WRMSR to the counter: the timer goes on from where it was.
    mutating func setTimeStampCounter(_ value: UInt64) {
        let before = timerTicks
        state.tsc = value
        if let timer = state.vmx.timer { state.vmx.timer = timer &- before &+ timerTicks }
    }
}
