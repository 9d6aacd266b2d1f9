import Architecture

/// VM exit: what is recorded, saved and loaded. SDM 3C, chapter 28 "VM Exits".
extension Machine {
    /// Leaves non-root operation.
    mutating func exitToRoot(_ exit: ExitInformation) {
        record(exit)
        saveGuestState(exit)
        // The event that entry injected is done with.
        setVMCS(
            .entryInterruptionInformation, vmcs(.entryInterruptionInformation) & ~(1 << 31))
        finishExit(exit)
    }

    /// An entry that failed: nothing of the guest ran, so nothing of it is saved.
    mutating func failEntry(_ exit: ExitInformation) {
        setVMCS(.exitReason, UInt64(exit.reason.rawValue) | 1 << 31)
        setVMCS(.exitQualification, exit.qualification)
        finishExit(exit)
    }

    private mutating func finishExit(_ exit: ExitInformation) {
        delivering = nil
        injected = nil
        exits += 1
        idleWork &+= 1
        let reasonField = UInt32(exit.reason.rawValue) | (exit.isEntryFailure ? 1 << 31 : 0)
        let event = ExitEvent(
            reasonField: reasonField, qualification: exit.qualification,
            instructionLength: UInt32(exit.instructionLength ?? 0), rip: vmcs(.guestRIP),
            interruption: exit.interruption, guestLinear: exit.guestLinear,
            guestPhysical: exit.guestPhysical)
        tell(.exit(event))
        loadHostState()
    }

    // MARK: Recording

    private mutating func record(_ exit: ExitInformation) {
        setVMCS(.exitReason, UInt64(exit.reason.rawValue))
        setVMCS(.exitQualification, exit.qualification)
        setVMCS(.exitInstructionLength, UInt64(exit.instructionLength ?? 0))
        setVMCS(.exitInstructionInformation, UInt64(exit.instructionInformation))
        setVMCS(.exitInterruptionInformation, UInt64(exit.interruption))
        setVMCS(.exitInterruptionErrorCode, UInt64(exit.interruptionErrorCode))
        if let linear = exit.guestLinear { setVMCS(.guestLinearAddress, linear) }
        if let physical = exit.guestPhysical { setVMCS(.guestPhysicalAddress, physical) }
        recordDelivery()
    }

    /// IDT-vectoring information: the event whose delivery the exit interrupted.
    /// SDM 3C, 28.2.4 "Information for VM Exits During Event Delivery".
    private mutating func recordDelivery() {
        guard let event = delivering else {
            setVMCS(.idtVectoringInformation, 0)
            setVMCS(.idtVectoringErrorCode, 0)
            return
        }
        var information = UInt64(event.vector) | UInt64(interruptionType(event)) << 8 | 1 << 31
        if let code = event.errorCode {
            information |= 1 << 11
            setVMCS(.idtVectoringErrorCode, UInt64(code))
        }
        setVMCS(.idtVectoringInformation, information)
        if event.instructionLength > 0 {
            setVMCS(.exitInstructionLength, UInt64(event.instructionLength))
        }
    }

    // MARK: Saving

    private mutating func saveGuestState(_ exit: ExitInformation) {
        let controls = state.vmx.controls
        setVMCS(.guestCR0, state.cr0)
        setVMCS(.guestCR3, state.cr3)
        setVMCS(.guestCR4, state.cr4)
        if controls.exit.has(ExitControl.saveDebugControls) {
            setVMCS(.guestDR7, state.dr7)
            setVMCS(.guestDebugControl, state.msrs.debugControl)
        }
        if controls.exit.has(ExitControl.saveEFER) { setVMCS(.guestEFER, state.efer) }
        if controls.exit.has(ExitControl.savePAT) { setVMCS(.guestPAT, state.msrs.pat) }
        setVMCS(.guestSYSENTERCS, state.msrs.sysenterCS)
        setVMCS(.guestSYSENTERESP, state.msrs.sysenterESP)
        setVMCS(.guestSYSENTEREIP, state.msrs.sysenterEIP)
        for row in GuestSegmentRow.all {
            let segment = state[keyPath: row.register]
            setVMCS(row.selector, UInt64(segment.selector))
            setVMCS(row.base, segment.base)
            setVMCS(row.limit, UInt64(segment.limit))
            setVMCS(row.access, UInt64(segment.access))
        }
        setVMCS(.guestGDTRBase, state.gdtr.base)
        setVMCS(.guestGDTRLimit, UInt64(state.gdtr.limit))
        setVMCS(.guestIDTRBase, state.idtr.base)
        setVMCS(.guestIDTRLimit, UInt64(state.idtr.limit))
        setVMCS(.guestRIP, exit.savedRIP ?? state.rip)
        setVMCS(.guestRSP, state.registers[.rsp])
        // RF is as the recorded implementation saves it: clear where the exception itself exits, set
        // where the exit comes during the delivery of a fault. 28.3.3 reads as if it were set in
        // both cases.
        setVMCS(.guestRFLAGS, state.rflags)
        setVMCS(.guestActivityState, UInt64(state.activity.rawValue))
        setVMCS(.guestInterruptibility, UInt64(state.interruptibility.rawValue))
        setVMCS(.guestPendingDebug, state.pendingDebug)
        if controls.secondary.has(SecondaryControl.enableEPT) { savePDPTEs() }
        if controls.secondary.has(SecondaryControl.unrestrictedGuest) {
            let bit = EntryControl.ia32eModeGuest.mask
            let entry = vmcs(.entryControls)
            setVMCS(.entryControls, state.isLongMode ? entry | bit : entry & ~bit)
        }
    }

