/// The registers of the local APIC, by their offset in its page.
///
/// Of the three sets of 256 bits the first of eight words is here. Source: SDM 3A, "The Local APIC
/// Block Diagram", the table "Local APIC Register Address Map".
public enum APICRegister: UInt16, CaseIterable, Sendable {
    case id = 0x20
    case version = 0x30
    case taskPriority = 0x80
    case arbitrationPriority = 0x90
    case processorPriority = 0xA0
    case endOfInterrupt = 0xB0
    case remoteRead = 0xC0
    case logicalDestination = 0xD0
    case destinationFormat = 0xE0
    case spuriousVector = 0xF0
    case inService = 0x100
    case triggerMode = 0x180
    case request = 0x200
    case errorStatus = 0x280
    case correctedMachineCheck = 0x2F0
    case commandLow = 0x300
    case commandHigh = 0x310
    case timer = 0x320
    case thermal = 0x330
    case performance = 0x340
    case lint0 = 0x350
    case lint1 = 0x360
    case error = 0x370
    case initialCount = 0x380
    case currentCount = 0x390
    case divideConfiguration = 0x3E0
    case selfIPI = 0x3F0

    /// The register whose offset is this, or in whose set of words this is.
    public init?(offset: UInt16) {
        switch offset & 0xFF0 {
        case 0x100..<0x180: self = .inService
        case 0x180..<0x200: self = .triggerMode
        case 0x200..<0x280: self = .request
        default: self.init(rawValue: offset & 0xFF0)
        }
    }

    /// The register's MSR in x2APIC mode, of which some have none.
    /// SDM 3A, "x2APIC Register Address Space".
    public var msr: UInt32 { MSR.x2APICRange.lowerBound + UInt32(rawValue >> 4) }

    /// The manual's name.
    public var title: String {
        switch self {
        case .id: "Local APIC ID Register"
        case .version: "Local APIC Version Register"
        case .taskPriority: "Task Priority Register (TPR)"
        case .arbitrationPriority: "Arbitration Priority Register (APR)"
        case .processorPriority: "Processor Priority Register (PPR)"
        case .endOfInterrupt: "EOI Register"
        case .remoteRead: "Remote Read Register (RRD)"
        case .logicalDestination: "Logical Destination Register (LDR)"
        case .destinationFormat: "Destination Format Register (DFR)"
        case .spuriousVector: "Spurious Interrupt Vector Register (SVR)"
        case .inService: "In-Service Register (ISR)"
        case .triggerMode: "Trigger Mode Register (TMR)"
        case .request: "Interrupt Request Register (IRR)"
        case .errorStatus: "Error Status Register (ESR)"
        case .correctedMachineCheck: "LVT Corrected Machine Check Interrupt Register"
        case .commandLow: "Interrupt Command Register (ICR), bits 31:0"
        case .commandHigh: "Interrupt Command Register (ICR), bits 63:32"
        case .timer: "LVT Timer Register"
        case .thermal: "LVT Thermal Sensor Register"
        case .performance: "LVT Performance Monitoring Counters Register"
        case .lint0: "LVT LINT0 Register"
        case .lint1: "LVT LINT1 Register"
        case .error: "LVT Error Register"
        case .initialCount: "Initial Count Register (for Timer)"
        case .currentCount: "Current Count Register (for Timer)"
        case .divideConfiguration: "Divide Configuration Register (for Timer)"
        case .selfIPI: "SELF IPI"
        }
    }
}
