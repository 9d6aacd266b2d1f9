import Architecture

/// Delivery of exceptions and interrupts: one way for all of them, in every mode.
/// SDM 3A, "Interrupt and Exception Handling".
extension Machine {
    /// Brings the event to the guest, or makes it an exit, a double fault or a triple fault.
    mutating func deliver(_ event: PendingException) throws(Abort) {
        var current = event
        delivering = nil
        while true {
            if !current.isInjected, current.source != .external,
                current.source != .softwareInterrupt, !current.isNMI
            {
                try decideException(current)
            }
            applySideEffects(of: current)
            switch current.source {
            case .softwareInterrupt: tell(.interrupt(vector: current.vector, isExternal: false))
            case .external: tell(.interrupt(vector: current.vector, isExternal: true))
            case .fault, .trap:
                let detail = detail(of: current)
                tell(
                    .exception(
                        vector: current.vector, errorCode: current.errorCode, detail: detail))
            }
            delivering = current
            hasCommittedTask = false
            let before = state
            do throws(Abort) {
                try deliverThroughIDT(current)
                delivering = nil
                state.vmx.hasDelivered = true
                state.vmx.nmiUnblockedAt = nil
                return
            } catch {
                // What delivery changed so far never happened, page tables' flags aside, unless it
                // has changed tasks.
                if !hasCommittedTask {
                    let cr2 = state.cr2
                    state = before
                    state.cr2 = cr2
                }
                guard error == .exception else { throw error }
            }
            let second = pendingException
            try decideException(second)
            // Lost or not to a double or triple fault, the address of a page fault is noted.
            if second.vector == ExceptionVector.pageFault.rawValue { state.cr2 = second.detail }
            guard let next = combine(current, second) else { throw tripleFault() }
            current = next
        }
    }

    /// What a fault during the delivery of another becomes; nil: a triple fault.
    /// SDM 3A, "Interrupt 8—Double Fault Exception (#DF)".
    private mutating func combine(
        _ first: PendingException, _ second: PendingException
    ) -> PendingException? {
        func faultClass(_ event: PendingException) -> ExceptionVector.FaultClass {
            guard event.source == .fault else { return .benign }
            return ExceptionVector(rawValue: event.vector)?.faultClass ?? .benign
        }
        let pair = SecondFault(first.vector, faultClass(first), second.vector, faultClass(second))
        let verdict = ladders.delivery.secondFault.evaluate(pair)
        if state.vmx.mode == .nonRoot { tell(.decision(.secondFault(pair))) }
        switch verdict {
        case .exit: return nil
        case .fault(let vector): return PendingException(vector: vector.rawValue, errorCode: 0)
        case .proceed, .ignored, .virtualized, .interrupt, .fail, .abort: return second
        }
    }

    /// What is told of an exception besides its error code.
    private func detail(of event: PendingException) -> UInt64? {
        guard event.source == .fault || event.source == .trap else { return nil }
        switch ExceptionVector(rawValue: event.vector) {
        case .pageFault: return state.cr2
        case .debug: return event.detail
        default: return nil
        }
    }

    /// Asks the exception ladder, in non-root operation.
    private mutating func decideException(_ event: PendingException) throws(Abort) {
        guard state.vmx.mode == .nonRoot else { return }
        var subject = GuestException(vector: event.vector, errorCode: event.errorCode)
        let controls = state.vmx.controls
        subject.bitmap = controls.exceptionBitmap
        subject.pageFaultMask = controls.pageFaultMask
        subject.pageFaultMatch = controls.pageFaultMatch
        subject.nonRoot = 1
        let verdict = ladders.exception.exception.evaluate(subject)
        tell(.decision(.exception(subject)))
        guard case .exit(let reason) = verdict else { return }
        pendingExit = exceptionExit(event, reason)
        throw .exit
    }

