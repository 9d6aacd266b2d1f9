import Architecture

/// Which cached translations count, and which operations forget them.
/// SDM 3A, "Invalidation of TLBs and Paging-Structure Caches"; SDM 3C, 29.4 "Caching Translation
/// Information".
extension Machine {
    private var translationContext: TranslationContext {
        var context = TranslationContext()
        if state.cr4.has(CR4Bit.pcide) { context.pcid = UInt16(state.cr3 & 0xFFF) }
        guard state.vmx.mode == .nonRoot else { return context }
        let controls = state.vmx.controls
        if controls.secondary.has(SecondaryControl.enableVPID) {
            context.vpid = UInt16(truncatingIfNeeded: controls.vpid)
        }
        if controls.secondary.has(SecondaryControl.enableEPT) {
            context.ept = Self.eptContext(controls.eptPointer)
        }
        return context
    }

    /// An EPT pointer as a part of a context.
    static func eptContext(_ pointer: UInt64) -> UInt64 { pointer & ~0xFFF | 1 }

    /// After a change of CR3, CR4.PCIDE, the EPT pointer, or root and non-root operation.
    mutating func selectTranslations() {
        leaveCodeWindow()
        tlb.select(translationContext)
    }

    /// MOV to CR3, unless the source says otherwise: all but global pages of the PCID that is
    /// current from now on.
    mutating func forgetTranslationsOfPCID() {
        selectTranslations()
        let current = tlb.context
        tlb.forget(keepingGlobal: true) { $0 == current }
    }

    /// Changes of CR0 and CR4 that change translation: all of the current VPID.
    mutating func forgetTranslations(keepingGlobal: Bool = false) {
        selectTranslations()
        let vpid = tlb.context.vpid
        tlb.forget(keepingGlobal: keepingGlobal) { $0.vpid == vpid }
    }

    /// INVLPG: the page in the current PCID, and where it is global.
    mutating func forgetTranslation(_ linear: UInt64) {
        leaveCodeWindow()
        let current = tlb.context
        tlb.forget(page: linear) { $0 == current }
    }

    /// INVPCID, type 0.
    mutating func forgetTranslation(_ linear: UInt64, pcid: UInt16) {
        leaveCodeWindow()
        let vpid = tlb.context.vpid
        tlb.forget(page: linear, keepingGlobal: true) { $0.vpid == vpid && $0.pcid == pcid }
    }

    /// INVPCID, type 1.
    mutating func forgetTranslations(pcid: UInt16) {
        leaveCodeWindow()
        let vpid = tlb.context.vpid
        tlb.forget(keepingGlobal: true) { $0.vpid == vpid && $0.pcid == pcid }
    }

    /// VM entries and VM exits forget what belongs to VPID 0000H, unless "enable VPID" is 1.
    mutating func invalidateAtTransition() {
        guard !state.vmx.controls.secondary.has(SecondaryControl.enableVPID) else {
            return selectTranslations()
        }
        leaveCodeWindow()
        tlb.renew(thenSelecting: translationContext)
    }
}
