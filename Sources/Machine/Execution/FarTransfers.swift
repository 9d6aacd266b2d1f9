import Architecture
import InstructionSet

/// Far JMP, CALL and RET. SDM 3A, "Privilege Level Checking When Transferring Program Control
/// Between Code Segments"; SDM 2, "CALL", "JMP", "RET".
extension Machine {
    /// Selector and offset, from the instruction or from memory.
    private mutating func farTarget(
        _ i: DecodedInstruction
    ) throws(Abort) -> (selector: UInt16, offset: UInt64) {
        i.first.kind == .memory ? try loadFarPointer(i) : (i.secondImmediate, i.immediate)
    }

    /// Real and virtual-8086 mode have no descriptors.
    private var hasDescriptors: Bool { state.isProtected && !state.isVirtual8086 }

    mutating func executeFarJump(_ i: DecodedInstruction) throws(Abort) {
        let (selector, offset) = try farTarget(i)
        guard hasDescriptors else { return try enterRealCode(selector, offset, i.operandSize) }
        switch try farDestination(selector, isCall: false) {
        case .code(let code):
            try enterCode(code, offset & Self.mask(i.operandSize))
        case .gate(let gate):
            // A jump through a gate stays at its level.
            try enterCode(gate.code, gate.offset)
        case .task(let task): try switchTask(to: task, .jmp, returnAddress: nextRIP)
        }
    }

    mutating func executeFarCall(_ i: DecodedInstruction) throws(Abort) {
        let (selector, offset) = try farTarget(i)
        let returnAddress = nextRIP
        let returnSelector = UInt64(state.cs.selector)
        guard hasDescriptors else {
            // A target that the segment does not have leaves the stack's memory as it was.
            try checkRoom(2, i.operandSize)
            try checkOffset(offset & Self.mask(i.operandSize), in: state.cs)
            try restoringStack { machine throws(Abort) in
                try machine.push(returnSelector, size: i.operandSize)
                try machine.push(returnAddress, size: i.operandSize)
                try machine.enterRealCode(selector, offset, i.operandSize)
            }
            return
        }
        switch try farDestination(selector, isCall: true) {
        case .code(let code):
            try callCode(code, offset & Self.mask(i.operandSize), i.operandSize)
        case .gate(let gate) where gate.code.isConforming || gate.code.dpl == state.cpl:
            try callCode(gate.code, gate.offset, gate.size)
        case .gate(let gate):
            try callInnerLevel(gate)
        case .task(let task): try switchTask(to: task, .call, returnAddress: nextRIP)
        }
    }

    private mutating func enterRealCode(
        _ selector: UInt16, _ offset: UInt64, _ size: UInt8
    ) throws(Abort) {
        let offset = offset & Self.mask(size)
        guard offset <= UInt64(state.cs.limit) else { throw fault(.generalProtection, 0) }
        state.cs.selector = selector
        state.cs.base = UInt64(selector) << 4
        nextRIP = offset
    }

    // MARK: Destinations

    struct CallGate {
        var code: Segment
        var offset: UInt64
        /// Parameters to copy, in units of `size`.
        var parameters: Int
        /// Width of what is pushed: 2, 4 or 8.
        var size: UInt8
    }

    private enum FarDestination {
        /// Its selector's RPL is the level that it will run at.
        case code(Segment)
        case gate(CallGate)
        /// By a task gate or a TSS descriptor: the TSS's selector.
        case task(UInt16)
    }

    private mutating func farDestination(
        _ selector: UInt16, isCall: Bool
    ) throws(Abort) -> FarDestination {
        guard selector & 0xFFFC != 0 else { throw fault(.generalProtection, 0) }
        let error = Self.selectorError(selector)
        guard let (descriptor, address) = try readDescriptor(selector) else {
            throw fault(.generalProtection, error)
        }
        if descriptor.access & 0x10 != 0 {
            return .code(try directCode(selector, descriptor, address))
        }
        let type = descriptor.access & 0xF
        let rpl = UInt8(selector & 3)
        let dpl = UInt8(descriptor.access >> 5 & 3)
        let isTask = [SystemType.taskGate, SystemType.tss16, SystemType.tss].contains(type)
        let isGate = type == SystemType.callGate || type == SystemType.callGate16
        let exists = state.isLongMode ? type == SystemType.callGate : isTask || isGate
        guard exists, dpl >= max(state.cpl, rpl) else { throw fault(.generalProtection, error) }
        guard descriptor.access & 0x80 != 0 else { throw fault(.segmentNotPresent, error) }
        if isTask {
            let isGate = type == SystemType.taskGate
            return .task(isGate ? UInt16(truncatingIfNeeded: descriptor.raw >> 16) : selector)
        }
        return .gate(try callGate(selector, descriptor, address, isCall: isCall))
    }

