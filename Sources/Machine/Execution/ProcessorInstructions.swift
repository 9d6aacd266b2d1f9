import Architecture
import InstructionSet

/// Counters, random numbers, caches and translations, MONITOR, XCR0. SDM 2, by the instruction's
/// name.
extension Machine {
    /// RDTSC and RDTSCP.
    mutating func executeReadTimeStamp(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        setPair(try readMSR(MSR.timeStampCounter.rawValue))
        if i.operation == .rdtscp { state.registers[.rcx] = state.msrs.tscAux & 0xFFFF_FFFF }
    }

    /// No events are counted: every counter that exists reads 0.
    mutating func executeReadPerformanceCounter(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let number = state.registers[.rcx] & 0xFFFF_FFFF
        let isFixed = number & 0x4000_0000 != 0
        guard number & 0x3FFF_FFFF < (isFixed ? 3 : 4) else { throw fault(.generalProtection, 0) }
        setPair(0)
    }

    /// EDX:EAX.
    mutating func setPair(_ value: UInt64) {
        state.registers[.rax] = value & 0xFFFF_FFFF
        state.registers[.rdx] = value >> 32
    }

    mutating func pair() -> UInt64 {
        state.registers[.rdx] << 32 | state.registers[.rax] & 0xFFFF_FFFF
    }

    /// RDRAND and RDSEED: the same numbers in every run, from the SplitMix64 generator.
    mutating func executeRandom(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        state.randomState &+= 0x9E37_79B9_7F4A_7C15
        var value = state.randomState
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        setRegister(i.first.register, value ^ value >> 31, size: i.first.size)
        state.flags.arithmetic = FlagBit.cf.mask
    }

    // MARK: Waiting

    mutating func executeMonitor(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        guard state.registers[.rcx] & 0xFFFF_FFFF == 0 else { throw fault(.generalProtection, 0) }
        let offset = state.registers[.rax] & Self.mask(i.addressSize)
        _ = try load(i.segment, offset, size: 1)
        state.isMonitorArmed = true
    }

    /// Nothing else could write to the monitored line: the wait ends at once.
    mutating func executeMonitorWait(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        guard state.registers[.rcx] & 0xFFFF_FFFE == 0 else { throw fault(.generalProtection, 0) }
        state.isMonitorArmed = false
    }

    mutating func executeUserMonitor(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let offset = state.registers[i.first.register] & Self.mask(i.addressSize)
        _ = try load(i.segment, offset, size: 1)
    }

    /// UMWAIT and TPAUSE end at once, as the processor is free to have them do: CF, which would tell
    /// of a limit that was reached, is cleared with the other arithmetic flags.
    mutating func executeUserWait(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        guard try get(i.first, i) & 0xFFFF_FFFE == 0 else { throw fault(.generalProtection, 0) }
        state.flags.arithmetic = 0
    }

    // MARK: Translations and caches

    mutating func executeInvalidatePage(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let usesBase = !state.is64Bit || i.segment == .fs || i.segment == .gs
        let base = usesBase ? state[i.segment].base : 0
        forgetTranslation(wrapped(base &+ effectiveAddress(i)))
    }

    /// The model has no caches: there is nothing to write back or to lose.
    mutating func executeInvalidateCaches(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
    }

    /// SDM 2, "INVPCID": types 0 to 3.
    mutating func executeInvalidateByPCID(_ i: DecodedInstruction) throws(Abort) {
        try decideInstruction(i)
        let type = try get(i.first, i)
        let place = effectiveAddress(i)
        let low = try load(i.segment, place, size: 8)
        let next = (place &+ 8) & Self.mask(i.addressSize)
        let address = try load(i.segment, next, size: 8)
        guard type <= 3 else { throw fault(.generalProtection, 0) }
        guard low >> 12 == 0 else { throw fault(.generalProtection, 0) }
        if type < 2, low != 0, !state.cr4.has(CR4Bit.pcide) { throw fault(.generalProtection, 0) }
        switch type {
        case 0:
            guard isCanonical(address) else { throw fault(.generalProtection, 0) }
            forgetTranslation(address, pcid: UInt16(low))
        case 1: forgetTranslations(pcid: UInt16(low))
        case 2: forgetTranslations()
        default: forgetTranslations(keepingGlobal: true)
        }
    }
}
