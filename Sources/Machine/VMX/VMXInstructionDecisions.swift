import Architecture
import InstructionSet

/// Asking the ladders of VMX instructions in root operation and outside VMX operation.
extension Machine {
    /// #UD and #GP, before any operand is read. The ladder is asked where something is not as all
    /// of these instructions need it; `isThere`: the processor has the instruction.
    @inline(__always)
    mutating func rootFault(_ operation: Operation, isThere: Bool = true) -> VMXResult? {
        let isUsual =
            isThere && state.vmx.mode != .outside && state.cpl == 0 && state.isProtected
            && !state.isVirtual8086 && (!state.isLongMode || state.cs.isLong)
        return isUsual ? nil : decideFault(operation, isThere)
    }

    @inline(never)
    private mutating func decideFault(_ operation: Operation, _ isThere: Bool) -> VMXResult? {
        var facts = vmxFacts(operation)
        facts.isThere = isThere ? 1 : 0
        guard case .fault(let vector) = ladders.vmx.evaluate(facts) else { return nil }
        tell(.decision(.vmx(facts)))
        return .fault(vector)
    }

    /// VMfail, where the ladder says so; its faults have not come.
    @inline(never)
    mutating func refusal(of facts: VMXInstruction) -> VMXResult? {
        guard case .fail(let failure) = ladders.vmx.evaluate(facts) else { return nil }
        tell(.decision(.vmx(facts)))
        return fail(failure, facts.operation)
    }

    // MARK: Facts

    /// What all of the instructions ask.
    func vmxFacts(_ operation: Operation) -> VMXInstruction {
        var facts = VMXInstruction(operation)
        facts.inVMX = state.vmx.mode == .outside ? 0 : 1
        facts.protected = state.isProtected ? 1 : 0
        facts.virtual8086 = state.isVirtual8086 ? 1 : 0
        facts.longMode = state.isLongMode ? 1 : 0
        facts.codeIsLong = state.cs.isLong ? 1 : 0
        facts.cpl = UInt64(state.isVirtual8086 ? 3 : state.cpl)
        facts.isThere = 1
        facts.hasCurrent = hasCurrentVMCS ? 1 : 0
        return facts
    }

    mutating func pointerFacts(_ operation: Operation, _ pointer: UInt64) -> VMXInstruction {
        var facts = vmxFacts(operation)
        facts.pointer = pointer
        facts.addressMask = regionAddressMask
        facts.vmxonPointer = state.vmx.vmxonPointer
        guard let vmx = processor.vmx else { return facts }
        facts.revision = UInt64(vmx.revision)
        facts.hasShadows = vmx.allows(.secondary(.vmcsShadowing)) ? 1 : 0
        if operation == .vmptrld, isRegion(pointer) {
            facts.identifier = readPhysical(pointer, size: 4)
        }
        return facts
    }

    /// - Parameter hasTarget: whether there is a VMCS that the instruction would reach.
    @inline(never)
    func fieldFacts(_ operation: Operation, _ encoding: UInt64, hasTarget: Bool) -> VMXInstruction {
        var facts = vmxFacts(operation)
        facts.encoding = encoding
        facts.hasTarget = hasTarget ? 1 : 0
        guard let (field, _) = component(encoding) else { return facts }
        facts.isField = 1
        facts.isReadOnly = isReadOnly(field) ? 1 : 0
        return facts
    }

    func entryFacts(_ isLaunch: Bool, _ page: VMCSPage) -> VMXInstruction {
        var facts = vmxFacts(isLaunch ? .vmlaunch : .vmresume)
        facts.isShadow = page.isShadow ? 1 : 0
        // A region that was never cleared may hold anything: it is neither clear nor launched.
        facts.isLaunched =
            isLaunch ? (page.launchState == 0 ? 0 : 1) : (page.launchState == 1 ? 1 : 0)
        facts.movSS = state.interruptibility.contains(.byMovSS) ? 1 : 0
        return facts
    }

    // MARK: Regions

    /// The bits that the address of a region may have: aligned, and within the processor's width.
    var regionAddressMask: UInt64 {
        let isLimited = processor.vmx?.basic.has(VMXBasicBit.addresses32Bit) ?? false
        return isLimited ? addressMask & 0xFFFF_FFFF : addressMask
    }

    func isRegion(_ pointer: UInt64) -> Bool { pointer & ~regionAddressMask == 0 }
}
