import Architecture
import InstructionSet

/// VM entry: the checks, then what is loaded. SDM 3C, chapter 27 "VM Entries".
extension Machine {
    mutating func enterGuest(isLaunch: Bool) -> VMXResult {
        let operation: Operation = isLaunch ? .vmlaunch : .vmresume
        guard let facts = EntryFacts(self) else { return fail(.entryInvalidControls, operation) }
        let failure = entryMemo.firstFailure(of: entryChecks, facts)
        if let (check, area) = failure {
            if isListening {
                let told = describeFailure(check, area, facts)
                tell(.entryCheckFailed(told))
            }
            switch area {
            case .controls: return fail(.entryInvalidControls, operation)
            case .host: return fail(.entryInvalidHostState, operation)
            case .guest: break
            }
        }
        if let (check, _) = failure {
            var exit = ExitInformation(.entryFailureGuestState)
            exit.isEntryFailure = true
            exit.qualification = check.qualification
            failEntry(exit)
            return .entryFailed
        }
        if let missing = unmodelledControl() { return .notModelled(missing) }
        loadControls()
        loadGuestState()
        state.vmx.mode = .nonRoot
        tlb.flush()
        if isLaunch {
            writePhysical(state.vmx.currentVMCS &+ VMCSRegion.launchState, 1, size: 8)
        }
        entries += 1
        let entered = EntryEvent(
            isLaunch: isLaunch, rip: state.rip,
            injected: UInt32(truncatingIfNeeded: vmcs(.entryInterruptionInformation)),
            controlRules: entryChecks.controls.count, hostRules: entryChecks.host.count,
            guestRules: entryChecks.guest.count,
            controls: UInt32(truncatingIfNeeded: state.vmx.controls.entry),
            loadsPDPTEs: usesPDPTEs)
        tell(.entry(entered))
        injectEvent()
        return .entered
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
    private var usesPDPTEs: Bool {
        state.isPaging && state.cr4.has(CR4Bit.pae) && !state.isLongMode
    }

    // MARK: Loading

    private mutating func loadControls() {
        var controls = ActiveControls()
        controls.pin = vmcs(.pinControls)
        controls.primary = vmcs(.primaryProcControls)
        if controls.primary.has(PrimaryControl.activateSecondaryControls) {
            controls.secondary = vmcs(.secondaryProcControls)
        }
        controls.exit = vmcs(.exitControls)
        controls.entry = vmcs(.entryControls)
        controls.exceptionBitmap = vmcs(.exceptionBitmap)
        controls.pageFaultMask = vmcs(.pageFaultErrorCodeMask)
        controls.pageFaultMatch = vmcs(.pageFaultErrorCodeMatch)
        controls.cr0Mask = vmcs(.cr0Mask)
        controls.cr0Shadow = vmcs(.cr0ReadShadow)
        controls.cr4Mask = vmcs(.cr4Mask)
        controls.cr4Shadow = vmcs(.cr4ReadShadow)
        controls.cr3TargetCount = vmcs(.cr3TargetCount)
        controls.ioBitmapA = vmcs(.ioBitmapA)
        controls.ioBitmapB = vmcs(.ioBitmapB)
        controls.msrBitmaps = vmcs(.msrBitmaps)
        controls.eptPointer = vmcs(.eptPointer)
        controls.vpid = vmcs(.vpid)
        state.vmx.controls = controls
    }

    /// CR0 bits that neither entry nor exit loads: ET, NW, CD and the reserved ones.
    /// SDM 3C, 27.3.2.1 "Loading Guest Control Registers, Debug Registers, and MSRs".
    static var cr0NotLoaded: UInt64 { 0xFFFF_FFFF_7FFA_FFD0 }

    private mutating func loadGuestState() {
        let entry = state.vmx.controls.entry
        let cr0 = vmcs(.guestCR0)
        state.cr0 = (cr0 & ~Self.cr0NotLoaded) | (state.cr0 & Self.cr0NotLoaded)
        state.cr3 = vmcs(.guestCR3)
        state.cr4 = vmcs(.guestCR4)
        if entry.has(EntryControl.loadDebugControls) {
            state.dr7 = vmcs(.guestDR7) & 0xFFFF_FFFF & ~0xF000 | 0x400
            state.msrs.debugControl = vmcs(.guestDebugControl)
        }
        loadGuestEFER(entry)
        if entry.has(EntryControl.loadPAT) { state.msrs.pat = vmcs(.guestPAT) }
        state.msrs.sysenterCS = vmcs(.guestSYSENTERCS)
        state.msrs.sysenterESP = vmcs(.guestSYSENTERESP)
        state.msrs.sysenterEIP = vmcs(.guestSYSENTEREIP)
        for row in GuestSegmentRow.all {
            state[keyPath: row.register] = Segment(
                selector: UInt16(truncatingIfNeeded: vmcs(row.selector)),
                base: vmcs(row.base) & row.loadedBase,
                limit: UInt32(truncatingIfNeeded: vmcs(row.limit)),
                access: UInt32(truncatingIfNeeded: vmcs(row.access)))
        }
        state.gdtr = DescriptorTableRegister(
            base: vmcs(.guestGDTRBase), limit: UInt16(truncatingIfNeeded: vmcs(.guestGDTRLimit)))
        state.idtr = DescriptorTableRegister(
            base: vmcs(.guestIDTRBase), limit: UInt16(truncatingIfNeeded: vmcs(.guestIDTRLimit)))
        state.rip = vmcs(.guestRIP)
        state.registers[.rsp] = vmcs(.guestRSP)
        state.rflags = vmcs(.guestRFLAGS)
        // SS.DPL is the privilege level, in virtual-8086 mode 3.
        state.cpl = state.isProtected ? state.ss.dpl : 0
        state.activity =
            ActivityState(rawValue: UInt32(truncatingIfNeeded: vmcs(.guestActivityState)))
            ?? .active
        state.interruptibility = Interruptibility(
            rawValue: UInt32(truncatingIfNeeded: vmcs(.guestInterruptibility)))
        if !state.interruptibility.isEmpty { needsAttention = true }
        state.pendingDebug = vmcs(.guestPendingDebug)
        if !state.isProtected { state.makeCodeWritable() }
        loadGuestPDPTEs()
    }

    /// LMA follows "IA-32e mode guest"; LME follows it too where paging is on.
    private mutating func loadGuestEFER(_ entry: UInt64) {
        if entry.has(EntryControl.loadEFER) {
            state.efer = vmcs(.guestEFER)
            return
        }
        let both = EFERBit.lma.mask | EFERBit.lme.mask
        let affected = state.isPaging ? both : EFERBit.lma.mask
        state.efer &= ~affected
        if entry.has(EntryControl.ia32eModeGuest) { state.efer |= affected }
    }

    /// With EPT the PDPTEs come from the VMCS; without, from memory at CR3.
    private mutating func loadGuestPDPTEs() {
        guard usesPDPTEs else { return }
        let fields: [VMCSField] = [.guestPDPTE0, .guestPDPTE1, .guestPDPTE2, .guestPDPTE3]
        let fromVMCS = state.vmx.controls.secondary.has(SecondaryControl.enableEPT)
        for (index, field) in fields.enumerated() {
            let address = (state.cr3 & 0xFFFF_FFE0) + UInt64(index) * 8
            state.pdptes[index] = fromVMCS ? vmcs(field) : readPhysical(address, size: 8)
        }
    }

    /// SDM 3C, 27.6 "Event Injection".
    private mutating func injectEvent() {
        let information = vmcs(.entryInterruptionInformation)
        guard information >> 31 & 1 == 1 else { return }
        let hasErrorCode = information >> 11 & 1 == 1
        var event = PendingException(
            vector: UInt8(truncatingIfNeeded: information),
            errorCode: hasErrorCode
                ? UInt32(truncatingIfNeeded: vmcs(.entryExceptionErrorCode)) : nil)
        event.instructionLength = UInt8(truncatingIfNeeded: vmcs(.entryInstructionLength))
        switch information >> 8 & 7 {
        case 0: event.source = .external
        case 4: event.source = .softwareInterrupt
        case 5, 6: event.source = .trap
        default:
            event.source = .fault
            event.instructionLength = 0
        }
        event.isInjected = true
        injected = event
        needsAttention = true
    }
}

/// Where a segment register lies in the guest-state area.
public struct GuestSegmentRow: Sendable {
    /// In upper case, as "CS".
    public let name: String
    public let register: WritableKeyPath<ProcessorState, Segment> & Sendable
    public let selector: VMCSField
    public let base: VMCSField
    public let limit: VMCSField
    public let access: VMCSField

