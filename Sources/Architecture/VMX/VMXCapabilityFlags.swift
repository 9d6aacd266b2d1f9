// What the bits of the capability MSRs mean.

/// Bits of IA32_VMX_BASIC. SDM 3D, "Basic VMX Information".
public enum VMXBasicBit: UInt8, NamedBit {
    case addresses32Bit = 48
    case dualMonitor = 49
    case insOutsInformation = 54
    case trueControls = 55
    case anyErrorCode = 56

    public var name: String { "bit \(rawValue)" }

    public var title: String {
        switch self {
        case .addresses32Bit: "physical addresses of VMX structures are limited to 32 bits"
        case .dualMonitor: "dual-monitor treatment of SMIs and SMM"
        case .insOutsInformation: "exits on INS and OUTS report instruction information"
        case .trueControls: "default1 controls may be 0; the TRUE capability MSRs exist"
        case .anyErrorCode: "a hardware exception may be injected with or without an error code"
        }
    }
}

/// Bits of IA32_VMX_MISC. SDM 3D, "Miscellaneous Data".
public enum VMXMiscBit: UInt8, NamedBit {
    case storesLMA = 5
    case haltState = 6
    case shutdownState = 7
    case waitForSIPIState = 8
    case processorTrace = 14
    case smbaseInSMM = 15
    case smmMonitorControl = 28
    case writesAnyField = 29
    case zeroLengthInjection = 30

    public var name: String { "bit \(rawValue)" }

    public var title: String {
        switch self {
        case .storesLMA: "VM exits store IA32_EFER.LMA in the control \"IA-32e mode guest\""
        case .haltState: "the activity state HLT"
        case .shutdownState: "the activity state shutdown"
        case .waitForSIPIState: "the activity state wait-for-SIPI"
        case .processorTrace: "Intel Processor Trace in VMX operation"
        case .smbaseInSMM: "RDMSR of IA32_SMBASE in system-management mode"
        case .smmMonitorControl: "bit 2 of IA32_SMM_MONITOR_CTL"
        case .writesAnyField: "VMWRITE to VM-exit information fields"
        case .zeroLengthInjection: "injection of software events with instruction length 0"
        }
    }
}

/// Bits of IA32_VMX_EPT_VPID_CAP. SDM 3D, "VPID and EPT Capabilities".
public enum EPTVPIDBit: UInt8, NamedBit {
    case executeOnly = 0
    case pageWalk4 = 6
    case pageWalk5 = 7
    case uncacheable = 8
    case writeBack = 14
    case pages2MiB = 16
    case pages1GiB = 17
    case invept = 20
    case accessedAndDirty = 21
    case advancedExitInformation = 22
    case supervisorShadowStack = 23
    case inveptSingleContext = 25
    case inveptAllContexts = 26
    case invvpid = 32
    case invvpidIndividualAddress = 40
    case invvpidSingleContext = 41
    case invvpidAllContexts = 42
    case invvpidRetainingGlobals = 43

    public var name: String { "bit \(rawValue)" }

    public var title: String {
        switch self {
        case .executeOnly: "execute-only translations by EPT"
        case .pageWalk4: "page-walk length 4"
        case .pageWalk5: "page-walk length 5"
        case .uncacheable: "EPT paging structures may be uncacheable"
        case .writeBack: "EPT paging structures may be write-back"
        case .pages2MiB: "an EPT PDE may map a 2-MByte page"
        case .pages1GiB: "an EPT PDPTE may map a 1-GByte page"
        case .invept: "INVEPT"
        case .accessedAndDirty: "accessed and dirty flags for EPT"
        case .advancedExitInformation: "advanced VM-exit information for EPT violations"
        case .supervisorShadowStack: "supervisor shadow-stack control"
        case .inveptSingleContext: "single-context INVEPT"
        case .inveptAllContexts: "all-context INVEPT"
        case .invvpid: "INVVPID"
        case .invvpidIndividualAddress: "individual-address INVVPID"
        case .invvpidSingleContext: "single-context INVVPID"
        case .invvpidAllContexts: "all-context INVVPID"
        case .invvpidRetainingGlobals: "single-context-retaining-globals INVVPID"
        }
    }
}

extension VMXCapabilities {
    /// The VMCS revision identifier, 31 bits. SDM 3D, "Basic VMX Information".
    public var revision: UInt32 { UInt32(truncatingIfNeeded: basic & 0x7fff_ffff) }

    /// The size of a VMXON or VMCS region, in bytes: above 0, at most 4096.
    public var regionSize: Int { Int((basic &>> 32) & 0x1fff) }

    /// The memory type of the VMCS and of what it points at: 0 uncacheable, 6 write-back.
    public var memoryType: UInt8 { UInt8(truncatingIfNeeded: (basic &>> 50) & 0xf) }

    /// Whether the TRUE capability MSRs exist.
    public var hasTrueControls: Bool { basic.has(VMXBasicBit.trueControls) }

    /// The VMX-preemption timer counts down by 1 each time that this bit of the TSC changes.
    public var preemptionTimerShift: Int { Int(misc & 0x1f) }

    /// How many CR3-target values there are: 0 to 256.
    public var cr3TargetCount: Int { Int((misc &>> 16) & 0x1ff) }

    /// The recommended greatest number of entries in an MSR area: 512 times 1 to 8.
    public var msrListLimit: Int { (Int((misc &>> 25) & 7) + 1) * 512 }

    /// Whether VMWRITE may write VM-exit information fields.
    public var writesAnyField: Bool { misc.has(VMXMiscBit.writesAnyField) }

    /// The bits that must be 1 in CR0 in VMX operation and are 0.
    public func missingInCR0(_ value: UInt64) -> UInt64 { cr0Fixed0 & ~value }

    /// The bits that must be 0 in CR0 in VMX operation and are 1.
    public func excessInCR0(_ value: UInt64) -> UInt64 { value & ~cr0Fixed1 }

    /// The bits that must be 1 in CR4 in VMX operation and are 0.
    public func missingInCR4(_ value: UInt64) -> UInt64 { cr4Fixed0 & ~value }

    /// The bits that must be 0 in CR4 in VMX operation and are 1.
    public func excessInCR4(_ value: UInt64) -> UInt64 { value & ~cr4Fixed1 }

    /// The highest index among the fields that the processor has, as IA32_VMX_VMCS_ENUM holds it
    /// in bits 9:1. SDM 3D, "VMCS Enumeration".
    var highestFieldIndex: Int {
        VMCSField.allCases.filter { $0.exists(on: self) }.map(\.encoding.index).max() ?? 0
    }
}
