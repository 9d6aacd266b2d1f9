import Architecture
import InstructionSet
import Machine

/// Facts of decisions drawn at random, near enough to one another that every rule gets its turn.
struct RandomSubjects {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> DecidedSubject {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: .controlRegister(controlRegister())
        case 1: .port(port())
        case 2: .exception(exception())
        case 3: .msr(msr())
        case 4: .boundary(boundary())
        case 5: .apicPage(apicPage())
        case 6: .apicWrite(apicWrite())
        case 7: .x2APIC(x2APIC())
        case 8: .ept(ept())
        case 9: .secondFault(secondFault())
        case 10: .virtualInterrupt(virtualInterrupt())
        case 11: .vmxon(vmxon())
        case 12, 13: .vmx(vmxInstruction())
        case 14: .taskSwitch(taskSwitch())
        case 15: .hostLoad(hostLoad())
        case 16: .msrArea(msrAreaEntry())
        case 17: bit() == 1 ? .nmiUnblocking(nmiUnblocking()) : .nmiUnblockingRecord(nmiRecord())
        case 18: bit() == 1 ? .savedResumeFlag(savedFlag()) : .savedPendingDebug(savedDebug())
        default: .instruction(instruction())
        }
    }

    private mutating func bit(_ chance: Double = 0.5) -> UInt64 {
        Double.random(in: 0..<1, using: &generator) < chance ? 1 : 0
    }

    private mutating func word(bits: UInt64 = 32) -> UInt64 {
        UInt64.random(in: 0...(1 << bits - 1), using: &generator)
    }

    private mutating func controlRegister() -> ControlRegisterAccess {
        let kinds: [ControlRegisterAccess.Kind] = [.moveTo, .moveFrom, .clts, .lmsw]
        let kind = kinds[Int.random(in: 0..<4, using: &generator)]
        let numbers: [UInt8] = kind == .moveFrom ? [3, 8] : kind == .moveTo ? [0, 3, 4, 8] : [0]
        let number = numbers[Int.random(in: 0..<numbers.count, using: &generator)]
        var access = ControlRegisterAccess(kind: kind, number: number)
        access.generalRegister = UInt8.random(in: 0..<16, using: &generator)
        access.real = word()
        access.shadow = bit() == 1 ? access.real : word()
        access.mask = bit() == 1 ? word() & word() & word() : 0
        access.value = bit() == 1 ? access.shadow ^ (1 << word(bits: 5)) : word()
        if kind == .lmsw { access.value &= 0xFFFF }
        access.cpl = bit(0.2) * 3
        access.nonRoot = bit(0.8)
        access.loadExiting = bit()
        access.storeExiting = bit()
        access.usesTPRShadow = bit()
        access.isTarget = bit()
        access.mustBeOne = 1 << word(bits: 5)
        access.mayBeOne = bit(0.3) == 1 ? 0xFFFF_FFFF : ~0
        access.conflicts = bit(0.2) << (word(bits: 4) % 12)
        return access
    }

    private mutating func port() -> PortAccess {
        let sizes: [UInt8] = [1, 2, 4]
        var access = PortAccess(
            port: UInt16.random(in: 0...0xFFFF, using: &generator),
            size: sizes[Int.random(in: 0..<3, using: &generator)], isInput: bit() == 1)
        access.isString = bit() == 1
        access.cpl = bit() * 3
        access.iopl = bit() * 3
        access.virtual8086 = bit(0.2)
        access.protected = bit(0.8)
        access.tssDenies = bit()
        access.nonRoot = bit(0.8)
        access.unconditional = bit()
        access.useBitmaps = bit()
        access.bitmapBits = bit() * (word(bits: 4) & ((1 << UInt64(access.size)) - 1))
        return access
    }

    private mutating func exception() -> GuestException {
        let vectors = ExceptionVector.allCases
        let vector = vectors[Int.random(in: 0..<vectors.count, using: &generator)]
        let isPageFault = bit() == 1
        var event = GuestException(
            vector: isPageFault ? ExceptionVector.pageFault.rawValue : vector.rawValue,
            errorCode: UInt32(word(bits: 5)))
        event.nonRoot = 1
        event.bitmap = word()
        event.pageFaultMask = word(bits: 3)
        event.pageFaultMatch = bit() == 1 ? event.errorCode & event.pageFaultMask : word(bits: 3)
        return event
    }

    private mutating func msr() -> MSRAccess {
        let numbers: [UInt32] = [0x10, 0x1FFF, 0x2000, 0xC000_0080, 0xC000_2000, 0x4000_0000]
        let number = numbers[Int.random(in: 0..<numbers.count, using: &generator)]
        var access = MSRAccess(number: number, isWrite: bit() == 1)
        access.cpl = bit(0.2) * 3
        access.nonRoot = bit(0.8)
        access.useBitmaps = bit(0.8)
        access.bitmapBit = bit()
        return access
    }

    private mutating func boundary() -> BoundaryEvent {
        var event = BoundaryEvent()
        event.nonRoot = bit(0.8)
        event.pin = event.nonRoot == 1 ? word() : 0
        event.primary = event.nonRoot == 1 ? word() : 0
        event.activity = bit(0.3) * word(bits: 2)
        event.blocking = bit() * word(bits: 4)
        event.interruptFlag = bit()
        event.trapFlagPending = bit(0.1)
        event.pendingDebug = bit(0.2) << 14
        event.timerExpired = bit(0.2)
        event.initPending = bit(0.1)
        event.startUpPending = bit(0.1)
        event.nmiPending = bit(0.3)
        event.interruptPending = bit()
        event.interruptVector = word(bits: 8)
        event.notificationVector = bit() == 1 ? event.interruptVector : word(bits: 8)
        event.checksThreshold = event.nonRoot * bit(0.2)
        event.virtualTPR = word(bits: 8)
        event.tprThreshold = word(bits: 4)
        event.eoiExits = event.nonRoot * bit(0.1)
        event.writeExits = event.nonRoot * bit(0.1)
        event.virtualPending = event.nonRoot * bit(0.3)
        return event
    }

    private mutating func apicPage() -> APICPageAccess {
        let offsets: [UInt64] = [0x20, 0x30, 0x80, 0x82, 0xA0, 0xB0, 0x300, 0x310, 0x390, 0x400]
        var access = APICPageAccess(
            offset: offsets[Int.random(in: 0..<offsets.count, using: &generator)],
            size: [1, 2, 4, 8][Int.random(in: 0..<4, using: &generator)])
        access.primary = word()
        access.secondary = word()
        access.isWrite = bit()
        access.isFetch = (1 - access.isWrite) * bit(0.1)
        access.isLinear = bit(0.9)
        access.earlierSize = bit(0.2) * 4
        access.earlierOffset = access.earlierSize == 0 ? 0 : bit() == 1 ? access.offset : 0x80
        return access
    }

    private mutating func apicWrite() -> APICWriteEmulation {
        let registers: [APICRegister] = [
            .taskPriority, .endOfInterrupt, .commandLow, .commandLow, .commandHigh, .selfIPI,
            .timer,
        ]
        let register = registers[Int.random(in: 0..<registers.count, using: &generator)]
        // A self-IPI of vector 50H, or nearly.
        var write = APICWriteEmulation(register, value: 0x4_0050 ^ (bit() << word(bits: 5)))
        write.secondary = word()
        return write
    }

    private mutating func x2APIC() -> X2APICAccess {
        let numbers: [UInt32] = [0x802, 0x808, 0x80B, 0x832, 0x83F]
        var access = X2APICAccess(
            number: numbers[Int.random(in: 0..<numbers.count, using: &generator)],
            isWrite: bit() == 1)
        access.secondary = word()
        access.value = bit() << word(bits: 6)
        return access
    }

    private mutating func secondFault() -> SecondFault {
        let vectors: [ExceptionVector] = [.debug, .generalProtection, .pageFault, .doubleFault]
        let first = vectors[Int.random(in: 0..<4, using: &generator)]
        let second = vectors[Int.random(in: 0..<4, using: &generator)]
        return SecondFault(first.rawValue, first.faultClass, second.rawValue, second.faultClass)
    }

    private mutating func vmxon() -> VMXOnAccess {
        var access = VMXOnAccess()
        access.vmxe = bit(0.8)
        access.protected = bit(0.9)
        access.longMode = bit()
        access.codeIsLong = bit()
        access.cpl = bit(0.2) * 3
        access.root = bit(0.2)
        access.a20Masked = bit(0.2)
        access.featureControl = bit(0.8) * 5
        access.wrongInCR0 = bit(0.2) << 5
        access.wrongInCR4 = bit(0.2) << 13
        return access
    }

    private mutating func virtualInterrupt() -> VirtualInterruptEvaluation {
        VirtualInterruptEvaluation(
            requested: UInt8(word(bits: 8)), processorPriority: UInt8(word(bits: 8)),
            primary: bit(0.2) * PrimaryControl.interruptWindowExiting.mask)
    }

    private mutating func ept() -> EPTAccess {
        var access = EPTAccess()
        access.wanted = 1 << word(bits: 1)
        access.entry = word() & ~0xFF | word(bits: 3) | bit(0.2) << word(bits: 6)
        access.rights = access.entry & word(bits: 3)
        access.level = 1 + word(bits: 2) % 4
        access.secondary = word()
        access.setsFlags = bit()
        access.pmlIndex = bit() == 1 ? 511 : 0xFFFF
        access.protected = bit(0.8)
        access.delivering = bit(0.2)
        access.busy = bit(0.2) * 0xFFFF_FFFF
        return access
    }

    private mutating func instruction() -> InstructionExit {
        let operations = Operation.allCases.filter { Ladders().instruction[$0] != nil }
        var exit = InstructionExit(
            operations[Int.random(in: 0..<operations.count, using: &generator)])
        exit.cpl = bit(0.2) * 3
        exit.nonRoot = bit(0.8)
        exit.primary = word()
        exit.secondary = word()
        return exit
    }

    private mutating func vmxInstruction() -> VMXInstruction {
        let operations = Ladders().vmx.operations
        var one = VMXInstruction(
            operations[Int.random(in: 0..<operations.count, using: &generator)])
        one.inVMX = bit(0.9)
        one.protected = bit(0.9)
        one.longMode = bit()
        one.codeIsLong = bit(0.9)
        one.cpl = bit(0.2) * 3
        one.isThere = bit(0.9)
        one.hasCurrent = bit(0.7)
        one.hasTarget = one.hasCurrent
        one.isShadow = bit(0.2)
        one.isLaunched = bit()
        one.movSS = bit(0.2)
        one.addressMask = 0xFF_FFFF_F000
        one.pointer = (1 + word(bits: 4)) << 12 | bit(0.2) << word(bits: 6)
        one.vmxonPointer = 0x1000
        one.revision = 4
        one.identifier = one.revision ^ bit(0.2) << word(bits: 5)
        one.hasShadows = bit()
        one.encoding = word(bits: 15)
        one.isField = bit(0.8)
        one.isReadOnly = bit(0.2)
        one.type = word(bits: 2)
        one.types = word(bits: 4)
        one.low = word(bits: 4) | bit(0.2) << word(bits: 6)
        one.high = bit(0.3) << word(bits: 6)
        one.isEPTPValid = bit()
        one.isCanonical = bit(0.8)
        return one
    }

    private mutating func taskSwitch() -> TaskSwitchAccess {
        let sources: [TaskSwitchQualification.Source] = [.call, .iret, .jmp, .taskGate]
        var access = TaskSwitchAccess(sources[Int.random(in: 0..<4, using: &generator)])
        access.nonRoot = bit(0.8)
        access.selector = bit(0.9) * 0x28
        access.isInGDT = bit(0.9)
        access.type = bit() == 1 ? 9 : word(bits: 5)
        access.present = bit(0.9)
        access.lowestLimit = 0x67
        access.limit = bit(0.2) == 1 ? 0x2B : 0x67
        return access
    }

    private mutating func hostLoad() -> HostLoad {
        var load = HostLoad()
        load.longMode = bit()
        load.exitControls = word()
        load.reservedInPDPTEs = bit(0.3) << 8
        return load
    }

    private mutating func msrAreaEntry() -> MSRAreaEntry {
        let areas = MSRAreaEntry.Area.allCases
        var entry = MSRAreaEntry(
            areas[Int.random(in: 0..<areas.count, using: &generator)], position: word(bits: 10))
        entry.mostEntries = 512
        entry.index = bit() * 0x800 | bit(0.2) << word(bits: 6)
        entry.isExcluded = bit(0.2)
        entry.faults = bit(0.2)
        return entry
    }

    private mutating func nmiUnblocking() -> NMIUnblocking {
        var iret = NMIUnblocking()
        iret.pin = word()
        iret.blocking = word(bits: 5)
        return iret
    }

    private mutating func nmiRecord() -> NMIUnblockingRecord {
        var exit = NMIUnblockingRecord()
        exit.isByIRET = bit()
        exit.delivering = bit(0.3)
        return exit
    }

    private mutating func savedFlag() -> SavedResumeFlag {
        var exit = SavedResumeFlag()
        exit.delivering = bit(0.3)
        exit.isTaskSwitch = bit(0.2)
        exit.isException = bit(0.4)
        exit.isInstruction = bit()
        return exit
    }

    private mutating func savedDebug() -> SavedPendingDebug {
        var exit = SavedPendingDebug()
        exit.reason = word(bits: 6)
        exit.isDebugException = bit(0.3)
        exit.blocking = word(bits: 4)
        return exit
    }
}