    private mutating func exceptionExit(_ event: PendingException, _ reason: ExitReason)
        -> ExitInformation
    {
        var exit = ExitInformation(reason)
        let type: UInt32 = interruptionType(event)
        exit.interruption = UInt32(event.vector) | type << 8 | 0x8000_0000
        if let code = event.errorCode, state.isProtected {
            exit.interruption |= 0x800
            exit.interruptionErrorCode = code
        }
        if recordsNMIUnblocking() { exit.interruption |= InterruptionInformation.nmiUnblockingBit }
        if event.source == .trap || event.source == .softwareInterrupt {
            exit.instructionLength = event.instructionLength
        }
        switch ExceptionVector(rawValue: event.vector) {
        case .pageFault: exit.qualification = event.detail
        case .debug: exit.qualification = event.detail | heldBreakpoints
        default: break
        }
        return exit
    }

    /// Interruption type. SDM 3C, 25.9.2 "Information for VM Exits Due to Vectored Events".
    func interruptionType(_ event: PendingException) -> UInt32 {
        switch event.source {
        case .external: return 0
        case .softwareInterrupt: return 4
        case .trap:
            switch ExceptionVector(rawValue: event.vector) {
            case .breakpoint, .overflow: return 6
            case .debug: return event.instructionLength > 0 ? 5 : 3
            default: return 3
            }
        case .fault: return event.vector == ExceptionVector.nmi.rawValue ? 2 : 3
        }
    }

    /// What an exception changes besides the flow, if it does not exit.
    ///
    /// What VM entry injects changes none of it. SDM 3C, 27.6.1.1 "Details of Vectored-Event
    /// Injection".
    private mutating func applySideEffects(of event: PendingException) {
        guard !event.isInjected else { return }
        dropHeldStep()
        switch ExceptionVector(rawValue: event.vector) {
        case .pageFault where event.source == .fault: state.cr2 = event.detail
        case .debug where event.source != .softwareInterrupt: noteDebugException(event)
        default: break
        }
        if restartsWithRF(event) { state.rflags |= FlagBit.rf.mask }
    }

    /// Outside non-root operation the processor shuts down; within, it is an exit.
    private mutating func tripleFault() -> Abort {
        guard state.vmx.mode == .nonRoot else {
            pendingStop = .shutdown
            state.activity = .shutdown
            return .stop
        }
        delivering = nil
        pendingExit = ExitInformation(.tripleFault)
        return .exit
    }

    // MARK: Through the table

    private mutating func deliverThroughIDT(_ event: PendingException) throws(Abort) {
        state.interruptibility.subtract([.bySTI, .byMovSS])
        guard state.isProtected else { return try deliverInRealMode(event) }
        try deliverThroughGate(event)
    }

    /// RIP to push: a trap or software interrupt returns behind its instruction.
    private func returnAddress(_ event: PendingException) -> UInt64 {
        switch event.source {
        case .trap, .softwareInterrupt:
            (state.rip &+ UInt64(event.instructionLength)) & (state.is64Bit ? ~0 : 0xFFFF_FFFF)
        case .fault, .external: state.rip
        }
    }

    private mutating func deliverInRealMode(_ event: PendingException) throws(Abort) {
        let offset = UInt64(event.vector) * 4
        guard offset + 3 <= UInt64(state.idtr.limit) else { throw fault(.generalProtection, 0) }
        let address = state.idtr.base &+ offset
        let flags = state.rflags
        try push(flags & 0xFFFF, size: 2)
        try push(UInt64(state.cs.selector), size: 2)
        try push(returnAddress(event) & 0xFFFF, size: 2)
        let pointer = try readSlowly(address & 0xFFFF_FFFF, 4, .supervisor(.read))
        let selector = UInt16(truncatingIfNeeded: pointer >> 16)
        state.cs.selector = selector
        state.cs.base = UInt64(selector) << 4
        state.rip = pointer & 0xFFFF
        clearFlags([.if, .tf, .ac, .rf])
    }

    private mutating func clearFlags(_ bits: [FlagBit]) {
        for bit in bits { state.rflags &= ~bit.mask }
    }

