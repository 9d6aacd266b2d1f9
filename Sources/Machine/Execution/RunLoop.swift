import Architecture
import InstructionSet

extension Machine {
    /// How far a run may go.
    public struct Limits: Sendable {
        /// Stop when this many steps have been completed in all; nil: no limit.
        public var steps: UInt64?
        /// Stop when this much work has been done in all (``Machine/work``); nil: no limit.
        public var work: UInt64?
        /// RIPs to stop before.
        public var breakpoints: Set<UInt64> = []
        /// A breakpoint where the run begins does not stop it at once.
        public var passesBreakpoint = true
        /// Return at a VM exit (root software lives outside the machine).
        public var returnsAtExit = true
        /// Asked every 4096 steps; true ends the run as `interrupted`.
        public var isInterrupted: (@Sendable () -> Bool)?

        public init(steps: UInt64? = nil) { self.steps = steps }
    }

    /// Runs without telling anyone.
    public mutating func run(_ limits: Limits) -> StopReason {
        var silent = Silent()
        isListening = false
        defer { noteWindowGrounds() }
        return loop(limits, &silent)
    }

    /// Runs and tells the observer everything.
    public mutating func run(_ limits: Limits, listener: inout Listener) -> StopReason {
        isListening = true
        defer {
            isListening = false
            noteWindowGrounds()
        }
        return loop(limits, &listener)
    }

    /// One instruction a turn. Everything that is rare waits for ``attentionAt``.
    @inline(always)
    private mutating func loop<O: Observer>(_ limits: Limits, _ observer: inout O) -> StopReason {
        returnToCodeWindow()
        setBreakpoints(limits)
        needsAttention = true
        devicesDueAt = 0
        isGoingOn = true
        // Blocking that is in the state already counts for the first instruction.
        isBlockingFresh = !state.interruptibility.isDisjoint(with: [.bySTI, .byMovSS])
        while true {
            do throws(Abort) {
                if steps >= attentionAt {
                    let stop = try attend(limits)
                    if O.listens { hand(over: &observer) }
                    if let stop { return stop }
                }
                var instruction = try fetch()
                timeOffset = state.tsc &- steps
                while true {
                    if O.listens {
                        note(instruction)
                        observer.notice(.instruction(describe(instruction.instruction)))
                    }
                    let course = try execute(instruction)
                    steps &+= 1
                    let goesOn = steps < attentionAt
                    if O.listens, goesOn { hand(over: &observer) }
                    switch course {
                    case .on:
                        if goesOn, instruction.isFollowed {
                            instruction = instruction.follower
                            continue
                        }
                        arrive(at: window.rip(instruction.end))
                    case .jump:
                        if goesOn {
                            instruction = instruction.target
                            continue
                        }
                        arrive(at: window.rip(instruction.target.start))
                    case .elsewhere:
                        arrive(at: nextRIP)
                        if goesOn {
                            instruction = try fetch(targetOf: instruction)
                            continue
                        }
                    }
                    guard goesOn else { break }
                    instruction = try fetch()
                }
            } catch {
                let stop = settle(error, limits)
                if O.listens { hand(over: &observer) }
                if let stop { return stop }
            }
            if O.listens { hand(over: &observer) }
        }
    }

    /// Between two instructions: what the last one asked for, what is due, and the run's limits.
    @inline(never)
    private mutating func attend(_ limits: Limits) throws(Abort) -> StopReason? {
        var isBetweenRepeats = isGoingOn && debugging.isBetweenRepeats
        isGoingOn = false
        if repeatsDone > 0 {
            isBetweenRepeats = true
            // A long REP comes back to its own address: the same step goes on.
            steps &-= 1
            idleWork &+= repeatsDone
            repeatsDone = 0
        }
        finishDebugging(isBetweenRepeats: isBetweenRepeats)
        completeAPICWrite()
        let lastStep = limits.steps ?? .max
        let lastWork = limits.work ?? .max
        let workLeft = lastWork > work ? lastWork - work : 0
        attentionAt = min(lastStep, steps | Self.pollMask &+ 1, steps &+ min(workLeft, 1 << 32))
        // STI and MOV SS block up to the end of the instruction behind them.
        if isBlockingFresh {
            isBlockingFresh = false
            needsAttention = true
        } else {
            state.interruptibility.subtract([.bySTI, .byMovSS])
        }
        if let value = ports.exitValue { return .port(value) }
        if ports.callsFirmware {
            ports.callsFirmware = false
            return .firmware
        }
        if ports.isCrowded { return .outputWaits }
        attendDevices()
        if let stop = stopByDevices() { return stop }
        if steps >= lastStep || work >= lastWork { return .stepBudget }
        if let isInterrupted = limits.isInterrupted, isInterrupted() { return .interrupted }
        if let event = injected {
            injected = nil
            leaveCodeWindow()
            try deliver(event)
            idleWork &+= 1
        }
        try trapAtTask()
        try attendEvents()
        // Nothing will end the wait.
        guard state.activity == .active else { return state.activity == .hlt ? .hlt : .shutdown }
        try beginDebugging()
        return nil
    }

