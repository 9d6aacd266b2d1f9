import Architecture
import Machine

/// The guest as a debugger sees and changes it, wherever the run is: while root software runs, the
/// guest's registers are in the VMCS.
extension GuestRun {
    /// The translations that the processor remembers; those of the guest's tables are compared with
    /// what the tables hold now. Without paging and without EPT there are none.
    public func cachedTranslations() -> [CachedTranslation] {
        let viewer = guestState
        let hasTables =
            viewer.isPaging
            || viewer.vmx.mode == .nonRoot
                && viewer.vmx.controls.secondary.has(SecondaryControl.enableEPT)
        return hasTables ? machine.cachedTranslations(seenBy: viewer) : []
    }

    /// Whether the teaching hypervisor has the processor, so that the guest's state is in the VMCS.
    public var isInRoot: Bool {
        configuration.operation == .nonRoot && machine.state.vmx.mode == .root
            && machine.state.vmx.currentVMCS != VMXState.noVMCS
    }

    /// The guest's registers.
    public var guestState: ProcessorState {
        var state = machine.state
        guard isInRoot else { return state }
        state.rip = machine.currentVMCSField(.guestRIP)
        state.registers[.rsp] = machine.currentVMCSField(.guestRSP)
        state.rflags = machine.currentVMCSField(.guestRFLAGS)
        state.cr0 = machine.currentVMCSField(.guestCR0)
        state.cr3 = machine.currentVMCSField(.guestCR3)
        state.cr4 = machine.currentVMCSField(.guestCR4)
        state.efer = savedEFER
        state.dr7 = machine.currentVMCSField(.guestDR7)
        state.gdtr = table(.guestGDTRBase, .guestGDTRLimit)
        state.idtr = table(.guestIDTRBase, .guestIDTRLimit)
        for row in GuestSegmentRow.all {
            state[keyPath: row.register] = Segment(
                selector: UInt16(truncatingIfNeeded: machine.currentVMCSField(row.selector)),
                base: machine.currentVMCSField(row.base),
                limit: UInt32(truncatingIfNeeded: machine.currentVMCSField(row.limit)),
                access: UInt32(truncatingIfNeeded: machine.currentVMCSField(row.access)))
        }
        state.cpl = state.ss.dpl
        let pdptes: [VMCSField] = [.guestPDPTE0, .guestPDPTE1, .guestPDPTE2, .guestPDPTE3]
        for (index, field) in pdptes.enumerated() {
            state.pdptes[index] = machine.currentVMCSField(field)
        }
        state.vmx.mode = .nonRoot
        state.vmx.controls.secondary = machine.currentVMCSField(.secondaryProcControls)
        state.vmx.controls.eptPointer = machine.currentVMCSField(.eptPointer)
        return state
    }

    /// The VMCS has EFER if entry or exit moves it; else the guest's differs from the processor's
    /// in LME and LMA alone, which "IA-32e mode guest" says.
    private var savedEFER: UInt64 {
        let entry = machine.currentVMCSField(.entryControls)
        let isMoved =
            entry.has(EntryControl.loadEFER)
            || machine.currentVMCSField(.exitControls).has(ExitControl.saveEFER)
        if isMoved { return machine.currentVMCSField(.guestEFER) }
        let both = EFERBit.lme.mask | EFERBit.lma.mask
        let isLong = entry.has(EntryControl.ia32eModeGuest)
        return isLong ? machine.state.efer | both : machine.state.efer & ~both
    }

    private func table(_ base: VMCSField, _ limit: VMCSField) -> DescriptorTableRegister {
        DescriptorTableRegister(
            base: machine.currentVMCSField(base),
            limit: UInt16(truncatingIfNeeded: machine.currentVMCSField(limit)))
    }

    // MARK: Memory

    /// The bytes at a guest-linear address, as many as are mapped in one piece from there.
    public func guestBytes(at linear: UInt64, count: Int) -> [UInt8] {
        machine.physicalAddresses(linear: linear, count: count, seenBy: guestState).map {
            UInt8(truncatingIfNeeded: machine.readPhysical($0, size: 1))
        }
    }

    /// Writes bytes at a guest-linear address, all or, if one of them is not mapped, none.
    ///
    /// - Returns: whether they were written.
    public func writeGuestBytes(_ bytes: [UInt8], at linear: UInt64) -> Bool {
        let places = machine.physicalAddresses(
            linear: linear, count: bytes.count, seenBy: guestState)
        guard places.count == bytes.count else { return false }
        for (place, byte) in zip(places, bytes) {
            machine.writePhysical(place, UInt64(byte), size: 1)
        }
        return true
    }

    // MARK: Registers and fields

    /// The value of a register of the guest, or of a field of the current VMCS.
    public func value(of target: SettingTarget) -> UInt64 {
        if case .field(let field) = target { return machine.currentVMCSField(field) }
        return guestState.value(of: target)
    }

    /// Why a value was not set.
    public enum ChangeFailure: Error, Equatable, Sendable {
        /// The processor is in the guest: it took the VMCS's values at the entry.
        case inGuest
        /// There is no current VMCS.
        case noVMCS
        /// Outside real-address mode a selector means a descriptor, which only the guest loads.
        case selector
        /// No page maps all of the bytes.
        case notMapped
        /// VMWRITE said so.
        case refused(VMXResult)
    }

    /// Sets a register of the guest or, by VMWRITE, a field.
    public func change(_ setting: RunConfiguration.Setting) throws(ChangeFailure) {
        if case .field(let field) = setting.target { return try write(field, setting.value) }
        if case .selector = setting.target, guestState.isProtected { throw .selector }
        guard isInRoot, let field = setting.target.guestField else {
            machine.state.apply(setting)
            // What was remembered of translations may no longer hold.
            machine.forgetAllTranslations()
            return
        }
        var state = guestState
        state.apply(setting)
        try write(field, state.value(of: setting.target.whole))
    }

    /// VMWRITE by the root side; the observer hears of it as of any other.
    public func write(_ field: VMCSField, _ value: UInt64) throws(ChangeFailure) {
        try checkRoot()
        let result = listening { machine.vmwrite(UInt64(field.rawValue), value) }
        guard result == .succeed else { throw .refused(result) }
    }

    /// VMREAD by the root side.
    public func read(_ field: VMCSField) throws(ChangeFailure) -> UInt64 {
        try checkRoot()
        let (result, value) = machine.vmread(UInt64(field.rawValue))
        guard result == .succeed else { throw .refused(result) }
        return value
    }

    private func checkRoot() throws(ChangeFailure) {
        switch machine.state.vmx.mode {
        case .nonRoot: throw .inGuest
        case .outside: throw .noVMCS
        case .root: if machine.state.vmx.currentVMCS == VMXState.noVMCS { throw .noVMCS }
        }
    }
}

extension SettingTarget {
    /// The field that holds the register of a guest that does not run; nil where none does.
    fileprivate var guestField: VMCSField? {
        switch self {
        case .field(let field): field
        case .rip: .guestRIP
        case .rflags: .guestRFLAGS
        case .general(.rsp, _): .guestRSP
        case .controlRegister(0): .guestCR0
        case .controlRegister(3): .guestCR3
        case .controlRegister(4): .guestCR4
        case .efer: .guestEFER
        case .general, .highByte, .selector, .controlRegister: nil
        }
    }

    /// The whole register of which this is a part.
    fileprivate var whole: SettingTarget {
        if case .general(let register, _) = self { return .general(register, bytes: 8) }
        return self
    }
}
