import Architecture
import InstructionSet

/// An instruction that exits always or by a control, with all that decides whether it does.
///
/// What an instruction's ladder does not ask stays 0.
public struct InstructionExit: DecisionSubject, Equatable {
    public var operation: Operation

    // The state that the processor is in.
    public var cpl: UInt64 = 0
    /// CR0.PE.
    public var protected: UInt64 = 0
    public var virtual8086: UInt64 = 0
    /// IA32_EFER.LMA.
    public var longMode: UInt64 = 0
    /// CS.L.
    public var codeIsLong: UInt64 = 0
    public var cr4: UInt64 = 0
    public var nonRoot: UInt64 = 0

    // The VMCS's controls.
    public var primary: UInt64 = 0
    public var secondary: UInt64 = 0

    // PAUSE: times in ticks of the time-stamp counter.
    /// 1 for the first PAUSE at CPL 0 since VM entry.
    public var isFirstPause: UInt64 = 0
    public var sinceLastPause: UInt64 = 0
    public var sinceFirstPause: UInt64 = 0
    public var pleGap: UInt64 = 0
    public var pleWindow: UInt64 = 0

    // XSAVES and XRSTORS.
    /// EDX:EAX.
    public var requestedComponents: UInt64 = 0
    /// IA32_XSS.
    public var supervisorComponents: UInt64 = 0
    public var xssBitmap: UInt64 = 0

    // VMREAD and VMWRITE.
    /// The operand that names the field.
    public var encoding: UInt64 = 0
    /// The encoding's bit in the VMREAD or VMWRITE bitmap; 0 where the bitmap does not reach.
    public var bitmapBit: UInt64 = 0

    // VMFUNC.
    /// EAX.
    public var function: UInt64 = 0
    public var functionControls: UInt64 = 0
    /// ECX, for EPTP switching.
    public var eptpIndex: UInt64 = 0
    /// The entry of the EPTP list; 0 where the index is beyond the list.
    public var newEPTP: UInt64 = 0
    /// 1 where VM entry would accept ``newEPTP``.
    public var isEPTPValid: UInt64 = 0

    public init(_ operation: Operation) { self.operation = operation }

    /// Without what only one instruction's ladder asks.
    init(_ situation: InstructionSituation) {
        operation = situation.operation
        cpl = UInt64(situation.cpl)
        protected = situation.modes.contains(.protected) ? 1 : 0
        virtual8086 = situation.modes.contains(.virtual8086) ? 1 : 0
        longMode = situation.modes.contains(.longMode) ? 1 : 0
        codeIsLong = situation.modes.contains(.codeIsLong) ? 1 : 0
        nonRoot = situation.modes.contains(.nonRoot) ? 1 : 0
        cr4 = situation.cr4
        primary = situation.primary
        secondary = situation.secondary
    }

    public var question: String { "Does this \(mnemonic) exit?" }

    private var mnemonic: String {
        switch operation {
        case .movToDebug: "MOV to a debug register"
        case .movFromDebug: "MOV from a debug register"
        default: "\(operation)".uppercased()
        }
    }

    /// Entries of an EPTP list. SDM 3C, 26.5.6.3 "EPTP Switching".
    static let eptpListEntries: UInt64 = 512
    /// VM functions are numbered from 0 to 63.
    static let vmFunctions: UInt64 = 64
    /// The bitmaps of VMCS shadowing cover encodings of 15 bits.
    static let bitmapEncodings: UInt64 = 1 << 15

    /// Components that XSAVES or XRSTORS would handle and that the hypervisor wants to see.
    var watchedComponents: UInt64 { requestedComponents & supervisorComponents & xssBitmap }
}

/// The facts that any instruction's ladder may ask.
struct InstructionSituation: Equatable {
    struct Modes: OptionSet {
        let rawValue: UInt8

        static let protected = Modes(rawValue: 1)
        static let virtual8086 = Modes(rawValue: 2)
        static let longMode = Modes(rawValue: 4)
        static let codeIsLong = Modes(rawValue: 8)
        static let nonRoot = Modes(rawValue: 16)
    }

