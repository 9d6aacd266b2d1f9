import Architecture

/// The assembler's names of registers, looked up by number without building strings.
enum RegisterNames {
    /// Sixteen names for each width of 1, 2, 4, 8 bytes.
    private static let general: [String] = [1, 2, 4, 8].flatMap { bytes in
        GeneralRegister.allCases.map { $0.name(bytes: bytes) }
    }

    static let highBytes: [String] = (0..<4).compactMap { GeneralRegister.highByteName($0) }

    static let segments: [String] = SegmentRegister.allCases.map(\.name)

    /// The name of register `number`, 0 to 15, in a width of 1, 2, 4 or 8 bytes.
    static func general(_ number: UInt8, size: UInt8) -> String {
        let row = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3
        return general[row * 16 + Int(number & 15)]
    }

    static func segment(_ number: UInt8) -> String {
        number < 6 ? segments[Int(number)] : "seg\(number)"
    }

    /// NASM's word for a memory operand of this many bytes.
    static func sizeKeyword(_ bytes: UInt8) -> String? {
        switch bytes {
        case 1: "byte"
        case 2: "word"
        case 4: "dword"
        case 8: "qword"
        case 10: "tword"
        case 16: "oword"
        case 32: "yword"
        default: nil
        }
    }
}