    /// A code segment that is named directly.
    private mutating func directCode(
        _ selector: UInt16, _ descriptor: Descriptor, _ address: UInt64
    ) throws(Abort) -> Segment {
        let error = Self.selectorError(selector)
        let code = descriptor.segment(selector)
        guard code.isCode, !(state.isLongMode && code.isLong && code.isBig) else {
            throw fault(.generalProtection, error)
        }
        let isAllowed =
            code.isConforming
            ? code.dpl <= state.cpl : UInt8(selector & 3) <= state.cpl && code.dpl == state.cpl
        guard isAllowed else { throw fault(.generalProtection, error) }
        guard code.isPresent else { throw fault(.segmentNotPresent, error) }
        return try accessed(descriptor, address, selector & 0xFFFC | UInt16(state.cpl))
    }

    /// SDM 3A, "Call Gates", "IA-32e Mode Call Gates".
    private mutating func callGate(
        _ selector: UInt16, _ gate: Descriptor, _ address: UInt64, isCall: Bool
    ) throws(Abort) -> CallGate {
        let raw = gate.raw
        var offset = raw & 0xFFFF
        let is16 = gate.access & 0xF == SystemType.callGate16
        if !is16 { offset |= raw >> 32 & 0xFFFF_0000 }
        if state.isLongMode {
            let high = try upperHalf(of: address, selector)
            guard high >> 40 & 0x1F == 0 else {
                throw fault(.generalProtection, Self.selectorError(selector))
            }
            offset |= high << 32
        }
        let target = UInt16(truncatingIfNeeded: raw >> 16)
        guard target & 0xFFFC != 0 else { throw fault(.generalProtection, 0) }
        let error = Self.selectorError(target)
        guard let (descriptor, place) = try readDescriptor(target) else {
            throw fault(.generalProtection, error)
        }
        let code = descriptor.segment(target)
        guard code.isCode, code.dpl <= state.cpl,
            isCall || code.isConforming || code.dpl == state.cpl,
            !state.isLongMode || code.isLong && !code.isBig
        else { throw fault(.generalProtection, error) }
        guard code.isPresent else { throw fault(.segmentNotPresent, error) }
        let level = code.isConforming ? state.cpl : code.dpl
        return CallGate(
            code: try accessed(descriptor, place, target & 0xFFFC | UInt16(level)),
            offset: offset,
            parameters: state.isLongMode ? 0 : Int(raw >> 32 & 31),
            size: state.isLongMode ? 8 : (is16 ? 2 : 4))
    }

    // MARK: Transfers

    /// #GP(0) where the offset is not within the code segment or not canonical.
    mutating func checkOffset(_ offset: UInt64, in code: Segment) throws(Abort) {
        let isInside =
            state.isLongMode && code.isLong ? isCanonical(offset) : offset <= UInt64(code.limit)
        guard isInside else { throw fault(.generalProtection, 0) }
    }

    private mutating func enterCode(_ code: Segment, _ offset: UInt64) throws(Abort) {
        try checkOffset(offset, in: code)
        state.cs = code
        nextRIP = offset
    }

    /// SDM 2, "CALL—Call Procedure", "Operation": a stack without room for the return address is
    /// found before a target beyond its segment's limit.
    private mutating func checkRoom(_ count: UInt64, _ size: UInt8) throws(Abort) {
        let mask = Self.mask(stackSize)
        for index in 1...count {
            let place = (state.registers[.rsp] &- index &* UInt64(size)) & mask
            _ = try linear(.ss, place, size: size, write: true)
        }
    }

    /// A call at the same level.
    private mutating func callCode(
        _ code: Segment, _ offset: UInt64, _ size: UInt8
    ) throws(Abort) {
        try checkRoom(2, size)
        try checkOffset(offset, in: code)
        let returnSelector = UInt64(state.cs.selector)
        let returnAddress = nextRIP
        try restoringStack { machine throws(Abort) in
            try machine.push(returnSelector, size: size)
            try machine.push(returnAddress, size: size)
        }
        try enterCode(code, offset)
    }

