/// What a processor's VMX can do: the values of its capability MSRs, and what they say.
///
/// Source: SDM 3D, "VMX Capability Reporting Facility".
public struct VMXCapabilities: Sendable, Hashable {
    /// IA32_VMX_BASIC.
    public var basic: UInt64
    public var pin: ControlSettings
    public var primary: ControlSettings
    public var exit: ControlSettings
    public var entry: ControlSettings
    /// IA32_VMX_MISC.
    public var misc: UInt64
    /// IA32_VMX_CR0_FIXED0: bits that must be 1 in CR0 in VMX operation.
    public var cr0Fixed0: UInt64
    /// IA32_VMX_CR0_FIXED1: bits that may be 1 in CR0 in VMX operation.
    public var cr0Fixed1: UInt64
    /// IA32_VMX_CR4_FIXED0: bits that must be 1 in CR4 in VMX operation.
    public var cr4Fixed0: UInt64
    /// IA32_VMX_CR4_FIXED1: bits that may be 1 in CR4 in VMX operation.
    public var cr4Fixed1: UInt64
    /// IA32_VMX_VMCS_ENUM: the highest index of any field, in bits 9:1.
    public var vmcsEnum: UInt64
    /// Bits that may be 1 in each; all 0 where the processor does not have the controls.
    public var secondary: ControlSettings
    /// IA32_VMX_EPT_VPID_CAP; 0 where the processor has neither.
    public var eptVPID: UInt64
    public var truePin: ControlSettings
    public var truePrimary: ControlSettings
    public var trueExit: ControlSettings
    public var trueEntry: ControlSettings
    /// IA32_VMX_VMFUNC: the VM functions that may be enabled.
    public var vmFunctions: UInt64
    /// IA32_VMX_PROCBASED_CTLS3: the tertiary controls that may be 1.
    public var tertiary: UInt64

    /// From the values of the MSRs 480h to 492h; one that is missing is 0.
    public init(msrs: [UInt32: UInt64]) {
        func value(_ msr: MSR) -> UInt64 { msrs[msr.rawValue] ?? 0 }
        basic = value(.vmxBasic)
        pin = .init(rawValue: value(.vmxPinControls))
        primary = .init(rawValue: value(.vmxPrimaryControls))
        exit = .init(rawValue: value(.vmxExitControls))
        entry = .init(rawValue: value(.vmxEntryControls))
        misc = value(.vmxMisc)
        cr0Fixed0 = value(.vmxCR0Fixed0)
        cr0Fixed1 = value(.vmxCR0Fixed1)
        cr4Fixed0 = value(.vmxCR4Fixed0)
        cr4Fixed1 = value(.vmxCR4Fixed1)
        vmcsEnum = value(.vmxVMCSEnum)
        secondary = .init(rawValue: value(.vmxSecondaryControls))
        eptVPID = value(.vmxEPTVPIDCapabilities)
        truePin = .init(rawValue: value(.vmxTruePinControls))
        truePrimary = .init(rawValue: value(.vmxTruePrimaryControls))
        trueExit = .init(rawValue: value(.vmxTrueExitControls))
        trueEntry = .init(rawValue: value(.vmxTrueEntryControls))
        vmFunctions = value(.vmxVMFunctions)
        tertiary = value(.vmxTertiaryControls)
    }

