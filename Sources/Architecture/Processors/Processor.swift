/// A processor that the model can be: what it announces by CPUID, and what its VMX can do.
///
/// The named generations are data in this folder. A recorded processor is made from its MSRs and
/// CPUID leaves by ``init(name:vmxMSRs:cpuid:)``.
public struct Processor: Sendable, Hashable {
    /// The name by which `--processor` takes it.
    public let name: String
    /// What it stands for, in a few words.
    public let title: String
    /// Nil for a processor without VMX.
    public let vmx: VMXCapabilities?
    /// The rows of CPUID, in the order of leaf and subleaf.
    public let cpuid: [CPUIDRow]
    /// What CPUID announces.
    public let features: CPUFeatureSet
    /// How many bits a physical address has: 32 to 52.
    public let physicalAddressWidth: Int
    /// How many bits a linear address has: 32, 48 or 57.
    public let linearAddressWidth: Int

    /// One result of CPUID.
    public struct CPUIDRow: Sendable, Hashable {
        public let leaf: UInt32
        public let subleaf: UInt32
        public let result: CPUIDResult

        public init(leaf: UInt32, subleaf: UInt32 = 0, _ result: CPUIDResult) {
            self.leaf = leaf
            self.subleaf = subleaf
            self.result = result
        }
    }

    init(name: String, title: String, vmx: VMXCapabilities?, cpuid: [CPUIDRow]) {
        self.name = name
        self.title = title
        self.vmx = vmx
        self.cpuid = cpuid.sorted { ($0.leaf, $0.subleaf) < ($1.leaf, $1.subleaf) }
        let rows = self.cpuid
        features = CPUFeatureSet(CPUFeature.allCases.filter { Self.announces($0, in: rows) })
        let widths = Self.row(0x8000_0008, 0, in: rows)?.eax ?? 0
        let physical = Int(widths & 0xff)
        let linear = Int((widths &>> 8) & 0xff)
        physicalAddressWidth = physical == 0 ? 36 : min(max(physical, 32), 52)
        linearAddressWidth = linear == 0 ? 32 : min(max(linear, 32), 57)
    }

    /// A processor as it was recorded.
    ///
    /// - Parameters:
    ///   - vmxMSRs: the values of the capability MSRs 480h to 492h; empty for no VMX.
    ///   - cpuid: EAX, EBX, ECX, EDX of each leaf, in subleaf 0. Leaves that are missing are 0, as
    ///     are words that are.
    public init(name: String, vmxMSRs: [UInt32: UInt64], cpuid: [UInt32: [UInt32]]) {
        let rows = cpuid.map { leaf, words in
            func word(_ index: Int) -> UInt32 { words.indices.contains(index) ? words[index] : 0 }
            return CPUIDRow(
                leaf: leaf,
                CPUIDResult(eax: word(0), ebx: word(1), ecx: word(2), edx: word(3)))
        }
        let vmx = vmxMSRs.isEmpty ? nil : VMXCapabilities(msrs: vmxMSRs)
        self.init(
            name: name, title: "recorded processor \(name)", vmx: vmx,
            cpuid: rows + Self.presupposedRows(vmx))
    }

    /// A recording has no subleaves: that XSAVES is there follows from the control that enables it
    /// for guests. SDM 3D, "Secondary Processor-Based VM-Execution Controls".
    private static func presupposedRows(_ vmx: VMXCapabilities?) -> [CPUIDRow] {
        guard let vmx, vmx.secondary.allows(SecondaryControl.enableXSAVES) else {
            return []
        }
        let features: [CPUFeature] = [.xsaveopt, .xsavec, .xgetbv1, .xsaves]
        let bits = features.reduce(UInt32(0)) { $0 | $1.location.mask }
        return [CPUIDRow(leaf: 0xd, subleaf: 1, CPUIDResult(eax: bits, ebx: 0x240))]
    }

