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
        guard state.vmx.mode == .outside else { return fail(.vmxonInRoot, .vmxon) }
        guard let vmx = processor.vmx, isRegion(pointer),
            readPhysical(pointer, size: 4) == UInt64(vmx.revision)
        else { return failInvalid(.vmxon) }
        state.vmx.mode = .root
        state.vmx.vmxonPointer = pointer
        state.vmx.currentVMCS = VMXState.noVMCS
        state.isMonitorArmed = false
        tell(.root(.vmxon(pointer)))
        return finish(.succeed)
    }

    /// #UD and #GP of VMXON, which come before its operand is read.
    func vmxonFault() -> VMXResult? {
        guard case .fault(let vector) = ladders.vmxon.vmxon.evaluate(vmxonFacts) else {
            return nil
        }
        return .fault(vector)
    }

    var vmxonFacts: VMXOnAccess {
        var access = VMXOnAccess()
        access.protected = state.isProtected ? 1 : 0
        access.virtual8086 = state.isVirtual8086 ? 1 : 0
        access.longMode = state.isLongMode ? 1 : 0
        access.codeIsLong = state.cs.isLong ? 1 : 0
        access.cpl = UInt64(state.cpl)
        access.root = state.vmx.mode == .root ? 1 : 0
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
        if let fault = rootFault() { return fault }
        return fail(.vmcallInRoot, .vmcall)
    }

    public mutating func vmxoff() -> VMXResult {
        if let fault = rootFault() { return fault }
        state.isMonitorArmed = false
        state.vmx.mode = .outside
        state.vmx.currentVMCS = VMXState.noVMCS
        // An INIT signal that waited is taken.
        if state.apic.isINITPending { needsAttention = true }
        tell(.root(.vmxoff))
        return finish(.succeed)
    }

    public mutating func vmclear(_ pointer: UInt64) -> VMXResult {
        if let fault = rootFault() { return fault }
        guard isRegion(pointer) else { return fail(.vmclearInvalidAddress, .vmclear) }
        guard pointer != state.vmx.vmxonPointer else { return fail(.vmclearVMXONPointer, .vmclear) }
        writePhysical(pointer &+ VMCSRegion.launchState, 0, size: 8)
        if state.vmx.currentVMCS == pointer { state.vmx.currentVMCS = VMXState.noVMCS }
        tell(.root(.vmclear(pointer)))
        return finish(.succeed)
    }

    public mutating func vmptrld(_ pointer: UInt64) -> VMXResult {
        if let fault = rootFault() { return fault }
        guard isRegion(pointer) else { return fail(.vmptrldInvalidAddress, .vmptrld) }
        guard pointer != state.vmx.vmxonPointer else { return fail(.vmptrldVMXONPointer, .vmptrld) }
        guard hasRevision(pointer) else {
            return fail(.vmptrldIncorrectRevision, .vmptrld)
        }
        state.vmx.currentVMCS = pointer
        tell(.root(.vmptrld(pointer)))
        return finish(.succeed)
    }

    /// Physical address of the current VMCS, all ones where there is none.
    public mutating func vmptrst() -> (VMXResult, UInt64) {
        if let fault = rootFault() { return (fault, 0) }
        let pointer = state.vmx.currentVMCS
        tell(.root(.vmptrst(pointer)))
        return (finish(.succeed), pointer)
    }

    /// Reads by encoding; the value is meaningful after `succeed` alone.
    public mutating func vmread(_ encoding: UInt64) -> (VMXResult, UInt64) {
        if let fault = rootFault() { return (fault, 0) }
        return readField(encoding)
    }

    /// VMREAD behind its faults.
    @inline(__always)
    mutating func readField(_ encoding: UInt64) -> (VMXResult, UInt64) {
        guard hasCurrentVMCS else { return (failInvalid(.vmread), 0) }
        guard let (field, isHigh) = component(encoding) else {
            return (fail(.unsupportedComponent, .vmread), 0)
        }
        let content = currentVMCSPage()[field]
        let value = isHigh ? content >> 32 : content
        tell(.root(.vmread(field, value)))
        return (finish(.succeed), value)
    }

    public mutating func vmwrite(_ encoding: UInt64, _ value: UInt64) -> VMXResult {
        if let fault = rootFault() { return fault }
        return writeField(encoding, value)
    }

    /// VMWRITE behind its faults.
    @inline(__always)
    mutating func writeField(_ encoding: UInt64, _ value: UInt64) -> VMXResult {
        guard hasCurrentVMCS else { return failInvalid(.vmwrite) }
        guard let (field, isHigh) = component(encoding) else {
            return fail(.unsupportedComponent, .vmwrite)
        }
        if isReadOnly(field) { return fail(.vmwriteReadOnly, .vmwrite) }
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
        if let fault = rootFault() { return fault }
        let operation: Operation = isLaunch ? .vmlaunch : .vmresume
        tell(.root(isLaunch ? .vmlaunch : .vmresume))
        let page = currentVMCSPage()
        guard hasCurrentVMCS, !page.isShadow else { return failInvalid(operation) }
        if state.interruptibility.contains(.byMovSS) {
            return fail(.entryBlockedByMOVSS, operation)
        }
        if isLaunch, page.launchState != 0 { return fail(.vmlaunchNonClear, operation) }
        if !isLaunch, page.launchState != 1 { return fail(.vmresumeNonLaunched, operation) }
        return enterGuest(isLaunch: isLaunch)
    }

    // MARK: Ends

    /// #UD and #GP that all VMX instructions share in root operation.
    @inline(always)
    func rootFault() -> VMXResult? {
        if state.vmx.mode == .outside || !state.isProtected || state.isVirtual8086
            || (state.isLongMode && !state.cs.isLong)
        {
            return .fault(.invalidOpcode)
        }
        return state.cpl > 0 ? .fault(.generalProtection) : nil
    }

    @inline(__always) var hasCurrentVMCS: Bool { state.vmx.currentVMCS != VMXState.noVMCS }

    /// An address that a region may have: aligned, and within the processor's width.
    private func isRegion(_ pointer: UInt64) -> Bool {
        let isLimited = processor.vmx?.basic.has(VMXBasicBit.addresses32Bit) ?? false
        return pointer & ~addressMask == 0 && (!isLimited || pointer >> 32 == 0)
    }

    /// Bit 31 of the first four bytes: a shadow VMCS, where the processor has those.
    private mutating func hasRevision(_ pointer: UInt64) -> Bool {
        guard let vmx = processor.vmx else { return false }
        let identifier = readPhysical(pointer, size: 4)
        let mayBeShadow = vmx.allows(.secondary(.vmcsShadowing))
        return identifier & ~VMCSRegion.shadowIndicator == UInt64(vmx.revision)
            && (mayBeShadow || identifier & VMCSRegion.shadowIndicator == 0)
    }

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
        guard hasCurrentVMCS else { return failInvalid(operation) }
        setVMCS(.vmInstructionError, UInt64(error.rawValue))
        tell(.vmFailure(.valid(error), operation))
        return finish(.failValid(error))
    }

    mutating func failInvalid(_ operation: Operation) -> VMXResult {
        tell(.vmFailure(.invalid, operation))
        return finish(.failInvalid)
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
