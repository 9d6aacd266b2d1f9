import Architecture

/// Single-stepping and breakpoints. SDM 3B, "Debug Exceptions", "Debug Exception (#DB)—Interrupt
/// Vector 1".
///
/// Nothing of it is asked in the run loop's inner path: while TF, RF or a breakpoint is in force,
/// the loop looks up at every instruction.
extension Machine {
    /// Iterations of a repeated string instruction before the run loop looks up: one where a trap
    /// may follow each.
    @inline(always) var repeatsAtOnce: UInt64 {
        let armed = debugging.armed
        let mayTrap = debugging.isStepping || armed.watchesData || armed.watchesPorts
        return mayTrap ? 1 : Self.repeatChunk
    }

    /// Behind an instruction that completed, or an iteration of a repeated one: what it met becomes
    /// pending.
    mutating func finishDebugging(isBetweenRepeats: Bool) {
        var pending = debugging.hits
        debugging.hits = 0
        if pending & Self.breakpointHits != 0 { pending |= PendingDebugBit.enabledBreakpoint.mask }
        let isPassed = debugging.sequentialRIP == state.rip || isBetweenRepeats
        if debugging.isStepping, debugging.sequentialRIP == nil || !isPassed {
            pending |= PendingDebugBit.bs.mask
        }
        debugging.isStepping = false
        debugging.sequentialRIP = nil
        // RF holds for one instruction: a repeated one keeps it to its last iteration.
        if debugging.isResuming, !isBetweenRepeats { state.rflags &= ~FlagBit.rf.mask }
        debugging.isResuming = false
        debugging.isBetweenRepeats = isBetweenRepeats
        if !isBlockingFresh { dropHeldStep() }
        state.pendingDebug |= pending
    }

    /// MOV SS suppresses its own single-step trap: the next instruction, or an exception that is
    /// delivered in its place, ends what was held off. Up to there an exit finds BS pending.
    /// SDM 3A, "Masking Exceptions and Interrupts When Switching Stacks".
    mutating func dropHeldStep() {
        guard state.interruptibility.contains(.byMovSS) else { return }
        state.pendingDebug &= ~PendingDebugBit.bs.mask
    }

    /// The trap on a task switch comes before all others. SDM 3A, "Priority Among Concurrent Events".
    mutating func trapAtTask() throws(Abort) {
        guard state.trapsAtTask else { return }
        state.trapsAtTask = false
        let abort = fault(.debug)
        pendingException.source = .trap
        pendingException.detail = DebugExceptionBit.bt.mask
        throw abort
    }

    /// An instruction that does not complete traps for nothing that it met.
    mutating func abandonDebugging() {
        debugging.hits = 0
        debugging.isStepping = false
        debugging.sequentialRIP = nil
        debugging.isResuming = false
    }

    /// Before an instruction: an instruction breakpoint may come first of all, and the loop has to
    /// look up behind it where it may trap.
    mutating func beginDebugging() throws(Abort) {
        let stepping = FlagBit.tf.mask | FlagBit.rf.mask
        let enables = (state.dr7 | debugging.armed.dr7) & ArmedBreakpoints.enables
        guard state.flags.control & stepping | enables != 0 else { return }
        armBreakpoints()
        try checkInstructionBreakpoint()
        debugging.isStepping = state.rflags.has(FlagBit.tf)
        debugging.isResuming = state.rflags.has(FlagBit.rf)
        if debugging.isStepping, state.msrs.debugControl.has(DebugControlBit.btf) {
            // A branch to the next instruction is taken for none.
            let length = UInt64(try fetch().length)
            debugging.sequentialRIP = (state.rip &+ length) & window.ripMask
        }
        if debugging.isStepping || debugging.isResuming || debugging.armed.watchesCode {
            needsAttention = true
        }
    }

    private mutating func armBreakpoints() {
        let hasChanged = debugging.armed.update(
            state.dr, dr7: state.dr7, debuggingExtensions: state.cr4.has(CR4Bit.de))
        // Accesses go the slow way while data breakpoints are armed.
        if hasChanged { leaveCodeWindow() }
    }

