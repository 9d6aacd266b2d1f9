import Architecture

/// What the checks of VM entry look at: the current VMCS, the processor, and the little memory that
/// they ask for. It borrows the VMCS's page: it must not outlive the checks.
public struct EntryFacts: ~Copyable {
    private let page: UnsafeRawPointer
    /// The machine's, which outlives this: counting references would cost more than the rest.
    private unowned(unsafe) let limits: EntryLimits
    let memory: EntryMemory

    /// nil without a current VMCS in RAM, and on a processor without VMX.
    init?(_ machine: borrowing Machine) {
        guard machine.hasCurrentVMCS,
            let page = machine.memory.pageForReading(machine.state.vmx.currentVMCS)
        else { return nil }
        self.init(machine, page)
    }

    /// Of the current VMCS's own page, and with another in its place.
    init?(_ machine: borrowing Machine, _ page: UnsafeRawPointer) {
        guard let limits = machine.entryLimits else { return nil }
        self.page = page
        self.limits = limits
        memory = EntryMemory(FieldsInPage(page: page), machine)
    }

    var vmx: VMXCapabilities { limits.vmx }
    var features: CPUFeatureSet { limits.features }
    var perfGlobalControlMask: UInt64 { limits.perfGlobalControlMask }

    /// The VMCS link pointer that names no region.
    static let noLink: UInt64 = .max

    /// A field of the VMCS.
    @inline(__always)
    public subscript(_ field: VMCSField) -> UInt64 { FieldsInPage(page: page)[field] }

    /// The fields by ``VMCSField/index``, as they lie in memory.
    @inline(__always)
    var words: UnsafePointer<UInt64> {
        (page + Int(VMCSRegion.fields)).assumingMemoryBound(to: UInt64.self)
    }
}

/// What the processor's data comes to for VM entry, gathered once for a machine.
final class EntryLimits: Sendable {
    let vmx: VMXCapabilities
    let features: CPUFeatureSet
    let physicalAddressWidth: UInt64
    /// At least 48: the processors of the model have Intel 64 architecture.
    let linearAddressWidth: UInt64
    /// Bits that may be 1 in IA32_PERF_GLOBAL_CTRL: one for each counter that CPUID leaf 0AH
    /// announces, general-purpose ones from bit 0, fixed-function ones from bit 32.
    /// SDM 3B, "Architectural Performance Monitoring".
    let perfGlobalControlMask: UInt64

    /// nil for a processor without VMX.
    init?(_ processor: Processor) {
        guard let vmx = processor.vmx else { return nil }
        self.vmx = vmx
        features = processor.features
        physicalAddressWidth = UInt64(processor.physicalAddressWidth)
        linearAddressWidth = UInt64(max(48, processor.linearAddressWidth))
        perfGlobalControlMask = Self.counters(processor)
    }

    static func counters(_ processor: Processor) -> UInt64 {
        let leaf: UInt32 = 0xA
        guard processor.cpuid(leaf: 0, subleaf: 0).eax >= leaf else { return 0 }
        let result = processor.cpuid(leaf: leaf, subleaf: 0)
        let general = min(32, UInt64(result.eax &>> 8 & 0xFF))
        let fixed = UInt64(result.edx & 0x1F)
        return (1 << general) - 1 | ((1 << fixed) - 1) << 32
    }
}

/// A VMCS's fields as they lie in the page of its region.
struct FieldsInPage {
    let page: UnsafeRawPointer

    @inline(__always)
    subscript(_ field: VMCSField) -> UInt64 {
        page.loadLittleEndian(Int(VMCSRegion.offset(field)), size: 8)
    }
}

// MARK: Outside the VMCS

extension EntryMemory {
    init(_ fields: FieldsInPage, _ machine: borrowing Machine) {
        hostIsLongMode = machine.state.isLongMode
        currentVMCS = machine.state.vmx.currentVMCS
        let link = fields[.vmcsLinkPointer]
        if link != EntryFacts.noLink { linkedRevision = machine.memory.read(link, size: 4) }
        if fields[.primaryProcControls].has(PrimaryControl.useTPRShadow) {
            virtualTPR = machine.memory.read(fields[.virtualAPICAddress] &+ 0x80, size: 1)
        }
        if Self.usesPAEPaging(fields) { readPDPTEs(fields, machine.memory) }
    }

    private mutating func readPDPTEs(
        _ fields: FieldsInPage, _ memory: borrowing PhysicalMemory
    ) {
        if fields[.primaryProcControls].has(PrimaryControl.activateSecondaryControls),
            fields[.secondaryProcControls].has(SecondaryControl.enableEPT)
        {
            pdptes[0] = fields[.guestPDPTE0]
            pdptes[1] = fields[.guestPDPTE1]
            pdptes[2] = fields[.guestPDPTE2]
            pdptes[3] = fields[.guestPDPTE3]
        } else {
            let table = fields[.guestCR3] & 0xFFFF_FFE0
            for index in 0..<4 {
                pdptes[index] = memory.read(table + UInt64(index) * 8, size: 8)
            }
        }
    }

