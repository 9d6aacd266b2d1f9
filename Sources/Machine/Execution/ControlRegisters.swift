import Architecture
import InstructionSet

/// MOV to and from control registers, CLTS, LMSW, SMSW.
extension Machine {
    mutating func executeMoveToControl(_ instruction: DecodedInstruction) throws(Abort) {
        let number = instruction.first.register
        var access = controlRegisterAccess(.moveTo, number)
        access.generalRegister = instruction.second.register
        access.value = try get(instruction.second, instruction)
        constrain(&access)
        switch try decide(access) {
        case .proceed: try writeControl(number, access)
        case .virtualized: writeVirtualCR8(access.value)
        default: return
        }
    }

    mutating func executeMoveFromControl(_ instruction: DecodedInstruction) throws(Abort) {
        let number = instruction.second.register
        var access = controlRegisterAccess(.moveFrom, number)
        access.generalRegister = instruction.first.register
        let isVirtual = try decide(access) == .virtualized
        tellRead(access)
        let value = isVirtual ? UInt64(virtualTaskPriority >> 4) : access.readsAs
        try set(instruction.first, value, instruction)
    }

    mutating func executeCLTS(_ instruction: DecodedInstruction) throws(Abort) {
        let access = controlRegisterAccess(.clts, 0)
        if try decide(access) == .proceed { state.cr0 = access.result }
    }

    mutating func executeLMSW(_ instruction: DecodedInstruction) throws(Abort) {
        guard state.cpl == 0 else { throw fault(.generalProtection, 0) }
        var access = controlRegisterAccess(.lmsw, 0)
        access.value = try get(instruction.first, instruction) & 0xFFFF
        if instruction.first.kind == .memory {
            access.memoryAddress = try linear(instruction, size: 2, write: false)
        }
        constrain(&access)
        if try decide(access) == .proceed { try writeControl(0, access) }
    }

    mutating func executeSMSW(_ instruction: DecodedInstruction) throws(Abort) {
        var access = controlRegisterAccess(.smsw, 0)
        access.umip = state.cr4.has(CR4Bit.umip) ? 1 : 0
        _ = try decide(access)
        tellRead(access)
        try set(instruction.first, access.readsAs, instruction)
    }

    private mutating func tellRead(_ access: ControlRegisterAccess) {
        let isMasked = access.number == 0 || access.number == 4
        if state.vmx.mode == .nonRoot, isMasked { tell(.controlRegisterRead(access)) }
    }

    // MARK: Deciding

    /// The facts of an access to CR0, CR3, CR4 or CR8.
    private func controlRegisterAccess(
        _ kind: ControlRegisterAccess.Kind, _ number: UInt8
    ) -> ControlRegisterAccess {
        var access = ControlRegisterAccess(kind: kind, number: number)
        access.cpl = state.isVirtual8086 ? 3 : UInt64(state.cpl)
        access.nonRoot = state.vmx.mode == .nonRoot ? 1 : 0
        access.real = controlRegister(number)
        let controls = state.vmx.controls
        guard access.nonRoot == 1 else { return access }
        switch number {
        case 0:
            access.mask = controls.cr0Mask
            access.shadow = controls.cr0Shadow
        case 3:
            access.loadExiting = controls.primary.has(PrimaryControl.cr3LoadExiting) ? 1 : 0
            access.storeExiting = controls.primary.has(PrimaryControl.cr3StoreExiting) ? 1 : 0
        case 4:
            access.mask = controls.cr4Mask
            access.shadow = controls.cr4Shadow
        default:
            access.loadExiting = controls.primary.has(PrimaryControl.cr8LoadExiting) ? 1 : 0
            access.storeExiting = controls.primary.has(PrimaryControl.cr8StoreExiting) ? 1 : 0
            access.usesTPRShadow = controls.primary.has(PrimaryControl.useTPRShadow) ? 1 : 0
        }
        return access
    }

    private func controlRegister(_ number: UInt8) -> UInt64 {
        switch number {
        case 0: state.cr0
        case 2: state.cr2
        case 3: state.cr3
        case 4: state.cr4
        default: state.cr8
        }
    }

    /// Fills in what the processor lets the value be. SDM 3A, "MOV—Move to/from Control Registers";
    /// SDM 3C, 24.8 "Restrictions on VMX Operation".
    private mutating func constrain(_ access: inout ControlRegisterAccess) {
        let result = access.result
        switch access.number {
        case 0:
            if state.vmx.mode != .outside, let vmx = processor.vmx {
                access.mustBeOne = vmx.cr0Fixed0
                if state.vmx.mode == .nonRoot, usesUnrestrictedGuest {
                    access.mustBeOne &= ~(CR0Bit.pe.mask | CR0Bit.pg.mask)
                }
            }
            access.mayBeOne = 0xFFFF_FFFF
            // LMSW reaches none of the bits that can conflict.
            if access.kind == .moveTo { access.conflicts = state.conflicts(inCR0: result) }
        case 3:
            access.mayBeOne = addressMask | 0xFFF | (state.cr4.has(CR4Bit.pcide) ? 1 << 63 : 0)
            access.isTarget = isCR3Target(access.value) ? 1 : 0
        case 4:
            access.mayBeOne = processor.supportedCR4
            if state.vmx.mode != .outside, let vmx = processor.vmx {
                access.mustBeOne = vmx.cr4Fixed0
                access.mayBeOne &= vmx.cr4Fixed1
            }
            access.conflicts = state.conflicts(inCR4: result)
        case 8: access.mayBeOne = 0xF
        // CR2 takes any value.
        default: break
        }
    }

