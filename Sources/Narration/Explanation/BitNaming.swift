import Architecture
import Machine

/// The names of bits, by what holds them.
public enum BitNaming {
    /// A named bit of a register or field.
    public struct Bit: Sendable, Equatable {
        public let position: Int
        public let name: String
    }

    /// The named bits of a VMCS field, lowest first; empty where it has none.
    public static func bits(of field: VMCSField) -> [Bit] {
        switch field {
        case .cr0Mask, .cr0ReadShadow, .guestCR0, .hostCR0: return rows(CR0Bit.self)
        case .cr4Mask, .cr4ReadShadow, .guestCR4, .hostCR4: return rows(CR4Bit.self)
        case .guestEFER, .hostEFER: return rows(EFERBit.self)
        case .guestRFLAGS: return rows(FlagBit.self)
        case .guestInterruptibility: return rows(InterruptibilityBit.self)
        case .guestPendingDebug: return rows(PendingDebugBit.self)
        case .exceptionBitmap:
            return ExceptionVector.allCases.map {
                Bit(position: Int($0.rawValue), name: $0.mnemonic)
            }
        case .pageFaultErrorCodeMask, .pageFaultErrorCodeMatch: return rows(PageFaultBit.self)
        default:
            return ControlBit.all.filter { $0.field == field }
                .map { Bit(position: Int($0.position), name: $0.name) }
        }
    }

    /// Those of a control register that has a table; CR3 and CR8 have none.
    static func bits(ofControlRegister number: UInt8) -> [Bit] {
        switch number {
        case 0: rows(CR0Bit.self)
        case 4: rows(CR4Bit.self)
        default: []
        }
    }

    /// Those of a decision's input.
    static func bits(of input: String, in subject: DecidedSubject?) -> [Bit] {
        switch (subject, input) {
        case (.controlRegister(let access), _): bits(ofControlRegister: access.number)
        case (.exception, "exception-bitmap"): bits(of: .exceptionBitmap)
        case (.exception, "error-code"), (.exception, "pf-mask"), (.exception, "pf-match"):
            rows(PageFaultBit.self)
        case (_?, "pin-controls"): bits(of: .pinControls)
        case (_?, "primary-controls"): bits(of: .primaryProcControls)
        case (_?, "secondary-controls"): bits(of: .secondaryProcControls)
        case (_?, "vm-function-controls"): bits(of: .vmFunctionControls)
        case (_?, "exit-controls"): bits(of: .exitControls)
        case (.instruction, "cr4"): bits(of: .guestCR4)
        case (.vmxon, "wrong-cr0"): bits(ofControlRegister: 0)
        case (.vmxon, "wrong-cr4"): bits(ofControlRegister: 4)
        case (.vmxon, "feature-control"): rows(FeatureControlBit.self)
        case (.boundary, "blocking"), (.nmiUnblocking, "blocking"),
            (.savedPendingDebug, "blocking"):
            bits(of: .guestInterruptibility)
        case (.boundary, "pending-debug"): bits(of: .guestPendingDebug)
        case (.ept, "wanted"), (.ept, "rights"), (.ept, "entry"): rows(EPTEntryBit.self)
        case (.port(let access), "bitmap-bits"):
            (0..<Int(access.size)).map {
                Bit(position: $0, name: "port " + HexText.prose(UInt64(access.port) + UInt64($0)))
            }
        case (nil, _): VMCSField(name: input).map { bits(of: $0) } ?? []
        default: []
        }
    }

    /// Whether an input holds control bits, of which one decision asks for one or two.
    static func isControls(_ input: String) -> Bool { input.hasSuffix("-controls") }

    /// The names of the bits that decided, highest first; empty where no register's bits did.
    public static func decidingNames(_ decision: Decision, _ subject: DecidedSubject?) -> [String] {
        guard let step = decision.deciding, step.decidingBits != 0 else { return [] }
        let names = step.inputs.lazy.map { bits(of: $0.name, in: subject) }
        return self.names(in: step.decidingBits, names.first { !$0.isEmpty } ?? [])
    }

    /// The bit's name, or its number where it has none.
    static func name(of position: Int, in bits: [Bit]) -> String {
        bits.first { $0.position == position }?.name ?? "bit \(position)"
    }

    /// The names of the bits that are set, highest first.
    static func names(in value: UInt64, _ bits: [Bit]) -> [String] {
        (0..<64).reversed().filter { value >> UInt64($0) & 1 == 1 }.map { name(of: $0, in: bits) }
    }

    private static func rows<Row: NamedBit>(_: Row.Type) -> [Bit] {
        Row.allCases.map { Bit(position: Int($0.rawValue), name: $0.name) }
            .sorted { $0.position < $1.position }
    }
}
