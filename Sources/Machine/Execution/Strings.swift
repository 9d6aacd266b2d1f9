import Architecture
import InstructionSet

/// MOVS, CMPS, STOS, LODS, SCAS, alone and repeated. SDM 2, "REP/REPE/REPZ/REPNE/REPNZ".
extension Machine {
    /// Carries out one element, or as many as rCX says; an element answers whether to go on.
    ///
    /// rCX counts with every element, so that a fault leaves what is still to be done. A long
    /// repetition comes back to the run loop now and then.
    @inline(always)
    private mutating func repeating(
        _ i: DecodedInstruction, _ element: (inout Machine) throws(Abort) -> Bool
    ) throws(Abort) {
        guard !i.prefixes.isDisjoint(with: [.rep, .repne]) else {
            _ = try element(&self)
            return
        }
        let mask = Self.mask(i.addressSize)
        let atOnce = repeatsAtOnce
        var left = atOnce
        while state.registers[.rcx] & mask != 0 {
            guard left > 0, state.vmx.virtualAPIC.write == nil else {
                return repeatLater(after: atOnce &- left)
            }
            left &-= 1
            let goesOn = try element(&self)
            setRegister(
                GeneralRegister.rcx.rawValue, state.registers[.rcx] &- 1, size: i.addressSize)
            guard goesOn else { return }
        }
    }

    @inline(always)
    private mutating func sourceOffset(_ i: DecodedInstruction) -> UInt64 {
        state.registers[.rsi] & Self.mask(i.addressSize)
    }

    @inline(always)
    private mutating func destinationOffset(_ i: DecodedInstruction) -> UInt64 {
        state.registers[.rdi] & Self.mask(i.addressSize)
    }

    /// Moves rSI or rDI behind an element, or before it with DF set.
    @inline(always)
    private mutating func advance(_ register: GeneralRegister, _ i: DecodedInstruction) {
        let step = UInt64(i.operandSize)
        let delta = state.flags.isBackward ? 0 &- step : step
        setRegister(
            register.rawValue, state.registers[register] &+ delta, size: i.addressSize)
    }

    mutating func executeMoveString(_ i: DecodedInstruction) throws(Abort) {
        try repeating(i) { machine throws(Abort) in
            let value = try machine.load(i.segment, machine.sourceOffset(i), size: i.operandSize)
            try machine.store(.es, machine.destinationOffset(i), value, size: i.operandSize)
            machine.advance(.rsi, i)
            machine.advance(.rdi, i)
            return true
        }
    }

    mutating func executeStoreString(_ i: DecodedInstruction) throws(Abort) {
        try repeating(i) { machine throws(Abort) in
            let value = machine.state.registers[.rax]
            try machine.store(.es, machine.destinationOffset(i), value, size: i.operandSize)
            machine.advance(.rdi, i)
            return true
        }
    }

    mutating func executeLoadString(_ i: DecodedInstruction) throws(Abort) {
        try repeating(i) { machine throws(Abort) in
            let value = try machine.load(i.segment, machine.sourceOffset(i), size: i.operandSize)
            machine.setRegister(GeneralRegister.rax.rawValue, value, size: i.operandSize)
            machine.advance(.rsi, i)
            return true
        }
    }

    mutating func executeCompareString(_ i: DecodedInstruction) throws(Abort) {
        try repeating(i) { machine throws(Abort) in
            let left = try machine.load(i.segment, machine.sourceOffset(i), size: i.operandSize)
            let right = try machine.load(.es, machine.destinationOffset(i), size: i.operandSize)
            machine.state.flags.setSubtract(left, right, left &- right, size: i.operandSize)
            machine.advance(.rsi, i)
            machine.advance(.rdi, i)
            return machine.state.flags.zero != i.prefixes.contains(.repne)
        }
    }

    mutating func executeScanString(_ i: DecodedInstruction) throws(Abort) {
        try repeating(i) { machine throws(Abort) in
            let left = machine.state.registers[.rax] & Self.mask(i.operandSize)
            let right = try machine.load(.es, machine.destinationOffset(i), size: i.operandSize)
            machine.state.flags.setSubtract(left, right, left &- right, size: i.operandSize)
            machine.advance(.rdi, i)
            return machine.state.flags.zero != i.prefixes.contains(.repne)
        }
    }
}
