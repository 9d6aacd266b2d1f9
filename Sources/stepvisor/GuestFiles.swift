import ArgumentParser
import Glibc
import Hypervisor
import Narration
import Workbook

/// Reading and writing for the commands, with failures as status 2.
enum GuestFiles {
    static func read(_ path: String, limit: Int = BoundedFile.guestLimit) throws -> [UInt8] {
        do {
            return try BoundedFile.read(path, limit: limit)
        } catch { throw InputFailure("\(error.path): \(error.message)") }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func load(_ path: String, mode: GuestMode? = nil, load: UInt64? = nil) throws
        -> GuestImage
    {
        do {
            return try GuestLoader.load(path, mode: mode, load: load)
        } catch { throw InputFailure(error.message) }
    }

    /// Writes a whole file or none.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try FileWriting.replace(path, bytes: bytes, mode: 0o644, survivesPowerLoss: false)
        } catch { throw InputFailure(error.description) }
    }
}

/// Values of options.
enum Parsing {
    /// Decimal or 0x hexadecimal.
    @Sendable static func number(_ text: String) throws -> UInt64 {
        guard let value = NumberText.parse(text) else {
            throw ValidationError("\"\(text)\": expected a decimal or 0x hexadecimal number")
        }
        return value
    }
}

extension GuestMode: ExpressibleByArgument {}