    /// Every so many steps, less one, the run asks whether it is interrupted.
    private static var pollMask: UInt64 { 0xFFF }

    /// Iterations of a REP after which the run loop gets to look at its limits.
    static var repeatChunk: UInt64 { 65536 }

    /// Leaves a REP instruction in the middle, after some iterations: it goes on at its own address.
    mutating func repeatLater(after iterations: UInt64) {
        nextRIP = state.rip
        repeatsDone = iterations
        needsAttention = true
    }

    /// STI and MOV SS: no interrupt before the end of the next instruction.
    ///
    /// Of a row of such instructions only the first is certain to block: the next does not
    /// lengthen it. SDM 3A, "Masking Exceptions and Interrupts When Switching Stacks".
    mutating func block(_ kind: Interruptibility) {
        let lengthens = state.interruptibility.contains(kind)
        state.interruptibility.subtract([.bySTI, .byMovSS])
        if lengthens { return }
        state.interruptibility.insert(kind)
        isBlockingFresh = true
        needsAttention = true
    }

    /// Gives the observer what waited for it.
    private mutating func hand<O: Observer>(over observer: inout O) {
        for event in waitingEvents { observer.notice(event) }
        waitingEvents.removeAll(keepingCapacity: true)
    }

    /// What follows an instruction that did not complete: a delivery, an exit, or the end of the run.
    private mutating func settle(_ abort: Abort, _ limits: Limits) -> StopReason? {
        if abort == .stop, pendingStop == .breakpoint {
            abandonDebugging()
            return .breakpoint
        }
        if abort == .exit { return settleExit(limits) }
        // It did not complete: nothing follows from what it wrote to the virtual-APIC page.
        state.vmx.virtualAPIC.write = nil
        var abort = abort
        abandonDebugging()
        leaveCodeWindow()
        needsAttention = true
        if abort == .exception {
            do throws(Abort) {
                let event = pendingException
                try deliver(event)
                noteDelivery(event)
                return nil
            } catch { abort = error }
        }
        switch abort {
        case .exception: return .shutdown
        case .stop: return pendingStop
        case .exit: return settleExit(limits)
        }
    }

    private mutating func settleExit(_ limits: Limits) -> StopReason? {
        idleWork &+= 1
        // A run that may do no more than so much work has a step less for it.
        if attentionAt > 0 { attentionAt &-= 1 }
        if let stop = exitToRoot(pendingExit) { return stop }
        return limits.returnsAtExit ? .exited : nil
    }

    /// INT n and its like are complete when their event is delivered; a fault completes nothing, but
    /// a guest that only faults must end too.
    private mutating func noteDelivery(_ event: PendingException) {
        if event.instructionLength > 0 {
            steps &+= 1
            state.tsc &+= 1
        } else {
            idleWork &+= 1
        }
    }

    private mutating func describe(_ instruction: Instruction) -> InstructionEvent {
        let linear = linearRIP
        let known = physicalInWindow()?.physical
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        for index in 0..<Int(instruction.length) {
            let address = wrapped(linear &+ UInt64(index))
            // Who is told must not make a difference: outside the window the instruction was just
            // fetched with these translations.
            let physical =
                if let known, address >> 12 == linear >> 12 {
                    known &+ UInt64(index)
                } else { (try? translate(address, access(.execute))) ?? 0 }
            bytes[index] = UInt8(truncatingIfNeeded: readPhysical(physical, size: 1))
        }
        return InstructionEvent(
            step: steps, rip: state.rip, linear: linear, instruction: instruction, bytes: bytes,
            cpl: state.cpl, nonRoot: state.vmx.mode == .nonRoot, size: state.codeSize)
    }

    // MARK: Faults

    /// Notes an exception; `throw` what it returns.
    mutating func fault(_ vector: ExceptionVector, _ errorCode: UInt32? = nil) -> Abort {
        pendingException = PendingException(vector: vector.rawValue, errorCode: errorCode)
        return .exception
    }

    /// Ends the run: the processor has it, the model has not.
    mutating func notModelled(_ what: NotModelled) -> Abort {
        pendingStop = .notModelled(what)
        return .stop
    }

    @inline(always) func isCanonical(_ address: UInt64) -> Bool {
        UInt64(bitPattern: (Int64(bitPattern: address) << 16) >> 16) == address
    }
}