    /// What RDMSR reads from a capability MSR; nil where this processor does not have it, so that
    /// RDMSR raises #GP.
    public func value(of msr: MSR) -> UInt64? {
        switch msr {
        case .vmxBasic: basic
        case .vmxPinControls: pin.rawValue
        case .vmxPrimaryControls: primary.rawValue
        case .vmxExitControls: exit.rawValue
        case .vmxEntryControls: entry.rawValue
        case .vmxMisc: misc
        case .vmxCR0Fixed0: cr0Fixed0
        case .vmxCR0Fixed1: cr0Fixed1
        case .vmxCR4Fixed0: cr4Fixed0
        case .vmxCR4Fixed1: cr4Fixed1
        case .vmxVMCSEnum: vmcsEnum
        case .vmxSecondaryControls:
            allows(.primary(.activateSecondaryControls)) ? secondary.rawValue : nil
        case .vmxEPTVPIDCapabilities:
            allows(.secondary(.enableEPT)) || allows(.secondary(.enableVPID)) ? eptVPID : nil
        case .vmxTruePinControls: hasTrueControls ? truePin.rawValue : nil
        case .vmxTruePrimaryControls: hasTrueControls ? truePrimary.rawValue : nil
        case .vmxTrueExitControls: hasTrueControls ? trueExit.rawValue : nil
        case .vmxTrueEntryControls: hasTrueControls ? trueEntry.rawValue : nil
        case .vmxVMFunctions: allows(.secondary(.enableVMFunctions)) ? vmFunctions : nil
        case .vmxTertiaryControls:
            allows(.primary(.activateTertiaryControls)) ? tertiary : nil
        default: nil
        }
    }

    /// Whether the processor supports the 1-setting of a control.
    public func allows(_ control: ControlBit) -> Bool {
        switch control {
        case .pin(let bit): pin.allows(bit)
        case .primary(let bit): primary.allows(bit)
        case .secondary(let bit): secondary.allows(bit)
        case .tertiary(let bit): tertiary.has(bit)
        case .exit(let bit): exit.allows(bit)
        case .entry(let bit): entry.allows(bit)
        case .function(let bit): vmFunctions.has(bit)
        }
    }

    public func allows(_ bit: PinControl) -> Bool { pin.allows(bit) }
    public func allows(_ bit: PrimaryControl) -> Bool { primary.allows(bit) }
    public func allows(_ bit: SecondaryControl) -> Bool { secondary.allows(bit) }
    public func allows(_ bit: ExitControl) -> Bool { exit.allows(bit) }
    public func allows(_ bit: EntryControl) -> Bool { entry.allows(bit) }

    /// The settings of a field of 32 control bits that VM entry accepts: those of the TRUE MSRs
    /// where the processor has them. Nil for any other field.
    public func settings(of field: VMCSField) -> ControlSettings? {
        switch field {
        case .pinControls: hasTrueControls ? truePin : pin
        case .primaryProcControls: hasTrueControls ? truePrimary : primary
        case .exitControls: hasTrueControls ? trueExit : exit
        case .entryControls: hasTrueControls ? trueEntry : entry
        case .secondaryProcControls: secondary
        default: nil
        }
    }
}

/// Which values the 32 bits of a control field may have, as a capability MSR reports it.
///
/// Source: SDM 3D, "VM-Execution Controls": bits 31:0 are the allowed 0-settings, bits 63:32 the
/// allowed 1-settings.
public struct ControlSettings: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The allowed 0-settings: a bit that is 1 here must be 1 in the field.
    public var allowed0: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The allowed 1-settings: a bit that is 0 here must be 0 in the field.
    public var allowed1: UInt32 { UInt32(truncatingIfNeeded: rawValue &>> 32) }

    /// Whether the bit may be 1.
    public func allows(_ bit: some NamedBit) -> Bool { UInt64(allowed1).has(bit) }

    /// Whether the bit must be 1.
    public func requires(_ bit: some NamedBit) -> Bool { UInt64(allowed0).has(bit) }

    /// Whether VM entry accepts the value.
    public func accepts(_ value: UInt32) -> Bool {
        missing(in: value) == 0 && excess(in: value) == 0
    }

    /// The bits that must be 1 and are 0.
    public func missing(in value: UInt32) -> UInt32 { allowed0 & ~value }

    /// The bits that must be 0 and are 1.
    public func excess(in value: UInt32) -> UInt32 { value & ~allowed1 }

    /// The nearest value that VM entry accepts.
    public func adjusted(_ value: UInt32) -> UInt32 { (value | allowed0) & allowed1 }
}
