import Architecture
import Machine

/// What the teaching hypervisor decides and does, besides its VMX instructions.
public enum HypervisorAction: Sendable, Equatable {
    /// The exit reason read, and the reaction chosen for it.
    case dispatch(ExitReason, ExitPolicy.Reaction)
    case emulateCPUID(
        leaf: UInt32, subleaf: UInt32, eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32)
    /// INVD done as WBINVD, so that no modified line is lost.
    case emulateINVD
    case emulateXSETBV(UInt64)
    /// A control register as the guest may now see it.
    case emulateControlRegister(number: UInt8, shadow: UInt64, real: UInt64)
    case emulatePort(PortTransfer)
    case emulateMSR(UInt32, value: UInt64, isWrite: Bool)
    /// Guest RIP moved behind the instruction.
    case skip(bytes: UInt64)
    case inject(vector: UInt8, errorCode: UInt32?)
    /// An EPT page added.
    case map(UInt64)
    case endRun
}

/// How a run ended.
public struct EndOfRun: Sendable, Equatable {
    public enum Reason: String, Sendable, CaseIterable {
        case hlt, port
        case stepBudget = "step-budget"
        case shutdown, stopped
        case vmFail = "vm-fail"
        case entryFailure = "entry-failure"
        case notModelled = "not-modelled"
        case interrupted
    }

    public var reason: Reason
    /// The number written to port F4h.
    public var value: UInt64?
    public var notModelled: NotModelled?
    public var failure: VMXResult?

    public init(_ reason: Reason) { self.reason = reason }

    /// Whether the command that ran it has succeeded.
    public var isSuccess: Bool {
        switch reason {
        case .hlt, .port, .stopped: true
        case .stepBudget, .shutdown, .vmFail, .entryFailure, .notModelled, .interrupted: false
        }
    }
}

/// Everything that a run tells, in order.
public enum RunEvent: Sendable {
    case machine(Event)
    case action(HypervisorAction)
    /// A firmware service, carried out.
    case firmware(FirmwareCall)
    case output(PortBus.Output)
    case end(EndOfRun)
}
