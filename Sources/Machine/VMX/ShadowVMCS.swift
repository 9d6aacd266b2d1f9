import Architecture
import InstructionSet

/// VMREAD and VMWRITE in non-root operation: they reach the VMCS that the link pointer names.
/// SDM 3C, 25.10 "VMCS Types: Ordinary and Shadow".
extension Machine {
    /// As ``vmread(_:)`` does for the current VMCS.
    mutating func shadowRead(_ encoding: UInt64) -> (VMXResult, UInt64) {
        let shadow = vmcs(.vmcsLinkPointer)
        let isLinked = shadow != VMXState.noVMCS
        guard isLinked, let (field, isHigh) = component(encoding) else {
            let facts = fieldFacts(.vmread, encoding, hasTarget: isLinked)
            return (refusal(of: facts) ?? finish(.succeed), 0)
        }
        let content = readPhysical(shadow &+ VMCSRegion.offset(field), size: 8)
        return (finish(.succeed), isHigh ? content >> 32 : content)
    }

    /// As ``vmwrite(_:_:)`` does for the current VMCS.
    mutating func shadowWrite(_ encoding: UInt64, _ value: UInt64) -> VMXResult {
        let shadow = vmcs(.vmcsLinkPointer)
        let isLinked = shadow != VMXState.noVMCS
        guard isLinked, let (field, isHigh) = component(encoding) else {
            let facts = fieldFacts(.vmwrite, encoding, hasTarget: isLinked)
            return refusal(of: facts) ?? finish(.succeed)
        }
        if isReadOnly(field) {
            let facts = fieldFacts(.vmwrite, encoding, hasTarget: true)
            if let failure = refusal(of: facts) { return failure }
        }
        let place = shadow &+ VMCSRegion.offset(field)
        let written =
            isHigh
            ? readPhysical(place, size: 8) & 0xFFFF_FFFF | value << 32
            : value & field.width.mask
        writePhysical(place, written, size: 8)
        return finish(.succeed)
    }
}

/// VMFUNC with EAX 0. SDM 3C, 26.5.6.3 "EPTP Switching".
extension Machine {
    /// The facts that VMFUNC's ladder asks for.
    mutating func fillFunction(_ subject: inout InstructionExit) {
        subject.function = state.registers[.rax] & 0xFFFF_FFFF
        subject.functionControls = vmcs(.vmFunctionControls)
        subject.eptpIndex = state.registers[.rcx] & 0xFFFF_FFFF
        guard subject.eptpIndex < InstructionExit.eptpListEntries else { return }
        subject.newEPTP = readPhysical(
            vmcs(.eptpListAddress) &+ subject.eptpIndex &* 8, size: 8)
        subject.isEPTPValid = acceptsEPTP(subject.newEPTP) ? 1 : 0
    }

    /// The ladder has accepted the entry of the list.
    mutating func switchEPTP() {
        let index = state.registers[.rcx] & 0xFFFF_FFFF
        let pointer = readPhysical(vmcs(.eptpListAddress) &+ index &* 8, size: 8)
        setVMCS(.eptPointer, pointer)
        state.vmx.controls.eptPointer = pointer
        if state.vmx.controls.secondary.has(SecondaryControl.eptViolationVE) {
            setVMCS(.eptpIndex, index)
        }
        selectTranslations()
    }
}
