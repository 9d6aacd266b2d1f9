import Architecture
import InstructionSet

/// One logical processor with its memory and devices.
///
/// A value that cannot be copied, as it owns caches; ``snapshot()`` copies all that can be observed.
public struct Machine: ~Copyable {
    public var state = ProcessorState()
    public var memory: PhysicalMemory
    /// Which processor this is: its capability MSRs and CPUID.
    public let processor: Processor
    /// A bit for each ``InstructionSet/Feature`` whose instructions it has not.
    let missingFeatures: UInt64
    public var ports: PortBus
    public var ladders = Ladders()
    public var entryChecks = EntryChecks() {
        didSet { entryMemo = EntryMemo() }
    }

    /// Guest instructions completed or emulated; a REP counts once.
    public internal(set) var steps: UInt64 = 0
    public internal(set) var entries = 0
    public internal(set) var exits = 0

    // What outlasts an instruction is in `state`, `memory` or `ports`, or stands in a snapshot by
    // its name: else the same run would not be the same again.

    /// Work that completes no instruction: iterations of long REPs, deliveries of faults, exits. It
    /// counts against a run's budget, so that every run ends.
    var idleWork: UInt64 = 0
    /// The step at which the run loop looks up from executing instructions.
    var attentionAt: UInt64 = 0
    /// Something is to be done behind the instruction that executes.
    var needsAttention: Bool {
        get { attentionAt == 0 }
        set { if newValue { attentionAt = 0 } }
    }
    /// Iterations that a repeated string instruction did before it came back to its own address; 0
    /// where none did.
    var repeatsDone: UInt64 = 0
    /// A run has begun and not yet looked up: nothing has happened since the one before.
    var isGoingOn = false
    /// The instruction that executes set blocking by STI or by MOV SS.
    var isBlockingFresh = false

    /// The time-stamp counter less ``steps``, while instructions follow one another.
    var timeOffset: UInt64 = 0
    /// RIP behind the instruction that executes.
    var nextRIP: UInt64 = 0
    /// Filled in before an ``Abort`` is thrown.
    var pendingException = PendingException(vector: 0, errorCode: nil)
    var pendingExit = ExitInformation(.hlt)
    var pendingStop = StopReason.shutdown
    /// What VM entry injected and the run loop has still to deliver.
    var injected: PendingException?
    /// The vector being delivered, for IDT-vectoring information and double faults.
    var delivering: PendingException?
    /// A task switch has passed the point from which faults are the new task's.
    var hasCommittedTask = false

    var debugging = DebugWatch()

    /// The devices' time at which one of them does something next by itself; 0: to be asked.
    var devicesDueAt: UInt64 = 0
    /// An interrupt waited for the processor when the devices were last looked at.
    var isInterruptNoted = false
    /// An interrupt command has asked for system-management mode.
    var wantsSystemManagement = false

    var entryMemo = EntryMemo()
    var knownVMCS = KnownVMCSPage()
    let entryLimits: EntryLimits?
    let unmodelledControls = UnmodelledControls()
    let components: VMCSComponents
    /// Nothing. A type with an existential in it is one that the compiler handles by its address:
    /// without it, each call of a method that does not mutate would copy the whole machine.
    private let addressOnly: (any Sendable)? = nil

    var tlb = TranslationCache()
    var decoded = DecodeCache()
    var window = CodeWindow()
    /// What ``window`` rested on when the machine came to a stand.
    var windowGrounds: CodeWindow.Grounds?
    var breakpoints = CodeBreakpoints()

    /// Set while an observer listens; then events wait here until the run loop hands them over.
    public var isListening = false
    var waitingEvents: [Event] = []

    public init(processor: Processor, memorySize: UInt64) {
        self.processor = processor
        missingFeatures = Feature.missing(from: processor)
        entryLimits = EntryLimits(processor)
        components = VMCSComponents(processor)
        memory = PhysicalMemory(size: memorySize)
        ports = PortBus(memorySize: memory.size)
    }

    /// Tells the observer, when there is one.
    mutating func tell(_ event: @autoclosure () -> Event) {
        if isListening { waitingEvents.append(event()) }
    }

    /// What waits to be told, after work of the root side.
    public mutating func takeEvents() -> [Event] {
        defer { waitingEvents.removeAll(keepingCapacity: true) }
        return waitingEvents
    }

    /// An instruction that root software did for the guest.
    public mutating func countEmulatedStep() {
        steps &+= 1
        state.tsc &+= 1
        // The exit has been counted as work: now it is this step's.
        if idleWork > 0 { idleWork -= 1 }
    }

    /// What a run's budget is compared with: steps, and work that completes no step.
    public var work: UInt64 { steps &+ idleWork }
}

/// Why an instruction does not complete; the details wait in the machine.
enum Abort: Error {
    /// `pendingException`
    case exception
    /// `pendingExit`
    case exit
    /// `pendingStop`
    case stop
}

/// An exception or interrupt on its way to the guest.
public struct PendingException: Sendable, Equatable {
    public enum Source: Sendable { case fault, trap, softwareInterrupt, external }

    public var vector: UInt8
    public var errorCode: UInt32?
    /// The faulting linear address of a page fault, or the bits for DR6 of a debug exception.
    public var detail: UInt64 = 0
    public var source = Source.fault
    /// Length of the instruction, for software interrupts and exceptions.
    public var instructionLength: UInt8 = 0
    /// By VM entry: no exception bitmap is asked.
    public var isInjected = false

    public init(vector: UInt8, errorCode: UInt32?) {
        self.vector = vector
        self.errorCode = errorCode
    }

    /// A non-maskable interrupt, not INT 2.
    var isNMI: Bool { vector == ExceptionVector.nmi.rawValue && source == .fault }
}

/// What brings the processor into shutdown, or resets it, which ends a run likewise.
public enum ShutdownCause: Sendable, Equatable {
    case tripleFault
    case vmxAbort(VMXAbort)
    /// A device's reset line.
    case reset
    /// An INIT signal where there is no firmware to begin with.
    case initSignal
}

/// Why a run ended or paused.
public enum StopReason: Sendable, Equatable {
    /// HLT with nothing that could wake the processor.
    case hlt
    /// A write to the debug-exit port F4h.
    case port(UInt32)
    case stepBudget
    /// Outside VMX non-root operation; ``Machine/shutdownCause`` tells why.
    case shutdown
    /// A VM exit, with root software that is not in the machine.
    case exited
    /// The firmware is asked for a service; the run goes on when it is done.
    case firmware
    /// Much output waits to be taken; the run goes on from here.
    case outputWaits
    /// The instruction that is next stands at one of ``Machine/Limits/breakpoints``.
    case breakpoint
    case interrupted
    /// What the processor has and the model does not.
    case notModelled(NotModelled)
}

/// What the model does not do: never a fault of the processor's.
public enum NotModelled: Sendable, Equatable {
    case instruction(UInt16)
    case control(VMCSField, bit: Int)
    case msr(UInt32)
    case feature(Feature)

    public enum Feature: String, Sendable {
        case ferr = "x87 errors by interrupt (CR0.NE is 0)"
        case la57 = "5-level paging"
        case controlFlowEnforcement = "control-flow enforcement (CR4.CET)"
        case protectionKeys = "protection keys (CR4.PKE, CR4.PKS)"
        case keyLocker = "key locker (CR4.KL)"
        case interruptRedirection = "INT n and IRET in virtual-8086 mode with CR4.VME"
        case systemManagement = "system-management mode"
    }
}