    private mutating func savePDPTEs() {
        guard state.isPaging, state.cr4.has(CR4Bit.pae), !state.isLongMode else { return }
        let fields: [VMCSField] = [.guestPDPTE0, .guestPDPTE1, .guestPDPTE2, .guestPDPTE3]
        for (index, field) in fields.enumerated() { setVMCS(field, state.pdptes[index]) }
    }

    // MARK: Loading

    /// SDM 3C, 28.5 "Loading Host State".
    private mutating func loadHostState() {
        let exitControls = vmcs(.exitControls)
        let is64Bit = exitControls.has(ExitControl.hostAddressSpaceSize)
        state.cr0 = (vmcs(.hostCR0) & ~Self.cr0NotLoaded) | (state.cr0 & Self.cr0NotLoaded)
        state.cr3 = vmcs(.hostCR3)
        state.cr4 = vmcs(.hostCR4)
        if is64Bit { state.cr4 |= CR4Bit.pae.mask } else { state.cr4 &= ~CR4Bit.pcide.mask }
        state.dr7 = 0x400
        state.msrs.debugControl = 0
        state.msrs.sysenterCS = vmcs(.hostSYSENTERCS)
        state.msrs.sysenterESP = vmcs(.hostSYSENTERESP)
        state.msrs.sysenterEIP = vmcs(.hostSYSENTEREIP)
        loadHostEFER(exitControls, is64Bit)
        if exitControls.has(ExitControl.loadPAT) { state.msrs.pat = vmcs(.hostPAT) }
        loadHostSegments(is64Bit)
        state.rip = vmcs(.hostRIP)
        state.registers[.rsp] = vmcs(.hostRSP)
        state.rflags = 2
        state.cpl = 0
        state.activity = .active
        state.interruptibility = state.interruptibility.intersection([.byNMI])
        state.pendingDebug = 0
        state.vmx.mode = .root
        state.vmx.controls = ActiveControls()
        tlb.flush()
    }

    private mutating func loadHostEFER(_ exitControls: UInt64, _ is64Bit: Bool) {
        let both = EFERBit.lma.mask | EFERBit.lme.mask
        if exitControls.has(ExitControl.loadEFER) {
            state.efer = vmcs(.hostEFER)
        } else {
            state.efer = is64Bit ? state.efer | both : state.efer & ~both
        }
    }

    private mutating func loadHostSegments(_ is64Bit: Bool) {
        func selector(_ field: VMCSField) -> UInt16 { UInt16(truncatingIfNeeded: vmcs(field)) }
        state.cs = Segment(
            selector: selector(.hostCSSelector), base: 0, limit: 0xFFFF_FFFF,
            access: is64Bit ? 0xA09B : 0xC09B)
        func data(_ field: VMCSField, base: UInt64 = 0) -> Segment {
            let number = selector(field)
            let unusable: UInt32 = number == 0 ? 0x10000 : 0
            return Segment(
                selector: number, base: base, limit: 0xFFFF_FFFF, access: 0xC093 | unusable)
        }
        state.es = data(.hostESSelector)
        state.ss = data(.hostSSSelector)
        state.ds = data(.hostDSSelector)
        state.fs = data(.hostFSSelector, base: vmcs(.hostFSBase))
        state.gs = data(.hostGSSelector, base: vmcs(.hostGSBase))
        state.tr = Segment(
            selector: selector(.hostTRSelector), base: vmcs(.hostTRBase), limit: 0x67,
            access: 0x8B)
        state.ldtr = .unusable
        state.gdtr = DescriptorTableRegister(base: vmcs(.hostGDTRBase), limit: 0xFFFF)
        state.idtr = DescriptorTableRegister(base: vmcs(.hostIDTRBase), limit: 0xFFFF)
    }
}
