import Architecture

/// VM exit: what is recorded, saved and loaded. SDM 3C, chapter 28 "VM Exits".
extension Machine {
    /// Leaves non-root operation. What it returns ends the run: root software never hears of it.
    mutating func exitToRoot(_ exit: ExitInformation) -> StopReason? {
        let page = currentVMCSPage()
        record(exit, page)
        saveGuestState(exit, page)
        // The event that entry injected is done with.
        page[.entryInterruptionInformation] &= ~(1 << 31)
        blockNMIs(after: exit)
        state.vmx.mode = .root
        finish(exit, rip: page[.guestRIP])
        switch storeMSRs(to: page[.exitMSRStoreAddress], count: page[.exitMSRStoreCount]) {
        case .done: break
        case .failed:
            abortVMX(.savingGuestMSRs)
            return .shutdown
        case .notModelled(let what): return .notModelled(what)
        }
        switch loadHost(page) {
        case .aborted: return .shutdown
        case .notModelled(let what): return .notModelled(what)
        default: return nil
        }
    }

    /// An entry that failed: nothing of the guest ran, so nothing of it is saved.
    /// SDM 3C, 27.8 "VM-Entry Failures During or After Loading Guest State".
    mutating func failEntry(_ reason: ExitReason, qualification: UInt64) -> VMXResult {
        var exit = ExitInformation(reason)
        exit.qualification = qualification
        let page = currentVMCSPage()
        page[.exitReason] = UInt64(ExitReasonField(reason).rawValue)
        page[.exitQualification] = qualification
        state.vmx.mode = .root
        finish(exit, rip: page[.guestRIP])
        return loadHost(page)
    }

    /// Counts and tells the exit.
    private mutating func finish(_ exit: ExitInformation, rip: UInt64) {
        delivering = nil
        injected = nil
        state.vmx.isTrapFlagInjected = false
        exits += 1
        tell(
            .exit(
                ExitEvent(
                    reasonField: ExitReasonField(exit.reason).rawValue,
                    qualification: exit.qualification,
                    instructionLength: UInt32(exit.instructionLength ?? 0), rip: rip,
                    interruption: exit.interruption, guestLinear: exit.guestLinear,
                    guestPhysical: exit.guestPhysical)))
    }

    /// SDM 3C, 28.7 "VMX Aborts": only a reset would bring the processor back.
    @discardableResult
    private mutating func abortVMX(_ reason: VMXAbort) -> VMXResult {
        writePhysical(
            state.vmx.currentVMCS &+ VMCSRegion.abortIndicator, UInt64(reason.rawValue), size: 4)
        tell(.vmxAbort(reason))
        state.vmx.abort = reason
        state.activity = .shutdown
        needsAttention = true
        return .aborted(reason)
    }

    /// An NMI that exits blocks others from then on; virtual NMIs leave the real ones alone.
    /// SDM 3C, 28.5.5 "Updating Non-Register State".
    private mutating func blockNMIs(after exit: ExitInformation) {
        if state.vmx.controls.pin.has(PinControl.virtualNMIs) {
            state.interruptibility.remove(.byNMI)
        }
        let event = InterruptionInformation(rawValue: exit.interruption)
        if event.isValid, event.type == .nmi { state.interruptibility.insert(.byNMI) }
    }

    // MARK: Recording

    /// SDM 3C, 28.2 "Recording VM-Exit Information and Updating VM-Entry Control Fields".
    private func record(_ exit: ExitInformation, _ page: VMCSPage) {
        page[.exitReason] = UInt64(exit.reason.rawValue)
        page[.exitQualification] = exit.qualification
        page[.exitInstructionLength] = UInt64(exit.instructionLength ?? 0)
        page[.exitInstructionInformation] = UInt64(exit.instructionInformation)
        page[.exitInterruptionInformation] = UInt64(exit.interruption)
        page[.exitInterruptionErrorCode] = UInt64(exit.interruptionErrorCode)
        if let linear = exit.guestLinear { page[.guestLinearAddress] = linear }
        if let physical = exit.guestPhysical { page[.guestPhysicalAddress] = physical }
        recordDelivery(page)
    }

    /// IDT-vectoring information: the event whose delivery the exit interrupted.
    /// SDM 3C, 28.2.4 "Information for VM Exits During Event Delivery".
    private func recordDelivery(_ page: VMCSPage) {
        guard let event = delivering else {
            page[.idtVectoringInformation] = 0
            page[.idtVectoringErrorCode] = 0
            return
        }
        var information = UInt64(event.vector) | UInt64(interruptionType(event)) << 8 | 1 << 31
        if let code = event.errorCode {
            information |= UInt64(InterruptionInformation.errorCodeBit)
            page[.idtVectoringErrorCode] = UInt64(code)
        }
        page[.idtVectoringInformation] = information
        if event.instructionLength > 0 {
            page[.exitInstructionLength] = UInt64(event.instructionLength)
        }
    }