    /// A fault, before the instruction does anything; RF, and blocking by MOV SS, hold it off.
    private mutating func checkInstructionBreakpoint() throws(Abort) {
        guard debugging.armed.watchesCode, !debugging.isBetweenRepeats,
            !state.rflags.has(FlagBit.rf), !state.interruptibility.contains(.byMovSS)
        else { return }
        let base = state.is64Bit ? 0 : state.cs.base
        let hits = debugging.armed.codeHits(wrapped(base &+ state.rip))
        guard hits != 0 else { return }
        let abort = fault(.debug)
        pendingException.detail = hits
        throw abort
    }

    /// Notes the data breakpoints that an access of the program's touches.
    @inline(never)
    mutating func noteDataBreakpoints(_ linear: UInt64, _ size: Int, _ kind: MemoryAccess.Kind) {
        note(debugging.armed.dataHits(linear, size: size, isWrite: kind == .write))
    }

    /// Notes the I/O breakpoints that an access touches.
    mutating func notePortBreakpoints(_ port: UInt16, _ size: UInt8) {
        guard debugging.armed.watchesPorts else { return }
        note(debugging.armed.portHits(port, size: size))
    }

    private mutating func note(_ hits: UInt64) {
        guard hits != 0 else { return }
        debugging.hits |= hits
        needsAttention = true
    }

    /// After RFLAGS was written as a whole: TF and RF count from the next instruction on, IF from
    /// now.
    @inline(always)
    mutating func noticeFlags() {
        if state.flags.control & (FlagBit.tf.mask | FlagBit.rf.mask) != 0 { needsAttention = true }
        if state.flags.control & FlagBit.if.mask != 0,
            isInterruptNoted || state.vmx.virtualAPIC.isRecognized
        {
            needsAttention = true
        }
    }

    /// SYSCALL and SYSRET trap by TF as they leave it, not as they found it: a kernel that masks TF
    /// is not stepped, and the instruction behind SYSCALL is.
    mutating func stepByNewFlags() {
        debugging.isStepping = state.rflags.has(FlagBit.tf)
        noticeFlags()
    }

    /// What a debug exception that is delivered changes.
    mutating func noteDebugException(_ event: PendingException) {
        let held = heldBreakpoints
        state.pendingDebug = 0
        // INT1 by itself says nothing in DR6. The processor clears B0 to B3 when it sets others.
        guard event.instructionLength == 0 || held != 0 else { return }
        state.dr6 = state.dr6 & ~Self.breakpointHits | event.detail | held
        guard event.instructionLength == 0 else { return }
        state.dr7 &= ~DR7Bit.gd.mask
        state.msrs.debugControl &= ~DebugControlBit.btf.mask
    }

    /// Data breakpoints that MOV SS met and holds off. A debug exception that comes in between, INT1's
    /// or general detect's, tells of them: processors deliver one, not two, which a test of KVM's
    /// asks of them (MOV SS, watchpoint, ICEBP).
    var heldBreakpoints: UInt64 { state.pendingDebug & Self.breakpointHits }

    /// Whether RF is pushed as 1, so that the instruction can be restarted past a breakpoint.
    /// SDM 3B, "Instruction-Breakpoint Exception Condition".
    func restartsWithRF(_ event: PendingException) -> Bool {
        switch event.source {
        case .fault where event.vector == ExceptionVector.nmi.rawValue:
            debugging.isBetweenRepeats
        case .fault:
            event.vector != ExceptionVector.debug.rawValue
                || event.detail & Self.breakpointHits == 0
        case .trap: debugging.isBetweenRepeats && event.instructionLength == 0
        case .external: debugging.isBetweenRepeats
        case .softwareInterrupt: false
        }
    }

    /// B0 to B3 of DR6.
    private static var breakpointHits: UInt64 { 0xF }
}
