import InstructionSet

/// The combinations of operands that make up most of what runs: the machine is compiled for each of
/// them, with every operation of ``Machine/executeCommon(_:_:_:)``.
enum OperandShape: UInt8 {
    case any
    case registerMemory8, registerConstant8, memoryRegister8, memoryConstant8, registerByte32
    case registerRegister32, registerMemory32, registerConstant32, registerAny32
    case memoryRegister32, memoryConstant32
    case registerRegister64, registerMemory64, registerConstant64, registerAny64
    case memoryRegister64, memoryConstant64

    init(_ instruction: Instruction) {
        let first = instruction.first
        guard Self.hasCommonBody(instruction.operation) else {
            self = .any
            return
        }
        switch first.size {
        case 1: self = Self.ofBytes(first, instruction.second)
        case 4 where instruction.second.size == 1 && instruction.second.kind == .memory:
            self = first.kind == .general ? .registerByte32 : .any
        case 4, 8: self = Self.ofWords(first, instruction.second)
        default: self = .any
        }
    }

    private static func ofBytes(_ first: Operand, _ second: Operand) -> OperandShape {
        switch (first.kind, second.kind) {
        case (.general, .memory): .registerMemory8
        case (.general, .immediate): .registerConstant8
        case (.memory, .general): .memoryRegister8
        case (.memory, .immediate): .memoryConstant8
        default: .any
        }
    }

    private static func ofWords(_ first: Operand, _ second: Operand) -> OperandShape {
        let isWide = first.size == 8
        let hasSameSize = second.size == first.size
        switch (first.kind, second.kind) {
        case (.general, .none): return isWide ? .registerRegister64 : .registerRegister32
        case (.general, .general) where hasSameSize:
            return isWide ? .registerRegister64 : .registerRegister32
        case (.general, .memory) where hasSameSize:
            return isWide ? .registerMemory64 : .registerMemory32
        case (.general, .immediate): return isWide ? .registerConstant64 : .registerConstant32
        case (.general, _): return isWide ? .registerAny64 : .registerAny32
        case (.memory, .general) where hasSameSize:
            return isWide ? .memoryRegister64 : .memoryRegister32
        case (.memory, .immediate): return isWide ? .memoryConstant64 : .memoryConstant32
        default: return .any
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

extension Operation {
    /// Whether a run of decoded instructions ends with it: control always goes elsewhere, or what
    /// fetching depends on may change. ``Machine/executeSystem(_:)`` does nothing else.
    var endsRun: Bool {
        switch self {
        case .mov, .movnti, .movzx, .movsx, .movsxd, .movbe, .bswap, .xchg, .lea, .xlat, .cbw, .cwd,
            .cmov,
            .setcc, .movToSegment, .movFromSegment, .lds, .les, .lss, .lfs, .lgs,
            .push, .pop, .pushSegment, .popSegment, .pusha, .popa, .pushf, .popf, .enter, .leave,
            .add, .adc, .sub, .sbb, .cmp, .and, .or, .xor, .test, .inc, .dec, .neg, .not,
            .adcx, .adox, .xadd, .cmpxchg, .cmpxchg8b, .cmpxchg16b,
            .mul, .imul, .imulTruncating, .div, .idiv, .mulx,
            .aaa, .aas, .aam, .aad, .daa, .das,
            .shl, .shr, .sar, .rol, .ror, .rcl, .rcr, .shld, .shrd, .sarx, .shlx, .shrx, .rorx,
            .bt, .bts, .btr, .btc, .bsf, .bsr, .tzcnt, .lzcnt, .popcnt, .crc32,
            .andn, .bextr, .blsi, .blsmsk, .blsr, .bzhi, .pdep, .pext,
            .movs, .cmps, .stos, .lods, .scas, .ins, .outs, .in, .out,
            .jcc, .loop, .loope, .loopne, .jcxz, .bound,
            .clc, .stc, .cmc, .cld, .std, .cli, .sti, .clac, .stac, .lahf, .sahf, .nop:
            false
        default: true
        }
    }
}
