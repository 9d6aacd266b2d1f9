import Architecture
import InstructionSet

/// VM entry: the checks, then what is loaded. SDM 3C, chapter 27 "VM Entries".
extension Machine {
    mutating func enterGuest(isLaunch: Bool) -> VMXResult {
        let operation: Operation = isLaunch ? .vmlaunch : .vmresume
        let page = currentVMCSPage()
        guard let bytes = page.bytes, let facts = EntryFacts(self, bytes) else {
            return fail(.entryInvalidControls, operation)
        }
        if let (check, area) = entryMemo.firstFailure(of: entryChecks, facts) {
            if isListening {
                let told = describeFailure(check, area, facts)
                tell(.entryCheckFailed(told))
            }
            switch area {
            case .controls: return fail(.entryInvalidControls, operation)
            case .host: return fail(.entryInvalidHostState, operation)
            case .guest:
                return failEntry(.entryFailureGuestState, qualification: check.qualification)
            }
        }
        if let missing = unmodelledControl(page) { return .notModelled(missing) }
        if let feature = Self.unmodelledFeature(inCR4: page[.guestCR4] | page[.hostCR4]) {
            return .notModelled(.feature(feature))
        }
        loadControls(page)
        state.vmx.mode = .nonRoot
        loadGuestState(page)
        invalidateAtTransition()
        switch loadMSRs(
            .entryLoad, from: page[.entryMSRLoadAddress], count: page[.entryMSRLoadCount])
        {
        case .done: break
        case .failed(let number):
            return failEntry(.entryFailureMSRLoad, qualification: number)
        case .notModelled(let what): return .notModelled(what)
        }
        if isLaunch { page.launchState = 1 }
        entries += 1
        if isListening {
            let told = entered(isLaunch)
            tell(.entry(told))
        }
        startTimer(page)
        startVirtualAPIC()
        injectEvent(page)
        // Blocking that is loaded counts for the first instruction; what a VMLAUNCH in the machine
        // itself met is root software's.
        isBlockingFresh = !state.interruptibility.isDisjoint(with: [.bySTI, .byMovSS])
        abandonDebugging()
        lookUpAfterTransition()
        return .entered
    }

    /// The boundary before the first instruction counts, if anything may come there.
    mutating func lookUpAfterTransition() {
        let isPlain =
            injected == nil && state.interruptibility.isEmpty && state.activity == .active
            && !mayEventWait
        let breakpoints = (state.dr7 | debugging.armed.dr7) & ArmedBreakpoints.enables
        if !isPlain || breakpoints != 0 { needsAttention = true }
        noticeFlags()
    }

    private func entered(_ isLaunch: Bool) -> EntryEvent {
        EntryEvent(
            isLaunch: isLaunch, rip: state.rip,
            injected: UInt32(truncatingIfNeeded: vmcs(.entryInterruptionInformation)),
            controlRules: entryChecks.controls.count, hostRules: entryChecks.host.count,
            guestRules: entryChecks.guest.count,
            controls: UInt32(truncatingIfNeeded: state.vmx.controls.entry),
            loadsPDPTEs: usesPDPTEs)
    }

    /// The check that decides, with how many of its area do not hold behind it.
    private func describeFailure(
        _ failed: EntryCheck, _ area: EntryArea, _ facts: borrowing EntryFacts
    ) -> EntryCheckFailure {
        let checks =
            switch area {
            case .controls: entryChecks.controls
            case .host: entryChecks.host
            case .guest: entryChecks.guest
            }
        let number = (checks.firstIndex { $0.id == failed.id } ?? 0) + 1
        var further = 0
        for check in checks[number...] where !check.holds(facts) { further += 1 }
        var values: [UInt64] = []
        for field in failed.fields { values.append(facts[field]) }
        return EntryCheckFailure(
            id: failed.id, number: number, count: checks.count, further: further, values: values)
    }

