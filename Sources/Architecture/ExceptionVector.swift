/// The exceptions of the processor, by vector. SDM 3A, "Exception and Interrupt Reference".
public enum ExceptionVector: UInt8, CaseIterable, Sendable {
    case divideError = 0
    case debug = 1
    case nmi = 2
    case breakpoint = 3
    case overflow = 4
    case boundRange = 5
    case invalidOpcode = 6
    case deviceNotAvailable = 7
    case doubleFault = 8
    case invalidTSS = 10
    case segmentNotPresent = 11
    case stackFault = 12
    case generalProtection = 13
    case pageFault = 14
    case x87Error = 16
    case alignmentCheck = 17
    case machineCheck = 18
    case simdError = 19
    case virtualization = 20
    case controlProtection = 21

    /// The manual's mnemonic, as "#GP".
    public var mnemonic: String {
        switch self {
        case .divideError: "#DE"
        case .debug: "#DB"
        case .nmi: "NMI"
        case .breakpoint: "#BP"
        case .overflow: "#OF"
        case .boundRange: "#BR"
        case .invalidOpcode: "#UD"
        case .deviceNotAvailable: "#NM"
        case .doubleFault: "#DF"
        case .invalidTSS: "#TS"
        case .segmentNotPresent: "#NP"
        case .stackFault: "#SS"
        case .generalProtection: "#GP"
        case .pageFault: "#PF"
        case .x87Error: "#MF"
        case .alignmentCheck: "#AC"
        case .machineCheck: "#MC"
        case .simdError: "#XM"
        case .virtualization: "#VE"
        case .controlProtection: "#CP"
        }
    }

    public var title: String {
        switch self {
        case .divideError: "divide error"
        case .debug: "debug"
        case .nmi: "non-maskable interrupt"
        case .breakpoint: "breakpoint"
        case .overflow: "overflow"
        case .boundRange: "BOUND range exceeded"
        case .invalidOpcode: "invalid opcode"
        case .deviceNotAvailable: "device not available"
        case .doubleFault: "double fault"
        case .invalidTSS: "invalid TSS"
        case .segmentNotPresent: "segment not present"
        case .stackFault: "stack-segment fault"
        case .generalProtection: "general protection"
        case .pageFault: "page fault"
        case .x87Error: "x87 floating-point error"
        case .alignmentCheck: "alignment check"
        case .machineCheck: "machine check"
        case .simdError: "SIMD floating-point exception"
        case .virtualization: "virtualization exception"
        case .controlProtection: "control protection exception"
        }
    }

    /// Whether delivery in protected mode pushes an error code.
    public var hasErrorCode: Bool {
        switch self {
        case .doubleFault, .invalidTSS, .segmentNotPresent, .stackFault, .generalProtection,
            .pageFault, .alignmentCheck, .controlProtection:
            true
        default: false
        }
    }

    /// Part in the double-fault rules. SDM 3A, "Interrupt 8: Double Fault Exception (#DF)".
    public var faultClass: FaultClass {
        switch self {
        case .divideError, .invalidTSS, .segmentNotPresent, .stackFault, .generalProtection,
            .controlProtection:
            .contributory
        case .pageFault, .virtualization: .pageFault
        case .doubleFault: .doubleFault
        default: .benign
        }
    }

    public enum FaultClass: Sendable { case benign, contributory, pageFault, doubleFault }
}
