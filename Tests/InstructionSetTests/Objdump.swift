import Foundation

@testable import InstructionSet

/// What objdump (GNU binutils) makes of bytes.
enum Objdump {
    struct Line {
        /// 0 where objdump finds no instruction.
        var length: Int
        var text: String
    }

    private static let slot = 32

    /// The first instruction of each case, as objdump reads it. A case has up to 16 bytes and is
    /// followed by NOPs up to the next, so that none can disturb another.
    static func lines(of cases: [[UInt8]], size: CodeSize) throws -> [Line] {
        try withTemporaryFolder { folder in
            var bytes: [UInt8] = []
            for one in cases {
                bytes += one + Array(repeating: 0x90, count: slot - one.count)
            }
            try Data(bytes).write(to: folder.appendingPathComponent("cases.bin"))
            let machine =
                switch size {
                case .bits16: "i8086"
                case .bits32: "i386"
                case .bits64: "x86-64"
                }
            let result = try Tool.objdump.run(
                [
                    "-D", "-z", "-b", "binary", "-m", "i386", "-M", "intel,intel64,\(machine)",
                    "--insn-width=16", "cases.bin",
                ], in: folder)
            var lines = Array(repeating: Line(length: 0, text: ""), count: cases.count)
            for line in result.output.split(separator: "\n") {
                let columns = line.split(separator: "\t")
                guard columns.count >= 2, let address = Self.address(columns[0]),
                    address % slot == 0, address / slot < cases.count
                else { continue }
                let text = columns.count > 2 ? String(columns[2]) : ""
                let length = text.contains("(bad)") ? 0 : columns[1].split(separator: " ").count
                lines[address / slot] = Line(length: length, text: text)
            }
            return lines
        }
    }

    private static func address(_ column: Substring) -> Int? {
        let text = column.drop { $0 == " " }
        guard text.last == ":" else { return nil }
        return Int(text.dropLast(), radix: 16)
    }
}
