import Architecture

/// Whether the processor is in VMX operation, and where. SDM 3C, 24.3 "Introduction to VMX
/// Operation".
public enum VMXMode: UInt8, CaseIterable, Sendable {
    /// Before VMXON and after VMXOFF.
    case outside
    case root
    case nonRoot

    /// As scenarios and narration write it.
    public var name: String {
        switch self {
        case .outside: "outside"
        case .root: "root"
        case .nonRoot: "non-root"
        }
    }
}

/// The current VMCS's controls, read once at VM entry: a processor may keep them while non-root
/// operation lasts, as nothing may change them there.
public struct ActiveControls: Sendable, Equatable {
    public var pin: UInt64 = 0
    public var primary: UInt64 = 0
    public var secondary: UInt64 = 0
    public var exit: UInt64 = 0
    public var entry: UInt64 = 0
    public var exceptionBitmap: UInt64 = 0
    public var pageFaultMask: UInt64 = 0
    public var pageFaultMatch: UInt64 = 0
    public var cr0Mask: UInt64 = 0
    public var cr0Shadow: UInt64 = 0
    public var cr4Mask: UInt64 = 0
    public var cr4Shadow: UInt64 = 0
    public var cr3TargetCount: UInt64 = 0
    public var ioBitmapA: UInt64 = 0
    public var ioBitmapB: UInt64 = 0
    public var msrBitmaps: UInt64 = 0
    public var eptPointer: UInt64 = 0
    public var vpid: UInt64 = 0
    /// Physical address of the virtual-APIC page, with a TPR shadow.
    public var virtualAPICAddress: UInt64 = 0
    /// Physical address of the APIC-access page, where accesses to it are virtualized; else all
    /// ones, which is no page's.
    public var apicAccessPage = ~UInt64(0)

    public init() {}
}

/// A loop of PAUSE, as PAUSE-loop exiting sees it. SDM 3C, 26.1.3, "PAUSE".
public struct PauseLoop: Sendable, Equatable {
    /// A PAUSE was executed at CPL 0 since VM entry.
    public var isRunning = false
    /// Time-stamp counter at the PAUSE that counts as the loop's first, and at the last one.
    public var first: UInt64 = 0
    public var last: UInt64 = 0

    public init() {}
}

/// A write to the virtual-APIC page by the operation under way: an instruction, an iteration of a
/// repeated one, or a delivery.
public struct VirtualAPICWrite: Sendable, Equatable {
    /// In the page.
    public let offset: UInt16
    /// Bytes.
    public let size: UInt8
}

/// What virtualizing the APIC leaves to be done at the next boundary.
public struct VirtualAPICState: Sendable, Equatable {
    /// VTPR is to be compared with the TPR threshold.
    public var checksThreshold = false
    /// A virtual interrupt has ended whose vector has its bit in the EOI-exit bitmap.
    public var endedVector: UInt8?
    /// A write to this offset of the virtual-APIC page is left to the hypervisor.
    public var writtenOffset: UInt16?
    /// What is emulated when the operation has completed.
    public var write: VirtualAPICWrite?
    /// A pending virtual interrupt has been recognized.
    public var isRecognized = false

    public init() {}

    var isWaiting: Bool {
        checksThreshold || isRecognized || endedVector != nil || writtenOffset != nil
    }
}

/// What VMX adds to the processor's state.
public struct VMXState: Sendable {
    public static let noVMCS: UInt64 = ~0

    public var mode = VMXMode.outside
    public var vmxonPointer: UInt64 = 0
    /// Physical address of the current VMCS's region, or ``noVMCS``.
    public var currentVMCS = noVMCS
    public var controls = ActiveControls()
    public var pauseLoop = PauseLoop()
    /// The VMX-preemption timer, where it is active: when it will have counted down to 0, in ticks
    /// of its own clock.
    public var timer: UInt64?
    /// Steps at the first boundary since VM entry; nil before that.
    public var trapFlagStart: UInt64?
    /// An event was delivered through the IDT since VM entry.
    public var hasDelivered = false
    /// The step at which an IRET removed blocking by NMI, until something else happens.
    public var nmiUnblockedAt: UInt64?
    /// VM entry has injected an exit by the monitor trap flag.
    public var isTrapFlagInjected = false
    public var virtualAPIC = VirtualAPICState()
    /// The VMX abort that put the processor into shutdown.
    public var abort: VMXAbort?

    public init() {}
}
