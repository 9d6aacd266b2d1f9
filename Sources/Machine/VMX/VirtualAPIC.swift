import Architecture

/// The virtual APIC: its registers on the virtual-APIC page, and what follows from changes of them.
/// SDM 3C, chapter 30 "APIC Virtualization and Virtual Interrupts".
extension Machine {
    /// A register on the virtual-APIC page.
    private mutating func virtual(_ register: APICRegister, size: Int = 4) -> UInt64 {
        let page = state.vmx.controls.virtualAPICAddress
        return readPhysical(page &+ UInt64(register.rawValue), size: size)
    }

    private mutating func setVirtual(_ register: APICRegister, _ value: UInt64, size: Int = 4) {
        let page = state.vmx.controls.virtualAPICAddress
        writePhysical(page &+ UInt64(register.rawValue), value, size: size)
    }

    var deliversVirtualInterrupts: Bool {
        state.vmx.controls.secondary.has(SecondaryControl.virtualInterruptDelivery)
    }

    /// VTPR, bits 7:0. For whoever looks on, too.
    var virtualTaskPriority: UInt8 {
        let place =
            state.vmx.controls.virtualAPICAddress
            &+ UInt64(APICRegister.taskPriority.rawValue)
        return UInt8(truncatingIfNeeded: memory.read(place, size: 1))
    }

    // MARK: Requests and services

    /// RVI, the low byte of the guest interrupt status: the highest virtual interrupt requested.
    private var requestedVector: UInt8 {
        UInt8(truncatingIfNeeded: vmcs(.guestInterruptStatus))
    }

    /// SVI, its high byte: the highest one in service.
    private var servicedVector: UInt8 {
        UInt8(truncatingIfNeeded: vmcs(.guestInterruptStatus) >> 8)
    }

    private mutating func setInterruptStatus(requested: UInt8, serviced: UInt8) {
        setVMCS(.guestInterruptStatus, UInt64(serviced) << 8 | UInt64(requested))
    }

    /// A vector's bit in VISR or VIRR: the address of its 32-bit word, and the bit.
    private func place(_ set: APICRegister, _ vector: UInt8) -> (address: UInt64, bit: UInt64) {
        let word = UInt64(vector >> 5) << 4
        let page = state.vmx.controls.virtualAPICAddress
        return (page &+ UInt64(set.rawValue) &+ word, 1 << UInt64(vector & 31))
    }

    private mutating func change(_ set: APICRegister, _ vector: UInt8, to isSet: Bool) {
        let (address, bit) = place(set, vector)
        let word = readPhysical(address, size: 4)
        writePhysical(address, isSet ? word | bit : word & ~bit, size: 4)
    }

    /// The highest vector in VISR or VIRR, 0 where there is none.
    private mutating func highest(_ set: APICRegister) -> UInt8 {
        for word in stride(from: UInt8(7), through: 0, by: -1) {
            let bits = readPhysical(place(set, word << 5).address, size: 4)
            if bits != 0 { return word << 5 | UInt8(63 - bits.leadingZeroBitCount) }
        }
        return 0
    }

    // MARK: Operations on it

    /// At VM entry. SDM 3C, 27.3.2.5 "Updating Non-Register State", 27.7.7 "VM Exits Induced by the
    /// TPR Threshold".
    mutating func startVirtualAPIC() {
        state.vmx.virtualAPIC = VirtualAPICState()
        guard state.vmx.controls.primary.has(PrimaryControl.useTPRShadow) else { return }
        if deliversVirtualInterrupts {
            virtualizePPR()
            recognizeVirtualInterrupt()
        } else if state.vmx.controls.secondary.has(SecondaryControl.virtualizeAPICAccesses) {
            state.vmx.virtualAPIC.checksThreshold = true
        }
    }

    /// SDM 3C, 30.1.2 "TPR Virtualization".
    mutating func virtualizeTPR() {
        if deliversVirtualInterrupts {
            virtualizePPR()
            recognizeVirtualInterrupt()
        } else {
            state.vmx.virtualAPIC.checksThreshold = true
        }
        needsAttention = true
    }

    /// SDM 3C, 30.1.3 "PPR Virtualization".
    private mutating func virtualizePPR() {
        let priority = LocalAPIC.processorPriority(
            task: virtualTaskPriority, inService: servicedVector)
        setVirtual(.processorPriority, UInt64(priority))
    }

    /// SDM 3C, 30.1.4 "EOI Virtualization".
    private mutating func virtualizeEOI() {
        let vector = servicedVector
        change(.inService, vector, to: false)
        setInterruptStatus(requested: requestedVector, serviced: highest(.inService))
        virtualizePPR()
        let bitmaps: [VMCSField] = [
            .eoiExitBitmap0, .eoiExitBitmap1, .eoiExitBitmap2, .eoiExitBitmap3,
        ]
        if vmcs(bitmaps[Int(vector >> 6)]) >> UInt64(vector & 63) & 1 == 1 {
            state.vmx.virtualAPIC.endedVector = vector
        } else {
            recognizeVirtualInterrupt()
        }
        needsAttention = true
    }

    /// SDM 3C, 30.1.5 "Self-IPI Virtualization".
    private mutating func virtualizeSelfIPI(_ vector: UInt8) {
        change(.request, vector, to: true)
        setInterruptStatus(requested: max(requestedVector, vector), serviced: servicedVector)
        recognizeVirtualInterrupt()
        needsAttention = true
    }

