import Architecture

/// The processor's local APIC: which interrupts wait, which are in service, and its own timer.
///
/// Whether it is enabled at all and whether it is in x2APIC mode tells IA32_APIC_BASE. Times are in
/// ticks of the machine.
///
/// Source: SDM 3A, chapter "Advanced Programmable Interrupt Controller (APIC)".
public struct LocalAPIC: Sendable {
    /// The task-priority register, bits 7:0. CR8 is its bits 7:4.
    public var taskPriority: UInt8 = 0
    /// IRR: accepted and not yet dispensed to the processor.
    public internal(set) var requests = VectorSet()
    /// ISR.
    public internal(set) var inService = VectorSet()
    /// TMR: level-triggered interrupts.
    public internal(set) var triggerModes = VectorSet()

    /// Local vector table, by ``Source``.
    var localVectors = InlineArray<6, UInt32>(repeating: LocalVector.mask)
    var spuriousVector: UInt32 = 0xFF
    var logicalDestination: UInt32 = 0
    var destinationFormat: UInt32 = ~0
    var command: UInt64 = 0
    /// The error-status register as last written, and the errors since then.
    var errorStatus: UInt32 = 0
    var errors: UInt32 = 0
    var timer = LocalTimer()
    /// The level-triggered interrupt whose end is still to be told to the I/O APIC.
    var endedLevel: UInt8?
    /// The pin LINT0 as it stands.
    private var lint0 = false

    /// An NMI has arrived and waits.
    public internal(set) var isNMIPending = false
    /// An INIT signal has arrived and waits.
    public internal(set) var isINITPending = false
    /// A start-up IPI has arrived with this vector, and nothing has looked at it.
    public internal(set) var startUpVector: UInt8?

    /// This is the only processor.
    static let id: UInt32 = 0
    /// An integrated APIC with six local vectors.
    static let version: UInt32 = 0x0005_0014

    /// Local interrupt sources: the order of their registers.
    enum Source: Int { case timer, thermal, performance, lint0, lint1, error }

    /// Bits of a local vector table's entry. SDM 3A, "Local Vector Table".
    enum LocalVector {
        static let mask: UInt32 = 1 << 16
        /// What each entry lets be written.
        static func writable(_ source: Source) -> UInt32 {
            switch source {
            case .timer: 0x7_00FF
            case .lint0, .lint1: 0x1_A7FF
            case .thermal, .performance: 0x1_07FF
            case .error: 0x1_00FF
            }
        }
    }

    enum DeliveryMode: UInt32 {
        case fixed, lowestPriority, smi, reserved, nmi, initialize, startUp, external

        init(_ register: UInt32) { self = Self(rawValue: register >> 8 & 7) ?? .fixed }
    }

    /// Bits of the error-status register. SDM 3A, "Error Handling".
    enum ErrorBit {
        static let sendIllegalVector: UInt32 = 1 << 5
        static let receiveIllegalVector: UInt32 = 1 << 6
        static let illegalRegister: UInt32 = 1 << 7
    }

    /// Something waits that is no interrupt of the processor's priorities.
    var hasSignal: Bool { isNMIPending || isINITPending || startUpVector != nil }

    /// LINT0 would bring an NMI.
    var lint0IsNMI: Bool {
        let entry = localVectors[Source.lint0.rawValue]
        return entry & LocalVector.mask == 0 && DeliveryMode(entry) == .nmi
    }

    /// After a reset: disabled by software, all local sources masked.
    public init() {}

    /// As firmware leaves it, "virtual wire mode": enabled, the interrupt controllers' output comes
    /// through LINT0, NMIs through LINT1. SDM 3A, "Virtual Wire Mode" of the MP specification.
    static var asFirmwareLeavesIt: LocalAPIC {
        var apic = LocalAPIC()
        apic.spuriousVector = 0x1FF
        apic.localVectors[Source.lint0.rawValue] = DeliveryMode.external.rawValue << 8
        apic.localVectors[Source.lint1.rawValue] = DeliveryMode.nmi.rawValue << 8
        return apic
    }

    /// SVR bit 8.
    var isSoftwareEnabled: Bool { spuriousVector & 0x100 != 0 }

    // MARK: Priorities

    /// The processor-priority register. SDM 3A, "Interrupt, Task, and Processor Priority".
    var processorPriority: UInt8 {
        Self.processorPriority(task: taskPriority, inService: inService.highest ?? 0)
    }

    /// A virtual APIC works its own out in the same way.
    static func processorPriority(task: UInt8, inService: UInt8) -> UInt8 {
        task & 0xF0 >= inService & 0xF0 ? task : inService & 0xF0
    }

    /// The vector that it would dispense now: above the processor's priority class.
    public var deliverable: UInt8? {
        guard let vector = requests.highest, vector & 0xF0 > processorPriority & 0xF0 else {
            return nil
        }
        return vector
    }

    /// The processor takes the interrupt.
    mutating func acknowledge() -> UInt8? {
        guard let vector = deliverable else { return nil }
        requests.remove(vector)
        inService.insert(vector)
        return vector
    }

    mutating func endInterrupt() {
        guard let vector = inService.highest else { return }
        inService.remove(vector)
        if triggerModes.contains(vector) { endedLevel = vector }
        triggerModes.remove(vector)
    }

    // MARK: Accepting

    /// A fixed interrupt arrives.
    mutating func accept(_ vector: UInt8, isLevel: Bool = false) {
        guard isSoftwareEnabled else { return }
        guard vector >= 16 else { return note(ErrorBit.receiveIllegalVector) }
        requests.insert(vector)
        if isLevel { triggerModes.insert(vector) } else { triggerModes.remove(vector) }
    }

    /// An error, told by an interrupt of its own unless that is masked.
    mutating func note(_ error: UInt32) {
        errors |= error
        let entry = localVectors[Source.error.rawValue]
        guard entry & LocalVector.mask == 0, isSoftwareEnabled, entry & 0xF0 != 0 else { return }
        requests.insert(UInt8(truncatingIfNeeded: entry))
    }

    /// A local source interrupts.
    mutating func interrupt(from source: Source) {
        let entry = localVectors[source.rawValue]
        guard entry & LocalVector.mask == 0 else { return }
        switch DeliveryMode(entry) {
        case .fixed: accept(UInt8(truncatingIfNeeded: entry))
        case .nmi: isNMIPending = true
        case .initialize: isINITPending = true
        // Each time the pin is looked at: `takesExternal`.
        case .external: break
        default: break
        }
    }

    // MARK: LINT0

    /// The interrupt controllers' output changes.
    mutating func setLINT0(_ isHigh: Bool) {
        defer { lint0 = isHigh }
        if isHigh, !lint0 { interrupt(from: .lint0) }
    }

    /// LINT0 hands the interrupt controllers' requests to the processor as they are.
    var takesExternal: Bool {
        let entry = localVectors[Source.lint0.rawValue]
        return entry & LocalVector.mask == 0 && DeliveryMode(entry) == .external
    }
}
