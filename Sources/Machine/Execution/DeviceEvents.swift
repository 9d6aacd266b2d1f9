import Architecture

/// What the devices bring to the processor, and when.
extension Machine {
    /// Between two instructions: what was due happens in the devices, and the run loop comes back
    /// for what is due next.
    mutating func attendDevices() {
        if ports.needsLook || deviceTime >= devicesDueAt {
            advanceDevices()
            noteDeviceLines()
        }
        if devicesDueAt != .max {
            attentionAt = min(attentionAt, steps &+ (devicesDueAt &- deviceTime))
        }
    }

    /// Has the devices do what was due up to now.
    mutating func advanceDevices() {
        let now = deviceTime
        ports.devices.advance(to: now)
        if !ports.devices.ioAPIC.messages.isEmpty { deliverMessages() }
        if state.apic.timer.advance(to: now, stamp: state.tsc) {
            state.apic.interrupt(from: .timer)
        }
    }

    /// Hands the local APIC what the I/O APIC has sent.
    private mutating func deliverMessages() {
        for entry in ports.devices.ioAPIC.takeMessages()
        where state.hasAPIC && !state.apic.receive(entry: entry, isX2APIC: state.isX2APIC) {
            wantsSystemManagement = true
        }
    }

    /// Looks at the devices' outputs, and works out when one changes next by itself.
    private mutating func noteDeviceLines() {
        ports.needsLook = false
        state.apic.setLINT0(ports.devices.isInterrupting)
        isInterruptNoted = interruptVector != nil
        let timer = state.hasAPIC ? state.apic.timer.next(deviceTime, stamp: state.tsc) : nil
        let next = DeviceClock.earlier(timer, ports.devices.nextInterrupt)
        devicesDueAt = next.map { max($0, deviceTime &+ 1) } ?? .max
    }

    /// Resets, and what an interrupt command asked for that the model has not.
    mutating func stopByDevices() -> StopReason? {
        if wantsSystemManagement { return .notModelled(.feature(.systemManagement)) }
        if ports.devices.wantsReset { return .shutdown }
        // In VMX operation an INIT signal waits or exits.
        guard state.apic.isINITPending, state.vmx.mode == .outside else { return nil }
        // Without firmware there is nothing where the processor would begin.
        guard ports.hasFirmware else { return .shutdown }
        initialize()
        return nil
    }

    /// Why a run has stopped with ``StopReason/shutdown``.
    public var shutdownCause: ShutdownCause {
        if let abort = state.vmx.abort { return .vmxAbort(abort) }
        if ports.devices.wantsReset { return .reset }
        return state.apic.isINITPending && !ports.hasFirmware ? .initSignal : .tripleFault
    }

    // MARK: Interrupts

    /// The vector that the local APIC would dispense now.
    private var localVector: UInt8? {
        state.hasAPIC && state.apic.isSoftwareEnabled ? state.apic.deliverable : nil
    }

    /// The interrupt controllers' request reaches the processor: through LINT0, through the I/O
    /// APIC, or directly where the local APIC is disabled.
    private var isExternalWaiting: Bool {
        ports.devices.isInterrupting
            && (!state.hasAPIC || state.apic.takesExternal
                || ports.devices.ioAPIC.passesExternal)
    }

    /// The vector of the interrupt that the processor would take if nothing blocked it.
    ///
    /// Where both wait, the local APIC's comes first, as the recorded implementations have it; the
    /// manual does not say.
    var interruptVector: UInt8? {
        localVector ?? (isExternalWaiting ? ports.devices.nextVector : nil)
    }

    /// The processor takes the interrupt that waits.
    mutating func acknowledgeInterrupt() -> UInt8 {
        devicesDueAt = 0
        needsAttention = true
        if localVector != nil, let vector = state.apic.acknowledge() { return vector }
        return ports.devices.acknowledge()
    }

    // MARK: Idling

    /// In an inactive state time goes by until something is due: a device, or the VMX-preemption
    /// timer. False: nothing is, or nothing that could end the wait.
    mutating func sleep() -> Bool {
        guard state.activity == .hlt || state.activity == .shutdown else { return false }
        attendDevices()
        let device = devicesDueAt == .max ? nil : state.tsc &+ (devicesDueAt &- deviceTime)
        guard let wake = [device, timerEnd].compactMap({ $0 }).min() else { return false }
        state.tsc = max(state.tsc, wake)
        attendDevices()
        return true
    }
}
