import Architecture

/// One check of VM entry: a sentence, the fields it reads, and where the manual has it.
public struct EntryCheck: Sendable {
    /// Stable, as "guest.cr0.pg-needs-pe".
    public let id: String
    /// What must hold.
    public let text: String
    /// All fields that the outcome depends on, what is wrong most likely in the first.
    public let fields: [VMCSField]
    public let citation: Citation
    /// Exit qualification of the entry failure, for guest-state checks. SDM 3C, 27.8.
    public let qualification: UInt64
    /// The bits of RFLAGS that the outcome depends on, if RFLAGS is among the fields.
    let flags: UInt64
    let holds: @Sendable (borrowing EntryFacts) -> Bool

    init(
        _ id: String, _ text: String, _ fields: [VMCSField], _ citation: Citation,
        qualification: UInt64 = 0, flags: UInt64 = .max,
        holds: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) {
        self.id = id
        self.text = text
        self.fields = fields
        self.citation = citation
        self.qualification = qualification
        self.flags = flags
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