    /// PAE paging outside IA-32e mode keeps the PDPTEs in registers.
    var usesPDPTEs: Bool {
        state.isPaging && state.cr4.has(CR4Bit.pae) && !state.isLongMode
    }

    // MARK: Loading

    private mutating func loadControls(_ page: VMCSPage) {
        var controls = ActiveControls()
        controls.pin = page[.pinControls]
        controls.primary = page[.primaryProcControls]
        if controls.primary.has(PrimaryControl.activateSecondaryControls) {
            controls.secondary = page[.secondaryProcControls]
        }
        controls.exit = page[.exitControls]
        controls.entry = page[.entryControls]
        controls.exceptionBitmap = page[.exceptionBitmap]
        controls.pageFaultMask = page[.pageFaultErrorCodeMask]
        controls.pageFaultMatch = page[.pageFaultErrorCodeMatch]
        controls.cr0Mask = page[.cr0Mask]
        controls.cr0Shadow = page[.cr0ReadShadow]
        controls.cr4Mask = page[.cr4Mask]
        controls.cr4Shadow = page[.cr4ReadShadow]
        controls.cr3TargetCount = page[.cr3TargetCount]
        controls.ioBitmapA = page[.ioBitmapA]
        controls.ioBitmapB = page[.ioBitmapB]
        controls.msrBitmaps = page[.msrBitmaps]
        controls.eptPointer = page[.eptPointer]
        controls.vpid = page[.vpid]
        controls.virtualAPICAddress = page[.virtualAPICAddress]
        if controls.secondary.has(SecondaryControl.virtualizeAPICAccesses) {
            controls.apicAccessPage = page[.apicAccessAddress] & ~0xFFF
        }
        state.vmx.controls = controls
        state.vmx.pauseLoop = PauseLoop()
        state.vmx.trapFlagStart = nil
        state.vmx.hasDelivered = false
        state.vmx.isTrapFlagInjected = false
        state.vmx.nmiUnblockedAt = nil
    }

    /// CR0 bits that neither entry nor exit loads: ET, NW, CD and the reserved ones.
    /// SDM 3C, 27.3.2.1 "Loading Guest Control Registers, Debug Registers, and MSRs".
    static var cr0NotLoaded: UInt64 { 0xFFFF_FFFF_7FFA_FFD0 }
    /// Bits 12, 14 and 15 of DR7 are 0 after a load, bit 10 is 1.
    private static var dr7Zero: UInt64 { 0xFFFF_FFFF_0000_D000 }
    private static var dr7One: UInt64 { 0x400 }

    /// SDM 3C, 27.3.2 "Loading Guest State", 27.3.3 "Clearing Address-Range Monitoring".
    private mutating func loadGuestState(_ page: VMCSPage) {
        let entry = state.vmx.controls.entry
        state.cr0 = page[.guestCR0] & ~Self.cr0NotLoaded | state.cr0 & Self.cr0NotLoaded
        state.cr3 = page[.guestCR3]
        state.cr4 = page[.guestCR4]
        if entry.has(EntryControl.loadDebugControls) {
            state.dr7 = page[.guestDR7] & ~Self.dr7Zero | Self.dr7One
            state.msrs.debugControl = page[.guestDebugControl]
        }
        loadGuestMSRs(entry, page)
        page.loadSegments(into: &state)
        state.gdtr = page[table: .guestGDTRBase, .guestGDTRLimit]
        state.idtr = page[table: .guestIDTRBase, .guestIDTRLimit]
        state.rip = page[.guestRIP]
        state.registers[.rsp] = page[.guestRSP]
        state.rflags = page[.guestRFLAGS]
        // SS.DPL is the privilege level, in virtual-8086 mode 3.
        state.cpl = state.isProtected ? state.ss.dpl : 0
        state.activity =
            ActivityState(rawValue: UInt32(truncatingIfNeeded: page[.guestActivityState]))
            ?? .active
        state.interruptibility = Interruptibility(
            rawValue: UInt32(truncatingIfNeeded: page[.guestInterruptibility]))
        state.pendingDebug = page[.guestPendingDebug]
        state.isMonitorArmed = false
        if !state.isProtected { state.makeCodeWritable() }
        loadGuestPDPTEs(page)
    }