    private var usesUnrestrictedGuest: Bool {
        state.vmx.controls.secondary.has(SecondaryControl.unrestrictedGuest)
    }

    private mutating func isCR3Target(_ value: UInt64) -> Bool {
        guard state.vmx.mode == .nonRoot else { return false }
        let fields: [VMCSField] = [.cr3Target0, .cr3Target1, .cr3Target2, .cr3Target3]
        return fields.prefix(Int(min(4, state.vmx.controls.cr3TargetCount)))
            .contains { vmcs($0) == value }
    }

    /// The verdict, told; an exit or a fault is thrown.
    private mutating func decide(_ access: ControlRegisterAccess) throws(Abort) -> Verdict {
        let verdict = ladders.controlRegister.ladder(for: access).evaluate(access)
        if access.nonRoot == 1, couldExit(access) { tell(.decision(.controlRegister(access))) }
        switch verdict {
        case .fault(let vector): throw fault(vector, 0)
        case .exit(let reason):
            pendingExit = controlRegisterExit(access, reason)
            throw .exit
        case .proceed, .ignored, .virtualized, .interrupt, .fail, .abort: return verdict
        }
    }

    /// A MOV from CR0, CR2 or CR4 and SMSW never exit.
    private func couldExit(_ access: ControlRegisterAccess) -> Bool {
        switch access.kind {
        case .moveFrom: access.number == 3 || access.number == 8
        case .moveTo: access.number != 2
        case .smsw: false
        case .clts, .lmsw: true
        }
    }

    private func controlRegisterExit(
        _ access: ControlRegisterAccess, _ reason: ExitReason
    ) -> ExitInformation {
        var exit = ExitInformation(reason)
        let type: UInt64 =
            switch access.kind {
            case .moveTo: 0
            case .moveFrom: 1
            case .clts: 2
            case .lmsw, .smsw: 3
            }
        exit.qualification =
            UInt64(access.number) | type << 4 | UInt64(access.generalRegister) << 8
        if access.kind == .lmsw {
            exit.qualification |= access.value << 16
            if let address = access.memoryAddress {
                exit.qualification |= 0x40
                exit.guestLinear = address
            }
        }
        exit.instructionLength = instructionLength
        return exit
    }

    /// Of the instruction that executes now.
    var instructionLength: UInt8 { UInt8(truncatingIfNeeded: nextRIP &- state.rip) }

    // MARK: Writing

    private mutating func writeControl(
        _ number: UInt8, _ access: ControlRegisterAccess
    ) throws(Abort) {
        switch number {
        case 0: try writeCR0(access.result)
        case 2: state.cr2 = access.value
        case 3: try writeCR3(access.value)
        case 4: try writeCR4(access.result)
        default: writeTaskPriority(access.value)
        }
    }

    /// A legal value into CR0: paging may go on or off, and long mode with it.
    mutating func writeCR0(_ value: UInt64) throws(Abort) {
        // SDM 3A, "Control Registers": reserved bits remain clear, attempts to set them have no
        // impact, ET remains set.
        let value = value & CR0Bit.defined | CR0Bit.et.mask
        let paging = value.has(CR0Bit.pg)
        let changesTranslation = (value ^ state.cr0) & 0x8001_0001 != 0
        let reloads = (value ^ state.cr0) & 0xE000_0000 != 0
        if reloads, paging, state.cr4.has(CR4Bit.pae), !state.efer.has(EFERBit.lme) {
            try loadPDPTEs(state.cr3)
        }
        if paging != state.isPaging, state.efer.has(EFERBit.lme) {
            state.efer = paging ? state.efer | EFERBit.lma.mask : state.efer & ~EFERBit.lma.mask
        }
        state.cr0 = value
        if !state.isProtected { state.makeCodeWritable() }
        if changesTranslation { forgetTranslations() }
    }

    mutating func writeCR3(_ value: UInt64) throws(Abort) {
        if state.isPaging, state.cr4.has(CR4Bit.pae), !state.isLongMode {
            try loadPDPTEs(value)
        }
        state.cr3 = value & ~(1 << 63)
        if value >> 63 == 0 || !state.cr4.has(CR4Bit.pcide) {
            forgetTranslationsOfPCID()
        } else {
            selectTranslations()
        }
    }

    /// What a processor may have and the model has not.
    public static func unmodelledFeature(inCR4 cr4: UInt64) -> NotModelled.Feature? {
        if cr4.has(CR4Bit.la57) { return .la57 }
        if cr4.has(CR4Bit.cet) { return .controlFlowEnforcement }
        if cr4.has(CR4Bit.pke) || cr4.has(CR4Bit.pks) { return .protectionKeys }
        return cr4.has(CR4Bit.kl) ? .keyLocker : nil
    }

    mutating func writeCR4(_ value: UInt64) throws(Abort) {
        let changed = value ^ state.cr4
        if let feature = Self.unmodelledFeature(inCR4: value) {
            throw notModelled(.feature(feature))
        }
        let translation: [CR4Bit] = [.pse, .pae, .pge, .pcide, .smep, .smap, .la57]
        let affects = translation.contains { changed.has($0) }
        if affects, value.has(CR4Bit.pae), state.isPaging, !state.isLongMode {
            try loadPDPTEs(state.cr3)
        }
        state.cr4 = value
        if affects { forgetTranslations() }
        // I/O breakpoints.
        if changed.has(CR4Bit.de) { needsAttention = true }
    }
}
