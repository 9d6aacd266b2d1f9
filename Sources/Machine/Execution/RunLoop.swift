import Architecture
import InstructionSet

extension Machine {
    /// How far a run may go.
    public struct Limits: Sendable {
        /// Stop when this many steps have been completed in all; nil: no limit.
        public var steps: UInt64?
        /// Stop when this much work has been done in all (``Machine/work``); nil: no limit.
        public var work: UInt64?
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
        return loop(limits, &silent)
    }

    /// Runs and tells the observer everything.
    public mutating func run(_ limits: Limits, listener: inout Listener) -> StopReason {
        isListening = true
        defer { isListening = false }
        return loop(limits, &listener)
    }

    @inline(__always)
    private mutating func loop<O: Observer>(_ limits: Limits, _ observer: inout O) -> StopReason {
        let lastStep = limits.steps ?? .max
        let lastWork = limits.work ?? .max
        while true {
            if steps >= lastStep || steps &+ idleWork >= lastWork { return .stepBudget }
            if steps & 0xFFF == 0, let isInterrupted = limits.isInterrupted, isInterrupted() {
                return .interrupted
            }
            do throws(Abort) {
                if state.activity != .active { return idle() }
                if needsAttention, let event = injected {
                    injected = nil
                    try deliver(event)
                }
                let instruction = try fetch()
                if O.listens {
                    observer.notice(.instruction(describe(instruction)))
                }
                nextRIP = (state.rip &+ UInt64(instruction.length)) & ripMask
                try execute(instruction)
                state.rip = nextRIP
                state.tsc &+= 1
                steps &+= 1
                if needsAttention, let stop = attend(limits) {
                    if O.listens { hand(over: &observer) }
                    return stop
                }
            } catch {
                let stop = settle(error, limits)
                if O.listens { hand(over: &observer) }
                if let stop { return stop }
            }
            if O.listens { hand(over: &observer) }
        }
    }

    /// What an instruction asked to be looked at behind it.
    @inline(never)
    private mutating func attend(_ limits: Limits) -> StopReason? {
        needsAttention = false
        if isRepeating {
            // A long REP comes back to its own address: the same step goes on.
            isRepeating = false
            steps &-= 1
            idleWork &+= Self.repeatChunk
            if let isInterrupted = limits.isInterrupted, isInterrupted() { return .interrupted }
        }
        if let value = ports.exitValue { return .port(value) }
        // STI and MOV SS block up to the end of the instruction behind them.
        if isBlockingFresh {
            isBlockingFresh = false
            needsAttention = true
        } else {
            state.interruptibility.subtract([.bySTI, .byMovSS])
        }
        return nil
    }

    /// Iterations of a REP after which the run loop gets to look at its limits.
    static var repeatChunk: UInt64 { 65536 }

    /// Leaves a REP instruction in the middle: it goes on at its own address.
    mutating func repeatLater() {
        nextRIP = state.rip
        isRepeating = true
        needsAttention = true
    }

    /// STI and MOV SS: no interrupt before the end of the next instruction.
    mutating func block(_ kind: Interruptibility) {
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
        var abort = abort
        if abort == .exception {
            do throws(Abort) {
                let event = pendingException
                try deliver(event)
                noteDelivery(event)
                return limits.isInterrupted.map { idleWork & 0xFFF == 0 && $0() } == true
                    ? .interrupted : nil
            } catch { abort = error }
        }
        switch abort {
        case .exception: return .shutdown
        case .stop: return pendingStop
        case .exit:
            exitToRoot(pendingExit)
            return limits.returnsAtExit ? .exited : nil
        }
    }

    /// INT n and its like are complete when their event is delivered; a fault completes nothing, but
    /// a guest that only faults must end too.
    private mutating func noteDelivery(_ event: PendingException) {
        switch event.source {
        case .softwareInterrupt, .trap:
            steps &+= 1
            state.tsc &+= 1
        case .fault, .external: idleWork &+= 1
        }
    }

    /// HLT and the other activity states: nothing here can wake the processor.
    private func idle() -> StopReason {
        state.activity == .hlt ? .hlt : .shutdown
    }

