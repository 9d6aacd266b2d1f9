import Architecture
import InstructionSet

/// HLT, CPUID, software interrupts, MSRs.
extension Machine {
    mutating func executeHLT(_ instruction: DecodedInstruction) throws(Abort) {
        try decideInstruction(instruction)
        state.activity = .hlt
        needsAttention = true
    }

    mutating func executeCPUID(_ instruction: DecodedInstruction) throws(Abort) {
        try decideInstruction(instruction)
        let leaf = cpuid(
            UInt32(truncatingIfNeeded: state.registers[.rax]),
            UInt32(truncatingIfNeeded: state.registers[.rcx]))
        state.registers[.rax] = UInt64(leaf.eax)
        state.registers[.rbx] = UInt64(leaf.ebx)
        state.registers[.rcx] = UInt64(leaf.ecx)
        state.registers[.rdx] = UInt64(leaf.edx)
    }

    /// The processor's leaf, with the bits that follow the state it is in.
    public func cpuid(_ leaf: UInt32, _ subleaf: UInt32) -> CPUIDResult {
        var found = processor.cpuid(leaf: leaf, subleaf: subleaf)
        if leaf == 1 {
            // OSXSAVE mirrors CR4.
            found.ecx &= ~(1 << 27)
            if state.cr4.has(CR4Bit.osxsave) { found.ecx |= 1 << 27 }
            // The APIC bit mirrors IA32_APIC_BASE.
            if !state.hasAPIC { found.edx &= ~(1 << 9) }
        }
        return found
    }

    /// INT n, INT3, INTO and INT1: delivered as events behind the instruction.
    mutating func executeInterrupt(_ instruction: DecodedInstruction) throws(Abort) {
        var event: PendingException
        switch instruction.operation {
        case .int3:
            event = PendingException(vector: ExceptionVector.breakpoint.rawValue, errorCode: nil)
        case .into:
            guard state.rflags.has(FlagBit.of) else { return }
            event = PendingException(vector: ExceptionVector.overflow.rawValue, errorCode: nil)
        case .int1: event = PendingException(vector: ExceptionVector.debug.rawValue, errorCode: nil)
        default:
            if state.isVirtual8086 {
                if state.cr4.has(CR4Bit.vme) { throw notModelled(.feature(.interruptRedirection)) }
                if state.iopl < 3 { throw fault(.generalProtection, 0) }
            }
            event = PendingException(
                vector: UInt8(truncatingIfNeeded: instruction.immediate), errorCode: nil)
        }
        event.source = instruction.operation == .int ? .softwareInterrupt : .trap
        event.instructionLength = instructionLength
        pendingException = event
        throw .exception
    }

    // MARK: MSRs

    mutating func executeRDMSR(_ instruction: DecodedInstruction) throws(Abort) {
        let number = UInt32(truncatingIfNeeded: state.registers[.rcx])
        try decideMSR(MSRAccess(number: number, isWrite: false))
        let virtual = try readVirtualX2APIC(number)
        let value = if let virtual { virtual } else { try readMSR(number) }
        state.registers[.rax] = value & 0xFFFF_FFFF
        state.registers[.rdx] = value >> 32
    }

    mutating func executeWRMSR(_ instruction: DecodedInstruction) throws(Abort) {
        let number = UInt32(truncatingIfNeeded: state.registers[.rcx])
        try decideMSR(MSRAccess(number: number, isWrite: true))
        let value = state.registers[.rdx] << 32 | state.registers[.rax] & 0xFFFF_FFFF
        if try !writeVirtualX2APIC(number, value) { try writeMSR(number, value) }
    }
}
