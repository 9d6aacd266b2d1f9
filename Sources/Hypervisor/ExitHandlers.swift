import Architecture
import Machine

/// What the hypervisor does at each kind of exit: one handler a reason.
extension TeachingHypervisor {
    /// Reads the exit reason and reacts.
    mutating func handleExit(_ machine: inout Machine) -> Outcome {
        let field = read(.exitReason, &machine)
        guard field >> 31 == 0,
            let reason = ExitReason(rawValue: UInt16(truncatingIfNeeded: field))
        else { return .end(EndOfRun(.entryFailure)) }
        let reaction = policy.reaction(to: reason)
        tell(.dispatch(reason, reaction), &machine)
        switch reaction {
        case .stop:
            tell(.endRun, &machine)
            return .end(EndOfRun(reason == .hlt ? .hlt : .stopped))
        case .skip: return skip(&machine)
        case .injectGP: return inject(.generalProtection, 0, &machine)
        case .emulate: return emulate(reason, &machine)
        }
    }

    private mutating func emulate(_ reason: ExitReason, _ machine: inout Machine) -> Outcome {
        switch reason {
        case .cpuid: return emulateCPUID(&machine)
        case .invd:
            tell(.emulateINVD, &machine)
            return skip(&machine)
        case .wbinvd, .invlpg, .vmcall, .hlt: return skip(&machine)
        case .xsetbv: return emulateXSETBV(&machine)
        case .crAccess: return emulateControlRegister(&machine)
        case .ioInstruction: return emulatePort(&machine)
        case .rdmsr, .wrmsr: return inject(.generalProtection, 0, &machine)
        case .vmclear, .vmlaunch, .vmptrld, .vmptrst, .vmread, .vmresume, .vmwrite, .vmxoff,
            .vmxon, .invept, .invvpid, .vmfunc:
            return inject(.invalidOpcode, nil, &machine)
        case .exceptionOrNMI: return reflect(&machine)
        case .eptViolation: return extendMap(&machine)
        case .tripleFault:
            tell(.endRun, &machine)
            return .end(EndOfRun(.shutdown))
        default:
            tell(.endRun, &machine)
            return .end(EndOfRun(.stopped))
        }
    }

    // MARK: Access to the VMCS

    func read(_ field: VMCSField, _ machine: inout Machine) -> UInt64 {
        machine.vmread(UInt64(field.rawValue)).1
    }

    func write(_ field: VMCSField, _ value: UInt64, _ machine: inout Machine) {
        _ = machine.vmwrite(UInt64(field.rawValue), value)
    }

    // MARK: Going on

    /// Moves the guest behind the instruction, and with it the blocking by STI and MOV SS ends.
    mutating func skip(_ machine: inout Machine) -> Outcome {
        let length = read(.exitInstructionLength, &machine)
        let rip = read(.guestRIP, &machine) &+ length
        let isLong = read(.entryControls, &machine).has(EntryControl.ia32eModeGuest)
        write(.guestRIP, isLong ? rip : rip & 0xFFFF_FFFF, &machine)
        let blocking = read(.guestInterruptibility, &machine)
        if blocking & 3 != 0 { write(.guestInterruptibility, blocking & ~3, &machine) }
        machine.countEmulatedStep()
        memory.emulatedSteps &+= 1
        tell(.skip(bytes: length), &machine)
        return .resume
    }

    /// Has the next entry deliver an exception. SDM 3C, 27.6 "Event Injection".
    private func inject(
        _ vector: ExceptionVector, _ errorCode: UInt32?, _ machine: inout Machine
    ) -> Outcome {
        var information = UInt64(vector.rawValue) | 3 << 8 | 1 << 31
        if let errorCode, read(.guestCR0, &machine).has(CR0Bit.pe) {
            information |= 1 << 11
            write(.entryExceptionErrorCode, UInt64(errorCode), &machine)
        }
        write(.entryInterruptionInformation, information, &machine)
        tell(.inject(vector: vector.rawValue, errorCode: errorCode), &machine)
        return .resume
    }

