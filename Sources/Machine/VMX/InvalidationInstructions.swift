import Architecture
import InstructionSet

/// The 16-byte operand of INVEPT and INVVPID.
public struct InvalidationDescriptor: Sendable, Equatable {
    /// INVEPT: an EPT pointer. INVVPID: bits 15:0 are a VPID.
    public var low: UInt64
    /// INVEPT: must be 0. INVVPID: a linear address.
    public var high: UInt64

    public init(low: UInt64, high: UInt64 = 0) {
        self.low = low
        self.high = high
    }
}

/// INVEPT and INVVPID. SDM 3C, 29.4.3 "Invalidating Cached Translation Information".
extension Machine {
    /// Types of INVEPT, with the capability that each needs.
    private static let inveptTypes: [(type: UInt64, capability: EPTVPIDBit)] = [
        (1, .inveptSingleContext), (2, .inveptAllContexts),
    ]

    /// Types of INVVPID, with the capability that each needs.
    private static let invvpidTypes: [(type: UInt64, capability: EPTVPIDBit)] = [
        (0, .invvpidIndividualAddress), (1, .invvpidSingleContext), (2, .invvpidAllContexts),
        (3, .invvpidRetainingGlobals),
    ]

    var hasINVEPT: Bool {
        guard let vmx = processor.vmx else { return false }
        return vmx.allows(.secondary(.enableEPT)) && vmx.eptVPID.has(EPTVPIDBit.invept)
    }

    var hasINVVPID: Bool {
        guard let vmx = processor.vmx else { return false }
        return vmx.allows(.secondary(.enableVPID)) && vmx.eptVPID.has(EPTVPIDBit.invvpid)
    }

    /// Whether VM entry accepts this EPT pointer. SDM 3C, 27.2.1.1 "VM-Execution Control Fields".
    func acceptsEPTP(_ pointer: UInt64) -> Bool {
        guard let capabilities = processor.vmx?.eptVPID else { return false }
        let memoryType = pointer & 7
        let typeFits =
            memoryType == 0 && capabilities.has(EPTVPIDBit.uncacheable)
            || memoryType == 6 && capabilities.has(EPTVPIDBit.writeBack)
        // Bits 5:3 are one less than the walk's length: 4, as far as the model goes.
        let lengthFits = pointer >> 3 & 7 == 3 && capabilities.has(EPTVPIDBit.pageWalk4)
        let flagsFit = pointer & 0x40 == 0 || capabilities.has(EPTVPIDBit.accessedAndDirty)
        let shadowStackFits =
            pointer & 0x80 == 0 || capabilities.has(EPTVPIDBit.supervisorShadowStack)
        let reserved = pointer & 0xF00 | pointer & ~(addressMask | 0xFFF)
        return typeFits && lengthFits && flagsFit && shadowStackFits && reserved == 0
    }

    public mutating func invept(
        _ type: UInt64, _ descriptor: InvalidationDescriptor
    ) -> VMXResult {
        if let fault = rootFault(.invept, isThere: hasINVEPT) { return fault }
        var facts = invalidationFacts(.invept, type, descriptor)
        facts.types = supported(Self.inveptTypes)
        facts.isEPTPValid = acceptsEPTP(descriptor.low) ? 1 : 0
        if let failure = refusal(of: facts) { return failure }
        let named = Self.eptContext(descriptor.low)
        let isSingle = type == VMXInstruction.singleContext
        tlb.forget { isSingle ? $0.ept == named : $0.ept != 0 }
        leaveCodeWindow()
        tell(.root(.invept(type: type, descriptor.low)))
        return finish(.succeed)
    }

    public mutating func invvpid(
        _ type: UInt64, _ descriptor: InvalidationDescriptor
    ) -> VMXResult {
        if let fault = rootFault(.invvpid, isThere: hasINVVPID) { return fault }
        var facts = invalidationFacts(.invvpid, type, descriptor)
        facts.types = supported(Self.invvpidTypes)
        facts.isCanonical = isCanonical(descriptor.high) ? 1 : 0
        if let failure = refusal(of: facts) { return failure }
        let vpid = UInt16(truncatingIfNeeded: descriptor.low)
        switch Self.invvpidTypes.first(where: { $0.type == type })?.capability {
        case .invvpidIndividualAddress:
            tlb.forget(page: descriptor.high) { $0.vpid == vpid }
        case .invvpidAllContexts: tlb.forget { $0.vpid != 0 }
        case .invvpidSingleContext: tlb.forget { $0.vpid == vpid }
        default: tlb.forget(keepingGlobal: true) { $0.vpid == vpid }
        }
        leaveCodeWindow()
        tell(.root(.invvpid(type: type, vpid: descriptor.low, address: descriptor.high)))
        return finish(.succeed)
    }

    private func invalidationFacts(
        _ operation: Operation, _ type: UInt64, _ descriptor: InvalidationDescriptor
    ) -> VMXInstruction {
        var facts = vmxFacts(operation)
        facts.type = type
        facts.low = descriptor.low
        facts.high = descriptor.high
        return facts
    }

    /// A bit for each type that the processor supports.
    private func supported(_ types: [(type: UInt64, capability: EPTVPIDBit)]) -> UInt64 {
        guard let vmx = processor.vmx else { return 0 }
        return types.filter { vmx.eptVPID.has($0.capability) }.reduce(0) { $0 | 1 << $1.type }
    }
}
