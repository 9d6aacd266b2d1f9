/// Bits of the secondary processor-based VM-execution controls.
///
/// Source: SDM 3C, "Processor-Based VM-Execution Controls".
public enum SecondaryControl: UInt8, NamedBit, ControlBits {
    case virtualizeAPICAccesses = 0
    case enableEPT = 1
    case descriptorTableExiting = 2
    case enableRDTSCP = 3
    case virtualizeX2APICMode = 4
    case enableVPID = 5
    case wbinvdExiting = 6
    case unrestrictedGuest = 7
    case apicRegisterVirtualization = 8
    case virtualInterruptDelivery = 9
    case pauseLoopExiting = 10
    case rdrandExiting = 11
    case enableINVPCID = 12
    case enableVMFunctions = 13
    case vmcsShadowing = 14
    case enclsExiting = 15
    case rdseedExiting = 16
    case enablePML = 17
    case eptViolationVE = 18
    case concealVMXFromPT = 19
    case enableXSAVES = 20
    case pasidTranslation = 21
    case modeBasedExecuteControl = 22
    case subPageWritePermissions = 23
    case ptUsesGuestPhysicalAddresses = 24
    case useTSCScaling = 25
    case enableUserWaitAndPause = 26
    case enablePCONFIG = 27
    case enclvExiting = 28
    case busLockDetection = 30
    case instructionTimeout = 31

    public static let field = VMCSField.secondaryProcControls
    public static let citation = Citation.processorBasedVMExecutionControls

    public var name: String { texts.name }
    public var title: String { texts.title }

    private var texts: (name: String, title: String) {
        switch self {
        case .virtualizeAPICAccesses:
            ("virtualize APIC accesses", "accesses to the APIC-access page are treated specially")
        case .enableEPT: ("enable EPT", "guest-physical addresses are translated by the EPT")
        case .descriptorTableExiting:
            (
                "descriptor-table exiting",
                "LGDT, SGDT, LIDT, SIDT, LLDT, SLDT, LTR and STR cause VM exits"
            )
        case .enableRDTSCP: ("enable RDTSCP", "without it RDTSCP and RDPID are invalid opcodes")
        case .virtualizeX2APICMode:
            ("virtualize x2APIC mode", "RDMSR and WRMSR of 800H to 8FFH are treated specially")
        case .enableVPID: ("enable VPID", "cached translations are tagged with the VPID")
        case .wbinvdExiting: ("WBINVD exiting", "WBINVD and WBNOINVD cause VM exits")
        case .unrestrictedGuest:
            ("unrestricted guest", "the guest may run unpaged or in real-address mode")
        case .apicRegisterVirtualization:
            ("APIC-register virtualization", "most APIC reads come from the virtual-APIC page")
        case .virtualInterruptDelivery:
            ("virtual-interrupt delivery", "pending virtual interrupts are evaluated and delivered")
        case .pauseLoopExiting:
            ("PAUSE-loop exiting", "a series of PAUSE in a loop causes a VM exit")
        case .rdrandExiting: ("RDRAND exiting", "RDRAND causes VM exits")
        case .enableINVPCID: ("enable INVPCID", "without it INVPCID is an invalid opcode")
        case .enableVMFunctions: ("enable VM functions", "VMFUNC may be used by the guest")
        case .vmcsShadowing: ("VMCS shadowing", "VMREAD and VMWRITE may access a shadow VMCS")
        case .enclsExiting:
            ("enable ENCLS exiting", "ENCLS may cause VM exits, by the ENCLS-exiting bitmap")
        case .rdseedExiting: ("RDSEED exiting", "RDSEED causes VM exits")
        case .enablePML: ("enable PML", "a write that sets an EPT dirty flag is logged")
        case .eptViolationVE:
            ("EPT-violation #VE", "EPT violations may become virtualization exceptions")
        case .concealVMXFromPT:
            ("conceal VMX from PT", "Intel Processor Trace does not show non-root operation")
        case .enableXSAVES:
            ("enable XSAVES/XRSTORS", "without it XSAVES and XRSTORS are invalid opcodes")
        case .pasidTranslation: ("PASID translation", "ENQCMD and ENQCMDS translate PASIDs")
        case .modeBasedExecuteControl:
            (
                "mode-based execute control for EPT",
                "EPT has execute permission for user and supervisor"
            )
        case .subPageWritePermissions:
            ("sub-page write permissions for EPT", "EPT write permission may be given by 128 bytes")
        case .ptUsesGuestPhysicalAddresses:
            (
                "Intel PT uses guest physical addresses",
                "Intel Processor Trace output addresses are translated by the EPT"
            )
        case .useTSCScaling:
            ("use TSC scaling", "reads of the time-stamp counter multiply by the TSC multiplier")
        case .enableUserWaitAndPause:
            (
                "enable user wait and pause",
                "without it TPAUSE, UMONITOR and UMWAIT are invalid opcodes"
            )
        case .enablePCONFIG: ("enable PCONFIG", "without it PCONFIG is an invalid opcode")
        case .enclvExiting:
            ("enable ENCLV exiting", "ENCLV may cause VM exits, by the ENCLV-exiting bitmap")
        case .busLockDetection: ("VMM bus-lock detection", "a bus lock causes a VM exit")
        case .instructionTimeout:
            (
                "instruction timeout",
                "operation without a window for events causes a VM exit after a time"
            )
        }
    }
}