    /// A call to a more privileged level, on that level's stack. SDM 3A, "Stack Switching".
    private mutating func callInnerLevel(_ gate: CallGate) throws(Abort) {
        let level = gate.code.dpl
        var values: [UInt64] = [UInt64(state.ss.selector), state.registers[.rsp]]
        let width = stackSize
        for index in (0..<gate.parameters).reversed() {
            let offset = state.registers[.rsp] &+ UInt64(index) &* UInt64(gate.size)
            values.append(try load(.ss, offset & Self.mask(width), size: gate.size))
        }
        values += [UInt64(state.cs.selector), nextRIP]
        let stack = state.isLongMode ? try longInnerStack(level) : try innerStack(level)
        try checkRoom(values.count, on: stack, gate.size)
        try checkOffset(gate.offset, in: gate.code)
        let pointer = try write(values, on: stack, size: gate.size, level: level)
        state.cpl = level
        state.ss = stack.segment
        setRegister(GeneralRegister.rsp.rawValue, pointer, size: stackWidth(stack.segment))
        state.cs = gate.code
        nextRIP = gate.offset
    }

    /// Width of the stack pointer with this SS, once the code behind the gate runs.
    private func stackWidth(_ segment: Segment) -> UInt8 {
        state.isLongMode ? 8 : (segment.isBig ? 4 : 2)
    }

    private struct InnerStack {
        var segment: Segment
        var pointer: UInt64
    }

    /// RSP0 to RSP2 of the 64-bit TSS, with a null SS.
    private mutating func longInnerStack(_ level: UInt8) throws(Abort) -> InnerStack {
        let offset = 4 + UInt64(level) * 8
        let error = Self.selectorError(state.tr.selector)
        guard offset + 7 <= UInt64(state.tr.limit) else { throw fault(.invalidTSS, error) }
        let pointer = try readSlowly(state.tr.base &+ offset, 8, .supervisor(.read))
        guard isCanonical(pointer) else { throw fault(.stackFault, 0) }
        return InnerStack(
            segment: Segment.nullStack(UInt16(level), dpl: level), pointer: pointer)
    }

    /// SS and ESP of the 32- or 16-bit TSS.
    private mutating func innerStack(_ level: UInt8) throws(Abort) -> InnerStack {
        let is32 = state.tr.type & 8 != 0
        let size: UInt64 = is32 ? 4 : 2
        let offset = size + UInt64(level) * size * 2
        guard offset + size + 1 <= UInt64(state.tr.limit) else {
            throw fault(.invalidTSS, Self.selectorError(state.tr.selector))
        }
        let place = state.tr.base &+ offset
        let pointer = try readSlowly(wrapped(place), Int(size), .supervisor(.read))
        let selector = UInt16(
            truncatingIfNeeded: try readSlowly(wrapped(place &+ size), 2, .supervisor(.read)))
        let error = Self.selectorError(selector)
        guard selector & 0xFFFC != 0, let (descriptor, address) = try readDescriptor(selector)
        else { throw fault(.invalidTSS, error) }
        let segment = descriptor.segment(selector)
        guard UInt8(selector & 3) == level, segment.dpl == level, segment.isWritable else {
            throw fault(.invalidTSS, error)
        }
        guard segment.isPresent else { throw fault(.stackFault, error) }
        return InnerStack(
            segment: try accessed(descriptor, address, selector), pointer: pointer)
    }

    /// As ``checkRoom(_:_:)``, for a stack that is not the current one.
    private mutating func checkRoom(
        _ count: Int, on stack: InnerStack, _ size: UInt8
    ) throws(Abort) {
        if state.isLongMode { return }
        let mask = Self.mask(stackWidth(stack.segment))
        for index in 1...UInt64(count) {
            let place = (stack.pointer &- index &* UInt64(size)) & mask
            guard stack.segment.contains(place, size: size) else {
                throw fault(.stackFault, Self.selectorError(stack.segment.selector))
            }
        }
    }

