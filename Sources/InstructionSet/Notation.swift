/// Which opcode map an encoding is in: how the bytes before the opcode byte select it.
enum OpcodeMap: UInt8 {
    case oneByte, twoByte, map38, map3A
    case vex0F, vex38, vex3A
    case evex0F, evex38, evex3A

    static let count = 10

    /// Selected by a VEX or EVEX prefix.
    var isVEX: Bool { rawValue >= OpcodeMap.vex0F.rawValue }
}

/// Which of the prefixes 66, F2, F3 select a form. F2 and F3 come before 66: with both present
/// only the former selects.
struct PrefixClasses: OptionSet {
    let rawValue: UInt8

    static let none = PrefixClasses(rawValue: 1)
    static let operandSize = PrefixClasses(rawValue: 2)
    static let rep = PrefixClasses(rawValue: 4)
    static let repne = PrefixClasses(rawValue: 8)
    static let any: PrefixClasses = [.none, .operandSize, .rep, .repne]
}

/// Where the operand of a form is found in the encoding.
enum OperandPlace: UInt8 {
    case none
    /// General register in ModRM.reg.
    case reg
    /// General register or memory in ModRM.r/m.
    case rm
    /// General register in ModRM.r/m, memory not allowed.
    case rmRegister
    /// Memory in ModRM.r/m, a register not allowed.
    case memory
    /// General register in the low three opcode bits.
    case opcode
    /// General register in VEX.vvvv.
    case vvvv
    /// A general register that the form fixes: AL, CL, DX and their like.
    case fixed
    /// The constant 1 of the shifts.
    case one
    case immediate
    case relative
    case farPointer
    /// Memory at an offset that follows the opcode.
    case offset
    /// Segment register in ModRM.reg; `fixedSegment` is one that the form fixes.
    case segment, fixedSegment
    /// Control or debug register in ModRM.reg.
    case control, debug
    /// A vector or x87 register in ModRM.reg.
    case opaqueRegister
    /// As `opaqueRegister`, in ModRM.r/m.
    case opaqueRMRegister
    /// As `opaqueRegister`, or memory; in ModRM.r/m.
    case opaqueRM
    /// ST(0), where the form fixes it.
    case fixedOpaque
}

/// The files of registers beside the general ones, as far as instructions of them are executed.
enum MediaFile: UInt8 {
    case x87, mmx, sse

    /// NASM's name of a register. REX reaches more registers of SSE alone.
    func name(_ number: UInt8) -> String {
        switch self {
        case .x87: "st\(number & 7)"
        case .mmx: "mm\(number & 7)"
        case .sse: "xmm\(number & 15)"
        }
    }
}

/// One operand of a form, read from its notation.
struct OperandPattern {
    var place: OperandPlace
    /// Width in bytes where the operand is a register, an immediate or a target; the offset's width
    /// where it is a far pointer in memory.
    var size: UInt8 = 0
    /// Width in bytes where it is memory.
    var memorySize: UInt8 = 0
    /// The register's number where the form fixes it.
    var register: UInt8 = 0
    /// The file of a vector or x87 register; nil where assembler and disassembler do not name it.
    var file: MediaFile?

    static let none = OperandPattern(place: .none)

    /// Whether this operand tells the operand size: a general register or memory of 8 to 64 bits.
    var decidesSize: Bool {
        switch place {
        case .reg, .rm, .rmRegister, .opcode, .vvvv, .offset: true
        case .fixed: register == 0
        case .memory: size != 0 || [2, 4, 8].contains(memorySize)
        default: false
        }
    }

