import Architecture

/// RDMSR or WRMSR, with all that decides whether it exits.
public struct MSRAccess: DecisionSubject, Equatable {
    public var number: UInt32
    public var isWrite: Bool
    public var cpl: UInt64 = 0
    public var nonRoot: UInt64 = 0
    public var useBitmaps: UInt64 = 0
    /// ECX, as the ranges of the bitmaps see it.
    public var ecx: UInt64
    /// The bitmap's bit of this MSR; 0 outside the ranges.
    public var bitmapBit: UInt64 = 0

    public init(number: UInt32, isWrite: Bool) {
        self.number = number
        self.isWrite = isWrite
        ecx = UInt64(number)
    }

    public var question: String { "Does this \(isWrite ? "WRMSR" : "RDMSR") exit?" }

    var reason: ExitReason { isWrite ? .wrmsr : .rdmsr }

    /// Offset of the bitmap's quarter within the page, or nil outside both ranges.
    /// SDM 3C, 25.6.9 "MSR-Bitmap Address".
    public static func quarter(_ number: UInt64, isWrite: Bool) -> UInt64? {
        let half: UInt64 = isWrite ? 2048 : 0
        switch number {
        case 0...0x1FFF: return half
        case 0xC000_0000...0xC000_1FFF: return half + 1024
        default: return nil
        }
    }
}

typealias MSRInput = Input<MSRAccess>
typealias MSRRule = Rule<MSRAccess>

extension Input where Subject == MSRAccess {
    static let cpl = MSRInput("cpl", "current privilege level", width: 2, .processor, \.cpl)
    static let nonRoot = MSRInput(
        "non-root", "VMX non-root operation", width: 1, .processor, \.nonRoot)
    static let useBitmaps = MSRInput(
        "use-msr-bitmaps", "use MSR bitmaps", width: 1, .field(.primaryProcControls), \.useBitmaps)
    /// Of another number within the ranges, the bitmap's bit is not known.
    static let ecx = MSRInput(
        "ecx", "ECX", width: 32, .guest, \.ecx,
        free: { access in
            guard MSRAccess.quarter(access.ecx, isWrite: false) != nil else { return 0 }
            return (0..<32).reduce(0) { found, bit in
                let other = access.ecx ^ 1 << UInt64(bit)
                return MSRAccess.quarter(other, isWrite: false) == nil ? found | 1 << bit : found
            }
        })
    static let bitmapBit = MSRInput(
        "bitmap-bit", "MSR bitmap bit", width: 1, .field(.msrBitmaps), \.bitmapBit)
}

/// The ladder for MSRs.
public struct MSRLadders: Sendable {
    public var access = Ladder<MSRAccess>([
        MSRRule(
            "msr.privilege", "above ring 0: #GP(0) before any exit", [.cpl],
            .relativePriorityOfFaultsAndExits
        ) { $0.cpl > 0 ? .fault(.generalProtection) : nil },
        MSRRule(
            "msr.not-non-root", "not in VMX non-root operation: no exit is possible", [.nonRoot],
            .introductionToVMXOperation
        ) { $0.nonRoot == 0 ? .proceed : nil },
        MSRRule(
            "msr.no-bitmaps", "use MSR bitmaps is 0", [.useBitmaps],
            .instructionsThatCauseExitsConditionally
        ) { $0.useBitmaps == 0 ? .exit($0.reason) : nil },
        MSRRule(
            "msr.outside", "ECX is in neither range of the MSR bitmaps", [.ecx],
            .instructionsThatCauseExitsConditionally
        ) { access in
            let quarter = MSRAccess.quarter(access.ecx, isWrite: access.isWrite)
            return quarter == nil ? .exit(access.reason) : nil
        },
        MSRRule("msr.bitmap", "the MSR's bit is 1", [.bitmapBit], .msrBitmapAddress) {
            $0.bitmapBit == 1 ? .exit($0.reason) : nil
        },
        MSRRule("msr.bitmap-clear", "the MSR's bit is 0", [.bitmapBit], .msrBitmapAddress) { _ in
            .proceed
        },
    ])

    public init() {}
}
