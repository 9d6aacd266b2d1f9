import Architecture
import InstructionSet

/// Asking the ladders of instructions, and the information that their exits record.
extension Machine {
    /// Asks the instruction's ladder; returns where it goes on.
    mutating func decideInstruction(_ instruction: DecodedInstruction) throws(Abort) {
        let situation = situation(instruction.operation)
        // Who listens is told the whole subject.
        if !isListening, let verdict = ladders.instruction.remembered(situation) {
            return try carryOut(verdict, instruction)
        }
        var subject = InstructionExit(situation)
        if subject.nonRoot == 1 { fill(&subject, instruction) }
        guard let verdict = ladders.instruction.evaluate(subject) else { return }
        ladders.instruction.remember(verdict, situation)
        // VMFUNC is there for non-root operation alone: elsewhere its ladder says so.
        if subject.nonRoot == 1 || subject.operation == .vmfunc {
            tell(.decision(.instruction(subject)))
        }
        try carryOut(verdict, instruction)
        if instruction.operation == .pause { notePause(subject) }
    }

    @inline(__always)
    private mutating func carryOut(
        _ verdict: Verdict, _ instruction: DecodedInstruction
    ) throws(Abort) {
        switch verdict {
        case .fault(let vector):
            throw fault(vector, vector.hasErrorCode ? 0 : nil)
        case .exit(let reason):
            pendingExit = instructionExit(reason, instruction)
            throw .exit
        case .proceed, .ignored, .virtualized, .interrupt, .fail, .abort: break
        }
    }

    /// The state that the processor is in and the controls in force.
    private func situation(_ operation: Operation) -> InstructionSituation {
        var situation = InstructionSituation(
            operation: operation, cpl: state.isVirtual8086 ? 3 : state.cpl, modes: [],
            cr4: state.cr4)
        if state.isProtected { situation.modes.insert(.protected) }
        if state.isVirtual8086 { situation.modes.insert(.virtual8086) }
        if state.isLongMode { situation.modes.insert(.longMode) }
        if state.cs.isLong { situation.modes.insert(.codeIsLong) }
        if state.vmx.mode == .nonRoot {
            situation.modes.insert(.nonRoot)
            situation.primary = state.vmx.controls.primary
            situation.secondary = state.vmx.controls.secondary
        }
        return situation
    }

    /// What only one instruction's ladder asks.
    private mutating func fill(_ subject: inout InstructionExit, _ i: DecodedInstruction) {
        switch i.operation {
        case .pause: fillPause(&subject)
        case .xsaves, .xrstors:
            subject.requestedComponents =
                state.registers[.rdx] << 32 | state.registers[.rax] & 0xFFFF_FFFF
            subject.supervisorComponents = state.msrs.xss
            subject.xssBitmap = vmcs(.xssExitingBitmap)
        case .vmread: fillShadowed(&subject, i.second, .vmreadBitmap)
        case .vmwrite: fillShadowed(&subject, i.first, .vmwriteBitmap)
        case .vmfunc: fillFunction(&subject)
        default: break
        }
    }

    private mutating func fillShadowed(
        _ subject: inout InstructionExit, _ operand: Operand, _ bitmap: VMCSField
    ) {
        let encoding = state.registers[operand.register] & Self.mask(operand.size)
        subject.encoding = encoding
        guard subject.secondary.has(SecondaryControl.vmcsShadowing),
            encoding < InstructionExit.bitmapEncodings
        else { return }
        let byte = readPhysical(vmcs(bitmap) &+ encoding / 8, size: 1)
        subject.bitmapBit = byte >> (encoding & 7) & 1
    }

    // MARK: PAUSE

    private func fillPause(_ subject: inout InstructionExit) {
        let loop = state.vmx.pauseLoop
        subject.isFirstPause = loop.isRunning ? 0 : 1
        if loop.isRunning {
            subject.sinceLastPause = state.tsc &- loop.last
            subject.sinceFirstPause = state.tsc &- loop.first
        }
        subject.pleGap = vmcs(.pleGap)
        subject.pleWindow = vmcs(.pleWindow)
    }

    /// A PAUSE at CPL 0 that did not exit. SDM 3C, 26.1.3, "PAUSE".
    private mutating func notePause(_ subject: InstructionExit) {
        guard subject.nonRoot == 1, subject.cpl == 0 else { return }
        let startsLoop = subject.isFirstPause == 1 || subject.sinceLastPause > subject.pleGap
        if startsLoop { state.vmx.pauseLoop.first = state.tsc }
        state.vmx.pauseLoop.last = state.tsc
        state.vmx.pauseLoop.isRunning = true
    }

    // MARK: Exit information

