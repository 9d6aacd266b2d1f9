import Hypervisor
import Machine
import Narration

/// What is wrong with a vector: it fails, the others go on.
struct VectorError: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

/// Files that a vector refers to, from the folder of its own file.
struct VectorFolder {
    let path: String
    private let cache = Cache()

    private final class Cache { var files: [String: JSON] = [:] }

    init(of file: String) {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        path = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    }

    /// Reads `PREFIX-NAME.json`, once.
    func json(_ prefix: String, _ name: String) throws(VectorError) -> JSON {
        let isPlain = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                || Character(Unicode.Scalar(byte)).isLetter
                || Character(Unicode.Scalar(byte)).isNumber
        }
        guard isPlain, !name.isEmpty else { throw VectorError("\"\(name)\" is not a plain name") }
        let file = "\(path)/\(prefix)-\(name).json"
        if let known = cache.files[file] { return known }
        guard let bytes = try? BoundedFile.read(file) else {
            throw VectorError("cannot read \(file)")
        }
        do {
            let value = try JSON(parsing: bytes)
            cache.files[file] = value
            return value
        } catch { throw VectorError("\(file): \(error.message) at byte \(error.column)") }
    }
}

/// `memory` of a VMX or system vector: a base file, then overlays.
enum MemoryImage {
    /// More than this in one fill is a mistake, not a memory.
    private static let most: UInt64 = 64 << 20

    static func load(
        _ description: JSON?, _ folder: VectorFolder, into memory: inout PhysicalMemory
    ) throws(VectorError) {
        guard let description else { return }
        if let base = description["base"]?.stringValue {
            let file = try folder.json("memory", base)
            guard let items = file["memory"]?.listValue else {
                throw VectorError("memory-\(base).json: expected a list \"memory\"")
            }
            for item in items { try load(item, &memory) }
        }
        for item in description["overlays"]?.listValue ?? [] { try load(item, &memory) }
    }

    private static func load(_ item: JSON, _ memory: inout PhysicalMemory) throws(VectorError) {
        guard let address = item["addr"]?.number else {
            throw VectorError("memory: expected \"addr\"")
        }
        if let text = item["hex"]?.stringValue {
            guard let bytes = hexBytes(text) else { throw VectorError("memory: bad \"hex\"") }
            memory.load(bytes, at: address)
        } else if let fill = item["fill"]?.number, let count = item["len"]?.number {
            guard count <= most else { throw VectorError("memory: \"len\" over \(most)") }
            memory.load(
                repeatElement(UInt8(truncatingIfNeeded: fill), count: Int(count)), at: address)
        } else if let words = item["qwords"], let start = words["start"]?.number,
            let step = words["step"]?.number, let count = words["count"]?.number
        {
            guard count <= most / 8 else { throw VectorError("memory: \"count\" too large") }
            for index in 0..<count {
                memory.write(address &+ index * 8, start &+ step &* index, size: 8)
            }
        } else {
            throw VectorError("memory: expected \"hex\", \"fill\" and \"len\", or \"qwords\"")
        }
    }
}

/// Bytes of a string of hexadecimal digits; nil if it is none.
func hexBytes(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard let high = Character(Unicode.Scalar(digits[index])).hexDigitValue,
            let low = Character(Unicode.Scalar(digits[index + 1])).hexDigitValue
        else { return nil }
        bytes.append(UInt8(high << 4 | low))
    }
    return bytes
}

func hexText(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
