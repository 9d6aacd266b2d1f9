import Architecture
import InstructionSet

/// IN, OUT, INS, OUTS.
extension Machine {
    mutating func executePort(_ instruction: DecodedInstruction) throws(Abort) {
        switch instruction.operation {
        case .in:
            let size = instruction.first.size
            let access = try portAccess(instruction, input: true, instruction.second, size)
            try decide(access, instruction)
            let value = input(access.port, size: size)
            setRegister(GeneralRegister.rax.rawValue, UInt64(value), size: size)
        case .out:
            let size = instruction.second.size
            let access = try portAccess(instruction, input: false, instruction.first, size)
            try decide(access, instruction)
            let value = state.registers[.rax] & Self.mask(size)
            output(access.port, UInt32(truncatingIfNeeded: value), size: size)
        default: try executeStringPort(instruction)
        }
    }

    private mutating func portAccess(
        _ instruction: DecodedInstruction, input: Bool, _ portOperand: Operand, _ size: UInt8
    ) throws(Abort) -> PortAccess {
        let isImmediate = portOperand.kind == .immediate
        let port =
            isImmediate
            ? UInt16(truncatingIfNeeded: instruction.immediate & 0xFF)
            : UInt16(truncatingIfNeeded: state.registers[.rdx])
        var access = PortAccess(port: port, size: size, isInput: input)
        access.isImmediate = isImmediate
        try fill(&access)
        return access
    }

    /// The processor's side of the facts.
    private mutating func fill(_ access: inout PortAccess) throws(Abort) {
        access.cpl = UInt64(state.cpl)
        access.iopl = UInt64(state.iopl)
        access.virtual8086 = state.isVirtual8086 ? 1 : 0
        access.protected = state.isProtected ? 1 : 0
        if PortAccess.asksTSS(
            cpl: access.cpl, iopl: access.iopl, virtual8086: access.virtual8086,
            protected: access.protected)
        {
            access.tssDenies = try tssPermits(access.port, access.size) ? 0 : 1
        }
        guard state.vmx.mode == .nonRoot else { return }
        let controls = state.vmx.controls
        access.nonRoot = 1
        access.unconditional = controls.primary.has(PrimaryControl.unconditionalIOExiting) ? 1 : 0
        access.useBitmaps = controls.primary.has(PrimaryControl.useIOBitmaps) ? 1 : 0
        guard access.useBitmaps == 1 else { return }
        for index in 0..<access.size {
            let bit = ioBitmapBit(access.port &+ UInt16(index))
            access.bitmapBits |= bit << UInt64(index)
        }
    }

    /// Bitmap A has ports 0 to 7FFFh, bitmap B the others. SDM 3C, 25.6.4 "I/O-Bitmap Addresses".
    private mutating func ioBitmapBit(_ port: UInt16) -> UInt64 {
        let controls = state.vmx.controls
        let bitmap = port < 0x8000 ? controls.ioBitmapA : controls.ioBitmapB
        let byte = readPhysical(bitmap &+ UInt64(port & 0x7FFF) / 8, size: 1)
        return byte >> UInt64(port & 7) & 1
    }

    /// SDM 1, "I/O Permission Bit Map".
    private mutating func tssPermits(_ port: UInt16, _ size: UInt8) throws(Abort) -> Bool {
        guard !state.tr.isUnusable, state.tr.type & 8 != 0, state.tr.limit >= 103 else {
            return false
        }
        let map = try readSlowly(wrapped(state.tr.base &+ 102), 2, .supervisor(.read))
        let offset = map + UInt64(port) / 8
        guard offset + 1 <= UInt64(state.tr.limit) else { return false }
        let bits = try readSlowly(wrapped(state.tr.base &+ offset), 2, .supervisor(.read))
        let mask = ((UInt64(1) << UInt64(size)) - 1) << UInt64(port & 7)
        return bits & mask == 0
    }

    private mutating func decide(
        _ access: PortAccess, _ instruction: DecodedInstruction, address: UInt64? = nil
    ) throws(Abort) {
        let verdict = ladders.port.evaluate(access)
        if access.nonRoot == 1 { tell(.decision(.port(access))) }
        switch verdict {
        case .fault(let vector): throw fault(vector, 0)
        case .exit(let reason):
            pendingExit = portExit(access, reason, instruction, address)
            throw .exit
        case .proceed, .ignored, .virtualized, .interrupt, .fail, .abort: return
        }
    }

