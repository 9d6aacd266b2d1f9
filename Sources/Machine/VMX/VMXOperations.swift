import Architecture
import InstructionSet

/// How a VMX instruction ends. SDM 3C, 31.2 "Conventions".
public enum VMXResult: Sendable, Equatable {
    case succeed
    case failInvalid
    case failValid(VMInstructionError)
    /// A fault instead: the instruction did not execute.
    case fault(ExceptionVector)
    /// VMLAUNCH and VMRESUME: the guest runs.
    case entered
    /// An entry that failed for its guest state or MSRs: host state is loaded, as at an exit.
    case entryFailed
    /// An entry that failed, and then failed to load host state: the processor is in shutdown.
    case aborted(VMXAbort)
    /// The VMCS asks for what the model has not.
    case notModelled(NotModelled)
}

/// The VMX instructions, as the machine's own instructions and root software outside it use them.
/// SDM 3C, chapter 31 "VMX Instruction Reference".
extension Machine {
    /// Enters VMX root operation. `pointer`: physical address of the VMXON region.
    public mutating func vmxon(_ pointer: UInt64) -> VMXResult {
        if let fault = vmxonFault() { return fault }
        var facts = vmxonFacts
        addOperand(pointer, to: &facts)
        if case .fail(let failure) = ladders.vmxon.vmxon.evaluate(facts) {
            tell(.decision(.vmxon(facts)))
            return fail(failure, .vmxon)
        }
        state.vmx.mode = .root
        state.vmx.vmxonPointer = pointer
        state.vmx.currentVMCS = VMXState.noVMCS
        state.isMonitorArmed = false
        tell(.root(.vmxon(pointer)))
        return finish(.succeed)
    }

    /// #UD and #GP of VMXON, which come before its operand is read.
    mutating func vmxonFault() -> VMXResult? {
        let facts = vmxonFacts
        guard case .fault(let vector) = ladders.vmxon.vmxon.evaluate(facts) else { return nil }
        tell(.decision(.vmxon(facts)))
        return .fault(vector)
    }

    private mutating func addOperand(_ pointer: UInt64, to access: inout VMXOnAccess) {
        guard let vmx = processor.vmx else { return }
        access.pointer = pointer
        access.addressMask = regionAddressMask
        access.revision = UInt64(vmx.revision)
        if isRegion(pointer) { access.identifier = readPhysical(pointer, size: 4) }
    }

    var vmxonFacts: VMXOnAccess {
        var access = VMXOnAccess()
        access.protected = state.isProtected ? 1 : 0
        access.virtual8086 = state.isVirtual8086 ? 1 : 0
        access.longMode = state.isLongMode ? 1 : 0
        access.codeIsLong = state.cs.isLong ? 1 : 0
        access.cpl = UInt64(state.cpl)
        access.root = state.vmx.mode == .root ? 1 : 0
        access.hasCurrent = hasCurrentVMCS ? 1 : 0
        access.a20Masked = state.isA20Masked ? 1 : 0
        access.featureControl = state.msrs.featureControl
        // Without VMX the bit is reserved, and 0.
        guard let vmx = processor.vmx else { return access }
        access.vmxe = state.cr4.has(CR4Bit.vmxe) ? 1 : 0
        access.wrongInCR0 = vmx.missingInCR0(state.cr0) | vmx.excessInCR0(state.cr0)
        access.wrongInCR4 = vmx.missingInCR4(state.cr4) | vmx.excessInCR4(state.cr4)
        return access
    }

    /// VMCALL in root operation would activate the dual-monitor treatment, which this processor
    /// does not offer (IA32_SMM_MONITOR_CTL is not valid).
    public mutating func vmcall() -> VMXResult {
        if let fault = rootFault(.vmcall) { return fault }
        return refusal(of: vmxFacts(.vmcall)) ?? finish(.succeed)
    }

    public mutating func vmxoff() -> VMXResult {
        if let fault = rootFault(.vmxoff) { return fault }
        state.isMonitorArmed = false
        state.vmx.mode = .outside
        state.vmx.currentVMCS = VMXState.noVMCS
        // An INIT signal that waited is taken.
        if state.apic.isINITPending { needsAttention = true }
        tell(.root(.vmxoff))
        return finish(.succeed)
    }

    public mutating func vmclear(_ pointer: UInt64) -> VMXResult {
        if let fault = rootFault(.vmclear) { return fault }
        let facts = pointerFacts(.vmclear, pointer)
        if let failure = refusal(of: facts) { return failure }
        writePhysical(pointer &+ VMCSRegion.launchState, 0, size: 8)
        if state.vmx.currentVMCS == pointer { state.vmx.currentVMCS = VMXState.noVMCS }
        tell(.root(.vmclear(pointer)))
        return finish(.succeed)
    }