    /// RIP has 16, 32 or 64 bits.
    @inline(__always) var ripMask: UInt64 {
        switch state.codeSize {
        case .bits16, .bits32: 0xFFFF_FFFF
        case .bits64: ~0
        }
    }

    // MARK: Fetching

    @inline(__always)
    private mutating func fetch() throws(Abort) -> Instruction {
        let linear = wrapped(state.is64Bit ? state.rip : state.cs.base &+ state.rip)
        let size = state.codeSize
        let cached = tlb[linear]
        if cached.page == linear >> 12, cached.allowed & access(.execute).bit != 0,
            state.is64Bit || state.rip <= UInt64(state.cs.limit) &- 15,
            let found = decoded.find(cached.physical | (linear & 0xFFF), size)
        {
            return found
        }
        return try decode(linear, size)
    }

    /// Reads up to fifteen bytes, as many as are there, and decodes them.
    @inline(never)
    private mutating func decode(_ linear: UInt64, _ size: CodeSize) throws(Abort) -> Instruction {
        if size == .bits64, !isCanonical(linear) { throw fault(.generalProtection, 0) }
        let physical = try translateCode(linear, offset: 0)
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        var count = 0
        let inPage = 4096 - Int(linear & 0xFFF)
        while count < min(15, inPage), isInsideCode(offset: count) {
            bytes[count] = UInt8(
                truncatingIfNeeded: readPhysical(physical + UInt64(count), size: 1))
            count += 1
        }
        switch decodeBytes(bytes, count, size) {
        case .success(let instruction):
            if decoded.holdsCode(physicalPage: physical) == false {
                tlb.dropWritePointers(physicalPage: physical & ~0xFFF)
            }
            decoded.insert(instruction, at: physical, size)
            return instruction
        case .failure(.truncated):
            break
        case .failure(let error):
            throw decodeFault(error)
        }
        // More bytes are needed: from the next page, or beyond the limit of CS.
        guard count < 15 else { throw fault(.generalProtection, 0) }
        guard isInsideCode(offset: count) else { throw fault(.generalProtection, 0) }
        let next = try translateCode(linear, offset: count)
        while count < 15, isInsideCode(offset: count) {
            let address = next + UInt64(count - inPage)
            bytes[count] = UInt8(truncatingIfNeeded: readPhysical(address, size: 1))
            count += 1
        }
        switch decodeBytes(bytes, count, size) {
        case .success(let instruction): return instruction
        case .failure(.truncated): throw fault(.generalProtection, 0)
        case .failure(let error): throw decodeFault(error)
        }
    }

    private func isInsideCode(offset: Int) -> Bool {
        state.is64Bit || state.rip &+ UInt64(offset) <= UInt64(state.cs.limit)
    }

    private mutating func translateCode(_ linear: UInt64, offset: Int) throws(Abort) -> UInt64 {
        guard isInsideCode(offset: offset) else { throw fault(.generalProtection, 0) }
        return try translate(wrapped(linear &+ UInt64(offset)), access(.execute))
    }

    private func decodeBytes(
        _ bytes: InlineArray<16, UInt8>, _ count: Int, _ size: CodeSize
    ) -> Result<Instruction, DecodeError> {
        var bytes = bytes
        return withUnsafeBytes(of: &bytes) { buffer in
            do throws(DecodeError) {
                let code = UnsafeRawBufferPointer(rebasing: buffer[0..<count])
                return .success(try InstructionDecoder.decode(code, size: size))
            } catch { return .failure(error) }
        }
    }

    private mutating func decodeFault(_ error: DecodeError) -> Abort {
        switch error {
        case .invalidOpcode: fault(.invalidOpcode)
        case .tooLong, .truncated: fault(.generalProtection, 0)
        }
    }

    private mutating func describe(_ instruction: Instruction) -> InstructionEvent {
        let linear = wrapped(state.is64Bit ? state.rip : state.cs.base &+ state.rip)
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        for index in 0..<Int(instruction.length) {
            // The instruction was just fetched: its pages translate.
            let address = wrapped(linear &+ UInt64(index))
            let physical = (try? translate(address, access(.execute))) ?? 0
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

    @inline(__always) func isCanonical(_ address: UInt64) -> Bool {
        UInt64(bitPattern: (Int64(bitPattern: address) << 16) >> 16) == address
    }
}
