import Architecture

/// MSRs that do no more than keep a value, as ``MSRStorage`` describes them, and which there are.
extension Machine {
    /// Whether the processor has the register. SDM 4, "Architectural MSRs", the column of
    /// conditions.
    func exists(_ msr: MSR) -> Bool {
        switch msr {
        // A capability MSR that the processor has is read before anyone asks.
        case _ where MSR.vmxRange.contains(msr.rawValue): false
        // In system-management mode alone.
        case .smbase: false
        case .smmMonitorControl: processor.vmx?.basic.has(VMXBasicBit.dualMonitor) == true
        case .perfEventSelect0, .perfGlobalStatus: hasPerformanceCounters
        // What VM entries and exits can load is there to be read, without counters too.
        case .perfGlobalControl: hasPerformanceCounters || loadsPerfGlobalControl
        default: msr.feature.map(processor.has) ?? true
        }
    }

    private var hasPerformanceCounters: Bool {
        processor.cpuid(leaf: Self.performanceLeaf, subleaf: 0).eax & 0xFF != 0
            && processor.cpuid(leaf: 0, subleaf: 0).eax >= Self.performanceLeaf
    }

    private var loadsPerfGlobalControl: Bool {
        processor.vmx?.exit.allows(ExitControl.loadPerfGlobalControl) == true
    }

    /// A number that is no register's here: #GP(0), unless a processor has the register and the model
    /// has not.
    mutating func unknownMSR(_ number: UInt32) -> Abort {
        let isKnown = MSR.lastBranchRanges.contains { $0.contains(number) }
        return isKnown ? notModelled(.msr(number)) : fault(.generalProtection, 0)
    }

    /// CPUID leaf 0AH, "Architectural Performance Monitoring": its version in EAX bits 7:0.
    private static var performanceLeaf: UInt32 { 0xA }

    mutating func readStoredMSR(_ msr: MSR) throws(Abort) -> UInt64 {
        guard let index = MSRStorage.index(of: msr) else {
            throw notModelled(.msr(msr.rawValue))
        }
        guard MSRStorage.rows[index].access != .writeOnly else {
            throw fault(.generalProtection, 0)
        }
        return state.msrs.stored[index]
    }

    mutating func writeStoredMSR(_ msr: MSR, _ value: UInt64) throws(Abort) {
        guard let index = MSRStorage.index(of: msr) else {
            throw notModelled(.msr(msr.rawValue))
        }
        let row = MSRStorage.rows[index]
        guard row.access != .readOnly,
            row.accepts(value, physicalAddressWidth: processor.physicalAddressWidth)
        else { throw fault(.generalProtection, 0) }
        guard (value ^ state.msrs.stored[index]) & row.effective == 0 else {
            throw notModelled(.msr(msr.rawValue))
        }
        if row.access == .readWrite { state.msrs.stored[index] = value }
    }

    /// IA32_DEBUGCTL. What it records, branches, could be seen in registers of which each ends the run
    /// by its number; what needs a feature is reserved without it.
    mutating func writeDebugControl(_ value: UInt64) throws(Abort) {
        var known: UInt64 = 0
        for bit in DebugControlBit.allCases {
            let exists = bit.feature.map(processor.has) ?? true
            if exists { known |= bit.mask }
        }
        guard value & ~known == 0 else { throw fault(.generalProtection, 0) }
        state.msrs.debugControl = value
    }
}
