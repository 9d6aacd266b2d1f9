/// What CPUID announces by a bit.
///
/// Source: SDM 2, "CPUID—CPU Identification". Only the features that some named processor or
/// recorded processor of the model needs to tell apart.
public enum CPUFeature: UInt8, CaseIterable, Sendable, Hashable {
    // Leaf 1, EDX.
    case fpu, vme, de, pse, tsc, msr, pae, mce, cx8, apic, sep, mtrr, pge, mca, cmov, pat, pse36
    case clfsh, ds, acpi, mmx, fxsr, sse, sse2
    // Leaf 1, ECX.
    case sse3, pclmulqdq, monitor, vmx, smx, eist, ssse3, fma, cx16, pdcm, pcid, sse41, sse42,
        x2apic, movbe
    case popcnt, tscDeadline, aes, xsave, osxsave, avx, f16c, rdrand, hypervisor
    // Leaf 7, EBX.
    case fsgsbase, tscAdjust, sgx, bmi1, avx2, smep, bmi2, erms, invpcid, rtm
    case fpuSelectorsDeprecated, mpx, avx512F, rdseed, adx, smap, clflushopt, clwb
    case processorTrace, sha
    // Leaf 7, ECX.
    case umip, pku, ospke, waitpkg, cetShadowStack, la57, rdpid, keyLocker, busLockDetect
    case enqcmd, pks
    // Leaf 7, EDX.
    case fsrm, userInterrupts, archLBR, cetIBT, specCtrl, archCapabilities, ssbd
    // Leaf 6, ECX.
    case energyBias
    // Leaf 0Dh, subleaf 1, EAX.
    case xsaveopt, xsavec, xgetbv1, xsaves
    // Leaf 80000001h.
    case lahf, lzcnt, prefetchw, syscall, nx, pages1GiB, rdtscp, longMode
    // Leaf 80000007h, EDX.
    case invariantTSC

    /// Where CPUID reports the feature.
    public var location: Location { Self.rows[Int(rawValue)].location }

    /// The manual's short name.
    public var name: String { Self.rows[Int(rawValue)].name }

    /// A bit of CPUID's result.
    public struct Location: Sendable, Hashable {
        public let leaf: UInt32
        public let subleaf: UInt32
        public let register: CPUIDResult.Register
        public let bit: UInt8

        /// The register's value with only this bit set.
        public var mask: UInt32 { 1 &<< UInt32(bit) }
    }
}

/// A set of features, cheap to ask.
public struct CPUFeatureSet: Sendable, Hashable, ExpressibleByArrayLiteral {
    private var bits: UInt128 = 0

    public init(arrayLiteral features: CPUFeature...) {
        for feature in features { insert(feature) }
    }

    public init(_ features: some Sequence<CPUFeature>) {
        for feature in features { insert(feature) }
    }

    public func contains(_ feature: CPUFeature) -> Bool {
        bits & Self.mask(feature) != 0
    }

    public mutating func insert(_ feature: CPUFeature) { bits |= Self.mask(feature) }

    public func union(_ other: CPUFeatureSet) -> CPUFeatureSet {
        var result = self
        result.bits |= other.bits
        return result
    }

    /// The features in the order of their cases.
    public var features: [CPUFeature] { CPUFeature.allCases.filter(contains) }

    private static func mask(_ feature: CPUFeature) -> UInt128 {
        1 &<< UInt128(truncatingIfNeeded: feature.rawValue)
    }
}

/// What CPUID returns.
public struct CPUIDResult: Sendable, Hashable {
    public var eax: UInt32
    public var ebx: UInt32
    public var ecx: UInt32
    public var edx: UInt32

    public init(eax: UInt32 = 0, ebx: UInt32 = 0, ecx: UInt32 = 0, edx: UInt32 = 0) {
        self.eax = eax
        self.ebx = ebx
        self.ecx = ecx
        self.edx = edx
    }

    public enum Register: UInt8, CaseIterable, Sendable { case eax, ebx, ecx, edx }

    public subscript(_ register: Register) -> UInt32 {
        get {
            switch register {
            case .eax: eax
            case .ebx: ebx
            case .ecx: ecx
            case .edx: edx
            }
        }
        set {
            switch register {
            case .eax: eax = newValue
            case .ebx: ebx = newValue
            case .ecx: ecx = newValue
            case .edx: edx = newValue
            }
        }
    }
}
