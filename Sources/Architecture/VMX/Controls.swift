/// The bits of one control field.
public protocol ControlBits: NamedBit {
    /// The field of the VMCS that holds them.
    static var field: VMCSField { get }
    /// Where the manual describes them.
    static var citation: Citation { get }
}

/// A bit of any control field.
public enum ControlBit: Sendable, Hashable {
    case pin(PinControl)
    case primary(PrimaryControl)
    case secondary(SecondaryControl)
    case tertiary(TertiaryControl)
    case exit(ExitControl)
    case entry(EntryControl)
    case function(VMFunctionControl)

    /// Every bit that the tables have, in the order of their fields and positions.
    public static let all: [ControlBit] = {
        var bits = PinControl.allCases.map(ControlBit.pin)
        bits += PrimaryControl.allCases.map(ControlBit.primary)
        bits += SecondaryControl.allCases.map(ControlBit.secondary)
        bits += TertiaryControl.allCases.map(ControlBit.tertiary)
        bits += ExitControl.allCases.map(ControlBit.exit)
        bits += EntryControl.allCases.map(ControlBit.entry)
        return bits + VMFunctionControl.allCases.map(ControlBit.function)
    }()

    /// The row of the bit's own table.
    public var bit: any ControlBits {
        switch self {
        case .pin(let bit): bit
        case .primary(let bit): bit
        case .secondary(let bit): bit
        case .tertiary(let bit): bit
        case .exit(let bit): bit
        case .entry(let bit): bit
        case .function(let bit): bit
        }
    }

    /// The field of the VMCS that holds the bit.
    public var field: VMCSField { type(of: bit).field }
    public var citation: Citation { type(of: bit).citation }
    /// The bit's position in its field.
    public var position: UInt8 { bit.rawValue }
    public var name: String { bit.name }
    public var title: String { bit.title }
    /// The value of the field with only this bit set.
    public var mask: UInt64 { bit.mask }
}

/// Bits of the pin-based VM-execution controls: what asynchronous events do.
///
/// Source: SDM 3C, "Pin-Based VM-Execution Controls".
public enum PinControl: UInt8, NamedBit, ControlBits {
    case externalInterruptExiting = 0
    case nmiExiting = 3
    case virtualNMIs = 5
    case activatePreemptionTimer = 6
    case processPostedInterrupts = 7

    public static let field = VMCSField.pinControls
    public static let citation = Citation.pinBasedVMExecutionControls

    public var name: String { texts.name }
    public var title: String { texts.title }

    private var texts: (name: String, title: String) {
        switch self {
        case .externalInterruptExiting:
            ("external-interrupt exiting", "external interrupts cause VM exits")
        case .nmiExiting: ("NMI exiting", "non-maskable interrupts cause VM exits")
        case .virtualNMIs:
            ("virtual NMIs", "NMIs are never blocked; blocking by NMI is the guest's alone")
        case .activatePreemptionTimer:
            ("activate VMX-preemption timer", "the timer counts down in non-root operation")
        case .processPostedInterrupts:
            ("process posted interrupts", "the notification vector posts virtual interrupts")
        }
    }
}

/// Bits of the primary processor-based VM-execution controls: what instructions and some events
/// do in the guest.
///
/// Source: SDM 3C, "Processor-Based VM-Execution Controls".
public enum PrimaryControl: UInt8, NamedBit, ControlBits {
    case interruptWindowExiting = 2
    case useTSCOffsetting = 3
    case hltExiting = 7
    case invlpgExiting = 9
    case mwaitExiting = 10
    case rdpmcExiting = 11
    case rdtscExiting = 12
    case cr3LoadExiting = 15
    case cr3StoreExiting = 16
    case activateTertiaryControls = 17
    case cr8LoadExiting = 19
    case cr8StoreExiting = 20
    case useTPRShadow = 21
    case nmiWindowExiting = 22
    case movDRExiting = 23
    case unconditionalIOExiting = 24
    case useIOBitmaps = 25
    case monitorTrapFlag = 27
    case useMSRBitmaps = 28
    case monitorExiting = 29
    case pauseExiting = 30
    case activateSecondaryControls = 31

    public static let field = VMCSField.primaryProcControls
    public static let citation = Citation.processorBasedVMExecutionControls

    public var name: String { texts.name }
    public var title: String { texts.title }

