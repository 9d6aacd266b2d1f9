import Architecture
import InstructionSet

/// The VMX instructions as a guest or a hypervisor in assembly executes them.
extension Machine {
    mutating func executeVMX(_ instruction: DecodedInstruction) throws(Abort) {
        if state.vmx.mode == .nonRoot { try exitForVMXInstruction(instruction) }
        switch instruction.operation {
        case .vmcall: try executeVMCALL()
        case .vmlaunch: try settle(vmlaunch())
        case .vmresume: try settle(vmresume())
        case .vmxoff: try settle(vmxoff())
        case .vmxon: try settle(vmxon(try pointerOperand(instruction)))
        case .vmclear: try settle(vmclear(try pointerOperand(instruction)))
        case .vmptrld: try settle(vmptrld(try pointerOperand(instruction)))
        case .vmptrst:
            let (result, pointer) = vmptrst()
            try settle(result)
            try set(Operand(.memory, size: 8), pointer, instruction)
        case .vmread:
            let (result, value) = vmread(try get(instruction.second, instruction))
            try settle(result)
            if result == .succeed { try set(instruction.first, value, instruction) }
        case .vmwrite:
            let encoding = try get(instruction.first, instruction)
            try settle(vmwrite(encoding, try get(instruction.second, instruction)))
        default: throw notModelled(.instruction(instruction.form))
        }
    }

    /// VMCALL outside non-root operation: there is no dual-monitor treatment here.
    private mutating func executeVMCALL() throws(Abort) {
        guard state.vmx.mode == .root else { throw fault(.invalidOpcode) }
        guard state.cpl == 0 else { throw fault(.generalProtection, 0) }
        throw notModelled(.feature(.dualMonitor))
    }

    private mutating func pointerOperand(_ instruction: DecodedInstruction) throws(Abort) -> UInt64 {
        try get(Operand(.memory, size: 8), instruction)
    }

    private mutating func settle(_ result: VMXResult) throws(Abort) {
        switch result {
        case .succeed, .failInvalid, .failValid: return
        case .fault(let vector): throw fault(vector, vector.hasErrorCode ? 0 : nil)
        case .entered, .entryFailed:
            // RIP is the guest's now, or the host's entry point.
            nextRIP = state.rip
        case .notModelled(let what): throw notModelled(what)
        }
    }

    /// In non-root operation every VMX instruction but VMFUNC exits.
    /// SDM 3C, 26.1.2 "Instructions That Cause VM Exits Unconditionally".
    private mutating func exitForVMXInstruction(_ instruction: DecodedInstruction) throws(Abort) {
        guard instruction.operation != .vmcall else { return try decideInstruction(instruction) }
        guard instruction.operation != .vmfunc else { throw fault(.invalidOpcode) }
        guard state.isProtected, !state.isVirtual8086, !state.isLongMode || state.cs.isLong else {
            throw fault(.invalidOpcode)
        }
        try decideInstruction(instruction)
    }
}
