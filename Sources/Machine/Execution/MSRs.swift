import Architecture

/// Reading and writing MSRs: what each accepts, and what follows.
extension Machine {
    mutating func readMSR(_ number: UInt32) throws(Abort) -> UInt64 {
        if let capability = capability(number) { return capability }
        if MSR.x2APICRange.contains(number) { return try readX2APIC(number) }
        guard let msr = MSR(rawValue: number), exists(msr) else { throw unknownMSR(number) }
        switch msr {
        case .featureControl: return state.msrs.featureControl
        case .apicBase: return state.msrs.apicBase
        case .sysenterCS: return state.msrs.sysenterCS
        case .sysenterESP: return state.msrs.sysenterESP
        case .sysenterEIP: return state.msrs.sysenterEIP
        case .pat: return state.msrs.pat
        case .debugControl: return state.msrs.debugControl
        case .efer: return state.efer
        case .star: return state.msrs.star
        case .lstar: return state.msrs.lstar
        case .cstar: return state.msrs.cstar
        case .fmask: return state.msrs.fmask
        case .fsBase: return state.fs.base
        case .gsBase: return state.gs.base
        case .kernelGSBase: return state.msrs.kernelGSBase
        case .timeStampCounter: return timeStampCounter
        case .tscAdjust: return state.msrs.tscAdjust
        case .tscDeadline:
            advanceDevices()
            return state.apic.timer.deadline
        case .tscAux: return state.msrs.tscAux
        case .xss: return state.msrs.xss
        case .perfGlobalControl: return state.msrs.perfGlobalControl
        default: return try readStoredMSR(msr)
        }
    }

    /// A VMX capability MSR of this processor.
    private func capability(_ number: UInt32) -> UInt64? {
        MSR(rawValue: number).flatMap { processor.vmx?.value(of: $0) }
    }

    mutating func writeMSR(_ number: UInt32, _ value: UInt64) throws(Abort) {
        if capability(number) != nil { throw fault(.generalProtection, 0) }
        if MSR.x2APICRange.contains(number) { return try writeX2APIC(number, value) }
        guard let msr = MSR(rawValue: number), exists(msr) else { throw unknownMSR(number) }
        switch msr {
        case .featureControl:
            guard state.msrs.featureControl & 1 == 0, value & ~Self.featureControlBits == 0 else {
                throw fault(.generalProtection, 0)
            }
            state.msrs.featureControl = value
        case .sysenterCS: state.msrs.sysenterCS = value & 0xFFFF_FFFF
        case .sysenterESP: state.msrs.sysenterESP = try canonical(value)
        case .sysenterEIP: state.msrs.sysenterEIP = try canonical(value)
        case .pat:
            guard Self.isLegalPAT(value) else { throw fault(.generalProtection, 0) }
            state.msrs.pat = value
        case .efer: try writeEFER(value)
        case .star: state.msrs.star = value
        case .lstar: state.msrs.lstar = try canonical(value)
        case .cstar: state.msrs.cstar = try canonical(value)
        case .fmask: state.msrs.fmask = value & 0xFFFF_FFFF
        case .fsBase: state.fs.base = try canonical(value)
        case .gsBase: state.gs.base = try canonical(value)
        case .kernelGSBase: state.msrs.kernelGSBase = try canonical(value)
        case .timeStampCounter: setTimeStampCounter(value)
        case .tscAdjust:
            setTimeStampCounter(state.tsc &+ (value &- state.msrs.tscAdjust))
        case .tscDeadline:
            state.apic.timer.setDeadline(value)
            devicesDueAt = 0
            needsAttention = true
        case .apicBase: try writeAPICBase(value)
        case .tscAux:
            guard value >> 32 == 0 else { throw fault(.generalProtection, 0) }
            state.msrs.tscAux = value
        case .xss:
            // No supervisor state component is announced (CPUID leaf 0Dh, subleaf 1).
            guard value == 0 else { throw fault(.generalProtection, 0) }
            state.msrs.xss = value
        case .debugControl: try writeDebugControl(value)
        case .perfGlobalControl:
            guard value & ~EntryLimits.counters(processor) == 0 else {
                throw fault(.generalProtection, 0)
            }
            guard value == 0 else { throw notModelled(.msr(number)) }
            state.msrs.perfGlobalControl = value
        default: try writeStoredMSR(msr, value)
        }
    }

    /// The lock, and VMX inside and outside of SMX operation.
    private static var featureControlBits: UInt64 {
        FeatureControlBit.allCases.reduce(0) { $0 | $1.mask }
    }

    private mutating func canonical(_ value: UInt64) throws(Abort) -> UInt64 {
        guard isCanonical(value) else { throw fault(.generalProtection, 0) }
        return value
    }

    /// Every byte is a memory type: 0, 1, 4, 5, 6 or 7. SDM 3A, "IA32_PAT MSR".
    static func isLegalPAT(_ value: UInt64) -> Bool {
        (0..<8).allSatisfy { index in
            let type = value >> UInt64(8 * index) & 0xFF
            return type <= 7 && type != 2 && type != 3
        }
    }

    /// SDM 3A, "Extended Feature Enable Register": LMA follows LME and paging by itself.
    private mutating func writeEFER(_ value: UInt64) throws(Abort) {
        guard value & ~processor.supportedEFER == 0 else { throw fault(.generalProtection, 0) }
        if state.isPaging, (value ^ state.efer).has(EFERBit.lme) {
            throw fault(.generalProtection, 0)
        }
        let kept = EFERBit.lma.mask
        let changed = value ^ state.efer
        state.efer = (value & ~kept) | (state.efer & kept)
        if changed.has(EFERBit.nxe) { forgetTranslations() }
    }
}
