import Architecture

/// The local APIC's registers, as the page and the MSRs show them.
/// SDM 3A, "Local APIC", "Extended XAPIC (x2APIC)".
extension LocalAPIC {
    /// A 32-bit register; nil: there is none at this offset.
    mutating func read(_ offset: UInt16, _ now: UInt64, isX2APIC: Bool) -> UInt32? {
        guard let register = APICRegister(offset: offset) else { return nil }
        let word = Int(offset >> 4 & 7)
        switch register {
        case .id: return isX2APIC ? Self.id : Self.id << 24
        case .version: return Self.version
        case .taskPriority: return UInt32(taskPriority)
        case .arbitrationPriority, .processorPriority: return UInt32(processorPriority)
        case .endOfInterrupt, .remoteRead, .selfIPI: return 0
        case .logicalDestination: return isX2APIC ? Self.x2APICLogicalID : logicalDestination
        case .destinationFormat: return destinationFormat
        case .spuriousVector: return spuriousVector
        case .inService: return inService.word(word)
        case .triggerMode: return triggerModes.word(word)
        case .request: return requests.word(word)
        case .errorStatus: return errorStatus
        case .correctedMachineCheck: return nil
        case .commandLow: return UInt32(truncatingIfNeeded: command)
        case .commandHigh: return UInt32(truncatingIfNeeded: command >> 32)
        case .timer, .thermal, .performance, .lint0, .lint1, .error:
            return localVectors[Self.index(register)]
        case .initialCount: return timer.initialCount
        case .currentCount: return timer.currentCount(now)
        case .divideConfiguration: return timer.divideConfiguration
        }
    }

    private static func index(_ register: APICRegister) -> Int {
        Int((register.rawValue - APICRegister.timer.rawValue) >> 4)
    }

    /// In x2APIC mode: the cluster and the place in it, from the ID.
    private static let x2APICLogicalID = (id >> 4) << 16 | 1 << (id & 15)

    /// What a write brings about beyond the APIC.
    enum Effect { case none, interruptCommand }

    /// A 32-bit write. Registers that are read only, or are not there, ignore it.
    mutating func write(_ offset: UInt16, _ value: UInt32, _ now: UInt64) -> Effect {
        guard let register = APICRegister(offset: offset) else {
            note(ErrorBit.illegalRegister)
            return .none
        }
        switch register {
        case .taskPriority: taskPriority = UInt8(truncatingIfNeeded: value)
        case .endOfInterrupt: endInterrupt()
        case .logicalDestination: logicalDestination = value & 0xFF00_0000
        case .destinationFormat: destinationFormat = value | 0x0FFF_FFFF
        case .spuriousVector: setSpuriousVector(value)
        case .errorStatus: (errorStatus, errors) = (errors, 0)
        case .commandHigh: command = command & 0xFFFF_FFFF | UInt64(value & 0xFF00_0000) << 32
        case .commandLow:
            command = command & ~0xFFFF_FFFF | UInt64(value & 0xC_CFFF)
            return .interruptCommand
        case .timer, .thermal, .performance, .lint0, .lint1, .error:
            setLocalVector(register, value)
        case .initialCount: timer.setInitialCount(value, now)
        case .divideConfiguration: timer.setDivideConfiguration(value, now)
        case .selfIPI: accept(UInt8(truncatingIfNeeded: value))
        case .id, .version, .arbitrationPriority, .processorPriority, .remoteRead, .inService,
            .triggerMode, .request, .correctedMachineCheck, .currentCount:
            break
        }
        return .none
    }

    /// Disabling by software masks every local source. SDM 3A, "Local APIC State After It Has Been
    /// Software Disabled".
    private mutating func setSpuriousVector(_ value: UInt32) {
        spuriousVector = value & 0x3FF
        guard !isSoftwareEnabled else { return }
        for index in localVectors.indices { localVectors[index] |= LocalVector.mask }
    }

    private mutating func setLocalVector(_ register: APICRegister, _ value: UInt32) {
        let index = Self.index(register)
        guard let source = Source(rawValue: index) else { return }
        var entry = value & LocalVector.writable(source)
        if !isSoftwareEnabled { entry |= LocalVector.mask }
        localVectors[index] = entry
        if source == .timer { timer.setMode(entry >> 17 & 3) }
    }

    // MARK: Interrupt command register

    /// An interrupt command; only what reaches this processor has an effect. False: it asks for
    /// system-management mode.
    mutating func carryOut(_ command: UInt64, isX2APIC: Bool) -> Bool {
        let low = UInt32(truncatingIfNeeded: command)
        let vector = UInt8(truncatingIfNeeded: low)
        let mode = DeliveryMode(low)
        if mode == .fixed || mode == .lowestPriority, vector < 16 {
            note(ErrorBit.sendIllegalVector)
            return true
        }
        guard isAddressed(command, isX2APIC) else { return true }
        // The trigger mode counts for INIT alone.
        return receive(low, isLevel: false)
    }

    /// A message of the I/O APIC's: the entry of its redirection table. False: it asks for
    /// system-management mode.
    mutating func receive(entry: UInt64, isX2APIC: Bool) -> Bool {
        let low = UInt32(truncatingIfNeeded: entry)
        // The destination has 8 bits: all of them set is everyone, also where IDs have 32.
        let eight = entry >> 56
        let wide = eight == 0xFF ? UInt64(UInt32.max) : eight
        let destination = isX2APIC ? wide << 32 : eight << 56
        guard isAddressed(UInt64(low & 0x800) | destination, isX2APIC) else { return true }
        return receive(low, isLevel: entry & IOAPIC.Entry.level != 0)
    }

    private mutating func receive(_ low: UInt32, isLevel: Bool) -> Bool {
        let vector = UInt8(truncatingIfNeeded: low)
        switch DeliveryMode(low) {
        case .fixed, .lowestPriority: accept(vector, isLevel: isLevel)
        case .nmi: isNMIPending = true
        // Level-triggered and de-asserted it only synchronizes arbitration.
        case .initialize: if low & 0xC000 != 0x8000 { isINITPending = true }
        case .startUp: startUpVector = vector
        case .smi: return false
        case .reserved, .external: break
        }
        return true
    }

    /// SDM 3A, "Determining IPI Destination".
    private func isAddressed(_ command: UInt64, _ isX2APIC: Bool) -> Bool {
        switch command >> 18 & 3 {
        case 1, 2: return true
        case 3: return false
        default: break
        }
        let destination = UInt32(truncatingIfNeeded: command >> (isX2APIC ? 32 : 56))
        if destination == (isX2APIC ? .max : 0xFF) { return true }
        guard command & 0x800 != 0 else { return destination == Self.id }
        if isX2APIC {
            return destination >> 16 == Self.x2APICLogicalID >> 16
                && destination & Self.x2APICLogicalID & 0xFFFF != 0
        }
        let logical = logicalDestination >> 24
        // The flat model, or clusters of four.
        if destinationFormat >> 28 == 0xF { return destination & logical != 0 }
        return destination >> 4 == logical >> 4 && destination & logical & 0xF != 0
    }
}