    /// What the manual's operand notation means. SDM 2, "Instruction Column in the Opcode Summary
    /// Table". A register's place depends on the rest of the form; `reg` stands for that here.
    static let notation: [String: OperandPattern] = [
        "r8": .init(place: .reg, size: 1), "r16": .init(place: .reg, size: 2),
        "r32": .init(place: .reg, size: 4), "r64": .init(place: .reg, size: 8),
        "r32a": .init(place: .reg, size: 4), "r64a": .init(place: .reg, size: 8),
        "r32b": .init(place: .vvvv, size: 4), "r64b": .init(place: .vvvv, size: 8),
        "r/m8": .init(place: .rm, size: 1, memorySize: 1),
        "r/m16": .init(place: .rm, size: 2, memorySize: 2),
        "r/m32": .init(place: .rm, size: 4, memorySize: 4),
        "r/m64": .init(place: .rm, size: 8, memorySize: 8),
        "r16/m16": .init(place: .rm, size: 2, memorySize: 2),
        "r32/m16": .init(place: .rm, size: 4, memorySize: 2),
        "r64/m16": .init(place: .rm, size: 8, memorySize: 2),
        "r32/m8": .init(place: .rm, size: 4, memorySize: 1),
        "m": .init(place: .memory), "m8": .init(place: .memory, memorySize: 1),
        "m16": .init(place: .memory, memorySize: 2), "m32": .init(place: .memory, memorySize: 4),
        "m64": .init(place: .memory, memorySize: 8), "m80": .init(place: .memory, memorySize: 10),
        "m128": .init(place: .memory, memorySize: 16),
        "m256": .init(place: .memory, memorySize: 32),
        "m16:16": .init(place: .memory, size: 2, memorySize: 4),
        "m16:32": .init(place: .memory, size: 4, memorySize: 6),
        "m16:64": .init(place: .memory, size: 8, memorySize: 10),
        "m16&16": .init(place: .memory, memorySize: 4),
        "m32&32": .init(place: .memory, memorySize: 8),
        "m16&32": .init(place: .memory, memorySize: 6),
        "m16&64": .init(place: .memory, memorySize: 10),
        "moffs8": .init(place: .offset, memorySize: 1),
        "moffs16": .init(place: .offset, memorySize: 2),
        "moffs32": .init(place: .offset, memorySize: 4),
        "moffs64": .init(place: .offset, memorySize: 8),
        "imm8": .init(place: .immediate, size: 1), "imm16": .init(place: .immediate, size: 2),
        "imm32": .init(place: .immediate, size: 4), "imm64": .init(place: .immediate, size: 8),
        "rel8": .init(place: .relative, size: 1), "rel16": .init(place: .relative, size: 2),
        "rel32": .init(place: .relative, size: 4),
        "ptr16:16": .init(place: .farPointer, size: 2),
        "ptr16:32": .init(place: .farPointer, size: 4),
        "AL": .init(place: .fixed, size: 1), "AX": .init(place: .fixed, size: 2),
        "EAX": .init(place: .fixed, size: 4), "RAX": .init(place: .fixed, size: 8),
        "CL": .init(place: .fixed, size: 1, register: 1),
        "DX": .init(place: .fixed, size: 2, register: 2),
        "1": .init(place: .one, size: 1),
        "Sreg": .init(place: .segment, size: 2),
        "ES": .init(place: .fixedSegment, size: 2, register: 0),
        "CS": .init(place: .fixedSegment, size: 2, register: 1),
        "SS": .init(place: .fixedSegment, size: 2, register: 2),
        "DS": .init(place: .fixedSegment, size: 2, register: 3),
        "FS": .init(place: .fixedSegment, size: 2, register: 4),
        "GS": .init(place: .fixedSegment, size: 2, register: 5),
        "CR0-CR7": .init(place: .control), "DR0-DR7": .init(place: .debug),
        "xmm": .init(place: .opaqueRegister, file: .sse), "ymm": .init(place: .opaqueRegister),
        "mm": .init(place: .opaqueRegister, file: .mmx), "k": .init(place: .opaqueRegister),
        "ST(i)": .init(place: .opaqueRegister, file: .x87),
        "ST(0)": .init(place: .fixedOpaque, file: .x87),
        "v": .init(place: .opaqueRegister), "v/m": .init(place: .opaqueRM),
        "xmm/m8": .init(place: .opaqueRM, memorySize: 1, file: .sse),
        "xmm/m16": .init(place: .opaqueRM, memorySize: 2, file: .sse),
        "xmm/m32": .init(place: .opaqueRM, memorySize: 4, file: .sse),
        "xmm/m64": .init(place: .opaqueRM, memorySize: 8, file: .sse),
        "xmm/m128": .init(place: .opaqueRM, memorySize: 16, file: .sse),
        "ymm/m256": .init(place: .opaqueRM, memorySize: 32),
        "mm/m32": .init(place: .opaqueRM, memorySize: 4, file: .mmx),
        "mm/m64": .init(place: .opaqueRM, memorySize: 8, file: .mmx),
        "k/m8": .init(place: .opaqueRM, memorySize: 1),
        "k/m16": .init(place: .opaqueRM, memorySize: 2),
        "k/m32": .init(place: .opaqueRM, memorySize: 4),
        "k/m64": .init(place: .opaqueRM, memorySize: 8),
    ]
}