    var operation: Operation
    var cpl: UInt8
    var modes: Modes
    var cr4: UInt64
    /// 0 outside non-root operation, as the secondary ones.
    var primary: UInt64 = 0
    var secondary: UInt64 = 0
}

extension Operation {
    /// Its ladder asks for facts of its own, beside ``InstructionSituation``.
    var hasOwnFacts: Bool {
        switch self {
        case .pause, .xsaves, .xrstors, .vmread, .vmwrite, .vmfunc: true
        default: false
        }
    }
}

typealias InstructionInput = Input<InstructionExit>
typealias InstructionRule = Rule<InstructionExit>

extension Input where Subject == InstructionExit {
    static let cpl = InstructionInput("cpl", "current privilege level", width: 2, .processor, \.cpl)
    static let protected = InstructionInput(
        "protected", "CR0.PE", width: 1, .processor, \.protected)
    static let virtual8086 = InstructionInput(
        "virtual-8086", "virtual-8086 mode", width: 1, .processor, \.virtual8086)
    static let longMode = InstructionInput(
        "ia-32e-mode", "IA32_EFER.LMA", width: 1, .processor, \.longMode)
    static let codeIsLong = InstructionInput("cs-l", "CS.L", width: 1, .processor, \.codeIsLong)
    static let cr4 = InstructionInput("cr4", "CR4", width: 32, .guest, \.cr4)
    static let nonRoot = InstructionInput(
        "non-root", "VMX non-root operation", width: 1, .processor, \.nonRoot)
    static let primary = InstructionInput(
        "primary-controls", "primary processor-based controls", width: 32,
        .field(.primaryProcControls), \.primary)
    static let secondary = InstructionInput(
        "secondary-controls", "secondary processor-based controls", width: 32,
        .field(.secondaryProcControls), \.secondary)

    static let isFirstPause = InstructionInput(
        "first-pause", "no PAUSE at CPL 0 since VM entry", width: 1, .processor, \.isFirstPause)
    static let sinceLastPause = InstructionInput(
        "since-last-pause", "ticks since the last PAUSE", width: 64, .processor, \.sinceLastPause)
    static let sinceFirstPause = InstructionInput(
        "since-first-pause", "ticks since the loop's first PAUSE", width: 64, .processor,
        \.sinceFirstPause)
    static let pleGap = InstructionInput("ple-gap", "PLE_Gap", width: 32, .field(.pleGap), \.pleGap)
    static let pleWindow = InstructionInput(
        "ple-window", "PLE_Window", width: 32, .field(.pleWindow), \.pleWindow)

    static let requestedComponents = InstructionInput(
        "edx-eax", "EDX:EAX", width: 64, .guest, \.requestedComponents)
    static let supervisorComponents = InstructionInput(
        "ia32-xss", "IA32_XSS", width: 64, .guest, \.supervisorComponents)
    static let xssBitmap = InstructionInput(
        "xss-exiting-bitmap", "XSS-exiting bitmap", width: 64, .field(.xssExitingBitmap),
        \.xssBitmap)

    static let encoding = InstructionInput(
        "encoding", "the operand that names the field", width: 64, .guest, \.encoding,
        // The bitmap's bit of another field is not known.
        free: { $0.encoding < InstructionExit.bitmapEncodings ? ~0x7FFF : 0 })
    static let vmreadBit = InstructionInput(
        "bitmap-bit", "the field's bit in the VMREAD bitmap", width: 1, .field(.vmreadBitmap),
        \.bitmapBit)
    static let vmwriteBit = InstructionInput(
        "bitmap-bit", "the field's bit in the VMWRITE bitmap", width: 1, .field(.vmwriteBitmap),
        \.bitmapBit)

    static let function = InstructionInput(
        "eax", "EAX", width: 32, .guest, \.function)
    static let functionControls = InstructionInput(
        "vm-function-controls", "VM-function controls", width: 64, .field(.vmFunctionControls),
        \.functionControls)
    static let eptpIndex = InstructionInput(
        "ecx", "ECX", width: 32, .guest, \.eptpIndex)
    static let isEPTPValid = InstructionInput(
        "eptp-valid", "the entry is a value that VM entry accepts", width: 1,
        .field(.eptpListAddress), \.isEPTPValid)
}
