import InstructionSet

/// The combinations of operands that make up most of what runs: the machine is compiled for each of
/// them. Found once, when an instruction is decoded.
enum OperandShape: UInt8 {
    case any
    case conditionalJump
    case registerRegister32, registerMemory32, registerConstant32, registerAny32
    case memoryRegister32, memoryConstant32
    case registerRegister64, registerMemory64, registerConstant64, registerAny64
    case memoryRegister64, memoryConstant64

    init(_ instruction: Instruction) {
        if instruction.operation == .jcc {
            self = .conditionalJump
            return
        }
        let first = instruction.first
        guard Self.hasCommonBody(instruction.operation), first.size == 4 || first.size == 8 else {
            self = .any
            return
        }
        let isWide = first.size == 8
        let hasSameSize = instruction.second.size == first.size
        switch (first.kind, instruction.second.kind) {
        case (.general, .none): self = isWide ? .registerRegister64 : .registerRegister32
        case (.general, .general) where hasSameSize:
            self = isWide ? .registerRegister64 : .registerRegister32
        case (.general, .memory) where hasSameSize:
            self = isWide ? .registerMemory64 : .registerMemory32
        case (.general, .immediate): self = isWide ? .registerConstant64 : .registerConstant32
        case (.general, _): self = isWide ? .registerAny64 : .registerAny32
        case (.memory, .general) where hasSameSize:
            self = isWide ? .memoryRegister64 : .memoryRegister32
        case (.memory, .immediate): self = isWide ? .memoryConstant64 : .memoryConstant32
        default: self = .any
        }
    }

    /// Whether ``Machine/executeCommon(_:_:_:)`` has the operation.
    private static func hasCommonBody(_ operation: Operation) -> Bool {
        switch operation {
        case .mov, .movzx, .lea, .add, .sub, .cmp, .and, .or, .xor, .test, .adc, .sbb, .inc, .dec,
            .shl, .shr, .imulTruncating:
            true
        default: false
        }
    }
}
