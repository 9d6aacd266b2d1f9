import Architecture

/// A write that has gone to the virtual-APIC page, with all that decides whether the processor
/// carries it out or leaves it to the hypervisor behind the instruction.
public struct APICWriteEmulation: DecisionSubject, Equatable {
    /// Offset of the register in the page.
    public var offset: UInt64
    public var secondary: UInt64 = 0
    /// What the register holds now.
    public var value: UInt64

    public init(_ register: APICRegister, value: UInt64) {
        offset = UInt64(register.rawValue)
        self.value = value
    }

    public var question: String { "Does this write to the virtual-APIC page exit?" }

    var register: APICRegister? { APICRegister(offset: UInt16(truncatingIfNeeded: offset)) }
}

typealias APICWriteInput = Input<APICWriteEmulation>
typealias APICWriteRule = Rule<APICWriteEmulation>

extension Input where Subject == APICWriteEmulation {
    static let offset = APICWriteInput(
        "offset", "offset in the page", width: 12, .guest, \.offset, free: { _ in 0 })
    static let value = APICWriteInput("value", "the value written", width: 32, .guest, \.value)
    static let secondary = APICWriteInput(
        "secondary-controls", "secondary processor-based controls", width: 32,
        .field(.secondaryProcControls), \.secondary)
}

/// What a self-IPI may not have in the low half of the ICR. SDM 3C, 30.4.3.2 "APIC-Write Emulation".
private enum VirtualCommand {
    /// Bits 31:20, 17:16 and 13, and the delivery status.
    static let reserved: UInt64 = 0xFFF3_3000
    static let shorthand: UInt64 = 0xC_0000
    /// Shorthand "self".
    static let toSelf: UInt64 = 0x4_0000
    /// Level-triggered, or a delivery mode other than fixed.
    static let otherKinds: UInt64 = 0x8700
    /// Bits 7:4 of the vector: 0 in one below 16.
    static let vectorClass: UInt64 = 0xF0
}

extension Rule where Subject == APICWriteEmulation {
    fileprivate static func command(
        _ id: String, _ text: String, bits: @escaping @Sendable (UInt64) -> UInt64 = { _ in 0 },
        when holds: @escaping @Sendable (UInt64) -> Bool
    ) -> APICWriteRule {
        APICWriteRule(
            "apic-write.\(id)", text, [.value], .apicWriteEmulation, bits: { bits($0.value) }
        ) { $0.register == .commandLow && holds($0.value) ? .exit(.apicWrite) : nil }
    }
}

/// The ladder for writes to the virtual-APIC page. SDM 3C, 30.4.3.2 "APIC-Write Emulation".
public struct APICWriteLadders: Sendable {
    public var emulation = Ladder<APICWriteEmulation>([
        APICWriteRule(
            "apic-write.task-priority", "the offset is 080H: the task priority changes", [.offset],
            .apicWriteEmulation
        ) { $0.register == .taskPriority ? .virtualized : nil },
        APICWriteRule(
            "apic-write.command-high", "the offset is 310H: the high half of the ICR is kept",
            [.offset], .apicWriteEmulation
        ) { $0.register == .commandHigh ? .virtualized : nil },
        APICWriteRule(
            "apic-write.self-ipi-vector",
            "the offset is 3F0H, and the vector is below 16", [.offset, .value],
            .virtualizingMSRBasedAPICAccesses
        ) { access in
            access.register == .selfIPI && access.value & VirtualCommand.vectorClass == 0
                ? .exit(.apicWrite) : nil
        },
        APICWriteRule(
            "apic-write.self-ipi", "the offset is 3F0H: the self-IPI becomes a virtual interrupt",
            [.offset], .virtualizingMSRBasedAPICAccesses
        ) { $0.register == .selfIPI ? .virtualized : nil },
        APICWriteRule(
            "apic-write.other", "the offset is neither 0B0H nor 300H", [.offset],
            .apicWriteEmulation
        ) { access in
            access.register == .endOfInterrupt || access.register == .commandLow
                ? nil : .exit(.apicWrite)
        },
        APICWriteRule(
            "apic-write.no-delivery", "virtual-interrupt delivery is 0", [.secondary],
            .apicWriteEmulation, bits: { _ in SecondaryControl.virtualInterruptDelivery.mask }
        ) {
            $0.secondary.has(SecondaryControl.virtualInterruptDelivery) ? nil : .exit(.apicWrite)
        },
        APICWriteRule(
            "apic-write.eoi", "the offset is 0B0H: the virtual interrupt in service ends",
            [.offset], .apicWriteEmulation
        ) { $0.register == .endOfInterrupt ? .virtualized : nil },
        .command(
            "command-reserved", "the command sets a reserved bit or the delivery status",
            bits: { $0 & VirtualCommand.reserved }
        ) { $0 & VirtualCommand.reserved != 0 },
        .command("command-target", "bits 19:18 of the command are not 01, \"self\"") {
            $0 & VirtualCommand.shorthand != VirtualCommand.toSelf
        },
        .command(
            "command-kind", "the command is level-triggered or not of fixed delivery mode",
            bits: { $0 & VirtualCommand.otherKinds }
        ) { $0 & VirtualCommand.otherKinds != 0 },
        .command("command-vector", "the command's vector is below 16") {
            $0 & VirtualCommand.vectorClass == 0
        },
        APICWriteRule(
            "apic-write.command", "the command is a self-IPI: it becomes a virtual interrupt",
            [.offset, .value], .apicWriteEmulation
        ) { $0.register == .commandLow ? .virtualized : nil },
    ])

    public init() {}
}