    /// Gives the guest the exception that the exit took away.
    private func reflect(_ machine: inout Machine) -> Outcome {
        let information = read(.exitInterruptionInformation, &machine)
        let vector = UInt8(truncatingIfNeeded: information)
        var code: UInt32?
        if information >> 11 & 1 == 1 {
            let value = read(.exitInterruptionErrorCode, &machine)
            code = UInt32(truncatingIfNeeded: value)
            write(.entryExceptionErrorCode, value, &machine)
        }
        if vector == ExceptionVector.pageFault.rawValue {
            machine.state.cr2 = read(.exitQualification, &machine)
        }
        // Bit 12 is "NMI unblocking" at an exit, and reserved at an entry.
        write(.entryInterruptionInformation, information & ~(1 << 12), &machine)
        let type = information >> 8 & 7
        if type >= 4 {
            write(.entryInstructionLength, read(.exitInstructionLength, &machine), &machine)
        }
        tell(.inject(vector: vector, errorCode: code), &machine)
        return .resume
    }

    // MARK: Instructions

    /// The processor's leaf, with VMX hidden, the hypervisor shown, and OSXSAVE clear.
    static func cpuid(_ processor: Processor, leaf: UInt32, subleaf: UInt32) -> CPUIDResult {
        var found = processor.cpuid(leaf: leaf, subleaf: subleaf)
        let vmxBit: UInt32 = 1 << 5
        let hypervisorBit: UInt32 = 1 << 31
        if leaf == 1 { found.ecx = (found.ecx & ~vmxBit & ~osxsave) | hypervisorBit }
        return found
    }

    private static let osxsave: UInt32 = 1 << 27

    private mutating func emulateCPUID(_ machine: inout Machine) -> Outcome {
        let leaf = UInt32(truncatingIfNeeded: machine.state.registers[.rax])
        let subleaf = UInt32(truncatingIfNeeded: machine.state.registers[.rcx])
        var found = Self.cpuid(machine.processor, leaf: leaf, subleaf: subleaf)
        // OSXSAVE mirrors the guest's CR4.
        if leaf == 1, read(.guestCR4, &machine).has(CR4Bit.osxsave) { found.ecx |= Self.osxsave }
        machine.state.registers[.rax] = UInt64(found.eax)
        machine.state.registers[.rbx] = UInt64(found.ebx)
        machine.state.registers[.rcx] = UInt64(found.ecx)
        machine.state.registers[.rdx] = UInt64(found.edx)
        tell(
            .emulateCPUID(
                leaf: leaf, subleaf: subleaf, eax: found.eax, ebx: found.ebx, ecx: found.ecx,
                edx: found.edx), &machine)
        return skip(&machine)
    }

    /// SDM 2, "XSETBV—Set Extended Control Register": checked first, then done for the guest.
    private mutating func emulateXSETBV(_ machine: inout Machine) -> Outcome {
        let number = machine.state.registers[.rcx] & 0xFFFF_FFFF
        let value =
            machine.state.registers[.rdx] << 32 | machine.state.registers[.rax] & 0xFFFF_FFFF
        let supported = UInt64(machine.processor.cpuid(leaf: 0xD, subleaf: 0).eax)
        let sse: UInt64 = 2
        let avx: UInt64 = 4
        let isLegal =
            number == 0 && value & 1 == 1 && value & ~supported == 0
            && (value & avx == 0 || value & sse != 0)
        let ring = read(.guestSSAccessRights, &machine) >> 5 & 3
        guard isLegal, ring == 0 else { return inject(.generalProtection, 0, &machine) }
        machine.state.xcr0 = value
        tell(.emulateXSETBV(value), &machine)
        return skip(&machine)
    }