    // MARK: Saving

    /// SDM 3C, 28.3 "Saving Guest State".
    private mutating func saveGuestState(_ exit: ExitInformation, _ page: VMCSPage) {
        let exitControls = state.vmx.controls.exit
        page[.guestCR0] = state.cr0
        page[.guestCR3] = state.cr3
        page[.guestCR4] = state.cr4
        if exitControls.has(ExitControl.saveDebugControls) {
            page[.guestDR7] = state.dr7
            page[.guestDebugControl] = state.msrs.debugControl
        }
        if exitControls.has(ExitControl.saveEFER) { page[.guestEFER] = state.efer }
        if exitControls.has(ExitControl.savePAT) { page[.guestPAT] = state.msrs.pat }
        page[.guestSYSENTERCS] = state.msrs.sysenterCS
        page[.guestSYSENTERESP] = state.msrs.sysenterESP
        page[.guestSYSENTEREIP] = state.msrs.sysenterEIP
        saveSegments(in: page)
        page[table: .guestGDTRBase, .guestGDTRLimit] = state.gdtr
        page[table: .guestIDTRBase, .guestIDTRLimit] = state.idtr
        page[.guestRIP] = exit.savedRIP ?? state.rip
        page[.guestRSP] = state.registers[.rsp]
        page[.guestRFLAGS] = savesRF(exit) ? state.rflags : state.rflags & ~FlagBit.rf.mask
        page[.guestActivityState] = UInt64(state.activity.rawValue)
        page[.guestInterruptibility] = UInt64(state.interruptibility.rawValue)
        page[.guestPendingDebug] = savesPendingDebug(exit) ? state.pendingDebug : 0
        if exitControls.has(ExitControl.savePreemptionTimer), let value = timerValue {
            page[.preemptionTimer] = value
        }
        if state.vmx.controls.secondary.has(SecondaryControl.enableEPT), usesPDPTEs {
            for number in 0..<4 {
                page[at: VMCSField.guestPDPTE0.index + number] = state.pdptes[number]
            }
        }
        if processor.vmx?.misc.has(VMXMiscBit.storesLMA) == true {
            let bit = EntryControl.ia32eModeGuest.mask
            page[.entryControls] = page[.entryControls] & ~bit | (state.isLongMode ? bit : 0)
        }
    }

    /// Of an RF that is clear there is nothing to decide.
    private mutating func savesRF(_ exit: ExitInformation) -> Bool {
        guard state.rflags.has(FlagBit.rf) else { return false }
        let event = InterruptionInformation(rawValue: exit.interruption)
        var flag = SavedResumeFlag()
        flag.delivering = delivering == nil ? 0 : 1
        flag.isTaskSwitch = exit.reason == .taskSwitch ? 1 : 0
        let isException = event.isValid && event.type != .externalInterrupt && event.type != .nmi
        flag.isException = isException ? 1 : 0
        flag.isInstruction = exit.instructionLength == nil ? 0 : 1
        tell(.decision(.savedResumeFlag(flag)))
        return ladders.saved.resumeFlag.evaluate(flag) == .proceed
    }

    /// Of none that are pending there is nothing to decide.
    private mutating func savesPendingDebug(_ exit: ExitInformation) -> Bool {
        guard state.pendingDebug != 0 else { return false }
        var pending = SavedPendingDebug()
        pending.reason = UInt64(exit.reason.rawValue)
        pending.isDebugException = exit.isDebugException ? 1 : 0
        pending.blocking = UInt64(state.interruptibility.rawValue)
        tell(.decision(.savedPendingDebug(pending)))
        return ladders.saved.pendingDebug.evaluate(pending) == .proceed
    }
}

/// Loading host state. SDM 3C, 28.5 "Loading Host State".
extension Machine {
    /// Host state, then the MSRs of the VM-exit MSR-load area. Where that succeeds, the result is
    /// an entry failure's: root software goes on at the host's entry point.
    private mutating func loadHost(_ page: VMCSPage) -> VMXResult {
        let is64Bit = page[.exitControls].has(ExitControl.hostAddressSpaceSize)
        if is64Bit {
            // Nothing of a 64-bit host stands against its state being loaded.
            loadHostState(page, true)
        } else if let abort = load32BitHost(page) {
            return abort
        }
        switch loadMSRs(
            .exitLoad, from: page[.exitMSRLoadAddress], count: page[.exitMSRLoadCount])
        {
        case .done: return .entryFailed
        case .failed: return abortVMX(.loadingHostMSRs)
        case .notModelled(let what): return .notModelled(what)
        }
    }

