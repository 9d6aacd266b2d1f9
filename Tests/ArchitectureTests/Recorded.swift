import Foundation

/// The recorded files that the tables are held against.
enum Recorded {
    /// Name to number, from a file of "0x…" strings or of numbers.
    static func numbers(_ file: String) throws -> [String: UInt64] {
        try object(file).mapValues { try number($0) }
    }

    /// The capability MSRs and CPUID leaves of the recorded processor.
    static func processor() throws -> (msrs: [UInt32: UInt64], cpuid: [UInt32: [UInt32]]) {
        let recording = try object("processor-corei7_skylake_x.json")
        var msrs: [UInt32: UInt64] = [:]
        for (key, value) in recording["msrs"] as? [String: Any] ?? [:] {
            msrs[UInt32(try number(key))] = try number(value)
        }
        var cpuid: [UInt32: [UInt32]] = [:]
        for (key, value) in recording["cpuid"] as? [String: [Any]] ?? [:] {
            cpuid[UInt32(try number(key))] = try value.map { UInt32(try number($0)) }
        }
        return (msrs, cpuid)
    }

    private static func object(_ file: String) throws -> [String: Any] {
        let folder = try Bundle.module.url(forResource: "Fixtures", withExtension: nil).orThrow()
        let data = try Data(contentsOf: folder.appendingPathComponent(file))
        return try (JSONSerialization.jsonObject(with: data) as? [String: Any]).orThrow()
    }

    private static func number(_ value: Any) throws -> UInt64 {
        switch value {
        case let text as String: try UInt64(text.dropFirst(2), radix: 16).orThrow()
        case let number as NSNumber: number.uint64Value
        default: throw Missing()
        }
    }
}

struct Missing: Error {}

extension Optional {
    func orThrow() throws -> Wrapped {
        guard let self else { throw Missing() }
        return self
    }
}
