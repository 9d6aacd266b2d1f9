import Architecture

/// MSRs that do no more than keep a value, as ``MSRStorage`` describes them, and which there are.
extension Machine {
    /// Whether the processor has the register. SDM 4, "Architectural MSRs", the column of
    /// conditions.
    func exists(_ msr: MSR) -> Bool {
        switch msr {
        // In system-management mode alone.
        case .smbase: false
        case .smmMonitorControl: processor.vmx?.basic.has(VMXBasicBit.dualMonitor) == true
        case .perfEventSelect0, .perfGlobalStatus, .perfGlobalControl:
            processor.cpuid(leaf: Self.performanceLeaf, subleaf: 0).eax & 0xFF != 0
                && processor.cpuid(leaf: 0, subleaf: 0).eax >= Self.performanceLeaf
        default: msr.feature.map(processor.has) ?? true
        }
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

    /// IA32_DEBUGCTL: of what it can turn on, single-stepping on branches is known to the model.
    mutating func writeDebugControl(_ value: UInt64) throws(Abort) {
        var known: UInt64 = 0
        for bit in DebugControlBit.allCases {
            let exists = bit.feature.map(processor.has) ?? true
            if exists { known |= bit.mask }
        }
        guard value & ~known == 0 else { throw fault(.generalProtection, 0) }
        guard value & ~DebugControlBit.btf.mask == 0 else {
            throw notModelled(.msr(MSR.debugControl.rawValue))
        }
        state.msrs.debugControl = value
    }
}