    private mutating func loadHostState(_ page: VMCSPage, _ is64Bit: Bool) {
        let exitControls = page[.exitControls]
        state.cr0 = page[.hostCR0] & ~Self.cr0NotLoaded | state.cr0 & Self.cr0NotLoaded
        state.cr3 = page[.hostCR3]
        state.cr4 = page[.hostCR4]
        if is64Bit { state.cr4 |= CR4Bit.pae.mask } else { state.cr4 &= ~CR4Bit.pcide.mask }
        state.dr7 = 0x400
        state.msrs.debugControl = 0
        state.msrs.sysenterCS = page[.hostSYSENTERCS]
        state.msrs.sysenterESP = page[.hostSYSENTERESP]
        state.msrs.sysenterEIP = page[.hostSYSENTEREIP]
        if exitControls.has(ExitControl.loadPerfGlobalControl) {
            state.msrs.perfGlobalControl = page[.hostPerfGlobalControl]
        }
        loadHostEFER(exitControls, is64Bit, page)
        if exitControls.has(ExitControl.loadPAT) { state.msrs.pat = page[.hostPAT] }
        loadHostSegments(is64Bit, page)
        state.rip = page[.hostRIP]
        state.registers[.rsp] = page[.hostRSP]
        state.rflags = 2
        state.cpl = 0
        state.activity = .active
        // Blocking by NMI stays; the rest is over. SDM 3C, 28.5.5 "Updating Non-Register State".
        state.interruptibility = state.interruptibility.intersection([.byNMI])
        state.pendingDebug = 0
        abandonDebugging()
        debugging.isBetweenRepeats = false
        state.isMonitorArmed = false
        invalidateAtTransition()
        state.vmx.controls = ActiveControls()
        state.vmx.timer = nil
        state.vmx.virtualAPIC = VirtualAPICState()
        lookUpAfterTransition()
    }

    private mutating func loadHostEFER(
        _ exitControls: UInt64, _ is64Bit: Bool, _ page: VMCSPage
    ) {
        if exitControls.has(ExitControl.loadEFER) {
            state.efer = page[.hostEFER]
            return
        }
        let both = EFERBit.lma.mask | EFERBit.lme.mask
        state.efer = is64Bit ? state.efer | both : state.efer & ~both
    }

    /// SDM 3C, 28.5.2 "Loading Host Segment and Descriptor-Table Registers".
    private mutating func loadHostSegments(_ is64Bit: Bool, _ page: VMCSPage) {
        func selector(_ field: VMCSField) -> UInt16 { UInt16(truncatingIfNeeded: page[field]) }
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
        state.fs = data(.hostFSSelector, base: page[.hostFSBase])
        state.gs = data(.hostGSSelector, base: page[.hostGSBase])
        state.tr = Segment(
            selector: selector(.hostTRSelector), base: page[.hostTRBase], limit: 0x67,
            access: 0x8B)
        state.ldtr = .unusable
        state.gdtr = DescriptorTableRegister(base: page[.hostGDTRBase], limit: 0xFFFF)
        state.idtr = DescriptorTableRegister(base: page[.hostIDTRBase], limit: 0xFFFF)
    }

    /// The reserved bits that are 1 in any of them. SDM 3C, 28.5.4 "Checking and Loading Host
    /// Page-Directory-Pointer-Table Entries".
    private mutating func loadHostPDPTEs() -> UInt64 {
        var reserved: UInt64 = 0
        for index in 0..<4 {
            let entry = readPhysical(state.cr3 & 0xFFFF_FFE0 &+ UInt64(index) &* 8, size: 8)
            reserved |= reservedBits(inPDPTE: entry)
            state.pdptes[index] = entry
        }
        return reserved
    }

    private mutating func load32BitHost(_ page: VMCSPage) -> VMXResult? {
        var load = HostLoad()
        load.longMode = state.isLongMode ? 1 : 0
        load.exitControls = page[.exitControls]
        if let abort = abort(load) { return abort }
        loadHostState(page, false)
        guard usesPDPTEs else { return nil }
        load.reservedInPDPTEs = loadHostPDPTEs()
        return abort(load)
    }

    private mutating func abort(_ load: HostLoad) -> VMXResult? {
        guard case .abort(let reason) = ladders.transition.hostLoad.evaluate(load) else {
            return nil
        }
        tell(.decision(.hostLoad(load)))
        return abortVMX(reason)
    }
}