    private var texts: (name: String, title: String) {
        switch self {
        case .interruptWindowExiting:
            ("interrupt-window exiting", "a VM exit as soon as interrupts are not blocked")
        case .useTSCOffsetting:
            ("use TSC offsetting", "reads of the time-stamp counter add the TSC offset")
        case .hltExiting: ("HLT exiting", "HLT causes VM exits")
        case .invlpgExiting: ("INVLPG exiting", "INVLPG causes VM exits")
        case .mwaitExiting: ("MWAIT exiting", "MWAIT causes VM exits")
        case .rdpmcExiting: ("RDPMC exiting", "RDPMC causes VM exits")
        case .rdtscExiting: ("RDTSC exiting", "RDTSC and RDTSCP cause VM exits")
        case .cr3LoadExiting:
            ("CR3-load exiting", "MOV to CR3 causes VM exits, but for the CR3-target values")
        case .cr3StoreExiting: ("CR3-store exiting", "MOV from CR3 causes VM exits")
        case .activateTertiaryControls:
            ("activate tertiary controls", "the tertiary controls are used, else taken as 0")
        case .cr8LoadExiting: ("CR8-load exiting", "MOV to CR8 causes VM exits")
        case .cr8StoreExiting: ("CR8-store exiting", "MOV from CR8 causes VM exits")
        case .useTPRShadow:
            ("use TPR shadow", "the task priority is virtualized by the virtual-APIC page")
        case .nmiWindowExiting:
            ("NMI-window exiting", "a VM exit as soon as virtual NMIs are not blocked")
        case .movDRExiting: ("MOV-DR exiting", "MOV to and from debug registers causes VM exits")
        case .unconditionalIOExiting:
            ("unconditional I/O exiting", "I/O instructions cause VM exits")
        case .useIOBitmaps:
            ("use I/O bitmaps", "the I/O bitmaps decide which ports cause VM exits")
        case .monitorTrapFlag:
            ("monitor trap flag", "a VM exit after each instruction of the guest")
        case .useMSRBitmaps:
            ("use MSR bitmaps", "the MSR bitmaps decide which RDMSR and WRMSR cause VM exits")
        case .monitorExiting: ("MONITOR exiting", "MONITOR causes VM exits")
        case .pauseExiting: ("PAUSE exiting", "PAUSE causes VM exits")
        case .activateSecondaryControls:
            ("activate secondary controls", "the secondary controls are used, else taken as 0")
        }
    }
}

/// Bits of the tertiary processor-based VM-execution controls, a 64-bit field.
///
/// Source: SDM 3C, "Processor-Based VM-Execution Controls".
public enum TertiaryControl: UInt8, NamedBit, ControlBits {
    case loadiwkeyExiting = 0
    case enableHLAT = 1
    case eptPagingWriteControl = 2
    case guestPagingVerification = 3
    case ipiVirtualization = 4

    public static let field = VMCSField.tertiaryProcControls
    public static let citation = Citation.processorBasedVMExecutionControls

    public var name: String { texts.name }
    public var title: String { texts.title }

    private var texts: (name: String, title: String) {
        switch self {
        case .loadiwkeyExiting: ("LOADIWKEY exiting", "LOADIWKEY causes VM exits")
        case .enableHLAT: ("enable HLAT", "hypervisor-managed linear-address translation is used")
        case .eptPagingWriteControl:
            ("EPT paging-write control", "EPT may allow writes by the guest's page walks alone")
        case .guestPagingVerification:
            (
                "guest-paging verification",
                "EPT may demand such pages for the guest's paging structures"
            )
        case .ipiVirtualization:
            ("IPI virtualization", "interrupts to other virtual processors are posted")
        }
    }
}

/// Bits of the VM-function controls, one for each VM function, a 64-bit field.
///
/// Source: SDM 3C, "VM-Function Controls".
public enum VMFunctionControl: UInt8, NamedBit, ControlBits {
    case eptpSwitching = 0

    public static let field = VMCSField.vmFunctionControls
    public static let citation = Citation.vmFunctionControls

    public var name: String { texts.name }
    public var title: String { texts.title }

    private var texts: (name: String, title: String) {
        switch self {
        case .eptpSwitching: ("EPTP switching", "VMFUNC with EAX 0 changes the EPT pointer")
        }
    }
}
