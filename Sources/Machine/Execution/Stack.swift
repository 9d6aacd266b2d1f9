import Architecture
import InstructionSet

/// PUSH, POP and what saves and restores several values at once.
extension Machine {
    @inline(always)
    mutating func executePush(_ i: DecodedInstruction) throws(Abort) {
        let value =
            i.first.kind == .immediate ? i.immediate : try get(i.first, i)
        try push(value, size: i.operandSize)
    }

    /// A memory operand's address is computed after RSP has moved.
    @inline(always)
    mutating func executePop(_ i: DecodedInstruction) throws(Abort) {
        if i.first.kind == .general {
            let value = try pop(size: i.operandSize)
            setRegister(i.first.register, value, size: i.operandSize)
            return
        }
        try restoringStack { machine throws(Abort) in
            let value = try machine.pop(size: i.operandSize)
            try machine.set(i.first, value, i)
        }
    }

    /// Of a 32-bit push recent processors write the selector's 16 bits alone; a 64-bit one is
    /// zero-extended.
    mutating func executePushSegment(_ i: DecodedInstruction) throws(Abort) {
        let name = SegmentRegister(rawValue: i.first.register) ?? .ds
        let width = stackSize
        let top = (state.registers[.rsp] &- UInt64(i.operandSize)) & Self.mask(width)
        let written = i.operandSize == 4 ? 2 : i.operandSize
        try store(.ss, top, UInt64(state[name].selector), size: written)
        setRegister(GeneralRegister.rsp.rawValue, top, size: width)
    }

    mutating func executePopSegment(_ i: DecodedInstruction) throws(Abort) {
        let name = SegmentRegister(rawValue: i.first.register) ?? .ds
        let width = stackSize
        let top = state.registers[.rsp] & Self.mask(width)
        let selector = UInt16(truncatingIfNeeded: try load(.ss, top, size: i.operandSize))
        try loadSegment(name, selector)
        setRegister(GeneralRegister.rsp.rawValue, top &+ UInt64(i.operandSize), size: width)
        if name == .ss { block(.byMovSS) }
    }

    mutating func executePushAll(_ i: DecodedInstruction) throws(Abort) {
        try restoringStack { machine throws(Abort) in
            let old = machine.state.registers[.rsp]
            for number in UInt8(0)..<8 {
                let isStackPointer = number == GeneralRegister.rsp.rawValue
                let value = isStackPointer ? old : machine.state.registers[number]
                try machine.push(value, size: i.operandSize)
            }
        }
    }

    /// The value of rSP in the image is skipped.
    mutating func executePopAll(_ i: DecodedInstruction) throws(Abort) {
        try restoringStack { machine throws(Abort) in
            var values = InlineArray<8, UInt64>(repeating: 0)
            for number in 0..<8 { values[7 - number] = try machine.pop(size: i.operandSize) }
            for number in 0..<8 where number != Int(GeneralRegister.rsp.rawValue) {
                machine.setRegister(UInt8(number), values[number], size: i.operandSize)
            }
        }
    }

    /// Runs a body that moves RSP step by step, and puts RSP back where it faults.
    @inline(always)
    mutating func restoringStack(
        _ body: (inout Machine) throws(Abort) -> Void
    ) throws(Abort) {
        let old = state.registers[.rsp]
        do throws(Abort) {
            try body(&self)
        } catch {
            state.registers[.rsp] = old
            throw error
        }
    }

    // MARK: Stack frames

    /// SDM 2, "ENTER": the display of the enclosing procedures' frames is copied, then the frame's
    /// room taken.
    mutating func executeEnter(_ i: DecodedInstruction) throws(Abort) {
        let level = i.secondImmediate & 31
        let size = i.operandSize
        let width = stackSize
        try restoringStack { machine throws(Abort) in
            try machine.push(machine.state.registers[.rbp], size: size)
            let frame = machine.state.registers[.rsp]
            var display = machine.state.registers[.rbp]
            if level > 0 {
                for _ in 1..<max(level, 1) {
                    display = (display &- UInt64(size)) & Self.mask(width)
                    try machine.push(try machine.load(.ss, display, size: size), size: size)
                }
                try machine.push(frame, size: size)
            }
            let top = (machine.state.registers[.rsp] &- (i.immediate & 0xFFFF)) & Self.mask(width)
            // The last byte of the frame must be writable.
            let address = try machine.linear(.ss, top, size: 1, write: true)
            try machine.probeWrite(address, size: 1)
            machine.setRegister(GeneralRegister.rsp.rawValue, top, size: width)
            machine.setRegister(GeneralRegister.rbp.rawValue, frame, size: size)
        }
    }

    mutating func executeLeave(_ i: DecodedInstruction) throws(Abort) {
        let width = stackSize
        let frame = state.registers[.rbp] & Self.mask(width)
        let value = try load(.ss, frame, size: i.operandSize)
        setRegister(GeneralRegister.rsp.rawValue, frame &+ UInt64(i.operandSize), size: width)
        setRegister(GeneralRegister.rbp.rawValue, value, size: i.operandSize)
    }
}
