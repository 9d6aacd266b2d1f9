import Architecture
import InstructionSet

extension Feature {
    /// What CPUID announces the forms by; nil where every processor of the model has them, or where
    /// the bytes mean a hint elsewhere.
    var announcement: CPUFeature? {
        switch self {
        case .base, .clflush, .prefetchw: nil
        case .fpu: .fpu
        case .cx8: .cx8
        case .cx16: .cx16
        case .cmov: .cmov
        case .sep: .sep
        case .syscall: .syscall
        case .longMode: .longMode
        case .lahf64: .lahf
        case .fxsr: .fxsr
        case .mmx: .mmx
        case .sse: .sse
        case .sse2: .sse2
        case .sse3: .sse3
        case .ssse3: .ssse3
        case .sse41: .sse41
        case .sse42: .sse42
        case .aes: .aes
        case .pclmulqdq: .pclmulqdq
        case .popcnt: .popcnt
        case .lzcnt: .lzcnt
        case .bmi1: .bmi1
        case .bmi2: .bmi2
        case .adx: .adx
        case .movbe: .movbe
        case .avx: .avx
        case .f16c: .f16c
        case .fma: .fma
        case .avx2: .avx2
        case .avx512: .avx512F
        case .xsave: .xsave
        case .xsaveopt: .xsaveopt
        case .xsavec: .xsavec
        case .xsaves: .xsaves
        case .rdtscp: .rdtscp
        case .rdpid: .rdpid
        case .rdrand: .rdrand
        case .rdseed: .rdseed
        case .fsgsbase: .fsgsbase
        case .invpcid: .invpcid
        case .smap: .smap
        case .monitor: .monitor
        case .clflushopt: .clflushopt
        case .clwb: .clwb
        case .vmx: .vmx
        case .smx: .smx
        }
    }

    /// A bit for each feature that the processor has not.
    static func missing(from processor: Processor) -> UInt64 {
        allCases.reduce(0) { mask, feature in
            guard let announcement = feature.announcement, !processor.has(announcement) else {
                return mask
            }
            return mask | 1 << UInt64(feature.rawValue)
        }
    }
}

extension Machine {
    /// The instruction as this processor knows it: nil where it does not, and #UD follows.
    ///
    /// A processor without TZCNT or LZCNT ignores the prefix that tells them from BSF and BSR.
    func known(_ instruction: Instruction) -> Instruction? {
        guard instruction.form < InstructionTable.forms.count else { return instruction }
        let feature = InstructionTable.forms[Int(instruction.form)].feature
        guard missingFeatures >> UInt64(feature.rawValue) & 1 == 1 else { return instruction }
        var older = instruction
        switch instruction.operation {
        case .tzcnt: older.operation = .bsf
        case .lzcnt: older.operation = .bsr
        default: return nil
        }
        return older
    }
}