    /// The same processor announcing other things: rows take the place of those with their leaf and
    /// subleaf.
    public func announcing(_ rows: [CPUIDRow]) -> Processor {
        let kept = cpuid.filter { old in
            !rows.contains { $0.leaf == old.leaf && $0.subleaf == old.subleaf }
        }
        return Processor(name: name, title: title, vmx: vmx, cpuid: kept + rows)
    }

    /// Whether CPUID announces the feature.
    public func has(_ feature: CPUFeature) -> Bool { features.contains(feature) }

    /// What CPUID returns, apart from bits that follow the processor's state (OSXSAVE, OSPKE, the
    /// APIC ID, the size of enabled XSAVE state).
    ///
    /// A leaf above the highest basic leaf, or above the highest extended one, returns what the
    /// highest basic leaf returns. A leaf or subleaf in range without a row is 0.
    ///
    /// Source: SDM 2, "CPUID—CPU Identification".
    public func cpuid(leaf: UInt32, subleaf: UInt32) -> CPUIDResult {
        let isExtended = leaf & 0x8000_0000 != 0
        let highestBasic = Self.row(0, 0, in: cpuid)?.eax ?? 0
        let highestExtended = Self.row(0x8000_0000, 0, in: cpuid)?.eax ?? highestExtendedRow
        let inRange = isExtended ? leaf <= highestExtended : leaf <= highestBasic
        let asked = inRange ? leaf : highestBasic
        let usesSubleaf = Self.leavesWithSubleaves.contains(asked)
        return Self.row(asked, usesSubleaf ? subleaf : 0, in: cpuid) ?? CPUIDResult()
    }

    /// The bits that may be 1 in CR4: those whose feature CPUID announces.
    public var supportedCR4: UInt64 {
        CR4Bit.allCases.reduce(into: UInt64(0)) { bits, bit in
            if bit.feature.map(has) ?? true { bits |= bit.mask }
        }
    }

    /// The bits that may be 1 in IA32_EFER.
    public var supportedEFER: UInt64 {
        var bits: UInt64 = 0
        if has(.syscall) { bits |= EFERBit.sce.mask }
        if has(.longMode) { bits |= EFERBit.lme.mask | EFERBit.lma.mask }
        if has(.nx) { bits |= EFERBit.nxe.mask }
        return bits
    }

    private var highestExtendedRow: UInt32 {
        cpuid.last { $0.leaf & 0x8000_0000 != 0 }?.leaf ?? 0
    }

    /// The leaves whose result depends on ECX.
    public static let leavesWithSubleaves: [UInt32] = [
        0x4, 0x7, 0xb, 0xd, 0xf, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1a, 0x1b, 0x1d, 0x1f,
    ]

    private static func row(_ leaf: UInt32, _ subleaf: UInt32, in rows: [CPUIDRow])
        -> CPUIDResult?
    {
        rows.first { $0.leaf == leaf && $0.subleaf == subleaf }?.result
    }

    private static func announces(_ feature: CPUFeature, in rows: [CPUIDRow]) -> Bool {
        let place = feature.location
        guard let result = row(place.leaf, place.subleaf, in: rows) else { return false }
        return result[place.register] & place.mask != 0
    }
}

extension CR4Bit {
    /// The feature without which the bit is reserved; nil where every processor of the model has
    /// it.
    public var feature: CPUFeature? {
        switch self {
        case .vme, .pvi: .vme
        case .tsd: .tsc
        case .de: .de
        case .pse: .pse
        case .pae: .pae
        case .mce: .mce
        case .pge: .pge
        case .pce: nil
        case .osfxsr: .fxsr
        case .osxmmexcpt: .sse
        case .umip: .umip
        case .la57: .la57
        case .vmxe: .vmx
        case .smxe: .smx
        case .fsgsbase: .fsgsbase
        case .pcide: .pcid
        case .osxsave: .xsave
        case .kl: .keyLocker
        case .smep: .smep
        case .smap: .smap
        case .pke: .pku
        case .cet: .cetShadowStack
        case .pks: .pks
        }
    }
}