    private static func usesPAEPaging(_ fields: FieldsInPage) -> Bool {
        fields[.guestCR0].has(CR0Bit.pg) && fields[.guestCR4].has(CR4Bit.pae)
            && !fields[.entryControls].has(EntryControl.ia32eModeGuest)
    }
}

// MARK: Controls

extension EntryFacts {
    func has(_ control: PinControl) -> Bool { self[.pinControls].has(control) }
    func has(_ control: PrimaryControl) -> Bool { self[.primaryProcControls].has(control) }
    /// Secondary controls count as 0 unless they are activated.
    func has(_ control: SecondaryControl) -> Bool {
        has(PrimaryControl.activateSecondaryControls)
            && self[.secondaryProcControls].has(control)
    }
    func has(_ control: ExitControl) -> Bool { self[.exitControls].has(control) }
    func has(_ control: EntryControl) -> Bool { self[.entryControls].has(control) }

    /// Bits of a control field that must be 1 and are 0.
    func missing(_ field: VMCSField) -> UInt32 {
        vmx.settings(of: field)?.missing(in: UInt32(truncatingIfNeeded: self[field])) ?? 0
    }

    /// Bits of a control field that must be 0 and are 1.
    func excess(_ field: VMCSField) -> UInt32 {
        vmx.settings(of: field)?.excess(in: UInt32(truncatingIfNeeded: self[field])) ?? 0
    }
}

// MARK: The guest

extension EntryFacts {
    func guestHas(_ bit: CR0Bit) -> Bool { self[.guestCR0].has(bit) }
    func guestHas(_ bit: CR4Bit) -> Bool { self[.guestCR4].has(bit) }
    func guestHas(_ flag: FlagBit) -> Bool { self[.guestRFLAGS].has(flag) }
    func guestHas(_ bit: InterruptibilityBit) -> Bool { self[.guestInterruptibility].has(bit) }

    /// "The guest will be IA-32e mode."
    var isIA32eGuest: Bool { has(EntryControl.ia32eModeGuest) }

    /// "The guest will be virtual-8086."
    var isVirtual8086: Bool { guestHas(FlagBit.vm) }

    var isUnrestricted: Bool { has(SecondaryControl.unrestrictedGuest) }

    var is64BitGuest: Bool { isIA32eGuest && rights(.guestCSAccessRights).isLong }

    func rights(_ field: VMCSField) -> AccessRights {
        AccessRights(rawValue: UInt32(truncatingIfNeeded: self[field]))
    }

    /// The event that the entry injects; nil where the valid bit is 0.
    var injected: InterruptionInformation? {
        let information = InterruptionInformation(
            rawValue: UInt32(truncatingIfNeeded: self[.entryInterruptionInformation]))
        return information.isValid ? information : nil
    }

    func injects(_ type: InterruptionType) -> Bool { injected?.type == type }
}

// MARK: Addresses

extension EntryFacts {
    /// Bits 63 to the highest of a linear address are the same.
    func isCanonical(_ field: VMCSField) -> Bool {
        let address = self[field]
        let unused = 64 &- limits.linearAddressWidth
        let extended = Int64(bitPattern: address &<< unused) &>> Int64(unused)
        return UInt64(bitPattern: extended) == address
    }

    /// All bits from the linear-address width up are the same. Unlike in a canonical address, the
    /// bit below may differ.
    func hasUniformUnusedBits(_ field: VMCSField) -> Bool {
        let unused = Int64(bitPattern: self[field]) &>> Int64(limits.linearAddressWidth)
        return unused == 0 || unused == -1
    }

    /// No bit at or above the processor's physical-address width.
    func fitsPhysicalAddress(_ value: UInt64) -> Bool { value &>> limits.physicalAddressWidth == 0 }

    /// As an address that the VMCS gives the processor: also below 4 GiB where IA32_VMX_BASIC says
    /// so. SDM 3D, "Basic VMX Information".
    func fitsStructureAddress(_ value: UInt64) -> Bool {
        fitsPhysicalAddress(value)
            && (!vmx.basic.has(VMXBasicBit.addresses32Bit) || value &>> 32 == 0)
    }

    func isPageAligned(_ field: VMCSField) -> Bool { self[field] & 0xFFF == 0 }

    /// Bits 63:32 are 0.
    func fits32Bits(_ field: VMCSField) -> Bool { self[field] &>> 32 == 0 }
}