    /// The bits of the base that VM entry loads: of an unusable SS, DS or ES too it clears bits
    /// 63:32, which must be 0 in a usable one. SDM 3C, 27.3.2.2 "Loading Guest Segment Registers
    /// and Descriptor-Table Registers".
    var loadedBase: UInt64 {
        switch base {
        case .guestSSBase, .guestDSBase, .guestESBase: 0xFFFF_FFFF
        default: .max
        }
    }

    public static let all: [GuestSegmentRow] = [es, cs, ss, ds, fs, gs, ldtr, tr]

    static let es = GuestSegmentRow(
        name: "ES", register: \.es, selector: .guestESSelector, base: .guestESBase,
        limit: .guestESLimit, access: .guestESAccessRights)
    static let cs = GuestSegmentRow(
        name: "CS", register: \.cs, selector: .guestCSSelector, base: .guestCSBase,
        limit: .guestCSLimit, access: .guestCSAccessRights)
    static let ss = GuestSegmentRow(
        name: "SS", register: \.ss, selector: .guestSSSelector, base: .guestSSBase,
        limit: .guestSSLimit, access: .guestSSAccessRights)
    static let ds = GuestSegmentRow(
        name: "DS", register: \.ds, selector: .guestDSSelector, base: .guestDSBase,
        limit: .guestDSLimit, access: .guestDSAccessRights)
    static let fs = GuestSegmentRow(
        name: "FS", register: \.fs, selector: .guestFSSelector, base: .guestFSBase,
        limit: .guestFSLimit, access: .guestFSAccessRights)
    static let gs = GuestSegmentRow(
        name: "GS", register: \.gs, selector: .guestGSSelector, base: .guestGSBase,
        limit: .guestGSLimit, access: .guestGSAccessRights)
    static let ldtr = GuestSegmentRow(
        name: "LDTR", register: \.ldtr, selector: .guestLDTRSelector, base: .guestLDTRBase,
        limit: .guestLDTRLimit, access: .guestLDTRAccessRights)
    static let tr = GuestSegmentRow(
        name: "TR", register: \.tr, selector: .guestTRSelector, base: .guestTRBase,
        limit: .guestTRLimit, access: .guestTRAccessRights)
}
