import Architecture
import KVM
import Machine

/// What one line of a comparison is about.
public enum ComparedItem: Hashable, Sendable {
    case end
    /// By gdb's name; selectors for the segment registers.
    case register(String)
    /// The datum of port traffic with this number, from 1.
    case port(Int)
    /// The eight bytes of memory at this address, a multiple of 8.
    case memory(UInt64)
    /// As many eight-byte words more, alike in how they compare, that have no line of their own.
    case moreMemory(Int)
    case steps, entries, exits
    /// A VMCS field that was set before the start.
    case field(VMCSField)
    /// What the hypervisor was told to do at this exit.
    case reaction(ExitReason)

    /// A stable name.
    public var name: String {
        switch self {
        case .end: "end"
        case .register(let name): name
        case .port(let number): "port access \(number)"
        case .memory(let address): "memory 0x\(String(address, radix: 16))"
        case .moreMemory(let count): "memory, \(count) more words"
        case .steps: "steps"
        case .entries: "entries"
        case .exits: "exits"
        case .field(let field): field.name
        case .reaction(let reason): "reaction to \(reason.name)"
        }
    }
}

/// What one side shows of an item.
public enum ComparedValue: Hashable, Sendable {
    case end(ComparedEnd)
    /// A register, a field, or memory as a little-endian number.
    case number(UInt64)
    case count(UInt64)
    case port(PortDatum)
    case reaction(ExitPolicy.Reaction)
}

/// How a run ended, on either side.
public enum ComparedEnd: String, Sendable {
    case hlt
    /// A write to port F4h.
    case port
    /// A triple fault.
    case shutdown
    /// The hypervisor's reaction to an exit.
    case stopped
    case stepBudget = "step-budget"
    case timeLimit = "time-limit"
    case accessLimit = "access-limit"
    case vmFail = "vm-fail"
    case entryFailure = "entry-failure"
    case notModelled = "not-modelled"
    /// KVM_EXIT_INTERNAL_ERROR.
    case internalError = "internal-error"
    /// KVM_EXIT_FAIL_ENTRY.
    case failEntry = "fail-entry"
    /// KVM_SET_SREGS with EINVAL: no processor has such a state.
    case startRefused = "start-refused"
    /// Another of KVM's exits.
    case unexpectedExit = "unexpected-exit"

    /// Whether the guest itself came to this end, so that another machine must come to it too.
    var isOfGuest: Bool {
        switch self {
        case .hlt, .port, .shutdown: true
        default: false
        }
    }

    /// Whether something else ended it on the way, at an instruction that means nothing.
    var isCutOff: Bool {
        switch self {
        case .stepBudget, .timeLimit, .accessLimit, .notModelled, .internalError, .unexpectedExit:
            true
        default: false
        }
    }
}

/// One datum of port traffic.
public struct PortDatum: Hashable, Sendable {
    public let isInput: Bool
    public let port: UInt16
    /// 1, 2 or 4 bytes.
    public let size: UInt8
    public let value: UInt32

    /// As `outb 0xe9 0x41`: the kernel's name for such an access, the port, the datum.
    public var text: String {
        let width = size == 1 ? "b" : size == 2 ? "w" : "l"
        let number = String(port, radix: 16)
        return "\(isInput ? "in" : "out")\(width) 0x\(number) 0x\(String(value, radix: 16))"
    }
}

/// How the two sides of a line stand to each other.
public enum Agreement: String, CaseIterable, Sendable {
    case agree
    case differ
    case notObservable = "not observable"
}

/// What is known of a line that does not agree.
public enum ComparisonReason: Equatable, Sendable {
    /// KVM cannot show it, or shows it otherwise.
    case limitation(KVMLimitation)
    /// KVM gave up, with the bytes of the instruction where it says them.
    case emulation(KVMInternalError)
    /// The model gave up.
    case notModelled(NotModelled)
    /// The two runs came to different ends.
    case otherEnd
    /// KVM reached its time limit where the model came to an end in this many steps.
    case timeLimit(steps: UInt64)
    /// Only status flags differ, some of which the manual leaves undefined behind some instructions.
    case statusFlags
    /// Nothing.
    case unknown
}

/// One line of a comparison.
public struct ComparisonRow: Equatable, Sendable {
    public let item: ComparedItem
    /// Nil where the model has none.
    public let model: ComparedValue?
    /// Nil where KVM did not say it.
    public let kvm: ComparedValue?
    public let result: Agreement
    /// Nil for what agrees.
    public let because: ComparisonReason?
}

/// Both outcomes side by side.
public struct ComparisonResult: Equatable, Sendable {
    public let guest: String
    /// The model's processor.
    public let processor: String
    /// Where the guest ran on the model.
    public let operation: VMXMode
    public let rows: [ComparisonRow]

    public func count(_ agreement: Agreement) -> Int {
        rows.count { $0.result == agreement }
    }

    /// Whether no line differs.
    public var isSuccess: Bool { count(.differ) == 0 }
}
