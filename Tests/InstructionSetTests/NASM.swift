import Foundation

@testable import InstructionSet

/// What NASM makes of lines of source.
enum NASM {
    /// The bytes that each line gives, or nil where NASM refuses it. The lines stand in one file, in
    /// code of one size.
    static func bytes(of lines: [String], size: CodeSize) throws -> [[UInt8]?] {
        try withTemporaryFolder { folder in
            var refused: Set<Int> = []
            while true {
                var source = "bits \(size.rawValue * 8)\n"
                for (index, line) in lines.enumerated() {
                    source += refused.contains(index) ? "\n" : line + "\n"
                }
                let file = folder.appendingPathComponent("source.asm")
                try source.write(to: file, atomically: true, encoding: .utf8)
                let result = try Tool.nasm.run(
                    ["-f", "bin", "-o", "out.bin", "-l", "out.lst", "source.asm"], in: folder)
                if result.status == 0 { break }
                // Without the refused lines the rest assembles.
                let found = Set(errorLines(result.errors).map { $0 - 2 })
                guard !found.isSubset(of: refused) else {
                    throw NASMFailure(message: String(result.errors.prefix(500)))
                }
                refused.formUnion(found)
            }
            let listing = try String(
                contentsOf: folder.appendingPathComponent("out.lst"), encoding: .utf8)
            let bytes = listed(listing)
            return lines.indices.map { refused.contains($0) ? nil : bytes[$0 + 2] ?? [] }
        }
    }

    /// The whole output for a program, or nil where NASM refuses it.
    static func assemble(_ source: String, files: [String: String] = [:]) throws -> [UInt8]? {
        try withTemporaryFolder { folder in
            for (name, text) in files {
                try text.write(
                    to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            try source.write(
                to: folder.appendingPathComponent("source.asm"), atomically: true, encoding: .utf8)
            let result = try Tool.nasm.run(
                ["-f", "bin", "-o", "out.bin", "source.asm"], in: folder)
            guard result.status == 0 else { return nil }
            return [UInt8](try Data(contentsOf: folder.appendingPathComponent("out.bin")))
        }
    }

    private static func errorLines(_ errors: String) -> [Int] {
        errors.split(separator: "\n").compactMap { line in
            guard line.contains("error:") else { return nil }
            let parts = line.split(separator: ":")
            return parts.count > 1 ? Int(parts[1]) : nil
        }
    }

    /// Bytes by line number from a listing: number, address, bytes (a `-` at the end: more follow).
    private static func listed(_ listing: String) -> [Int: [UInt8]] {
        var result: [Int: [UInt8]] = [:]
        for line in listing.split(separator: "\n") {
            let words = line.prefix(40).split(separator: " ")
            guard words.count >= 3, let number = Int(words[0]), words[1].count == 8 else {
                continue
            }
            let digits = words[2].filter { $0.isHexDigit }
            result[number, default: []] += InstructionSetTests.bytes(digits)
        }
        return result
    }
}

struct NASMFailure: Error { var message: String }
