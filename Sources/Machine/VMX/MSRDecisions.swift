import Architecture

/// Asking the ladder of RDMSR and WRMSR.
extension Machine {
    mutating func decideMSR(_ facts: MSRAccess) throws(Abort) {
        var access = facts
        access.cpl = state.isVirtual8086 ? 3 : UInt64(state.cpl)
        if state.vmx.mode == .nonRoot {
            access.nonRoot = 1
            access.useBitmaps =
                state.vmx.controls.primary.has(PrimaryControl.useMSRBitmaps) ? 1 : 0
            if access.useBitmaps == 1,
                let quarter = MSRAccess.quarter(access.ecx, isWrite: access.isWrite)
            {
                let index = access.ecx & 0x1FFF
                let byte = readPhysical(
                    state.vmx.controls.msrBitmaps &+ quarter &+ index / 8, size: 1)
                access.bitmapBit = byte >> (index & 7) & 1
            }
        }
        let verdict = ladders.msr.access.evaluate(access)
        if access.nonRoot == 1 { tell(.decision(.msr(access))) }
        switch verdict {
        case .fault(let vector): throw fault(vector, 0)
        case .exit(let reason):
            pendingExit = ExitInformation(reason)
            pendingExit.instructionLength = instructionLength
            throw .exit
        case .proceed, .ignored, .virtualized, .interrupt, .fail, .abort: return
        }
    }

    /// What RDTSC, RDTSCP and RDMSR of IA32_TIME_STAMP_COUNTER read.
    /// SDM 3C, 25.6.5 "Time-Stamp Counter Offset and Multiplier".
    var timeStampCounter: UInt64 {
        guard state.vmx.mode == .nonRoot,
            state.vmx.controls.primary.has(PrimaryControl.useTSCOffsetting)
        else { return state.tsc }
        var value = state.tsc
        if state.vmx.controls.secondary.has(SecondaryControl.useTSCScaling) {
            let product = value.multipliedFullWidth(by: vmcs(.tscMultiplier))
            // The multiplier is a fraction with 48 bits behind the point.
            value = product.high << 16 | product.low >> 48
        }
        return value &+ vmcs(.tscOffset)
    }
}