    /// A gate of the IDT. SDM 3A, "IDT Descriptors", "64-Bit Mode IDT".
    private struct Gate {
        var selector: UInt16
        var offset: UInt64
        var type: UInt8
        var dpl: UInt8
        var isPresent: Bool
        /// Interrupt stack table index, 0 for none.
        var ist: UInt8

        /// Interrupt gates clear IF, trap gates leave it.
        var clearsIF: Bool { type & 1 == 0 }
        /// Bytes of each value pushed.
        func pushSize(_ isLong: Bool) -> UInt8 { isLong ? 8 : (type & 8 != 0 ? 4 : 2) }
    }

    private mutating func readGate(_ event: PendingException) throws(Abort) -> Gate {
        let isLong = state.isLongMode
        let size: UInt64 = isLong ? 16 : 8
        let offset = UInt64(event.vector) * size
        let error = UInt32(event.vector) * 8 + 2
        guard offset + size - 1 <= UInt64(state.idtr.limit) else {
            throw deliveryFault(.generalProtection, error, event)
        }
        let address = wrapped(state.idtr.base &+ offset)
        let low = try readSlowly(address, 8, .supervisor(.read))
        let high =
            isLong ? try readSlowly(wrapped(address &+ 8), 8, .supervisor(.read)) : 0
        let gate = Gate(
            selector: UInt16(truncatingIfNeeded: low >> 16),
            offset: (low & 0xFFFF) | (low >> 32) & 0xFFFF_0000 | high << 32,
            type: UInt8(low >> 40 & 0x1F), dpl: UInt8(low >> 45 & 3),
            isPresent: low >> 47 & 1 == 1, ist: isLong ? UInt8(low >> 32 & 7) : 0)
        let types: [UInt8] = isLong ? [14, 15] : [5, 6, 7, 14, 15]
        guard types.contains(gate.type) else {
            throw deliveryFault(.generalProtection, error, event)
        }
        let isSoftware = event.source == .softwareInterrupt || isSoftwareException(event)
        if isSoftware, gate.dpl < state.cpl {
            throw deliveryFault(.generalProtection, error, event)
        }
        guard gate.isPresent else { throw deliveryFault(.segmentNotPresent, error, event) }
        return gate
    }

    /// INT3 and INTO, which the gate's DPL binds as it binds INT n.
    private func isSoftwareException(_ event: PendingException) -> Bool {
        event.source == .trap
            && (event.vector == ExceptionVector.breakpoint.rawValue
                || event.vector == ExceptionVector.overflow.rawValue)
    }

    /// A fault found while delivering: EXT (bit 0) tells that the program did not ask for it.
    private mutating func deliveryFault(
        _ vector: ExceptionVector, _ error: UInt32, _ event: PendingException
    ) -> Abort {
        let isSoftware = event.source == .softwareInterrupt || isSoftwareException(event)
        return fault(vector, error | (isSoftware ? 0 : 1))
    }

    private mutating func deliverThroughGate(_ event: PendingException) throws(Abort) {
        let gate = try readGate(event)
        if gate.type == UInt8(SystemType.taskGate) {
            return try deliverToTask(gate.selector, event)
        }
        let isLong = state.isLongMode
        let code = try codeSegment(of: gate, event)
        let newCPL = code.isConforming ? state.cpl : code.dpl
        let changesStack = newCPL != state.cpl || state.isVirtual8086
        let size = gate.pushSize(isLong)
        var frame = Frame(flags: state.rflags, returnAddress: returnAddress(event))
        frame.errorCode = event.errorCode
        let stack: Stack
        if isLong {
            stack = try longModeStack(gate, newCPL, changesStack, event)
        } else if changesStack {
            stack = try stackFromTSS(newCPL, event)
        } else {
            stack = Stack(segment: state.ss, pointer: state.registers[.rsp])
        }
        // Of a gate's offset a 16-bit one has the low half alone.
        let offset = isLong ? gate.offset : gate.offset & Self.mask(min(size, 4))
        let isInside = isLong ? isCanonical(offset) : offset <= UInt64(code.limit)
        guard isInside else { throw deliveryFault(.generalProtection, 0, event) }
        let includesStack = isLong || changesStack
        let pointer = try writeFrame(frame, stack, size, newCPL, includesStack, event)
        if changesStack, state.isVirtual8086 {
            for name in [SegmentRegister.es, .ds, .fs, .gs] { state[name].invalidate() }
        }
        if includesStack { state.ss = stack.segment }
        let isBig = isLong || stack.segment.isBig
        setRegister(
            GeneralRegister.rsp.rawValue, pointer, size: isLong ? 8 : (isBig ? 4 : 2))
        state.cs = code
        state.cs.selector = (gate.selector & 0xFFFC) | UInt16(newCPL)
        state.cpl = newCPL
        state.rip = offset
        clearFlags([.tf, .nt, .vm, .rf])
        if gate.clearsIF { clearFlags([.if]) }
    }

