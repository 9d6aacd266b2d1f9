import Architecture

/// What the checks of VM entry look at: the current VMCS, the processor, and the little memory that
/// they ask for. It borrows the VMCS's page: it must not outlive the checks.
public struct EntryFacts {
    private let page: UnsafeRawPointer
    let processor: Processor
    let hostIsLongMode: Bool
    /// Revision identifier and shadow indicator of the VMCS that the link pointer names.
    let linkedRevision: UInt64
    /// The guest's PDPTEs in memory at its CR3, which count without EPT.
    let pdptesInMemory: InlineArray<4, UInt64>

    /// nil without a current VMCS in RAM.
    init?(_ machine: borrowing Machine) {
        guard machine.hasCurrentVMCS,
            let page = machine.memory.pageForReading(machine.state.vmx.currentVMCS)
        else { return nil }
        self.page = page
        processor = machine.processor
        hostIsLongMode = machine.state.isLongMode
        linkedRevision = machine.memory.read(machine.vmcs(.vmcsLinkPointer), size: 4)
        var loaded = InlineArray<4, UInt64>(repeating: 0)
        let table = machine.vmcs(.guestCR3) & 0xFFFF_FFE0
        for index in 0..<4 {
            loaded[index] = machine.memory.read(table + UInt64(index) * 8, size: 8)
        }
        pdptesInMemory = loaded
    }

    public subscript(_ field: VMCSField) -> UInt64 {
        page.loadLittleEndian(Int(VMCSRegion.offset(field)), size: 8)
    }

    func has(_ control: PinControl) -> Bool { self[.pinControls].has(control) }
    func has(_ control: PrimaryControl) -> Bool { self[.primaryProcControls].has(control) }
    /// Secondary controls count as 0 unless they are activated.
    func has(_ control: SecondaryControl) -> Bool {
        has(PrimaryControl.activateSecondaryControls)
            && self[.secondaryProcControls].has(control)
    }
    func has(_ control: ExitControl) -> Bool { self[.exitControls].has(control) }
    func has(_ control: EntryControl) -> Bool { self[.entryControls].has(control) }

    func isCanonical(_ field: VMCSField) -> Bool {
        let address = self[field]
        return UInt64(bitPattern: (Int64(bitPattern: address) << 16) >> 16) == address
    }

    /// No bit at or above the processor's physical-address width.
    func fitsPhysicalAddress(_ value: UInt64) -> Bool {
        value >> UInt64(processor.physicalAddressWidth) == 0
    }

    /// A page-aligned physical address within the processor's width.
    func isPageAddress(_ field: VMCSField) -> Bool {
        self[field] & 0xFFF == 0 && fitsPhysicalAddress(self[field])
    }
}

/// One check of VM entry: a sentence, the fields it reads, and where the manual has it.
public struct EntryCheck: Sendable {
    /// Stable, as "guest.cr0.pg-needs-pe".
    public let id: String
    /// What must hold.
    public let text: String
    public let fields: [VMCSField]
    public let citation: Citation
    /// Exit qualification of the entry failure, for guest-state checks. SDM 3C, 27.8.
    public let qualification: UInt64
    let holds: @Sendable (EntryFacts) -> Bool

    init(
        _ id: String, _ text: String, _ fields: [VMCSField], _ citation: Citation,
        qualification: UInt64 = 0, holds: @escaping @Sendable (EntryFacts) -> Bool
    ) {
        self.id = id
        self.text = text
        self.fields = fields
        self.citation = citation
        self.qualification = qualification
        self.holds = holds
    }
}

/// All checks, in the manual's order: the first that fails decides what the entry does.
/// SDM 3C, 27.2 "Checks on VMX Controls and Host-State Area"; 27.3.1 "Checks on the Guest State
/// Area".
public struct EntryChecks: Sendable {
    /// VMfailValid(7).
    public var controls: [EntryCheck] = Self.controlChecks
    /// VMfailValid(8).
    public var host: [EntryCheck] = Self.hostChecks
    /// Entry failure 33.
    public var guest: [EntryCheck] = Self.guestChecks

    public init() {}

    public var all: [EntryCheck] { controls + host + guest }
}

extension Machine {
    /// Every check of the current VMCS that does not hold, in order.
    public func failingEntryChecks() -> [EntryCheck] {
        guard let facts = EntryFacts(self) else { return [] }
        return entryChecks.all.filter { !$0.holds(facts) }
    }
}