    private mutating func loadGuestMSRs(_ entry: UInt64, _ page: VMCSPage) {
        loadGuestEFER(entry, page)
        if entry.has(EntryControl.loadPAT) { state.msrs.pat = page[.guestPAT] }
        if entry.has(EntryControl.loadPerfGlobalControl) {
            state.msrs.perfGlobalControl = page[.guestPerfGlobalControl]
        }
        state.msrs.sysenterCS = page[.guestSYSENTERCS]
        state.msrs.sysenterESP = page[.guestSYSENTERESP]
        state.msrs.sysenterEIP = page[.guestSYSENTEREIP]
    }

    /// LMA follows "IA-32e mode guest"; LME follows it too where paging is on.
    private mutating func loadGuestEFER(_ entry: UInt64, _ page: VMCSPage) {
        if entry.has(EntryControl.loadEFER) {
            state.efer = page[.guestEFER]
            return
        }
        let both = EFERBit.lma.mask | EFERBit.lme.mask
        let affected = state.isPaging ? both : EFERBit.lma.mask
        state.efer &= ~affected
        if entry.has(EntryControl.ia32eModeGuest) { state.efer |= affected }
    }

    /// With EPT the PDPTEs come from the VMCS; without, from memory at CR3.
    private mutating func loadGuestPDPTEs(_ page: VMCSPage) {
        guard usesPDPTEs else { return }
        let fromVMCS = state.vmx.controls.secondary.has(SecondaryControl.enableEPT)
        for number in 0..<4 {
            let address = (state.cr3 & 0xFFFF_FFE0) + UInt64(number) * 8
            state.pdptes[number] =
                fromVMCS
                ? page[at: VMCSField.guestPDPTE0.index + number]
                : readPhysical(address, size: 8)
        }
    }

    // MARK: Event injection

    /// SDM 3C, 27.6 "Event Injection".
    private mutating func injectEvent(_ page: VMCSPage) {
        let field = InterruptionInformation(
            rawValue: UInt32(truncatingIfNeeded: page[.entryInterruptionInformation]))
        guard field.isValid else { return }
        if field.type == .otherEvent {
            state.vmx.isTrapFlagInjected = true
            return
        }
        dropPendingDebug(field.type)
        // SDM 3C, 27.7.1 "Interruptibility State".
        state.interruptibility.subtract([.bySTI, .byMovSS])
        var event = PendingException(
            vector: field.vector,
            errorCode: field.hasErrorCode
                ? UInt32(truncatingIfNeeded: page[.entryExceptionErrorCode]) : nil)
        switch field.type {
        case .externalInterrupt: event.source = .external
        case .softwareInterrupt: event.source = .softwareInterrupt
        case .privilegedSoftwareException, .softwareException: event.source = .trap
        case .nmi:
            event.source = .fault
            // NMIs, or virtual NMIs, are blocked from its delivery on.
            state.interruptibility.insert(.byNMI)
        default: event.source = .fault
        }
        if field.type?.hasInstructionLength == true {
            event.instructionLength = UInt8(truncatingIfNeeded: page[.entryInstructionLength])
        }
        event.isInjected = true
        injected = event
        // Delivery wakes the processor. SDM 3C, 27.7.2 "Activity State".
        state.activity = .active
    }

    /// What an injected event takes the place of. SDM 3C, 27.7.3 "Delivery of Pending Debug
    /// Exceptions after VM Entry".
    private mutating func dropPendingDebug(_ type: InterruptionType?) {
        let isByInstruction = type == .softwareInterrupt || type == .privilegedSoftwareException
        if !isByInstruction || !state.interruptibility.contains(.byMovSS) { state.pendingDebug = 0 }
    }
}