    /// SDM 3C, 30.2.1 "Evaluation of Pending Virtual Interrupts".
    private mutating func recognizeVirtualInterrupt() {
        let evaluation = VirtualInterruptEvaluation(
            requested: requestedVector,
            processorPriority: UInt8(truncatingIfNeeded: virtual(.processorPriority)),
            primary: state.vmx.controls.primary)
        let verdict = ladders.virtualInterrupt.evaluation.evaluate(evaluation)
        // Where nothing is requested there is nothing to tell.
        if evaluation.requested != 0 { tell(.decision(.virtualInterrupt(evaluation))) }
        state.vmx.virtualAPIC.isRecognized = verdict == .virtualized
    }

    /// SDM 3C, 30.2.2 "Virtual-Interrupt Delivery": the vector that goes through the IDT.
    mutating func deliverVirtualInterrupt() -> UInt8 {
        let vector = requestedVector
        change(.inService, vector, to: true)
        setVirtual(.processorPriority, UInt64(vector & 0xF0))
        change(.request, vector, to: false)
        setInterruptStatus(requested: highest(.request), serviced: vector)
        state.vmx.virtualAPIC.isRecognized = false
        return vector
    }

    // MARK: Posted interrupts

    /// Offsets in the posted-interrupt descriptor.
    private enum PostedInterrupts {
        /// Bits 255:0: the requests.
        static let requests: UInt64 = 0
        /// Bit 256, of this byte the lowest: a notification is outstanding.
        static let outstanding: UInt64 = 32
    }

    /// SDM 3C, 30.6 "Posted-Interrupt Processing". The guest does not notice.
    mutating func processPostedInterrupts() {
        let descriptor = vmcs(.postedInterruptDescriptor)
        _ = acknowledgeInterrupt()
        let flags = readPhysical(descriptor &+ PostedInterrupts.outstanding, size: 1)
        writePhysical(descriptor &+ PostedInterrupts.outstanding, flags & ~1, size: 1)
        state.apic.endInterrupt()
        var posted: UInt8 = 0
        for word in UInt8(0)..<8 {
            let source = descriptor &+ PostedInterrupts.requests &+ UInt64(word) * 4
            let bits = readPhysical(source, size: 4)
            guard bits != 0 else { continue }
            writePhysical(source, 0, size: 4)
            let target = place(.request, word << 5).address
            writePhysical(target, readPhysical(target, size: 4) | bits, size: 4)
            posted = word << 5 | UInt8(63 - bits.leadingZeroBitCount)
        }
        setInterruptStatus(requested: max(requestedVector, posted), serviced: servicedVector)
        recognizeVirtualInterrupt()
        needsAttention = true
    }

    // MARK: CR8

    /// What MOV to CR8 writes in non-root operation with a TPR shadow.
    /// SDM 3C, 30.3 "Virtualizing CR8-Based TPR Accesses".
    mutating func writeVirtualCR8(_ value: UInt64) {
        setVirtual(.taskPriority, (value & 0xF) << 4)
        virtualizeTPR()
    }

    // MARK: Writes to the page

    /// A write that has gone to the page: what it brings about, or the exit behind the instruction.
    /// SDM 3C, 30.4.3.2 "APIC-Write Emulation".
    mutating func emulateAPICWrite(_ register: APICRegister) {
        needsAttention = true
        var write = APICWriteEmulation(register, value: virtual(register))
        write.secondary = state.vmx.controls.secondary
        let verdict = ladders.apicWrite.emulation.evaluate(write)
        tell(.decision(.apicWrite(write)))
        guard verdict == .virtualized else {
            return state.vmx.virtualAPIC.writtenOffset = register.rawValue
        }
        switch register {
        case .taskPriority:
            setVirtual(.taskPriority, write.value & 0xFF)
            virtualizeTPR()
        case .endOfInterrupt:
            setVirtual(.endOfInterrupt, 0)
            virtualizeEOI()
        case .commandHigh: setVirtual(.commandHigh, write.value & 0xFF00_0000)
        default: virtualizeSelfIPI(UInt8(truncatingIfNeeded: write.value))
        }
    }

    // MARK: MSRs

    /// RDMSR of 800H to 8FFH in "virtualize x2APIC mode"; nil: as without it.
    /// SDM 3C, 30.5 "Virtualizing MSR-Based APIC Accesses".
    mutating func readVirtualX2APIC(_ number: UInt32) throws(Abort) -> UInt64? {
        guard try isVirtualized(X2APICAccess(number: number, isWrite: false)) else { return nil }
        return readPhysical(x2APICPlace(number), size: 8)
    }

    /// WRMSR likewise; false: as without it.
    mutating func writeVirtualX2APIC(_ number: UInt32, _ value: UInt64) throws(Abort) -> Bool {
        var access = X2APICAccess(number: number, isWrite: true)
        access.value = value
        guard try isVirtualized(access) else { return false }
        writePhysical(x2APICPlace(number), value, size: 8)
        let offset = UInt16(truncatingIfNeeded: number & 0xFF) << 4
        if let register = APICRegister(rawValue: offset) { emulateAPICWrite(register) }
        return true
    }

    /// Where an x2APIC MSR lies on the virtual-APIC page.
    private func x2APICPlace(_ number: UInt32) -> UInt64 {
        state.vmx.controls.virtualAPICAddress &+ UInt64(number & 0xFF) << 4
    }

    /// Asks the ladder in non-root operation, where the number is an x2APIC MSR's.
    private mutating func isVirtualized(_ facts: X2APICAccess) throws(Abort) -> Bool {
        guard state.vmx.mode == .nonRoot,
            MSR.x2APICRange.contains(UInt32(truncatingIfNeeded: facts.number))
        else { return false }
        var access = facts
        access.secondary = state.vmx.controls.secondary
        let verdict = ladders.x2APIC.ladder(for: access).evaluate(access)
        tell(.decision(.x2APIC(access)))
        if case .fault(let vector) = verdict { throw fault(vector, 0) }
        return verdict == .virtualized
    }
}
