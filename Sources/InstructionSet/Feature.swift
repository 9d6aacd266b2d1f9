/// A bit of what CPUID returns.
public struct CPUIDBit: Sendable, Equatable {
    public enum Register: UInt8, Sendable { case eax, ebx, ecx, edx }

    public let leaf: UInt32
    public let subleaf: UInt32
    public let register: Register
    public let bit: UInt8

    init(_ leaf: UInt32, _ register: Register, _ bit: UInt8, subleaf: UInt32 = 0) {
        self.leaf = leaf
        self.subleaf = subleaf
        self.register = register
        self.bit = bit
    }
}

/// The CPUID feature that announces a form. A processor without it raises #UD, or decodes the
/// bytes as the older form that they were before: LZCNT as BSR, TZCNT as BSF, PREFETCHW as NOP.
public enum Feature: UInt8, Sendable, CaseIterable {
    /// Every processor that the model knows has it.
    case base
    case fpu, cx8, cx16, cmov, sep, syscall, longMode, lahf64
    case fxsr, mmx, sse, sse2, sse3, ssse3, sse41, sse42, aes, pclmulqdq
    case popcnt, lzcnt, bmi1, bmi2, adx, movbe
    case avx, f16c, fma, avx2, avx512
    case xsave, xsaveopt, xsavec, xsaves
    case rdtscp, rdpid, rdrand, rdseed, fsgsbase, invpcid, smap, monitor, waitpkg
    case clflush, clflushopt, clwb, prefetchw
    case vmx, smx

    /// The bit that announces it. SDM 2, "CPUID—CPU Identification".
    public var bit: CPUIDBit? { leaf1Bit ?? laterBit }

    private var leaf1Bit: CPUIDBit? {
        switch self {
        case .fpu: CPUIDBit(1, .edx, 0)
        case .cx8: CPUIDBit(1, .edx, 8)
        case .sep: CPUIDBit(1, .edx, 11)
        case .cmov: CPUIDBit(1, .edx, 15)
        case .clflush: CPUIDBit(1, .edx, 19)
        case .mmx: CPUIDBit(1, .edx, 23)
        case .fxsr: CPUIDBit(1, .edx, 24)
        case .sse: CPUIDBit(1, .edx, 25)
        case .sse2: CPUIDBit(1, .edx, 26)
        case .sse3: CPUIDBit(1, .ecx, 0)
        case .pclmulqdq: CPUIDBit(1, .ecx, 1)
        case .monitor: CPUIDBit(1, .ecx, 3)
        case .vmx: CPUIDBit(1, .ecx, 5)
        case .smx: CPUIDBit(1, .ecx, 6)
        case .ssse3: CPUIDBit(1, .ecx, 9)
        case .fma: CPUIDBit(1, .ecx, 12)
        case .cx16: CPUIDBit(1, .ecx, 13)
        case .sse41: CPUIDBit(1, .ecx, 19)
        case .sse42: CPUIDBit(1, .ecx, 20)
        case .movbe: CPUIDBit(1, .ecx, 22)
        case .popcnt: CPUIDBit(1, .ecx, 23)
        case .aes: CPUIDBit(1, .ecx, 25)
        case .xsave: CPUIDBit(1, .ecx, 26)
        case .avx: CPUIDBit(1, .ecx, 28)
        case .f16c: CPUIDBit(1, .ecx, 29)
        case .rdrand: CPUIDBit(1, .ecx, 30)
        default: nil
        }
    }

    private var laterBit: CPUIDBit? {
        switch self {
        case .fsgsbase: CPUIDBit(7, .ebx, 0)
        case .bmi1: CPUIDBit(7, .ebx, 3)
        case .avx2: CPUIDBit(7, .ebx, 5)
        case .bmi2: CPUIDBit(7, .ebx, 8)
        case .invpcid: CPUIDBit(7, .ebx, 10)
        case .avx512: CPUIDBit(7, .ebx, 16)
        case .rdseed: CPUIDBit(7, .ebx, 18)
        case .adx: CPUIDBit(7, .ebx, 19)
        case .smap: CPUIDBit(7, .ebx, 20)
        case .clflushopt: CPUIDBit(7, .ebx, 23)
        case .clwb: CPUIDBit(7, .ebx, 24)
        case .waitpkg: CPUIDBit(7, .ecx, 5)
        case .rdpid: CPUIDBit(7, .ecx, 22)
        case .xsaveopt: CPUIDBit(0xD, .eax, 0, subleaf: 1)
        case .xsavec: CPUIDBit(0xD, .eax, 1, subleaf: 1)
        case .xsaves: CPUIDBit(0xD, .eax, 3, subleaf: 1)
        case .lahf64: CPUIDBit(0x8000_0001, .ecx, 0)
        case .lzcnt: CPUIDBit(0x8000_0001, .ecx, 5)
        case .prefetchw: CPUIDBit(0x8000_0001, .ecx, 8)
        case .syscall: CPUIDBit(0x8000_0001, .edx, 11)
        case .rdtscp: CPUIDBit(0x8000_0001, .edx, 27)
        case .longMode: CPUIDBit(0x8000_0001, .edx, 29)
        default: nil
        }
    }
}