    /// The handler is a task: it finds the error code alone on its stack.
    private mutating func deliverToTask(
        _ selector: UInt16, _ event: PendingException
    ) throws(Abort) {
        let isSoftware = event.source == .softwareInterrupt || isSoftwareException(event)
        let external: UInt32 = isSoftware ? 0 : 1
        try switchTask(
            to: selector, .taskGate, returnAddress: returnAddress(event), external: external)
        guard let code = event.errorCode else { return }
        let size: UInt8 = state.tr.type & 8 != 0 ? 4 : 2
        do throws(Abort) {
            try push(UInt64(code), size: size)
        } catch {
            // What the push raised is the delivery's, not the program's.
            if let number = pendingException.errorCode, error == .exception,
                pendingException.vector != ExceptionVector.pageFault.rawValue
            {
                pendingException.errorCode = number | external
            }
            throw error
        }
    }

    private struct Frame {
        var flags: UInt64
        var returnAddress: UInt64
        var errorCode: UInt32?
    }

    private struct Stack {
        var segment: Segment
        var pointer: UInt64
    }

    /// The handler's code segment, checked.
    private mutating func codeSegment(
        of gate: Gate, _ event: PendingException
    ) throws(Abort) -> Segment {
        guard gate.selector & 0xFFFC != 0 else {
            throw deliveryFault(.generalProtection, 0, event)
        }
        let error = Self.selectorError(gate.selector)
        guard let (found, address) = try readDescriptor(gate.selector) else {
            throw deliveryFault(.generalProtection, error, event)
        }
        var descriptor = found
        let code = descriptor.segment(gate.selector)
        guard code.isCode, code.dpl <= state.cpl else {
            throw deliveryFault(.generalProtection, error, event)
        }
        if state.isLongMode, !code.isLong || code.isBig {
            throw deliveryFault(.generalProtection, error, event)
        }
        if state.isVirtual8086, code.isConforming || code.dpl != 0 {
            throw deliveryFault(.generalProtection, error, event)
        }
        guard code.isPresent else { throw deliveryFault(.segmentNotPresent, error, event) }
        try markAccessed(&descriptor, address)
        return descriptor.segment(gate.selector)
    }

    /// SDM 3A, "Interrupt Stack Table" and "64-Bit Mode Stack Frame".
    private mutating func longModeStack(
        _ gate: Gate, _ newCPL: UInt8, _ changesStack: Bool, _ event: PendingException
    ) throws(Abort) -> Stack {
        var pointer = state.registers[.rsp]
        if gate.ist != 0 || changesStack {
            let offset: UInt64 =
                gate.ist != 0 ? 0x24 + (UInt64(gate.ist) - 1) * 8 : 4 + UInt64(newCPL) * 8
            guard offset + 7 <= UInt64(state.tr.limit) else {
                throw deliveryFault(.invalidTSS, Self.selectorError(state.tr.selector), event)
            }
            pointer = try readSlowly(state.tr.base &+ offset, 8, .supervisor(.read))
        }
        guard isCanonical(pointer) else { throw deliveryFault(.stackFault, 0, event) }
        var segment = state.ss
        if changesStack {
            segment = .unusable
            segment.selector = UInt16(newCPL)
            segment.access |= UInt32(newCPL) << 5
        }
        return Stack(segment: segment, pointer: pointer & ~0xF)
    }