    public mutating func vmptrld(_ pointer: UInt64) -> VMXResult {
        if let fault = rootFault(.vmptrld) { return fault }
        let facts = pointerFacts(.vmptrld, pointer)
        if let failure = refusal(of: facts) { return failure }
        state.vmx.currentVMCS = pointer
        tell(.root(.vmptrld(pointer)))
        return finish(.succeed)
    }

    /// Physical address of the current VMCS, all ones where there is none.
    public mutating func vmptrst() -> (VMXResult, UInt64) {
        if let fault = rootFault(.vmptrst) { return (fault, 0) }
        let pointer = state.vmx.currentVMCS
        tell(.root(.vmptrst(pointer)))
        return (finish(.succeed), pointer)
    }

    /// Reads by encoding; the value is meaningful after `succeed` alone.
    public mutating func vmread(_ encoding: UInt64) -> (VMXResult, UInt64) {
        if let fault = rootFault(.vmread) { return (fault, 0) }
        return readField(encoding)
    }

    /// VMREAD behind its faults.
    @inline(__always)
    mutating func readField(_ encoding: UInt64) -> (VMXResult, UInt64) {
        guard hasCurrentVMCS, let (field, isHigh) = component(encoding) else {
            let facts = fieldFacts(.vmread, encoding, hasTarget: hasCurrentVMCS)
            return (refusal(of: facts) ?? finish(.succeed), 0)
        }
        let content = currentVMCSPage()[field]
        let value = isHigh ? content >> 32 : content
        tell(.root(.vmread(field, value)))
        return (finish(.succeed), value)
    }

    public mutating func vmwrite(_ encoding: UInt64, _ value: UInt64) -> VMXResult {
        if let fault = rootFault(.vmwrite) { return fault }
        return writeField(encoding, value)
    }

    /// VMWRITE behind its faults.
    @inline(__always)
    mutating func writeField(_ encoding: UInt64, _ value: UInt64) -> VMXResult {
        guard hasCurrentVMCS, let (field, isHigh) = component(encoding) else {
            let facts = fieldFacts(.vmwrite, encoding, hasTarget: hasCurrentVMCS)
            return refusal(of: facts) ?? finish(.succeed)
        }
        if isReadOnly(field) {
            let facts = fieldFacts(.vmwrite, encoding, hasTarget: true)
            if let failure = refusal(of: facts) { return failure }
        }
        let page = currentVMCSPage()
        let written =
            isHigh ? page[field] & 0xFFFF_FFFF | value << 32 : value & field.width.mask
        page[field] = written
        tell(.root(.vmwrite(field, written)))
        return finish(.succeed)
    }

    public mutating func vmlaunch() -> VMXResult { enter(isLaunch: true) }

    public mutating func vmresume() -> VMXResult { enter(isLaunch: false) }

    private mutating func enter(isLaunch: Bool) -> VMXResult {
        if let fault = rootFault(isLaunch ? .vmlaunch : .vmresume) { return fault }
        tell(.root(isLaunch ? .vmlaunch : .vmresume))
        let page = currentVMCSPage()
        let isReady =
            hasCurrentVMCS && !page.isShadow && page.launchState == (isLaunch ? 0 : 1)
            && !state.interruptibility.contains(.byMovSS)
        if !isReady, let failure = refusal(of: entryFacts(isLaunch, page)) { return failure }
        return enterGuest(isLaunch: isLaunch)
    }

    // MARK: Ends

    @inline(__always) var hasCurrentVMCS: Bool { state.vmx.currentVMCS != VMXState.noVMCS }

    /// Bit 29 of IA32_VMX_MISC lets software write the exit-information fields.
    @inline(__always)
    func isReadOnly(_ field: VMCSField) -> Bool {
        field.access == .readOnly && !components.writesAnyField
    }

    @inline(__always)
    func component(_ encoding: UInt64) -> (VMCSField, isHigh: Bool)? {
        guard let field = components[encoding] else { return nil }
        let isHigh = encoding & 1 == 1
        return isHigh && field.width != .bits64 ? nil : (field, isHigh)
    }

    /// VMfail: with a current VMCS its error field tells the number.
    mutating func fail(_ error: VMInstructionError, _ operation: Operation) -> VMXResult {
        fail(hasCurrentVMCS ? .valid(error) : .invalid, operation)
    }

    mutating func fail(_ failure: VMFailure, _ operation: Operation) -> VMXResult {
        if case .valid(let error) = failure {
            setVMCS(.vmInstructionError, UInt64(error.rawValue))
        }
        tell(.vmFailure(failure, operation))
        switch failure {
        case .invalid: return finish(.failInvalid)
        case .valid(let error): return finish(.failValid(error))
        }
    }

    /// Sets the arithmetic flags as the conventions say.
    @inline(__always)
    mutating func finish(_ result: VMXResult) -> VMXResult {
        switch result {
        case .failInvalid: state.flags.arithmetic = FlagBit.cf.mask
        case .failValid: state.flags.arithmetic = FlagBit.zf.mask
        default: state.flags.arithmetic = 0
        }
        return result
    }
}