    /// The guest sees the value that it wrote: host-owned bits in the shadow, the others for real.
    private mutating func emulateControlRegister(_ machine: inout Machine) -> Outcome {
        let access = read(.exitQualification, &machine)
        let number = UInt8(access & 0xF)
        let type = access >> 4 & 3
        let register = GeneralRegister.allCases[Int(access >> 8 & 0xF)]
        switch (number, type) {
        case (0, 0), (4, 0):
            return writeOwned(number, generalRegister(register, &machine), &machine)
        case (0, 2):
            let shadow = visible(0, &machine) & ~CR0Bit.ts.mask
            return writeOwned(0, shadow, &machine)
        case (0, 3):
            let source = access >> 16 & 0xFFFF
            let seen = visible(0, &machine)
            return writeOwned(0, (seen & ~0xE) | (source & 0xF), &machine)
        case (3, 0):
            write(.guestCR3, generalRegister(register, &machine) & ~(1 << 63), &machine)
            return skip(&machine)
        case (3, 1): setGeneralRegister(register, read(.guestCR3, &machine), &machine)
        case (8, 0): machine.state.cr8 = generalRegister(register, &machine)
        case (8, 1): setGeneralRegister(register, machine.state.cr8, &machine)
        default: break
        }
        return skip(&machine)
    }

    private struct Masked {
        let real: VMCSField
        let mask: VMCSField
        let shadow: VMCSField
        static let cr0 = Masked(real: .guestCR0, mask: .cr0Mask, shadow: .cr0ReadShadow)
        static let cr4 = Masked(real: .guestCR4, mask: .cr4Mask, shadow: .cr4ReadShadow)
    }

    /// What the guest reads of CR0 or CR4.
    private func visible(_ number: UInt8, _ machine: inout Machine) -> UInt64 {
        let fields: Masked = number == 0 ? .cr0 : .cr4
        let mask = read(fields.mask, &machine)
        return (read(fields.shadow, &machine) & mask) | (read(fields.real, &machine) & ~mask)
    }

    private mutating func writeOwned(
        _ number: UInt8, _ value: UInt64, _ machine: inout Machine
    ) -> Outcome {
        let fields: Masked = number == 0 ? .cr0 : .cr4
        let mask = read(fields.mask, &machine)
        let real = (read(fields.real, &machine) & mask) | (value & ~mask)
        write(fields.shadow, value, &machine)
        write(fields.real, real, &machine)
        tell(.emulateControlRegister(number: number, shadow: value, real: real), &machine)
        return skip(&machine)
    }

    /// RSP is in the VMCS, the other general registers are where the guest left them.
    private func generalRegister(
        _ register: GeneralRegister, _ machine: inout Machine
    ) -> UInt64 {
        register == .rsp ? read(.guestRSP, &machine) : machine.state.registers[register]
    }

    private func setGeneralRegister(
        _ register: GeneralRegister, _ value: UInt64, _ machine: inout Machine
    ) {
        if register == .rsp {
            write(.guestRSP, value, &machine)
        } else {
            machine.state.registers[register] = value
        }
    }

    /// IN and OUT done on the devices for the guest; a string form is left to the caller's policy.
    private mutating func emulatePort(_ machine: inout Machine) -> Outcome {
        let access = read(.exitQualification, &machine)
        let size = UInt8(access & 7) + 1
        let isInput = access >> 3 & 1 == 1
        let isString = access >> 4 & 1 == 1
        let port = UInt16(truncatingIfNeeded: access >> 16)
        guard !isString else {
            tell(.endRun, &machine)
            return .end(EndOfRun(.stopped))
        }
        let mask: UInt64 = size == 4 ? 0xFFFF_FFFF : (1 << UInt64(size * 8)) - 1
        let rax = machine.state.registers[.rax]
        var value = UInt32(truncatingIfNeeded: rax & mask)
        if isInput {
            value = machine.readPort(port, size: size)
            // A 32-bit IN clears the upper half, as every 32-bit register write does.
            machine.state.registers[.rax] =
                size == 4 ? UInt64(value) : (rax & ~mask) | UInt64(value)
        } else {
            machine.writePort(port, value, size: size)
        }
        tell(
            .emulatePort(PortTransfer(port: port, size: size, isInput: isInput, value: value)),
            &machine)
        return skip(&machine)
    }

    // MARK: Memory

    /// Guest-physical addresses that the map does not reach yet.
    private mutating func extendMap(_ machine: inout Machine) -> Outcome {
        let address = read(.guestPhysicalAddress, &machine)
        guard let map = memory.map, map.map(address, &memory.region, &machine) else {
            tell(.endRun, &machine)
            return .end(EndOfRun(.stopped))
        }
        tell(.map(address), &machine)
        return .resume
    }
}
