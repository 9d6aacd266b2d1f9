import Architecture

/// What the checks of VM entry look at: the current VMCS, the processor, and the little memory that
/// they ask for. It borrows the VMCS's page: it must not outlive the checks.
public struct EntryFacts: ~Copyable {
    private let page: UnsafeRawPointer
    let vmx: VMXCapabilities
    let features: CPUFeatureSet
    let physicalAddressWidth: UInt64
    /// At least 48: the processors of the model have Intel 64 architecture.
    let linearAddressWidth: UInt64
    /// IA32_EFER.LMA of the root side.
    let hostIsLongMode: Bool
    let currentVMCS: UInt64
    /// Bits that may be 1 in IA32_PERF_GLOBAL_CTRL; 0 where nothing loads it.
    let perfGlobalControlMask: UInt64
    /// The first four bytes of the region that the VMCS link pointer names: revision identifier
    /// and shadow indicator.
    let linkedRevision: UInt64
    /// Byte 80H of the virtual-APIC page, the task-priority register; 0 without a TPR shadow.
    let virtualTPR: UInt64
    /// The PDPTEs that count for a guest with PAE paging: of the VMCS with EPT, else in memory at
    /// the guest's CR3.
    let pdptes: InlineArray<4, UInt64>

    /// nil without a current VMCS in RAM, and on a processor without VMX.
    init?(_ machine: borrowing Machine) {
        guard machine.hasCurrentVMCS, let vmx = machine.processor.vmx,
            let page = machine.memory.pageForReading(machine.state.vmx.currentVMCS)
        else { return nil }
        let fields = FieldsInPage(page: page)
        self.page = page
        self.vmx = vmx
        features = machine.processor.features
        physicalAddressWidth = UInt64(machine.processor.physicalAddressWidth)
        linearAddressWidth = UInt64(max(48, machine.processor.linearAddressWidth))
        hostIsLongMode = machine.state.isLongMode
        currentVMCS = machine.state.vmx.currentVMCS
        perfGlobalControlMask =
            fields[.exitControls].has(ExitControl.loadPerfGlobalControl)
                || fields[.entryControls].has(EntryControl.loadPerfGlobalControl)
            ? machine.processor.perfGlobalControlMask : 0
        let link = fields[.vmcsLinkPointer]
        linkedRevision = link == Self.noLink ? 0 : machine.memory.read(link, size: 4)
        virtualTPR =
            fields[.primaryProcControls].has(PrimaryControl.useTPRShadow)
            ? machine.memory.read(fields[.virtualAPICAddress] &+ 0x80, size: 1) : 0
        pdptes = Self.pdptes(fields, machine.memory)
    }

    /// The VMCS link pointer that names no region.
    static let noLink: UInt64 = .max

    private static func pdptes(
        _ fields: FieldsInPage, _ memory: borrowing PhysicalMemory
    ) -> InlineArray<4, UInt64> {
        var entries = InlineArray<4, UInt64>(repeating: 0)
        guard usesPAEPaging(fields) else { return entries }
        if fields[.primaryProcControls].has(PrimaryControl.activateSecondaryControls),
            fields[.secondaryProcControls].has(SecondaryControl.enableEPT)
        {
            entries[0] = fields[.guestPDPTE0]
            entries[1] = fields[.guestPDPTE1]
            entries[2] = fields[.guestPDPTE2]
            entries[3] = fields[.guestPDPTE3]
        } else {
            let table = fields[.guestCR3] & 0xFFFF_FFE0
            for index in 0..<4 {
                entries[index] = memory.read(table + UInt64(index) * 8, size: 8)
            }
        }
        return entries
    }

    private static func usesPAEPaging(_ fields: FieldsInPage) -> Bool {
        fields[.guestCR0].has(CR0Bit.pg) && fields[.guestCR4].has(CR4Bit.pae)
            && !fields[.entryControls].has(EntryControl.ia32eModeGuest)
    }

    /// A field of the VMCS.
    @inline(__always)
    public subscript(_ field: VMCSField) -> UInt64 { FieldsInPage(page: page)[field] }
}

/// A VMCS's fields as they lie in the page of its region.
struct FieldsInPage {
    let page: UnsafeRawPointer

    @inline(__always)
    subscript(_ field: VMCSField) -> UInt64 {
        page.loadLittleEndian(Int(VMCSRegion.offset(field)), size: 8)
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
        let unused = 64 &- linearAddressWidth
        let extended = Int64(bitPattern: address &<< unused) &>> Int64(unused)
        return UInt64(bitPattern: extended) == address
    }

    /// No bit at or above the processor's physical-address width.
    func fitsPhysicalAddress(_ value: UInt64) -> Bool { value &>> physicalAddressWidth == 0 }

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

extension Processor {
    /// Bits that may be 1 in IA32_PERF_GLOBAL_CTRL: one for each counter that CPUID leaf 0AH
    /// announces, general-purpose ones from bit 0, fixed-function ones from bit 32.
    /// SDM 3B, "Architectural Performance Monitoring".
    var perfGlobalControlMask: UInt64 {
        let leaf = cpuid(leaf: 0xA, subleaf: 0)
        let general = UInt64(leaf.eax &>> 8 & 0xFF)
        let fixed = UInt64(leaf.edx & 0x1F)
        return ((1 << general) - 1) & 0xFFFF_FFFF | ((1 << fixed) - 1) << 32
    }
}
