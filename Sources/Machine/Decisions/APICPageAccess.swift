import Architecture

/// An access to the APIC-access page, with all that decides whether it exits or is virtualized by
/// the virtual-APIC page.
public struct APICPageAccess: DecisionSubject, Equatable {
    public var primary: UInt64 = 0
    public var secondary: UInt64 = 0
    /// Offset in the page.
    public var offset: UInt64
    /// Bytes.
    public var size: UInt64
    public var isWrite: UInt64 = 0
    public var isFetch: UInt64 = 0
    /// 1 where a linear address was translated to the page; 0 where a paging structure lies there.
    public var isLinear: UInt64 = 1
    /// The write of the same operation that was virtualized before, in bytes; 0 where there is none.
    public var earlierSize: UInt64 = 0
    public var earlierOffset: UInt64 = 0

    public init(offset: UInt64, size: UInt64) {
        self.offset = offset
        self.size = size
    }

    public var question: String {
        "Does this \(isWrite == 1 ? "write to" : "read from") the APIC-access page exit?"
    }

    /// The register that the access is to; nil where it touches more than one register's 32 bits.
    var register: APICRegister? {
        guard size <= 4, offset & 0xF + size <= 4 else { return nil }
        return APICRegister(offset: UInt16(truncatingIfNeeded: offset))
    }

    /// An operation may write to one place alone, and read nothing after that.
    var isAfterOther: Bool {
        guard earlierSize != 0 else { return false }
        return isWrite == 0 || earlierSize != size || earlierOffset != offset
    }

    /// The register whose first byte the access begins with. Only APIC-register virtualization
    /// covers accesses to the later ones.
    var wholeRegister: APICRegister? { offset & 0xF == 0 ? register : nil }

    /// Registers whose reads, or writes, APIC-register virtualization takes to the virtual-APIC
    /// page. SDM 3C, 30.4.2, 30.4.3.1.
    static func isVirtualized(_ register: APICRegister, isWrite: Bool) -> Bool {
        switch register {
        case .id, .taskPriority, .endOfInterrupt, .logicalDestination, .destinationFormat,
            .spuriousVector, .errorStatus, .commandLow, .commandHigh, .timer, .thermal,
            .performance, .lint0, .lint1, .error, .initialCount, .divideConfiguration:
            true
        case .version, .inService, .triggerMode, .request: !isWrite
        case .arbitrationPriority, .processorPriority, .remoteRead, .correctedMachineCheck,
            .currentCount, .selfIPI:
            false
        }
    }
}

typealias APICPageInput = Input<APICPageAccess>
typealias APICPageRule = Rule<APICPageAccess>

extension Input where Subject == APICPageAccess {
    static let primary = APICPageInput(
        "primary-controls", "primary processor-based controls", width: 32,
        .field(.primaryProcControls), \.primary)
    static let secondary = APICPageInput(
        "secondary-controls", "secondary processor-based controls", width: 32,
        .field(.secondaryProcControls), \.secondary)
    static let offset = APICPageInput(
        "offset", "offset in the page", width: 12, .guest, \.offset, free: { _ in 0 })
    static let size = APICPageInput(
        "size", "bytes", width: 4, .guest, \.size, free: { _ in 0 })
    static let isWrite = APICPageInput("write", "it is a write", width: 1, .guest, \.isWrite)
    static let isFetch = APICPageInput(
        "fetch", "it is an instruction fetch", width: 1, .guest, \.isFetch)
    static let isLinear = APICPageInput(
        "linear", "a linear address leads to the page", width: 1, .processor, \.isLinear)
    static let earlierSize = APICPageInput(
        "earlier-bytes", "bytes that the operation wrote to the page before", width: 4, .guest,
        \.earlierSize)
    static let earlierOffset = APICPageInput(
        "earlier-offset", "their offset in the page", width: 12, .guest, \.earlierOffset,
        free: { _ in 0 })
}

/// The ladder for accesses to the APIC-access page. SDM 3C, 30.4 "Virtualizing Memory-Mapped APIC
/// Accesses".
public struct APICPageLadders: Sendable {
    public var access = Ladder<APICPageAccess>([
        APICPageRule(
            "apic-access.not-linear", "no linear address led to the page", [.isLinear],
            .apicAccessesNotFromLinearAddresses
        ) { $0.isLinear == 0 ? .exit(.apicAccess) : nil },
        APICPageRule(
            "apic-access.no-tpr-shadow", "use TPR shadow is 0: nothing is virtualized", [.primary],
            .virtualizingMemoryMappedAPICAccesses, bits: { _ in PrimaryControl.useTPRShadow.mask }
        ) { $0.primary.has(PrimaryControl.useTPRShadow) ? nil : .exit(.apicAccess) },
        APICPageRule(
            "apic-access.fetch", "an instruction fetch is never virtualized", [.isFetch],
            .virtualizingAPICReads
        ) { $0.isFetch == 1 ? .exit(.apicAccess) : nil },
        APICPageRule(
            "apic-access.shape",
            "the access is not within the low four bytes of sixteen, or no register is there",
            [.offset, .size], .virtualizingMemoryMappedAPICAccesses
        ) { $0.register == nil ? .exit(.apicAccess) : nil },
        APICPageRule(
            "apic-access.after-write",
            "the operation has written to the page already, elsewhere or in another size",
            [.earlierSize, .earlierOffset, .offset, .size, .isWrite],
            .virtualizingMemoryMappedAPICAccesses
        ) { $0.isAfterOther ? .exit(.apicAccess) : nil },
        APICPageRule(
            "apic-access.task-priority", "the task priority is virtualized by the TPR shadow",
            [.offset], .virtualizedAPICRegisters
        ) { $0.wholeRegister == .taskPriority ? .virtualized : nil },
        APICPageRule(
            "apic-access.registers",
            "APIC-register virtualization is 1 and covers the register",
            [.secondary, .offset, .isWrite], .virtualizingMemoryMappedAPICAccesses,
            bits: { _ in SecondaryControl.apicRegisterVirtualization.mask }
        ) { access in
            guard let register = access.register,
                access.secondary.has(SecondaryControl.apicRegisterVirtualization),
                APICPageAccess.isVirtualized(register, isWrite: access.isWrite == 1)
            else { return nil }
            return .virtualized
        },
        APICPageRule(
            "apic-access.interrupt-delivery",
            "virtual-interrupt delivery is 1, and the write is to EOI or the low half of the ICR",
            [.secondary, .offset, .isWrite], .determiningWhetherAWriteIsVirtualized,
            bits: { _ in SecondaryControl.virtualInterruptDelivery.mask }
        ) { access in
            guard access.secondary.has(SecondaryControl.virtualInterruptDelivery),
                access.isWrite == 1,
                access.wholeRegister == .endOfInterrupt || access.wholeRegister == .commandLow
            else { return nil }
            return .virtualized
        },
        APICPageRule(
            "apic-access.not-virtualized", "no control virtualizes the register",
            [.secondary, .offset], .virtualizingMemoryMappedAPICAccesses
        ) { _ in .exit(.apicAccess) },
    ])

    public init() {}
}
