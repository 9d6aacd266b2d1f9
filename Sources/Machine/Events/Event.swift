import Architecture
import InstructionSet

/// An instruction about to execute.
public struct InstructionEvent: Sendable, Equatable {
    /// Guest instructions completed before this one.
    public var step: UInt64
    public var rip: UInt64
    /// Address of the first byte after segmentation.
    public var linear: UInt64
    public var instruction: Instruction
    /// Up to fifteen bytes, of which `instruction.length` count.
    public var bytes: InlineArray<16, UInt8>
    public var cpl: UInt8
    public var nonRoot: Bool
    public var size: CodeSize

    public var encoded: [UInt8] { (0..<Int(min(instruction.length, 15))).map { bytes[$0] } }

    public static func == (left: Self, right: Self) -> Bool {
        left.step == right.step && left.rip == right.rip && left.instruction == right.instruction
    }
}

/// A VM exit as the VMCS shows it, entry failures included.
public struct ExitEvent: Sendable, Equatable {
    /// The whole exit-reason field; bit 31: entry failure.
    public var reasonField: UInt32
    public var qualification: UInt64
    public var instructionLength: UInt32
    public var rip: UInt64
    /// VM-exit interruption information, where bit 31 is set.
    public var interruption: UInt32 = 0
    public var guestLinear: UInt64?
    public var guestPhysical: UInt64?

    public var reason: ExitReason? { ExitReason(rawValue: UInt16(truncatingIfNeeded: reasonField)) }
    public var isEntryFailure: Bool { reasonField & 0x8000_0000 != 0 }
}

/// What a VM entry loaded.
public struct EntryEvent: Sendable, Equatable {
    public var isLaunch: Bool
    public var rip: UInt64
    public var injected: UInt32
    public var controlRules: Int
    public var hostRules: Int
    public var guestRules: Int
    /// VM-entry controls.
    public var controls: UInt32
    /// Whether page-directory-pointer-table entries were loaded.
    public var loadsPDPTEs: Bool
}

/// The check that made an entry fail: the first of its kind that does not hold.
public struct EntryCheckFailure: Sendable, Equatable {
    /// Of the ``EntryCheck``.
    public var id: String
    /// Its place among the checks of its kind, from 1, and how many there are.
    public var number: Int
    public var count: Int
    /// Checks behind it that do not hold either.
    public var further: Int
    /// The values of ``EntryCheck/fields``.
    public var values: [UInt64]
}

/// A VMX instruction that failed. SDM 3C, 31.2 "Conventions".
public enum VMFailure: Error, Sendable, Hashable {
    case invalid
    case valid(VMInstructionError)
}

/// A VMX instruction carried out by the root side.
public enum RootOperation: Sendable, Equatable {
    case vmxon(UInt64)
    case vmxoff
    case vmclear(UInt64)
    case vmptrld(UInt64)
    case vmptrst(UInt64)
    case vmread(VMCSField, UInt64)
    case vmwrite(VMCSField, UInt64)
    case vmlaunch
    case vmresume
    case invept(type: UInt64, _ pointer: UInt64)
    case invvpid(type: UInt64, vpid: UInt64, address: UInt64)
}

/// A register-access by a port, done.
public struct PortTransfer: Sendable, Equatable {
    public var port: UInt16
    public var size: UInt8
    public var isInput: Bool
    public var value: UInt32
    /// What it sent out of the machine, where it did.
    public var output: PortBus.Output?

    public init(port: UInt16, size: UInt8, isInput: Bool, value: UInt32) {
        self.port = port
        self.size = size
        self.isInput = isInput
        self.value = value
    }
}

/// What happened: plain values, without text.
public enum Event: Sendable {
    case instruction(InstructionEvent)
    /// A decision: ask ``Ladders/explain(_:)`` for the rules behind it.
    case decision(DecidedSubject)
    /// A guest's read of a control register, part shadow, part register.
    case controlRegisterRead(ControlRegisterAccess)
    case entry(EntryEvent)
    case exit(ExitEvent)
    case entryCheckFailed(EntryCheckFailure)
    /// How a VMX instruction failed, and which.
    case vmFailure(VMFailure, Operation)
    case root(RootOperation)
    /// A VM exit that failed: the processor is in shutdown.
    case vmxAbort(VMXAbort)
    /// Delivered. `detail`: the address of a page fault, the bits of DR6 that a debug exception sets.
    case exception(vector: UInt8, errorCode: UInt32?, detail: UInt64?)
    /// By INT n, or from outside of the processor.
    case interrupt(vector: UInt8, isExternal: Bool)
    case port(PortTransfer)
}

/// Hears what happens. `listens` is a constant of the type: where it is false, all that would be
/// told is compiled away.
public protocol Observer {
    static var listens: Bool { get }
    mutating func notice(_ event: Event)
}

/// Nobody listens, and nothing is paid for it.
public struct Silent: Observer {
    public static var listens: Bool { false }
    public init() {}
    public mutating func notice(_ event: Event) {}
}

/// Calls a closure with every event.
public struct Listener: Observer {
    public static var listens: Bool { true }
    let notice: (Event) -> Void

    public init(_ notice: @escaping (Event) -> Void) { self.notice = notice }

    public mutating func notice(_ event: Event) { notice(event) }
}
