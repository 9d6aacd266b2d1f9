import Architecture

/// Why MOV to CR0 or CR4 refuses a value each bit of which is legal by itself: the bits together,
/// or the mode that the processor is in. SDM 2, "MOV—Move to/from Control Registers".
public enum ControlRegisterConflict: UInt8, NamedBit {
    case pagingWithoutProtection
    case writeThroughWithCache
    case controlFlowWithoutWriteProtection
    case pagingOffIn64BitMode
    case pagingOffWithPCID
    case longModeWithoutPAE
    case longModeFrom64BitCode
    case longModeWith16BitTask
    case noPAEInLongMode
    case levelsInLongMode
    case pcidOutsideLongMode
    case pcidWithIdentifier

    public var name: String { "\(self)" }

    public var title: String {
        switch self {
        case .pagingWithoutProtection: "PG is 1, and PE is 0"
        case .writeThroughWithCache: "NW is 1, and CD is 0"
        case .controlFlowWithoutWriteProtection: "CR4.CET is 1, and CR0.WP is 0"
        case .pagingOffIn64BitMode: "PG would become 0 in 64-bit mode"
        case .pagingOffWithPCID: "PG would become 0 with CR4.PCIDE 1"
        case .longModeWithoutPAE: "PG would become 1 with IA32_EFER.LME 1 and CR4.PAE 0"
        case .longModeFrom64BitCode: "PG would become 1 with IA32_EFER.LME 1 and CS.L 1"
        case .longModeWith16BitTask: "PG would become 1 with IA32_EFER.LME 1 and a 16-bit TSS in TR"
        case .noPAEInLongMode: "PAE is 0 in IA-32e mode"
        case .levelsInLongMode: "LA57 would change in IA-32e mode"
        case .pcidOutsideLongMode: "PCIDE would become 1 outside IA-32e mode"
        case .pcidWithIdentifier: "PCIDE would become 1 with bits 11:0 of CR3 other than 0"
        }
    }
}

extension ProcessorState {
    /// The conflicts of a value for CR0, as bits of ``ControlRegisterConflict``.
    func conflicts(inCR0 value: UInt64) -> UInt64 {
        let paging = value.has(CR0Bit.pg)
        let starts = paging && !isPaging
        let ends = !paging && isPaging
        let startsLong = starts && efer.has(EFERBit.lme)
        var found: UInt64 = 0
        func note(_ conflict: ControlRegisterConflict, _ holds: Bool) {
            if holds { found |= conflict.mask }
        }
        note(.pagingWithoutProtection, paging && !value.has(CR0Bit.pe))
        note(.writeThroughWithCache, value.has(CR0Bit.nw) && !value.has(CR0Bit.cd))
        note(.controlFlowWithoutWriteProtection, cr4.has(CR4Bit.cet) && !value.has(CR0Bit.wp))
        note(.pagingOffIn64BitMode, ends && is64Bit)
        note(.pagingOffWithPCID, ends && cr4.has(CR4Bit.pcide))
        note(.longModeWithoutPAE, startsLong && !cr4.has(CR4Bit.pae))
        note(.longModeFrom64BitCode, startsLong && cs.isLong)
        note(.longModeWith16BitTask, startsLong && tr.type <= 3)
        return found
    }

    /// The conflicts of a value for CR4.
    func conflicts(inCR4 value: UInt64) -> UInt64 {
        let startsPCID = value.has(CR4Bit.pcide) && !cr4.has(CR4Bit.pcide)
        let changesLevels = value.has(CR4Bit.la57) != cr4.has(CR4Bit.la57)
        var found: UInt64 = 0
        func note(_ conflict: ControlRegisterConflict, _ holds: Bool) {
            if holds { found |= conflict.mask }
        }
        note(.controlFlowWithoutWriteProtection, value.has(CR4Bit.cet) && !cr0.has(CR0Bit.wp))
        note(.noPAEInLongMode, isLongMode && !value.has(CR4Bit.pae))
        note(.levelsInLongMode, isLongMode && changesLevels)
        note(.pcidOutsideLongMode, startsPCID && !isLongMode)
        note(.pcidWithIdentifier, startsPCID && cr3 & 0xFFF != 0)
        return found
    }
}