    /// SDM 3C, table "Exit Qualification for I/O Instructions".
    private func portExit(
        _ access: PortAccess, _ reason: ExitReason, _ instruction: DecodedInstruction,
        _ address: UInt64?
    ) -> ExitInformation {
        var exit = ExitInformation(reason)
        var qualification = UInt64(access.size - 1) | UInt64(access.port) << 16
        if access.isInput { qualification |= 1 << 3 }
        if access.isString { qualification |= 1 << 4 }
        if access.isRepeated { qualification |= 1 << 5 }
        if access.isImmediate { qualification |= 1 << 6 }
        exit.qualification = qualification
        exit.instructionLength = instructionLength
        if access.isString {
            exit.guestLinear = address
            if processor.vmx?.basic.has(VMXBasicBit.insOutsInformation) == true {
                let segment = access.isInput ? nil : instruction.segment
                exit.instructionInformation =
                    InstructionInformation(
                        stringIO: Self.informationSize(instruction.addressSize), segment: segment
                    ).rawValue
            }
        }
        return exit
    }

    // MARK: Strings

    /// INS and OUTS: one element at a time, so that a fault or an exit in the middle can be resumed.
    private mutating func executeStringPort(_ instruction: DecodedInstruction) throws(Abort) {
        let isInput = instruction.operation == .ins
        let size = instruction.operandSize
        let isRepeated = !instruction.prefixes.isDisjoint(with: [.rep, .repne])
        let addressMask = Self.mask(instruction.addressSize)
        let atOnce = repeatsAtOnce
        var iterations: UInt64 = 0
        while !isRepeated || state.registers[.rcx] & addressMask != 0 {
            try transferElement(instruction, isInput, size, isRepeated)
            guard isRepeated else { return }
            let count = (state.registers[.rcx] & addressMask) &- 1
            setRegister(GeneralRegister.rcx.rawValue, count, size: instruction.addressSize)
            iterations += 1
            let isTime = iterations == atOnce || state.vmx.virtualAPIC.write != nil
            if isTime, count != 0 { return repeatLater(after: iterations) }
        }
    }

    private mutating func transferElement(
        _ instruction: DecodedInstruction, _ isInput: Bool, _ size: UInt8, _ isRepeated: Bool
    ) throws(Abort) {
        let pointer: GeneralRegister = isInput ? .rdi : .rsi
        let segment: SegmentRegister = isInput ? .es : instruction.segment
        let offset = state.registers[pointer] & Self.mask(instruction.addressSize)
        var access = PortAccess(
            port: UInt16(truncatingIfNeeded: state.registers[.rdx]), size: size, isInput: isInput)
        access.isString = true
        access.isRepeated = isRepeated
        try fill(&access)
        // The exit comes before the memory operand is touched.
        let base = state.is64Bit && segment != .fs && segment != .gs ? 0 : state[segment].base
        try decide(access, instruction, address: wrapped(base &+ offset))
        if isInput {
            let address = try linear(segment, offset, size: size, write: true)
            try probeWrite(address, size: Int(size))
            try write(linear: address, UInt64(input(access.port, size: size)), size: Int(size))
        } else {
            let value = try load(segment, offset, size: size)
            output(access.port, UInt32(truncatingIfNeeded: value), size: size)
        }
        let delta = state.rflags.has(FlagBit.df) ? 0 &- UInt64(size) : UInt64(size)
        setRegister(pointer.rawValue, offset &+ delta, size: instruction.addressSize)
    }

    // MARK: The bus

    private mutating func input(_ port: UInt16, size: UInt8) -> UInt32 {
        notePortBreakpoints(port, size)
        let value = readPort(port, size: size)
        tell(.port(PortTransfer(port: port, size: size, isInput: true, value: value)))
        return value
    }

    private mutating func output(_ port: UInt16, _ value: UInt32, size: UInt8) {
        notePortBreakpoints(port, size)
        var transfer = PortTransfer(port: port, size: size, isInput: false, value: value)
        transfer.output = writePort(port, value, size: size)
        tell(.port(transfer))
    }

    /// An access to a port as the bus answers it now.
    public mutating func readPort(_ port: UInt16, size: UInt8) -> UInt32 {
        ports.now = deviceTime
        defer { if ports.needsLook { needsAttention = true } }
        return ports.read(port, size: size)
    }

    /// The same for a write; what it sent out of the machine, where it did.
    @discardableResult
    public mutating func writePort(
        _ port: UInt16, _ value: UInt32, size: UInt8
    ) -> PortBus.Output? {
        ports.now = deviceTime
        let output = ports.write(port, value, size: size)
        if ports.wantsAttention { needsAttention = true }
        if ports.devices.opensA20 == state.isA20Masked { maskA20(!ports.devices.opensA20) }
        return output
    }
}
