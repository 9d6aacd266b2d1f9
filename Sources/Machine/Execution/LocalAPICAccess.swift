import Architecture

/// The local APIC as software reaches it: its page in memory, its MSRs, IA32_APIC_BASE.
/// SDM 3A, "Local APIC".
extension Machine {
    /// The machine's time in ticks of the devices: the time-stamp counter as if nobody had written
    /// it.
    @inline(always) var deviceTime: UInt64 { state.tsc &- state.msrs.tscAdjust }

    // MARK: The page

    /// Each register has the first four of sixteen bytes; the others read as 0.
    mutating func readAPICPage(_ address: UInt64, size: Int) -> UInt64 {
        advanceDevices()
        var value: UInt64 = 0
        var register: UInt64 = 0
        for index in 0..<size {
            let offset = UInt16(truncatingIfNeeded: address &+ UInt64(index)) & 0xFFF
            if index == 0 || offset & 0xF == 0 {
                register = UInt64(
                    state.apic.read(offset & 0xFF0, deviceTime, isX2APIC: false) ?? 0)
            }
            let shift = UInt64(offset & 0xF) * 8
            if shift < 32 { value |= (register >> shift & 0xFF) << UInt64(index * 8) }
        }
        return value
    }

    /// Only an aligned access of 32 bits or more writes a register; what others do is undefined.
    mutating func writeAPICPage(_ address: UInt64, _ value: UInt64, size: Int) {
        guard address & 0xF == 0, size >= 4 else { return }
        writeAPIC(UInt16(truncatingIfNeeded: address & 0xFFF), UInt32(truncatingIfNeeded: value))
    }

    private mutating func writeAPIC(_ offset: UInt16, _ value: UInt32) {
        advanceDevices()
        needsAttention = true
        devicesDueAt = 0
        if state.apic.write(offset, value, deviceTime) == .interruptCommand {
            sendInterrupt(state.apic.command)
        }
        if let vector = state.apic.endedLevel {
            state.apic.endedLevel = nil
            ports.devices.ioAPIC.endInterrupt(vector)
            ports.needsLook = true
        }
    }

    // MARK: The I/O APIC

    /// Its registers have 32 bits, at multiples of 16.
    mutating func readIOAPIC(_ address: UInt64, size: Int) -> UInt64 {
        advanceDevices()
        let register = UInt64(ports.devices.ioAPIC.read(address & ~3))
        let value = register >> ((address & 3) * 8)
        return size >= 4 ? value : value & ((1 << UInt64(size * 8)) - 1)
    }

    /// Other accesses than of 32 bits are undefined.
    mutating func writeIOAPIC(_ address: UInt64, _ value: UInt64, size: Int) {
        guard address & 3 == 0, size >= 4 else { return }
        advanceDevices()
        ports.devices.ioAPIC.write(address, UInt32(truncatingIfNeeded: value))
        ports.needsLook = true
        needsAttention = true
    }

    private mutating func sendInterrupt(_ command: UInt64) {
        if !state.apic.carryOut(command, isX2APIC: state.isX2APIC) { wantsSystemManagement = true }
    }

    /// MOV to CR8, the class of the task priority.
    mutating func writeTaskPriority(_ priority: UInt64) {
        state.cr8 = priority
        devicesDueAt = 0
        needsAttention = true
    }

    // MARK: x2APIC MSRs

    /// In x2APIC mode: registers that can only be written, and what is not there, are #GP.
    mutating func readX2APIC(_ number: UInt32) throws(Abort) -> UInt64 {
        let register = try x2APICRegister(number)
        switch register {
        case .endOfInterrupt, .selfIPI: throw fault(.generalProtection, 0)
        case .commandLow: return state.apic.command
        default: break
        }
        advanceDevices()
        let offset = UInt16(truncatingIfNeeded: (number & 0xFF) << 4)
        guard let value = state.apic.read(offset, deviceTime, isX2APIC: true) else {
            throw fault(.generalProtection, 0)
        }
        return UInt64(value)
    }

    mutating func writeX2APIC(_ number: UInt32, _ value: UInt64) throws(Abort) {
        let register = try x2APICRegister(number)
        guard let writable = Self.x2APICWritable(register), value & ~writable == 0 else {
            throw fault(.generalProtection, 0)
        }
        guard register != .commandLow else {
            advanceDevices()
            needsAttention = true
            devicesDueAt = 0
            state.apic.command = value
            return sendInterrupt(value)
        }
        writeAPIC(register.rawValue, UInt32(truncatingIfNeeded: value))
    }

    /// SDM 3A, the table "Local APIC Register Address Map Supported by x2APIC".
    private mutating func x2APICRegister(_ number: UInt32) throws(Abort) -> APICRegister {
        let offset = (number & 0xFF) << 4
        guard state.isX2APIC, offset < 0x400,
            let register = APICRegister(offset: UInt16(truncatingIfNeeded: offset)),
            ![
                .arbitrationPriority, .remoteRead, .destinationFormat, .commandHigh,
                .correctedMachineCheck,
            ].contains(register)
        else { throw fault(.generalProtection, 0) }
        return register
    }

    /// Bits that may be 1; nil: read only. Read-only bits of the local vectors take any value.
    private static func x2APICWritable(_ register: APICRegister) -> UInt64? {
        switch register {
        case .taskPriority, .selfIPI: 0xFF
        case .endOfInterrupt, .errorStatus: 0
        case .spuriousVector: 0x3FF
        case .commandLow: 0xFFFF_FFFF_000C_CFFF
        case .timer: 0x7_10FF
        case .lint0, .lint1: 0x1_F7FF
        case .thermal, .performance: 0x1_17FF
        case .error: 0x1_10FF
        case .initialCount: 0xFFFF_FFFF
        case .divideConfiguration: 0xB
        default: nil
        }
    }

    // MARK: IA32_APIC_BASE

    /// SDM 3A, "Local APIC Status and Location", "x2APIC State Transitions".
    mutating func writeAPICBase(_ value: UInt64) throws(Abort) {
        var allowed = addressMask | APICBaseBit.enable.mask | APICBaseBit.bootstrapProcessor.mask
        if processor.has(.x2apic) { allowed |= APICBaseBit.x2APICMode.mask }
        let isEnabled = value.has(APICBaseBit.enable)
        let isX2APIC = value.has(APICBaseBit.x2APICMode)
        let isLegal =
            value & ~allowed == 0 && (isEnabled || !isX2APIC)
            // x2APIC mode is entered from xAPIC mode, and left by disabling the APIC.
            && (!isX2APIC || state.hasAPIC) && (!state.isX2APIC || isX2APIC || !isEnabled)
        guard isLegal else { throw fault(.generalProtection, 0) }
        advanceDevices()
        if state.hasAPIC, !isEnabled {
            let priority = state.apic.taskPriority
            state.apic = LocalAPIC()
            // CR8 keeps its value while the APIC is disabled.
            state.apic.taskPriority = priority
        }
        if !state.hasAPIC, isEnabled { state.apic.taskPriority = 0 }
        let before = state.msrs.apicPage
        state.msrs.apicBase = value
        // Neither the old page nor the new one may be reached past the device.
        if state.msrs.apicPage != before { tlb.dropHostPointers() }
        devicesDueAt = 0
        needsAttention = true
    }

    // MARK: Address line 20

    mutating func maskA20(_ isMasked: Bool) {
        state.physicalMask = isMasked ? ~(1 << 20) : ~0
        tlb = TranslationCache()
        decoded.forgetAll()
        selectTranslations()
        needsAttention = true
    }
}