    /// SS and ESP for a more privileged level, from the 32- or 16-bit TSS.
    private mutating func stackFromTSS(
        _ newCPL: UInt8, _ event: PendingException
    ) throws(Abort) -> Stack {
        let is32 = state.tr.type & 8 != 0
        let offset = is32 ? 4 + UInt64(newCPL) * 8 : 2 + UInt64(newCPL) * 4
        let last = offset + (is32 ? 5 : 3)
        guard last <= UInt64(state.tr.limit) else {
            throw deliveryFault(.invalidTSS, Self.selectorError(state.tr.selector), event)
        }
        let base = wrapped(state.tr.base &+ offset)
        let pointer = try readSlowly(base, is32 ? 4 : 2, .supervisor(.read))
        let selector = UInt16(
            truncatingIfNeeded: try readSlowly(
                wrapped(base &+ (is32 ? 4 : 2)), 2, .supervisor(.read)))
        let error = Self.selectorError(selector)
        guard selector & 0xFFFC != 0 else { throw deliveryFault(.invalidTSS, 0, event) }
        guard let (found, address) = try readDescriptor(selector) else {
            throw deliveryFault(.invalidTSS, error, event)
        }
        var descriptor = found
        let segment = descriptor.segment(selector)
        guard UInt8(selector & 3) == newCPL, segment.dpl == newCPL, segment.isWritable else {
            throw deliveryFault(.invalidTSS, error, event)
        }
        guard segment.isPresent else { throw deliveryFault(.stackFault, error, event) }
        try markAccessed(&descriptor, address)
        return Stack(segment: descriptor.segment(selector), pointer: pointer)
    }

    /// Writes the stack frame and returns the new stack pointer.
    private mutating func writeFrame(
        _ frame: Frame, _ stack: Stack, _ size: UInt8, _ newCPL: UInt8, _ includesStack: Bool,
        _ event: PendingException
    ) throws(Abort) -> UInt64 {
        var values: [UInt64] = []
        if state.isVirtual8086 {
            values += [state.gs, state.fs, state.ds, state.es].map { UInt64($0.selector) }
        }
        if includesStack {
            values += [UInt64(state.ss.selector), state.registers[.rsp]]
        }
        values += [frame.flags, UInt64(state.cs.selector), frame.returnAddress]
        if let code = frame.errorCode { values.append(UInt64(code)) }

        let mask: UInt64 =
            state.isLongMode ? ~0 : (stack.segment.isBig ? 0xFFFF_FFFF : 0xFFFF)
        let isNew = stack.segment.selector != state.ss.selector || newCPL != state.cpl
        let error = isNew ? Self.selectorError(stack.segment.selector) : 0
        let access = MemoryAccess(kind: .write, isUser: newCPL == 3)
        var pointer = stack.pointer
        for value in values {
            pointer = (pointer &- UInt64(size)) & mask
            guard state.isLongMode || fits(stack.segment, pointer, size) else {
                throw deliveryFault(.stackFault, error, event)
            }
            let linear = state.isLongMode ? pointer : (stack.segment.base &+ pointer) & 0xFFFF_FFFF
            try writeSlowly(linear, value, Int(size), access)
        }
        return pointer
    }

    private func fits(_ segment: Segment, _ offset: UInt64, _ size: UInt8) -> Bool {
        let last = offset + UInt64(size) - 1
        if segment.isExpandDown {
            return offset > UInt64(segment.limit) && last <= (segment.isBig ? 0xFFFF_FFFF : 0xFFFF)
        }
        return last <= UInt64(segment.limit)
    }
}