    /// SDM 3C, 28.2.1 "Basic VM-Exit Information" and 28.2.5 "Information for VM Exits Due to
    /// Instruction Execution".
    private mutating func instructionExit(
        _ reason: ExitReason, _ i: DecodedInstruction
    ) -> ExitInformation {
        var exit = ExitInformation(reason)
        exit.instructionLength = instructionLength
        switch reason {
        case .invlpg: exit.qualification = invalidatedAddress(i)
        case .mwait: exit.qualification = state.isMonitorArmed ? 1 : 0
        case .drAccess: exit.qualification = debugQualification(i)
        case .rdrand, .rdseed, .umwait, .tpause:
            exit.instructionInformation = registerInformation(i)
        case .gdtrIDTRAccess, .ldtrTRAccess, .invept, .invvpid, .invpcid, .vmclear, .vmptrld,
            .vmptrst, .vmxon, .vmread, .vmwrite, .xsaves, .xrstors:
            exit.qualification = displacement(i)
            exit.instructionInformation = memoryInformation(i)
        default: break
        }
        return exit
    }

    private func debugQualification(_ i: DecodedInstruction) -> UInt64 {
        let isRead = i.operation == .movFromDebug
        let general = isRead ? i.first.register : i.second.register
        let number = isRead ? i.second.register : i.first.register
        return DRAccessQualification(
            debugRegister: number, isRead: isRead,
            register: GeneralRegister(rawValue: general & 15) ?? .rax
        ).rawValue
    }

    /// INVLPG's operand as a linear address, without any check.
    private mutating func invalidatedAddress(_ i: DecodedInstruction) -> UInt64 {
        let usesBase = !state.is64Bit || i.segment == .fs || i.segment == .gs
        let base = usesBase ? state[i.segment].base : 0
        return wrapped(base &+ effectiveAddress(i))
    }

    /// The instruction's displacement, or with RIP-relative addressing the sum; 0 without a memory
    /// operand.
    private func displacement(_ i: DecodedInstruction) -> UInt64 {
        guard memoryOperand(i) != nil else { return 0 }
        let isRelative = i.base == Instruction.instructionPointer
        return i.displacement &+ (isRelative ? nextRIP : 0)
    }

    private func memoryOperand(_ i: DecodedInstruction) -> Operand? {
        [i.first, i.second].first { $0.kind == .memory }
    }

    /// RDRAND and RDSEED: the destination and its size.
    private func registerInformation(_ i: DecodedInstruction) -> UInt32 {
        var information = InstructionInformation()
        information.register1 = i.first.register
        information.operandSize = Self.informationSize(i.first.size)
        return information.rawValue
    }

    /// A size in bytes as the field numbers it.
    static func informationSize(_ bytes: UInt8) -> InstructionInformation.Size {
        switch bytes {
        case 2: .bits16
        case 4: .bits32
        default: .bits64
        }
    }

    /// The instruction-information field of instructions with a memory operand.
    private func memoryInformation(_ i: DecodedInstruction) -> UInt32 {
        var information = InstructionInformation()
        if memoryOperand(i) != nil {
            information.addressSize = Self.informationSize(i.addressSize)
            information.segment = i.segment
            information.index = GeneralRegister(rawValue: i.index)
            information.base = GeneralRegister(rawValue: i.base)
            if information.index != nil { information.scaling = i.scale }
        } else {
            information.isRegister = true
        }
        switch i.operation {
        case .sgdt: identify(.sgdt, i, &information)
        case .sidt: identify(.sidt, i, &information)
        case .lgdt: identify(.lgdt, i, &information)
        case .lidt: identify(.lidt, i, &information)
        case .sldt: identify(.sldt, i, &information)
        case .str: identify(.str, i, &information)
        case .lldt: identify(.lldt, i, &information)
        case .ltr: identify(.ltr, i, &information)
        case .vmread:
            information.register2 = i.second.register
            if i.first.kind != .memory { information.register1 = i.first.register }
        case .vmwrite:
            information.register2 = i.first.register
            if i.second.kind != .memory { information.register1 = i.second.register }
        case .invept, .invvpid, .invpcid: information.register2 = i.first.register
        default: break
        }
        return information.rawValue
    }

    /// LGDT and its kin: which it is, and the operand size where it has one (not in 64-bit mode).
    private func identify(
        _ table: InstructionInformation.TableInstruction, _ i: DecodedInstruction,
        _ information: inout InstructionInformation
    ) {
        information.identity = table.rawValue
        if !state.is64Bit, i.operandSize == 4 { information.operandSize = .bits32 }
    }

    /// LLDT and its kin: which it is, and the register where the operand is one.
    private func identify(
        _ selector: InstructionInformation.SelectorInstruction, _ i: DecodedInstruction,
        _ information: inout InstructionInformation
    ) {
        information.identity = selector.rawValue
        if i.first.kind != .memory { information.register1 = i.first.register }
    }
}
