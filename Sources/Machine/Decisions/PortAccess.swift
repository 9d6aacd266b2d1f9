import Architecture

/// IN, OUT, INS or OUTS, with all that decides whether it exits.
public struct PortAccess: DecisionSubject, Equatable {
    public var port: UInt16
    /// 1, 2 or 4 bytes.
    public var size: UInt8
    public var isInput: Bool
    public var isString: Bool
    public var isRepeated: Bool
    /// The port is in the instruction, not in DX.
    public var isImmediate: Bool

    public var cpl: UInt64 = 0
    public var iopl: UInt64 = 0
    public var virtual8086: UInt64 = 0
    public var protected: UInt64 = 1
    /// 1 where the TSS's I/O permission bitmap forbids one of the ports (or has no room for it).
    public var tssDenies: UInt64 = 0
    public var nonRoot: UInt64 = 0
    public var unconditional: UInt64 = 0
    public var useBitmaps: UInt64 = 0
    /// The bitmaps' bits of the ports accessed: bit 0 for the first port.
    public var bitmapBits: UInt64 = 0
    /// 1 where the access goes past port FFFFh.
    public var wraps: UInt64 = 0

    public init(port: UInt16, size: UInt8, isInput: Bool) {
        self.port = port
        self.size = size
        self.isInput = isInput
        isString = false
        isRepeated = false
        isImmediate = false
        wraps = UInt32(port) + UInt32(size) > 0x10000 ? 1 : 0
    }

    public var question: String {
        switch (isInput, isString) {
        case (true, false): "Does this IN exit?"
        case (false, false): "Does this OUT exit?"
        case (true, true): "Does this INS exit?"
        case (false, true): "Does this OUTS exit?"
        }
    }

    /// The TSS is asked only above IOPL, and always in virtual-8086 mode.
    public static func asksTSS(cpl: UInt64, iopl: UInt64, virtual8086: UInt64, protected: UInt64)
        -> Bool
    {
        protected == 1 && (virtual8086 == 1 || cpl > iopl)
    }
}

typealias PortInput = Input<PortAccess>
typealias PortRule = Rule<PortAccess>

extension Input where Subject == PortAccess {
    static let cpl = PortInput("cpl", "current privilege level", width: 2, .processor, \.cpl)
    static let iopl = PortInput("iopl", "I/O privilege level", width: 2, .guest, \.iopl)
    static let virtual8086 = PortInput(
        "virtual-8086", "virtual-8086 mode", width: 1, .processor, \.virtual8086)
    static let protected = PortInput("protected", "CR0.PE", width: 1, .processor, \.protected)
    static let tssDenies = PortInput(
        "tss-denies", "the TSS's I/O map denies the port", width: 1, .guest, \.tssDenies)
    static let nonRoot = PortInput(
        "non-root", "VMX non-root operation", width: 1, .processor, \.nonRoot)
    static let unconditional = PortInput(
        "unconditional-io-exiting", "unconditional I/O exiting", width: 1,
        .field(.primaryProcControls), \.unconditional)
    static let useBitmaps = PortInput(
        "use-io-bitmaps", "use I/O bitmaps", width: 1, .field(.primaryProcControls), \.useBitmaps)
    static let bitmapBits = PortInput(
        "bitmap-bits", "I/O bitmap bits of the ports", width: 4, .field(.ioBitmapA), \.bitmapBits,
        free: { 1 << UInt64($0.size) - 1 })
    static let wraps = PortInput("wraps", "the access passes port FFFFh", width: 1, .guest, \.wraps)
}

/// The ladder for ports.
public struct PortLadders: Sendable {
    public var access = Ladder<PortAccess>([
        PortRule(
            "io.permission", "IOPL and the TSS's I/O map forbid the port: #GP(0) before any exit",
            [.protected, .virtual8086, .cpl, .iopl, .tssDenies], .relativePriorityOfFaultsAndExits
        ) { access in
            let asks = PortAccess.asksTSS(
                cpl: access.cpl, iopl: access.iopl, virtual8086: access.virtual8086,
                protected: access.protected)
            return asks && access.tssDenies == 1 ? .fault(.generalProtection) : nil
        },
        PortRule(
            "io.not-non-root", "not in VMX non-root operation: no exit is possible", [.nonRoot],
            .introductionToVMXOperation
        ) { $0.nonRoot == 0 ? .proceed : nil },
        PortRule(
            "io.no-bitmaps", "use I/O bitmaps is 0, and unconditional I/O exiting is 1",
            [.useBitmaps, .unconditional], .instructionsThatCauseExitsConditionally
        ) { $0.useBitmaps == 0 && $0.unconditional == 1 ? .exit(.ioInstruction) : nil },
        PortRule(
            "io.no-control", "use I/O bitmaps is 0, and unconditional I/O exiting is 0",
            [.useBitmaps, .unconditional], .instructionsThatCauseExitsConditionally
        ) { $0.useBitmaps == 0 ? .proceed : nil },
        PortRule(
            "io.wraps", "the bitmaps are used, and the access wraps past port FFFFh", [.wraps],
            .instructionsThatCauseExitsConditionally
        ) { $0.wraps == 1 ? .exit(.ioInstruction) : nil },
        PortRule(
            "io.bitmap", "the bitmaps are used, and have the bit of a port of the access",
            [.bitmapBits], .ioBitmapAddresses, bits: \.bitmapBits
        ) { $0.bitmapBits != 0 ? .exit(.ioInstruction) : nil },
        PortRule(
            "io.bitmap-clear", "the bitmaps are used, and have no bit of the access", [.bitmapBits],
            .ioBitmapAddresses
        ) { _ in .proceed },
    ]) {
        didSet { last = nil }
    }
    /// The last decision: a loop that writes to a port asks the same again and again.
    private var last: (access: PortAccess, verdict: Verdict)?

    public init() {}

    /// What the ladder says.
    mutating func evaluate(_ access: PortAccess) -> Verdict {
        if let last, last.access == access { return last.verdict }
        let verdict = self.access.evaluate(access)
        last = (access, verdict)
        return verdict
    }
}
