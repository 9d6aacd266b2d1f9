import InstructionSet
import Workbook

/// The decoder and the disassembler, fed with bytes.
public struct DecoderSubject: FuzzSubject {
    public struct Input: Sendable {
        let code: [UInt8]
        let size: CodeSize
    }

    private let samplers = CodeSize.allCases.map { InstructionSampler(mode: $0) }

    public init() {}

    public mutating func draw(_ generator: inout SplitMix64) -> Input {
        let place = generator.index(CodeSize.allCases.count)
        let size = CodeSize.allCases[place]
        guard generator.chance(60), var code = samplers[place].code(using: &generator) else {
            return Input(code: generator.bytes(generator.index(18)), size: size)
        }
        if generator.chance(70) {
            let index = generator.index(code.count)
            switch generator.number(below: 4) {
            case 0: code[index] ^= 1 << UInt8(generator.number(below: 8))
            case 1: code.insert(generator.pick(Self.prefixes), at: 0)
            case 2: code = Array(code.prefix(index))
            default: code[index] = generator.byte()
            }
        }
        return Input(code: code + generator.bytes(generator.index(3)), size: size)
    }

    private static let prefixes: [UInt8] = [
        0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x40, 0x48, 0xC4, 0xC5,
        0x62, 0x0F,
    ]

    public mutating func feed(_ input: Input) throws(FuzzFailure) -> FuzzVerdict {
        let instruction: Instruction
        do {
            instruction = try InstructionDecoder.decode(input.code, size: input.size)
        } catch {
            guard error != .truncated || input.code.count < InstructionDecoder.maximumLength else {
                throw FuzzFailure("asks for more than the longest instruction")
            }
            return .refused
        }
        let length = Int(instruction.length)
        guard length >= 1, length <= min(input.code.count, InstructionDecoder.maximumLength) else {
            throw FuzzFailure("length \(length) of \(input.code.count) bytes")
        }
        // What stands behind it means nothing, and all of it is needed.
        let own = Array(input.code.prefix(length))
        guard (try? InstructionDecoder.decode(own, size: input.size)) == instruction else {
            throw FuzzFailure("other bytes behind it change the instruction")
        }
        if (try? InstructionDecoder.decode(Array(own.dropLast()), size: input.size)) != nil {
            throw FuzzFailure("a byte less is an instruction too")
        }
        guard !Disassembler.text(of: instruction, at: 0x7C00, size: input.size).isEmpty else {
            throw FuzzFailure("has no text")
        }
        return .accepted
    }

    public func text(of input: Input) -> String {
        "\(input.size.rawValue * 8)-bit code: \(input.code.hexText)"
    }
}
