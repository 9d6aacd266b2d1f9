import Architecture
import InstructionSet
import Machine

/// The mode that a guest starts in.
public enum GuestMode: String, CaseIterable, Sendable {
    case real16, protected32, long64

    public var codeSize: CodeSize {
        switch self {
        case .real16: .bits16
        case .protected32: .bits32
        case .long64: .bits64
        }
    }

    public init(_ size: CodeSize) {
        switch size {
        case .bits16: self = .real16
        case .bits32: self = .protected32
        case .bits64: self = .long64
        }
    }

    /// Where a guest is loaded unless it says otherwise.
    public var defaultLoadAddress: UInt64 { self == .real16 ? 0x1000 : 0x10000 }
}

/// A guest's bytes, and where they go.
public struct GuestImage: Sendable {
    public var name: String
    public var bytes: [UInt8]
    public var mode: GuestMode
    public var loadAddress: UInt64
    /// What the assembler knows of labels and source lines; nil for a flat binary.
    public var program: AssembledProgram?

    public init(
        name: String, bytes: [UInt8], mode: GuestMode, loadAddress: UInt64,
        program: AssembledProgram? = nil
    ) {
        self.name = name
        self.bytes = bytes
        self.mode = mode
        self.loadAddress = loadAddress
        self.program = program
    }
}

/// All that a run starts from.
public struct RunConfiguration: Sendable {
    /// One value set before the start, in order.
    public struct Setting: Sendable, Equatable {
        public var target: SettingTarget
        public var value: UInt64

        public init(_ target: SettingTarget, _ value: UInt64) {
            self.target = target
            self.value = value
        }
    }

    public static let defaultMemorySize: UInt64 = 64 << 20

    public var image: GuestImage
    /// How the image gets into memory, and what stands beside it there.
    public var startup = Startup.flat
    public var settings: [Setting] = []
    public var processor: Processor = .skylake
    /// RAM from address 0, in bytes.
    public var memorySize = Self.defaultMemorySize
    /// Where the program runs.
    public var operation = VMXMode.nonRoot
    public var policy = ExitPolicy()
    /// What reads of a port give, one byte after the other.
    public var portInputs: [UInt16: [UInt8]] = [:]

    public init(image: GuestImage) { self.image = image }
}

/// What the teaching hypervisor does at exits that a student's VMCS brings about.
public struct ExitPolicy: Sendable, Equatable {
    public enum Reaction: String, CaseIterable, Sendable {
        /// Do what the guest asked, as far as the masks let it see, and go on.
        case emulate
        /// Go on behind the instruction, with nothing done.
        case skip
        /// End the run here.
        case stop
        /// Inject #GP(0).
        case injectGP = "inject-gp"
    }

    /// By exit reason; others: `emulate`, HLT: `stop`.
    public var reactions: [ExitReason: Reaction] = [:]

    public init() {}

    public func reaction(to reason: ExitReason) -> Reaction {
        reactions[reason] ?? (reason == .hlt ? .stop : .emulate)
    }
}
