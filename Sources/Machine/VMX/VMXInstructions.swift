import Architecture
import InstructionSet

/// The VMX instructions as a guest or a hypervisor in assembly executes them.
extension Machine {
    mutating func executeVMX(_ instruction: DecodedInstruction) throws(Abort) {
        if state.vmx.mode == .nonRoot {
            try decideInstruction(instruction)
            // All others have exited.
            return switchEPTP()
        }
        if instruction.operation != .vmxon { try checkRoot(instruction) }
        switch instruction.operation {
        case .vmcall: try settle(vmcall())
        case .vmlaunch: try settle(vmlaunch())
        case .vmresume: try settle(vmresume())
        case .vmxoff: try settle(vmxoff())
        case .vmxon: try executeVMXON(instruction)
        case .vmclear: try settle(vmclear(try pointerOperand(instruction)))
        case .vmptrld: try settle(vmptrld(try pointerOperand(instruction)))
        case .vmptrst:
            let flags = state.flags
            let (result, pointer) = vmptrst()
            try store(pointer, Operand(.memory, size: 8), instruction, result, flags)
        case .invept:
            let type = try get(instruction.first, instruction)
            try settle(invept(type, try descriptorOperand(instruction)))
        case .invvpid:
            let type = try get(instruction.first, instruction)
            try settle(invvpid(type, try descriptorOperand(instruction)))
        default: throw notModelled(.instruction(instruction.form))
        }
    }

    /// Apart from the others, as each exit of a guest brings several of it.
    @inline(never)
    mutating func executeVMREAD(_ instruction: DecodedInstruction) throws(Abort) {
        let isShadowed = try beginFieldAccess(instruction)
        let encoding = try get(instruction.second, instruction)
        let flags = state.flags
        let (result, value) = isShadowed ? shadowRead(encoding) : readField(encoding)
        guard case .succeed = result else { return }
        if instruction.first.kind == .general {
            let register = instruction.first
            setRegister(register.register, value, size: register.size)
        } else {
            try store(value, instruction.first, instruction, result, flags)
        }
    }

    @inline(never)
    mutating func executeVMWRITE(_ instruction: DecodedInstruction) throws(Abort) {
        let isShadowed = try beginFieldAccess(instruction)
        let encoding = try get(instruction.first, instruction)
        let value = try get(instruction.second, instruction)
        // VMfail shows in the flags alone.
        _ = isShadowed ? shadowWrite(encoding, value) : writeField(encoding, value)
    }

    /// What comes before the operands of VMREAD and VMWRITE. They are of the shadow VMCS in non-root
    /// operation, where they do not exit; else of the current one.
    @inline(__always)
    private mutating func beginFieldAccess(
        _ instruction: DecodedInstruction
    ) throws(Abort) -> Bool {
        guard state.vmx.mode == .nonRoot else {
            if let result = rootFault(instruction.operation) { try settle(result) }
            return false
        }
        try decideInstruction(instruction)
        // What does not exit is for ring 0 here too.
        if let result = rootFault(instruction.operation) { try settle(result) }
        return true
    }

    /// #UD and #GP, before any operand is read.
    private mutating func checkRoot(_ instruction: DecodedInstruction) throws(Abort) {
        switch instruction.operation {
        case .vmfunc: try decideInstruction(instruction)
        case .invept: try settle(fault: rootFault(.invept, isThere: hasINVEPT))
        case .invvpid: try settle(fault: rootFault(.invvpid, isThere: hasINVVPID))
        default: try settle(fault: rootFault(instruction.operation))
        }
    }

    private mutating func settle(fault: VMXResult?) throws(Abort) {
        if let fault { try settle(fault) }
    }

    private mutating func executeVMXON(_ instruction: DecodedInstruction) throws(Abort) {
        try settle(fault: vmxonFault())
        // In root operation VMXON fails without a look at its operand.
        let isRoot = state.vmx.mode == .root
        try settle(vmxon(isRoot ? 0 : try pointerOperand(instruction)))
    }

    private mutating func pointerOperand(_ instruction: DecodedInstruction) throws(Abort) -> UInt64
    {
        try get(Operand(.memory, size: 8), instruction)
    }

    /// 16 bytes in memory.
    private mutating func descriptorOperand(
        _ instruction: DecodedInstruction
    ) throws(Abort) -> InvalidationDescriptor {
        let place = effectiveAddress(instruction)
        let next = (place &+ 8) & Self.mask(instruction.addressSize)
        let low = try load(instruction.segment, place, size: 8)
        return InvalidationDescriptor(
            low: low, high: try load(instruction.segment, next, size: 8))
    }

    /// Writes what the instruction read. A fault of the write leaves the flags as they were.
    private mutating func store(
        _ value: UInt64, _ operand: Operand, _ instruction: DecodedInstruction,
        _ result: VMXResult, _ flags: Flags
    ) throws(Abort) {
        guard case .succeed = result else { return try settle(result) }
        do throws(Abort) {
            try set(operand, value, instruction)
        } catch {
            state.flags = flags
            throw error
        }
    }

    private mutating func settle(_ result: VMXResult) throws(Abort) {
        switch result {
        case .succeed, .failInvalid, .failValid: return
        case .fault(let vector): throw fault(vector, vector.hasErrorCode ? 0 : nil)
        case .entered, .entryFailed, .aborted:
            // RIP is the guest's now, or the host's entry point.
            nextRIP = state.rip
        case .notModelled(let what): throw notModelled(what)
        }
    }
}