    /// Pushes values on a stack that is not the current one; nothing but memory changes.
    private mutating func write(
        _ values: [UInt64], on stack: InnerStack, size: UInt8, level: UInt8
    ) throws(Abort) -> UInt64 {
        let mask = Self.mask(stackWidth(stack.segment))
        let access = MemoryAccess(kind: .write, isUser: level == 3)
        var pointer = stack.pointer
        for value in values {
            pointer = (pointer &- UInt64(size)) & mask
            let address =
                state.isLongMode ? pointer : (stack.segment.base &+ pointer) & 0xFFFF_FFFF
            try writeSlowly(address, value, Int(size), access)
        }
        return pointer
    }

    // MARK: RET

    mutating func executeFarReturn(_ i: DecodedInstruction) throws(Abort) {
        let size = i.operandSize
        let released = i.first.kind == .immediate ? i.immediate & 0xFFFF : 0
        let offset = try stackValue(0, size)
        let selector = UInt16(truncatingIfNeeded: try stackValue(1, size))
        guard hasDescriptors else {
            try enterRealCode(selector, offset, size)
            return release(2, size, released)
        }
        let code = try returnCode(selector)
        try checkOffset(offset, in: code)
        let level = UInt8(selector & 3)
        guard level > state.cpl else {
            state.cs = code
            nextRIP = offset
            return release(2, size, released)
        }
        let pointer = try stackValue(2, size, beyond: released)
        let stackSelector = UInt16(truncatingIfNeeded: try stackValue(3, size, beyond: released))
        let stack = try returnStack(stackSelector, code, level)
        enterOuterLevel(code, stack, level)
        let width = stackWidth(after: code, stack)
        setRegister(GeneralRegister.rsp.rawValue, pointer &+ released, size: width)
        nextRIP = offset
    }

    /// The value `index` places above the top of the stack, `beyond` bytes further.
    mutating func stackValue(
        _ index: UInt64, _ size: UInt8, beyond: UInt64 = 0
    ) throws(Abort) -> UInt64 {
        let offset = state.registers[.rsp] &+ index &* UInt64(size) &+ beyond
        return try load(.ss, offset & Self.mask(stackSize), size: size)
    }

    /// Takes values off the stack, and parameters behind them.
    mutating func release(_ count: UInt64, _ size: UInt8, _ parameters: UInt64 = 0) {
        let width = stackSize
        let top = state.registers[.rsp] &+ count &* UInt64(size) &+ parameters
        setRegister(GeneralRegister.rsp.rawValue, top & Self.mask(width), size: width)
    }

    /// The code segment that a far RET or IRET goes back to, checked.
    mutating func returnCode(_ selector: UInt16) throws(Abort) -> Segment {
        guard selector & 0xFFFC != 0 else { throw fault(.generalProtection, 0) }
        let error = Self.selectorError(selector)
        guard let (descriptor, address) = try readDescriptor(selector) else {
            throw fault(.generalProtection, error)
        }
        let code = descriptor.segment(selector)
        let level = UInt8(selector & 3)
        guard code.isCode, level >= state.cpl,
            code.isConforming ? code.dpl <= level : code.dpl == level,
            !(state.isLongMode && code.isLong && code.isBig)
        else { throw fault(.generalProtection, error) }
        guard code.isPresent else { throw fault(.segmentNotPresent, error) }
        return try accessed(descriptor, address, selector)
    }

    /// The stack segment that a return to an outer level goes back to, checked.
    mutating func returnStack(
        _ selector: UInt16, _ code: Segment, _ level: UInt8
    ) throws(Abort) -> Segment {
        if selector & 0xFFFC == 0 {
            guard state.isLongMode, code.isLong, level != 3, UInt8(selector & 3) == level else {
                throw fault(.generalProtection, 0)
            }
            return Segment.nullStack(selector, dpl: level)
        }
        return try stackSegment(selector, cpl: level)
    }

    mutating func enterOuterLevel(_ code: Segment, _ stack: Segment, _ level: UInt8) {
        state.cs = code
        state.ss = stack
        state.cpl = level
        dropInnerSegments()
    }

    func stackWidth(after code: Segment, _ stack: Segment) -> UInt8 {
        state.isLongMode && code.isLong ? 8 : (stack.isBig ? 4 : 2)
    }
}

extension Segment {
    /// Whether an access of `size` bytes at the offset is within the limit.
    func contains(_ offset: UInt64, size: UInt8) -> Bool {
        let last = offset &+ UInt64(size) &- 1
        if isExpandDown {
            return offset > UInt64(limit) && last <= (isBig ? 0xFFFF_FFFF : 0xFFFF)
        }
        return last <= UInt64(limit) && last >= offset
    }
}
