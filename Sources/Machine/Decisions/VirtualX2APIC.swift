import Architecture

/// RDMSR or WRMSR of 800H to 8FFH in non-root operation, past the MSR bitmaps, with all that
/// decides between the local APIC and the virtual-APIC page.
public struct X2APICAccess: DecisionSubject, Equatable {
    public var isWrite: Bool
    /// ECX.
    public var number: UInt64
    public var secondary: UInt64 = 0
    /// EDX:EAX of a WRMSR.
    public var value: UInt64 = 0

    public init(number: UInt32, isWrite: Bool) {
        self.number = UInt64(number)
        self.isWrite = isWrite
    }

    public static var proceeding: String { "local APIC" }
    public var question: String {
        "Does this \(isWrite ? "WRMSR" : "RDMSR") reach the virtual APIC?"
    }

    func isAbout(_ register: APICRegister) -> Bool { number == UInt64(register.msr) }
}

typealias X2APICInput = Input<X2APICAccess>
typealias X2APICRule = Rule<X2APICAccess>

extension Input where Subject == X2APICAccess {
    static let number = X2APICInput(
        "ecx", "ECX", width: 32, .guest, \.number, free: { _ in 0 })
    static let secondary = X2APICInput(
        "secondary-controls", "secondary processor-based controls", width: 32,
        .field(.secondaryProcControls), \.secondary)
    static let value = X2APICInput("edx-eax", "EDX:EAX", width: 64, .guest, \.value)
}

extension Rule where Subject == X2APICAccess {
    static let notX2APICMode = X2APICRule(
        "x2apic.control", "virtualize x2APIC mode is 0: the local APIC answers", [.secondary],
        .virtualizingMSRBasedAPICAccesses, bits: { _ in SecondaryControl.virtualizeX2APICMode.mask }
    ) { $0.secondary.has(SecondaryControl.virtualizeX2APICMode) ? nil : .proceed }

    /// A register whose write is virtualized where EDX:EAX has none of these bits.
    fileprivate static func reserved(
        _ register: APICRegister, _ id: String, _ text: String, _ bits: UInt64
    ) -> X2APICRule {
        X2APICRule(
            "x2apic-write.\(id)-reserved", text, [.number, .value],
            .virtualizingMSRBasedAPICAccesses, bits: { $0.value & bits }
        ) { $0.isAbout(register) && $0.value & bits != 0 ? .fault(.generalProtection) : nil }
    }

    fileprivate static func written(
        _ register: APICRegister, _ id: String, _ text: String
    ) -> X2APICRule {
        X2APICRule("x2apic-write.\(id)", text, [.number], .virtualizingMSRBasedAPICAccesses) {
            $0.isAbout(register) ? .virtualized : nil
        }
    }
}

/// The ladders for the MSRs of the local APIC. SDM 3C, 30.5 "Virtualizing MSR-Based APIC Accesses".
public struct X2APICLadders: Sendable {
    public var read = Ladder<X2APICAccess>([
        .notX2APICMode,
        X2APICRule(
            "x2apic-read.task-priority", "ECX is 808H: the virtual task priority is read",
            [.number], .virtualizingMSRBasedAPICAccesses
        ) { $0.isAbout(.taskPriority) ? .virtualized : nil },
        X2APICRule(
            "x2apic-read.registers",
            "APIC-register virtualization is 1: the virtual-APIC page is read", [.secondary],
            .virtualizingMSRBasedAPICAccesses,
            bits: { _ in SecondaryControl.apicRegisterVirtualization.mask }
        ) { $0.secondary.has(SecondaryControl.apicRegisterVirtualization) ? .virtualized : nil },
        X2APICRule(
            "x2apic-read.not-virtualized",
            "APIC-register virtualization is 0: the local APIC answers", [.secondary],
            .virtualizingMSRBasedAPICAccesses,
            bits: { _ in SecondaryControl.apicRegisterVirtualization.mask }
        ) { _ in .proceed },
    ])
    public var write = Ladder<X2APICAccess>([
        .notX2APICMode,
        .reserved(
            .taskPriority, "task-priority",
            "ECX is 808H, and EDX:EAX sets a bit above bit 7: #GP(0)", ~0xFF),
        .written(
            .taskPriority, "task-priority", "ECX is 808H: the virtual task priority is written"),
        X2APICRule(
            "x2apic-write.no-delivery",
            "virtual-interrupt delivery is 0: the local APIC takes the write", [.secondary],
            .virtualizingMSRBasedAPICAccesses,
            bits: { _ in SecondaryControl.virtualInterruptDelivery.mask }
        ) { $0.secondary.has(SecondaryControl.virtualInterruptDelivery) ? nil : .proceed },
        .reserved(.endOfInterrupt, "eoi", "ECX is 80BH, and EDX:EAX is not 0: #GP(0)", ~0),
        .written(.endOfInterrupt, "eoi", "ECX is 80BH: the virtual interrupt in service ends"),
        .reserved(
            .selfIPI, "self-ipi", "ECX is 83FH, and EDX:EAX sets a bit above bit 7: #GP(0)", ~0xFF),
        .written(.selfIPI, "self-ipi", "ECX is 83FH: the virtual APIC sends the self-IPI"),
        X2APICRule(
            "x2apic-write.not-virtualized",
            "ECX is none of 808H, 80BH and 83FH: the local APIC takes the write", [.number],
            .virtualizingMSRBasedAPICAccesses
        ) { _ in .proceed },
    ])

    public init() {}

    /// The ladder for this access.
    public func ladder(for access: X2APICAccess) -> Ladder<X2APICAccess> {
        access.isWrite ? write : read
    }
}
