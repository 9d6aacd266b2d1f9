import Machine

/// What an instruction of the guest led to.
public enum Outcome: Sendable, Hashable {
    /// Done by the processor, without an exit and without a fault.
    case noExit
    case exit(Exit)
    /// An exception in the guest, by its vector.
    case fault(vector: UInt8)

    /// A VM exit as the VMCS records it.
    public struct Exit: Sendable, Hashable {
        /// The basic exit reason's name, as CR_ACCESS.
        public var reason: String
        public var qualification: UInt64

        public init(reason: String, qualification: UInt64) {
            self.reason = reason
            self.qualification = qualification
        }
    }
}

/// One instruction of a run that was looked at: it stood at a label.
public struct ObservedStep: Sendable, Hashable {
    /// The labels of the instruction's address.
    public var labels: [String]
    public var operation: VMXMode
    public var outcome: Outcome
    /// The stable id of the rule that decided; nil where no decision was to be made.
    public var decidingRule: String?
    /// The bits that decided, by their short names, as EM; empty where no bit did.
    public var decidingBits: [String]
    /// Registers as the instruction found them, by gdb's names of the widest form.
    public var registers: [String: UInt64]

    public init(
        labels: [String], operation: VMXMode, outcome: Outcome, decidingRule: String? = nil,
        decidingBits: [String] = [], registers: [String: UInt64] = [:]
    ) {
        self.labels = labels
        self.operation = operation
        self.outcome = outcome
        self.decidingRule = decidingRule
        self.decidingBits = decidingBits
        self.registers = registers
    }
}

/// What was seen of a run from outside: all that a question or a grade is decided by.
public struct ObservedRun: Sendable, Equatable {
    /// The instructions at labels, in order.
    public var steps: [ObservedStep]
    /// Every exit, in order, at labels or not.
    public var exits: [Outcome.Exit]
    public var entries: Int
    public var ports: [PortTransfer]
    /// How it ended, as the `end` event of `run --json` names it.
    public var end: String
    /// More about the end for the reader, as the name of the entry check that failed.
    public var endDetail: String?
    /// Registers at the end.
    public var registers: [String: UInt64]

    public init(
        steps: [ObservedStep] = [], exits: [Outcome.Exit] = [], entries: Int = 0,
        ports: [PortTransfer] = [], end: String, endDetail: String? = nil,
        registers: [String: UInt64] = [:]
    ) {
        self.steps = steps
        self.exits = exits
        self.entries = entries
        self.ports = ports
        self.end = end
        self.endDetail = endDetail
        self.registers = registers
    }
}

/// Something that can run a scenario and say what was seen.
public protocol ScenarioRunner: Sendable {
    /// Runs a scenario to its end, or to a bound on its steps.
    /// - Throws: what is wrong with the guest's source or with a value of the scenario.
    func run(_ scenario: Scenario) throws(WorkbookError) -> ObservedRun
}
