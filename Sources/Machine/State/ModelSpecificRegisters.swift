import Architecture

/// The MSRs that hold state. The VMX capability MSRs are not here: they are the processor's.
public struct ModelSpecificRegisters: Sendable {
    public var efer: UInt64 = 0
    public var featureControl: UInt64 = 0
    public var apicBase: UInt64 = 0xFEE0_0900 {
        didSet {
            let isPage =
                apicBase.has(APICBaseBit.enable) && !apicBase.has(APICBaseBit.x2APICMode)
            apicPage = isPage ? apicBase & ~0xFFF : ~0
        }
    }
    /// Physical address of the page in which the local APIC's registers are; all ones where there
    /// is none. It follows ``apicBase``.
    private(set) var apicPage: UInt64 = 0xFEE0_0000
    /// IA32_TSC_ADJUST: what writes to the time-stamp counter have added to it.
    public var tscAdjust: UInt64 = 0
    public var pat: UInt64 = 0x0007_0406_0007_0406
    public var sysenterCS: UInt64 = 0
    public var sysenterESP: UInt64 = 0
    public var sysenterEIP: UInt64 = 0
    public var debugControl: UInt64 = 0
    public var star: UInt64 = 0
    public var lstar: UInt64 = 0
    public var cstar: UInt64 = 0
    public var fmask: UInt64 = 0
    public var kernelGSBase: UInt64 = 0
    public var tscAux: UInt64 = 0
    public var perfGlobalControl: UInt64 = 0
    public var xss: UInt64 = 0

    /// Those that only keep a value, in the order of ``Architecture/MSRStorage/rows``.
    var stored = InlineArray<40, UInt64> { index in
        index < MSRStorage.rows.count ? MSRStorage.rows[index].reset : 0
    }

    public init() {}
}
