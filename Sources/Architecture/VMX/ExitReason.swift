/// Basic exit reasons: bits 15:0 of the exit-reason field.
///
/// Source: SDM 3D, "VMX Basic Exit Reasons". 35, 38, 42 and 71 are not used.
public enum ExitReason: UInt16, CaseIterable, Sendable {
    case exceptionOrNMI = 0
    case externalInterrupt = 1
    case tripleFault = 2
    case initSignal = 3
    case startUpIPI = 4
    case ioSMI = 5
    case otherSMI = 6
    case interruptWindow = 7
    case nmiWindow = 8
    case taskSwitch = 9
    case cpuid = 10
    case getsec = 11
    case hlt = 12
    case invd = 13
    case invlpg = 14
    case rdpmc = 15
    case rdtsc = 16
    case rsm = 17
    case vmcall = 18
    case vmclear = 19
    case vmlaunch = 20
    case vmptrld = 21
    case vmptrst = 22
    case vmread = 23
    case vmresume = 24
    case vmwrite = 25
    case vmxoff = 26
    case vmxon = 27
    case crAccess = 28
    case drAccess = 29
    case ioInstruction = 30
    case rdmsr = 31
    case wrmsr = 32
    case entryFailureGuestState = 33
    case entryFailureMSRLoad = 34
    case mwait = 36
    case monitorTrapFlag = 37
    case monitor = 39
    case pause = 40
    case entryFailureMachineCheck = 41
    case tprBelowThreshold = 43
    case apicAccess = 44
    case virtualizedEOI = 45
    case gdtrIDTRAccess = 46
    case ldtrTRAccess = 47
    case eptViolation = 48
    case eptMisconfiguration = 49
    case invept = 50
    case rdtscp = 51
    case preemptionTimer = 52
    case invvpid = 53
    case wbinvd = 54
    case xsetbv = 55
    case apicWrite = 56
    case rdrand = 57
    case invpcid = 58
    case vmfunc = 59
    case encls = 60
    case rdseed = 61
    case pmlFull = 62
    case xsaves = 63
    case xrstors = 64
    case pconfig = 65
    case sppEvent = 66
    case umwait = 67
    case tpause = 68
    case loadiwkey = 69
    case enclv = 70
    case enqcmdPASIDFailure = 72
    case enqcmdsPASIDFailure = 73
    case busLock = 74
    case instructionTimeout = 75

    /// The short name by which scenarios and recorded vectors call the reason.
    public var name: String { Self.rows[Int(rawValue)]?.name ?? "" }

    /// The manual's name of the reason.
    public var title: String { Self.rows[Int(rawValue)]?.title ?? "" }

    /// Where the manual lists the reasons.
    public var citation: Citation { .vmxBasicExitReasons }

    /// The reason of this name, as "CR_ACCESS".
    public init?(name: String) {
        guard let reason = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = reason
    }

    /// Whether the reason tells of a VM entry that failed while or after loading guest state.
    public var isEntryFailure: Bool {
        switch self {
        case .entryFailureGuestState, .entryFailureMSRLoad, .entryFailureMachineCheck: true
        default: false
        }
    }
}

/// The exit-reason field as a whole.
///
/// Source: SDM 3C, "Basic VM-Exit Information", the table "Format of Exit Reason".
public struct ExitReasonField: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The field as a VM exit for this reason writes it; an entry failure sets bit 31.
    public init(_ reason: ExitReason) {
        rawValue = UInt32(reason.rawValue) | (reason.isEntryFailure ? Self.entryFailureBit : 0)
    }

    /// Bits 15:0; nil for a number that revision 078 does not use.
    public var basic: ExitReason? { ExitReason(rawValue: UInt16(truncatingIfNeeded: rawValue)) }

    /// Bit 31.
    public var isEntryFailure: Bool { rawValue & Self.entryFailureBit != 0 }

    private static let entryFailureBit: UInt32 = 1 &<< 31
}
